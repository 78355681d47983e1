"""Measures the service beside the bare cost of what it does, the validator beside others; writes docs/performance.md.

`python -m bench` (or `make bench`) runs all parts; name some to run only those: `python -m bench latency herd`. Here is
one file per part: of the service `idle`, `latency`, `herd`, with the scratch `world` that they share and what is done
`byhand` beside it; of the validator `validator`, `beside` (the part `peers`), `scaling`, `small`, with the files that
they share (`prepared`, made by `rosters`), the other tools (`peers`), whole processes (`processes`) and what is found
against what was planted (`verdicts`). How figures are taken is in `measure`, how they are shown in `page`. Nothing here
is installed.
"""
