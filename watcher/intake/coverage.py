"""Which roots are really watched: what is at a root's path now, held against what the kernel watches.

A root counts as watched by these rules:
1. The kernel's list of watches has what is at its path. Where the list numbers devices otherwise than stat does (btrfs)
   only the inode number is looked for, and nothing where inodes are (some overlayfs): it shows when a watch is set.
2. Device and inode are those for which it was set: watchdog does not follow a root that was replaced or mounted over,
   and from above it may go on to call a directory that left and came back by its old name.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from watcher.intake.kernelwatches import KernelWatches, explain, key_of, read_kernel_watches, refused, root_problem
from watcher.intake.targets import Target


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a root: why it isn't watched, empty if it is.

    `is_refused` is true if nothing but the lack of a watch is in the way: then setting it anew may help.
    """

    problem: str = ""
    is_refused: bool = False


class Coverage:
    """Remembers what stood at each root's path when its watch was set."""

    def __init__(self) -> None:
        self.kernel = KernelWatches()
        self._identities: dict[str, tuple[int, int]] = {}
        self._by_key: set[str] = set()  # targets that the kernel's list has as stat has them
        self._by_inode: set[str] = set()  # those of which it has the inode number at least

    def refresh(self) -> None:
        """Reads the kernel's list; some ten milliseconds for 30,000 watches."""
        self.kernel = read_kernel_watches()

    def learn_target(self, target: Target) -> None:
        """To be called when its watch has just been set and the list was read thereafter."""
        self._by_key.discard(target.path)
        self._by_inode.discard(target.path)
        try:
            status = os.stat(target.path)
        except OSError:
            return  # gone again; the look at its roots says so
        if key_of(status) in self.kernel.keys:
            self._by_key.add(target.path)
        if status.st_ino in self.kernel.inodes:
            self._by_inode.add(target.path)

    def learn(self, root: str, path: str) -> None:
        """Remembers what is at a root's path now; what cannot be seen is no root to be watched."""
        self._identities.pop(root, None)
        try:
            status = os.stat(path)
        except OSError:
            return
        self._identities[root] = (status.st_dev, status.st_ino)

    def look(self, root: str, path: str, target: Target) -> Sight:
        """Whether a root is watched by its target, whose watch is set. Follows links, as a look at the root does."""
        try:
            status = os.stat(path)
        except OSError as error:
            return Sight(explain(error))
        if self._is_watched(root, status, target):
            return Sight()
        problem = root_problem(path)
        return Sight(problem or refused(), is_refused=not problem)

    def _is_watched(self, root: str, status: os.stat_result, target: Target) -> bool:
        is_same = self._identities.get(root) == (status.st_dev, status.st_ino)
        if target.path in self._by_key:
            is_listed = key_of(status) in self.kernel.keys
        elif target.path in self._by_inode:
            is_listed = status.st_ino in self.kernel.inodes
        else:
            return is_same
        return is_listed and is_same
