"""`python -m bench.manyfiles FOLDER [--profile]`: validates each file of a folder as users.csv, in one process.

Prints as JSON how many files and seconds, and with `--profile` the share of each part of the code in the time.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import watcher
from bench.rosters import DATASET
from watcher.schema import read_file_schema

_PACKAGE = re.compile(r"/(?:site-packages|python3\.\d+)/(?!site-packages)([A-Za-z0-9_]+)")
_OURS = re.compile(r"/watcher/(\w+/\w+|\w+)\.py$")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    schema = read_file_schema(DATASET / "users.yaml")
    files = sorted(given.folder.iterdir())
    watcher.validate_file(files[0], schema)  # what only the first one pays is not counted
    profile = cProfile.Profile() if given.profile else None
    begin = time.monotonic()
    if profile:
        profile.enable()
    errors = sum(watcher.validate_file(file, schema).errors for file in files)
    if profile:
        profile.disable()
    seconds = time.monotonic() - begin
    parts = _parts(pstats.Stats(profile)) if profile else {}
    print(json.dumps({"files": len(files), "seconds": seconds, "errors": errors, "parts": parts}))


def _parts(stats: pstats.Stats) -> dict[str, float]:
    """The share of the time of each part, 0 to 1, the greatest first. What is built in counts for who called it."""
    seconds: Counter[str] = Counter()
    table: dict[Any, Any] = stats.stats  # type: ignore[attr-defined] # its stubs leave out the table
    for (file, _, _), (_, _, own, _, callers) in table.items():
        if file.startswith("~") and callers:
            for (caller, _, _), (_, _, part, _) in callers.items():
                seconds[_part(caller)] += part
        else:
            seconds[_part(file)] += own
    total = sum(seconds.values())
    return {part: spent / total for part, spent in seconds.most_common()}


def _part(file: str) -> str:
    if found := _OURS.search(file):
        return f"watcher/{found[1]}"
    return found[1] if (found := _PACKAGE.search(file)) else "the rest"


if __name__ == "__main__":
    main()
