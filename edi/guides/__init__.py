"""The standard as data: registry of guides, dated overlays, and the places written in them."""
