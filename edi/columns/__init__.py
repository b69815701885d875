"""Column files, one a guide: which element fills which column (edi/column_plan.py reads them)."""
