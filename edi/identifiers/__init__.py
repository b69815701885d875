"""Which elements tell who somebody is: masked on pages, replaced when a file is de-identified."""
