"""Differential fuzzing: our validator against an obvious one, on files and schemas made at random.

`python -m bench.fuzz --files 100000` makes as many cases, each from its own seed, and says every difference with the
seed that makes it again. The other validator (`reference.py`) walks bytes one by one, splits sound records with Python
`csv` too, and asks `jsonschema` about each cell and row: slow, and simple enough to be believed.
"""
