"""Files in words for people: what was found, what a claim says, how two files differ. Masked unless asked."""
