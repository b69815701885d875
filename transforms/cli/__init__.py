"""The `aso` command."""
