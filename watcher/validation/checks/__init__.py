"""The SQL checks of a dataset, run in a closed room."""
