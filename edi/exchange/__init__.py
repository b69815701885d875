"""Clients that list, fetch and put files at partners."""
