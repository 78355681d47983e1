"""Epoch Watcher: receives school-data file drops and hands each on, whole and once."""

__version__ = "0.1.0"
