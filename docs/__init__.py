"""The documentation; a package only so that `python -m docs.generate` writes the pages that are made from the code."""
