"""Makes the reference pages from the code, so that they can't say anything else.

`python -m docs.generate` writes them; `python -m docs.generate --check` tells which are out of date and exits with 1.
One module a page, each with a function `page() -> str`.
"""
