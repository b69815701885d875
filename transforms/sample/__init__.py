"""Makes a night of invented drops together with everything the night must come to."""
