"""Whose drop a worker takes next: roots in the order in which they asked, one task of each at a time.

A task is begun only when a worker is free for it. So what is counted in the journal as an attempt is work that really
began, however long others had to wait when the service was cut off.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Turns:
    """So many places, given out in order. Used from look threads; `call` tells a root that its turn has come."""

    def __init__(self, places: int, call: Callable[[str], None]) -> None:
        self._free = places
        self._call = call
        self._waiting: deque[str] = deque()
        self._kept_for: set[str] = set()
        self._lock = threading.Lock()

    def take(self, root: str) -> bool:
        """Whether there is a place for this root now; if not, it is called when its turn comes."""
        with self._lock:
            if root in self._kept_for:
                self._kept_for.discard(root)
                return True
            if self._free and not self._waiting:
                self._free -= 1
                return True
            if root not in self._waiting:
                self._waiting.append(root)
            return False

    def give_back(self) -> None:
        """A task has ended: the place is kept for who has waited longest."""
        with self._lock:
            root = self._waiting.popleft() if self._waiting else None
            if root is None:
                self._free += 1
            else:
                self._kept_for.add(root)
        if root is not None:
            self._call(root)

    def was_called(self, root: str) -> bool:
        """Whether a place is kept for this root."""
        with self._lock:
            return root in self._kept_for

    def decline(self, root: str) -> None:
        """The root has no use for a turn any more, whether it waits or has been called."""
        with self._lock:
            if root in self._waiting:
                self._waiting.remove(root)
            was_kept = root in self._kept_for
            self._kept_for.discard(root)
        if was_kept:
            self.give_back()
