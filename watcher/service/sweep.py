"""Finds out cheaply which idle roots changed: one stat for each, instead of a look.

A directory's mtime and ctime move when an entry is made, renamed or removed in it. That says enough of a root in which
nothing is going on: there is no epoch in it whose inside could change unseen.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: File systems' clocks tick in steps (up to two seconds on old ones): a directory that changed so shortly before the
#: look may have changed again within the same tick.
_CLOCK_STEP_SECONDS = 2.0


def fingerprint(path: Path, looked_at: float) -> tuple[int, ...] | None:
    """What a stat of an idle root looks like; None if it changed too shortly before the look (seconds since 1970)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    newest = max(status.st_mtime_ns, status.st_ctime_ns) / 1e9
    if newest > looked_at - _CLOCK_STEP_SECONDS:
        return None
    return _of(status)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Some idle roots: id, path, fingerprint."""

    roots: tuple[tuple[str, Path, tuple[int, ...] | None], ...]

    def run(self, changed: Callable[[str], None]) -> None:
        """Call `changed` with the id of each root that is no longer as its fingerprint says."""
        for root_id, path, before in self.roots:
            try:
                now = _of(os.stat(path))
            except OSError:
                now = ()
            if now != before:
                changed(root_id)


def _of(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
