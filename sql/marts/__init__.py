"""What the reports are built from: one model a file."""
