"""SQL shipped as package data."""
