"""From an event to a hint: whose it is, and passing on the root's id."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from watchdog.events import FileSystemEvent, FileSystemEventHandler


def root_finder(paths: Mapping[str, str]) -> Callable[[str], tuple[str, ...]]:
    """A function that tells the roots that a path is in, or is; none for what lies outside.

    It walks up the parents, a dictionary look-up each, so its cost doesn't grow with the number of roots. The innermost
    root wins. There is more than one only if two roots share a path.
    """
    roots: dict[str, tuple[str, ...]] = {}
    for root, path in paths.items():
        roots[path] = (*roots.get(path, ()), root)

    def find(path: str) -> tuple[str, ...]:
        while path:
            if path in roots:
                return roots[path]
            path = path.rpartition("/")[0]
        return ()

    return find


class Teller(FileSystemEventHandler):
    """Passes hints on. `find` and `tell` may be replaced at any time; `failed` says that a hint could not be told."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.find = root_finder({})
        self.failed = False
        self._tell = tell

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by the observer's thread, under its lock: no file is touched here, nothing is waited for.

        An exception would end the thread and with it all hints, so none leaves.
        """
        try:
            for path in {os.fsdecode(event.src_path), os.fsdecode(event.dest_path)}:
                for root in self.find(path):
                    self.tell(root)
        except BaseException:  # noqa: BLE001 (said at the next check)
            self.failed = True

    def tell(self, root: str) -> None:
        """Tells that a root is to be looked at; never raises."""
        try:
            self._tell(root)
        except BaseException:  # noqa: BLE001 (said at the next check)
            self.failed = True

    def mute(self) -> None:
        """No hint is passed on from here on."""
        self._tell = _nobody


def _nobody(root: str) -> None:  # noqa: ARG001 (a hint that nobody wants)
    return
