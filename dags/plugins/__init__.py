"""Loaded by Airflow: the trigger that watches for drops, the operator's page."""
