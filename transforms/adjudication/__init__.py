"""Decides claims: eligibility, edits, price, benefit, cost share, adjustments."""

from transforms.adjudication.stage import adjudicate

__all__ = ["adjudicate"]
