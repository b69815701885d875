"""A plain, slow, readable calculator of what a night must come to: the oracle of the product.

It shares no code with the product: it reads the configuration by itself, works claim by claim in
integer cents, and imports nothing but the standard library and a YAML reader. Read `family.py`
first. What it decides and why is told in docs/domain/sample-night.md.
"""
