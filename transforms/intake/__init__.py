"""Takes 834 and 837 files that the reader accepted and judges the claims in them."""
