"""Judges what a loader answered, before it leaves the worker.

A loader may be a stranger's. What it gives back goes into the journal, the log and the time of the next try, so an odd
answer must end here, with a text that names the loader's mistake and no value of it: it may be a cell's.
"""

from __future__ import annotations

import math

from watcher.errors import LONGEST_WAIT_SECONDS, WatcherError
from watcher.loading.loader import Loaded
from watcher.text import printable

#: A shorter wait would only knock.
_SHORTEST_WAIT_SECONDS = 1
_NOTE_CHARACTERS = 200
#: The journal's and the databases' whole numbers have 64 bits.
_MOST_ROWS = 2**63 - 1


def checked_result(value: object) -> Loaded:
    """What `load` returned, its note made printable and short. Raises WatcherError if it is not what was agreed."""
    if not isinstance(value, Loaded):
        raise _mistake(f"load() returned {_kind(value)}, expected Loaded")
    rows: object = value.rows
    already: object = value.already
    note: object = value.note
    if not isinstance(rows, int) or isinstance(rows, bool):
        raise _mistake(f"Loaded.rows is {_kind(rows)}, expected int")
    if not 0 <= rows <= _MOST_ROWS:
        raise _mistake(f"Loaded.rows is {'negative' if rows < 0 else 'too large'}, expected 0 to {_MOST_ROWS}")
    if not isinstance(already, bool):
        raise _mistake(f"Loaded.already is {_kind(already)}, expected bool")
    if not isinstance(note, str):
        raise _mistake(f"Loaded.note is {_kind(note)}, expected str")
    return Loaded(int(rows), already, printable(note, _NOTE_CHARACTERS))


def checked_wait(retry_in: object) -> float | None:
    """The `retry_in` of a TransientError in seconds, from 1 to 86,400; None, the service's choice, if it is none."""
    if not isinstance(retry_in, int | float) or isinstance(retry_in, bool):
        return None
    if isinstance(retry_in, float) and not math.isfinite(retry_in):
        return None
    return float(min(max(retry_in, _SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS))


def _mistake(text: str) -> WatcherError:
    return WatcherError(f"the loader does not keep its promise: {text}")


def _kind(value: object) -> str:
    return printable(type(value).__name__, 80)
