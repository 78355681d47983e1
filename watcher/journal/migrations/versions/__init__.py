"""Numbered migrations; `0001` and so on, without gaps."""
