"""The file register, verdicts of files, statements, and the outbox."""
