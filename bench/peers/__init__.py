"""Other ways to read or check the same file, each as short as someone would write it who knows the tool well.

`python -m bench.peers.NAME FILE [--rules RULES.json] [--errors OUT.csv]` prints how many rows and errors it found. With
`--errors` it writes the errors as line, column, code; what it can't tell stays empty. `rules` reads what is to be
checked, made from the dataset by the bench, so that all check the same.
"""
