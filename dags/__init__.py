"""Wires: the nightly DAG. The only package that imports Airflow."""
