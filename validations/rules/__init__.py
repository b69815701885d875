"""Rules on tables: one SQL file a rule, one YAML beside it."""
