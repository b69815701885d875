"""Contracts of the datasets that leave a stage."""
