"""Looks at files that nobody has taken in: what they hold and whether it would be accepted."""
