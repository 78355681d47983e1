"""Whole processes, measured: wall, processor, peak memory; several in turn, so that all have the same weather."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Spread

_LAUNCHER = Path(__file__).with_name("launch.py")
_LAST_WORDS = 400

Command = Sequence[str]


@dataclass(frozen=True, slots=True)
class Ran:
    """One process that ended: seconds of wall and of processor, peak resident memory, exit code, standard output."""

    wall: float
    cpu: float
    rss_mib: float
    code: int
    output: str


class FailedError(Exception):
    """A command ended with another exit code than it may; its last words are the message."""


def run(command: Command, *, codes: tuple[int, ...] = (0,)) -> Ran:
    """Run a command to its end. Raises FailedError for an exit code that is not among the given ones."""
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-bench-") as folder:
        output = Path(folder) / "output"
        launched = [sys.executable, "-I", "-S", str(_LAUNCHER), str(output), *command]
        done = subprocess.run(launched, capture_output=True, text=True, check=True, errors="replace")
        ran = Ran(**json.loads(done.stdout), output=output.read_text(errors="replace"))
    if ran.code not in codes:
        raise FailedError(f"exit code {ran.code}: {done.stderr.strip()[-_LAST_WORDS:]}")
    return ran


def in_turn(commands: Mapping[str, Command], runs: int, *, codes: tuple[int, ...] = (0,)) -> dict[str, list[Ran]]:
    """Each command so many times, A B A B ..., after one round that only warms the caches. Raises FailedError."""
    found: dict[str, list[Ran]] = {name: [] for name in commands}
    for turn in range(runs + (runs > 1)):
        for name, command in commands.items():
            ran = run(command, codes=codes)
            if turn or runs == 1:
                found[name].append(ran)
    return found


def wall(rans: Sequence[Ran]) -> Spread:
    return Spread.of([ran.wall for ran in rans])


def ratio(rans: Sequence[Ran], to: Sequence[Ran]) -> float:
    """The median of the ratios of runs that were neighbours."""
    return Spread.of([one.wall / other.wall for one, other in zip(rans, to, strict=True)]).median


def rss(rans: Sequence[Ran]) -> float:
    """The median peak, in MiB."""
    return Spread.of([ran.rss_mib for ran in rans]).median


def python(module: str, *arguments: str | Path) -> Command:
    """The command that runs a module with this interpreter."""
    return (sys.executable, "-m", module, *map(str, arguments))
