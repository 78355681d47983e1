"""Measures the service beside the bare cost of what it does, and writes docs/performance.md.

`python -m bench` (or `make bench`) runs all parts; name some to run only those: `python -m bench latency herd`. Here is
one file per part (`idle`, `latency`, `herd`), the scratch `world` that they share, what is done `byhand` beside it, how
figures are taken (`measure`) and how they are shown (`page`). Nothing here is installed.
"""
