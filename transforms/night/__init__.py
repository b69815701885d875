"""The steps of a night."""
