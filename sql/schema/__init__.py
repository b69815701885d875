"""Numbered, forward-only changes of the warehouse schema."""
