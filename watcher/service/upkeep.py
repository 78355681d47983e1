"""What the service does every so often besides looking: in threads of its own, nothing twice at a time.

A chore may touch disk or journal and hang there; then the other chores and all looks go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from loguru import logger

from watcher.errors import WatcherError
from watcher.logs import summary
from watcher.service.threads import Threads

_THREADS = 2
_STUCK_AFTER_SECONDS = 20.0

_Value = TypeVar("_Value")


@dataclass(slots=True)
class Chore:
    """Something done every so many seconds: `work` in a thread of its own, `take` with its result in the loop's."""

    name: str
    seconds: float
    work: Callable[[], Any]
    take: Callable[[Any], None]
    due: float = 0.0
    is_running: bool = False
    has_run: bool = False


@dataclass(slots=True)
class Upkeep:
    """All chores. `tell` has the loop's own thread call something."""

    tell: Callable[[Callable[[], None]], None]
    monotonic: Callable[[], float] = time.monotonic
    _chores: list[Chore] = field(default_factory=list)
    _threads: Threads = field(default_factory=lambda: Threads(_THREADS))

    def every(self, name: str, seconds: float, work: Callable[[], _Value], take: Callable[[_Value], None]) -> Chore:
        """A new chore, due at once."""
        chore = Chore(name, seconds, work, take)
        self._chores.append(chore)
        return chore

    def turn(self) -> None:
        """Begin what is due. Called by the loop's own thread."""
        now = self.monotonic()
        for chore in self._chores:
            if not chore.is_running and now >= chore.due:
                chore.due, chore.is_running = now + chore.seconds, True
                self._threads.submit(chore.name, partial(self._do, chore))
        for job in self._threads.relieve(_STUCK_AFTER_SECONDS):
            logger.warning("no answer from {what}; going on without it", what=job.label, event="upkeep-stuck")

    def soon(self, name: str, work: Callable[[], None]) -> None:
        """Do this once, when there is a thread for it."""
        self._threads.submit(name, work)

    def close(self) -> None:
        """Begin nothing more, and don't wait."""
        self._chores.clear()
        self._threads.close(0.0)

    def _do(self, chore: Chore) -> None:
        try:
            value = chore.work()
        except (WatcherError, OSError) as error:
            logger.error("{what} failed: {error}", what=chore.name, error=summary(error), event="upkeep-failed")
        else:
            self.tell(lambda: chore.take(value))
        finally:
            self.tell(lambda: self._done(chore))

    def _done(self, chore: Chore) -> None:
        chore.is_running = False
        chore.has_run = True
