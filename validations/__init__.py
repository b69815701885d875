"""Judges tables; changes nothing, stores nothing."""
