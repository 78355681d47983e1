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


@dataclass(slots=True, eq=False)
class Sweep:
    """Some idle roots: id, path, fingerprint. `at` is the one that is being asked."""

    roots: tuple[tuple[str, Path, tuple[int, ...] | None], ...]
    at: int = 0
    #: set by the loop when a root gave no answer: the others are in another sweep by now
    is_abandoned: bool = False

    def run(self, changed: Callable[[str], None]) -> None:
        """Call `changed` with the id of each root that is no longer as its fingerprint says."""
        for at, (root_id, path, before) in enumerate(self.roots):
            self.at = at
            try:
                now = _of(os.stat(path))
            except OSError:
                now = ()
            if self.is_abandoned:
                return
            if now != before:
                changed(root_id)

    def rest(self) -> Sweep:
        """A sweep of what comes after the root that gives no answer."""
        return Sweep(self.roots[self.at + 1 :])


def _of(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
