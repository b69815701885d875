"""Applies 834 files to what is known of members: people and days of coverage."""

from transforms.enrollment.apply import apply_enrollment
from transforms.enrollment.inputs import HeldFile
from transforms.enrollment.post import post_enrollment, waiting_records

__all__ = ["HeldFile", "apply_enrollment", "post_enrollment", "waiting_records"]
