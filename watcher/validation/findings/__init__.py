"""Gathers what was found, weighs it, and settles what becomes of each file."""
