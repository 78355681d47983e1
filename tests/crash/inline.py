"""The service's looks in this very process and thread: real disk, journal, validation and loaders, a clock of ours.

What is left out of the real service is the schedule and the worker processes: a task runs where it is submitted. So a
crash can be raised, or injected by the kernel, at an exact point of an exact run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from loguru import logger

from watcher import config as configuration
from watcher.clock import Clock
from watcher.errors import WatcherError
from watcher.journal import open_journal
from watcher.model.actions import WaitFor, Waiting
from watcher.service.context import Context
from watcher.service.datasets import read_intakes
from watcher.service.folders import WorkFolders
from watcher.service.lane import Lane
from watcher.service.look import Looked, look
from watcher.service.roots import discover

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")

#: What nothing but the sender or a person can end.
_FOR_OTHERS = frozenset({WaitFor.MARKER, WaitFor.PERSON})
_MOST_LOOKS = 80


class InlineWorkers:
    """Runs a task at once; what ends the process (a BaseException) is not caught."""

    def submit(
        self,
        function: Callable[[_Argument], _Result],
        argument: _Argument,
        timeout_seconds: float,  # noqa: ARG002 (nothing is timed here)
    ) -> Future[_Result]:
        future: Future[_Result] = Future()
        try:
            future.set_result(function(argument))
        except Exception as error:  # noqa: BLE001 (as a pool does)
            future.set_exception(error)
        return future

    def close(self, patience_seconds: float) -> None:
        pass


@dataclass(slots=True)
class Steps:
    """A clock that goes on only when told, from the machine's time: what is on disk must not lie in its future."""

    seconds: float = 0.0
    start: float = field(default_factory=time.time)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.start, UTC) + timedelta(seconds=self.seconds)

    def clock(self) -> Clock:
        return Clock(utc=self.now, local=lambda: self.now().astimezone(), monotonic=lambda: self.seconds)


@dataclass(slots=True)
class Inline:
    """One life of the service in this process: lanes for the roots that there are, and what they need."""

    context: Context
    steps: Steps
    lanes: dict[str, Lane]

    def look(self) -> dict[str, Looked]:
        """One look at each root. Raises what a look raises."""
        return {root: look(lane, self.context) for root, lane in self.lanes.items()}

    def finish(self) -> None:
        """Look until only senders and people could bring anything new. AssertionError if that never comes."""
        looked: dict[str, Looked] = {}
        for _ in range(_MOST_LOOKS):
            try:
                looked = self.look()
            except WatcherError as error:  # as the loop does: said, and tried again
                logger.error("the look failed: {error}", error=str(error))
                self.steps.advance(5)
                continue
            if all(map(is_done, looked.values())):
                return
            waits = [seconds for item in looked.values() if (seconds := _seconds_to_next(item)) is not None]
            self.steps.advance(max(min(waits, default=1.0), 0.1))
        raise AssertionError(f"no end after {_MOST_LOOKS} looks: {looked}")


def is_done(looked: Looked) -> bool:
    """Whether the plan leaves everything to others."""
    return not looked.plan.actions and all(map(_is_for_others, looked.plan.waits))


def _seconds_to_next(looked: Looked) -> float | None:
    """When something may happen by itself: not each second that an epoch waits for its sender."""
    own = [wait.seconds for wait in looked.plan.waits if wait.seconds is not None and not _is_for_others(wait)]
    return min(own) if own and not looked.plan.actions else looked.next_look_seconds


def _is_for_others(wait: Waiting) -> bool:
    """A connection test under the name of a file waits for the rest of that, for as long as it lies there."""
    return wait.waits_for in _FOR_OTHERS or (wait.waits_for is WaitFor.UPLOAD and wait.seconds is None)


@contextmanager
def begin(config: Path, steps: Steps | None = None) -> Iterator[Inline]:
    """Start as the service does, in this process. Raises WatcherError as it does."""
    settings = configuration.load(config)
    steps = steps or Steps()
    folders = WorkFolders(settings.work_dir)
    folders.make()
    journal = open_journal(settings.journal, steps.clock())
    try:
        context = Context(settings, journal, folders, InlineWorkers(), steps.clock())
        roots = discover(settings, read_intakes(settings)).roots
        yield Inline(context, steps, {root_id: Lane(root) for root_id, root in roots.items()})
    finally:
        journal.close()
