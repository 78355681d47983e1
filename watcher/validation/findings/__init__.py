"""Gathers what was found, weighs it, and concludes what becomes of each file."""
