"""Queries that select what is wrong: all of them select nothing."""
