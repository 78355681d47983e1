"""Made-up districts in the form of each bundled dataset: any size, the same for the same seed, sound or damaged.

`model` makes one district: schools, people, courses, classes, enrolments. One small module for each vendor says how its
files show that district; `forms` lists them, and writes them as loose files or as a zip. `mishaps` damages what was
written in named ways, and says which findings that must bring.
`python -m bench.rosters clever FOLDER --students 3700` writes one.
"""
