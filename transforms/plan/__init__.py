"""Configuration as checked models, its lint, and the tables that SQL joins."""
