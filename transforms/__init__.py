"""Computes: tables in, tables and money out."""
