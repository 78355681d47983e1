"""Judges cells and rows by the schema: masks over whole columns first, `jsonschema` for what they leave open."""
