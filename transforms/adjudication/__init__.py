"""Decides claims: eligibility, edits, price, benefit, cost share, adjustments."""
