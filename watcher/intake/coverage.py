"""Which roots are really watched: what is at a root's path now, held against what the kernel watches.

A root counts as watched by these rules:
1. The kernel's list of watches has the inode number that is at its path. This is skipped where the list numbers inodes
   otherwise than stat does (overlayfs), which shows when the watch is set.
2. Where the root has a watch of its own, device and inode are those for which it was set: watchdog follows neither a
   root that was replaced nor a mount over it. A watch above the root does follow, by the events of the parent.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from watcher.intake.kernelwatches import KernelWatches, explain, read_kernel_watches, refused, root_problem
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
        self._unlisted: set[str] = set()  # targets that the kernel's list numbers otherwise

    def refresh(self) -> None:
        """Reads the kernel's list; some ten milliseconds for 30,000 watches."""
        self.kernel = read_kernel_watches()

    def learn_target(self, target: Target) -> None:
        """To be called when its watch has just been set and the list was read thereafter."""
        self._unlisted.discard(target.path)
        try:
            if os.stat(target.path).st_ino not in self.kernel.inodes:
                self._unlisted.add(target.path)
        except OSError:
            return  # gone again; the look at its roots says so

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
        if self._is_watched(root, (status.st_dev, status.st_ino), target):
            return Sight()
        problem = root_problem(path)
        return Sight(problem or refused(), is_refused=not problem)

    def _is_watched(self, root: str, identity: tuple[int, int], target: Target) -> bool:
        is_same = self._identities.get(root) == identity
        if target.path in self._unlisted:
            return is_same
        return identity[1] in self.kernel.inodes and (is_same or target.is_shared)
