"""Set logic of the stages: one SELECT a file."""
