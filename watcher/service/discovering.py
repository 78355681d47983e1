"""Keeps the loop's roots as configuration, datasets, disk and journal have them, by looking every so often.

What is wrong with them, and what comes and goes, is said once in the log.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from loguru import logger

from watcher.config import Settings
from watcher.intake.hints import Hints
from watcher.service.beside import tell_beside
from watcher.service.context import Context
from watcher.service.datasets import DatasetIntakes, read_intakes
from watcher.service.loop import Loop
from watcher.service.roots import Discovery, discover
from watcher.service.upkeep import Chore, Upkeep
from watcher.text import counted

_LEAST_SECONDS = 60.0
_LEAVING_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """The roots, and those of which the journal has open records, configured or not.

    `beside` tells of what lies where nobody would take it. `asked` is how often `hurry` had been called before.
    """

    discovery: Discovery
    with_open_records: frozenset[str]
    beside: tuple[str, ...] = ()
    asked: int = 0


@dataclass(slots=True)
class Discovering:
    """A chore of the service: `find` runs in a thread of its own, `take` in the loop's with what was found."""

    context: Context
    loop: Loop
    upkeep: Upkeep
    #: what people asked for; it is read again when roots came, for what was read before was passed over
    requests: Chore
    #: what the datasets said when they were read last
    intakes: DatasetIntakes = field(default_factory=DatasetIntakes)
    #: what is told which folders to watch; None where nothing watches them
    hints: Hints | None = None
    _chore: Chore = field(init=False)
    #: how often `hurry` was called, and how many of these calls have been done
    _asked: int = 0
    _answered: int = 0
    #: somebody has mended a dataset for which drops wait: the roots are told to try at once
    _has_mended: bool = False
    _paths: Mapping[str, Path] = field(default_factory=dict)
    _problems_said: tuple[str, ...] = ()
    _absent_said: tuple[str, ...] = ()
    _beside_said: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        interval = max(self.context.settings.rescan_seconds, _LEAST_SECONDS)
        self._chore = self.upkeep.every("the discovery of roots", interval, self.find, self.take)

    @property
    def has_run(self) -> bool:
        """Whether the roots are known."""
        return self._chore.has_run

    def hurry(self) -> None:
        """Look at once, and have what waits in the roots for a later try tried at once: a reload may bring both.

        With the roots of a look that began after this: one under way may find them as they were before the reload.
        """
        self._chore.due = 0.0
        self._asked += 1

    def find(self) -> Found:
        """The roots as they are now.

        Each time datasets are asked anew how their files come, as each validation asks them for the files' schemas: one
        that was changed must not take effect by halves. Files that are as they were are not read again.
        """
        asked = self._asked
        settings, intakes = self._read_anew()
        if set(self.intakes.problems) - set(intakes.problems):
            self._has_mended = True
        self.intakes = intakes
        found = discover(settings, intakes)
        beside = tuple(tell_beside(found.roots.values(), settings.roots))
        return Found(found, self.context.journal.roots_with_open_records(), beside, asked)

    def take(self, found: Found) -> None:
        """Have the loop look at these roots from now on, and say what is new."""
        discovery, with_open_records = found.discovery, found.with_open_records
        is_first = not self.has_run
        came, went = self.loop.set_roots(discovery.roots, keep=with_open_records)
        leaving = self.loop.seats.keys() - discovery.roots.keys()
        self._say_problems((*discovery.problems, *_orphans(with_open_records - discovery.roots.keys(), leaving)))
        self._say_absent(discovery.absent)
        self._say_beside(found.beside)
        _say_roots(came, went, is_first=is_first)
        if leaving - with_open_records:
            self._chore.due = time.monotonic() + _LEAVING_SECONDS  # one that goes was being looked at
        if self._has_mended or found.asked > self._answered:
            self._has_mended, self._answered = False, found.asked
            self.loop.hurry(with_open_records)
        if came:
            self.requests.due = 0.0
        if self.hints is not None and (came or went):
            self._paths = {root.id: root.path for root in discovery.roots.values()}
            self.upkeep.soon("the watches of roots", self._watch_roots)

    def _read_anew(self) -> tuple[Settings, DatasetIntakes]:
        settings = self.context.settings
        intakes = self.intakes.followed_by(read_intakes(settings))
        # A reload may have exchanged them meanwhile.
        return (settings, intakes) if settings is self.context.settings else self._read_anew()

    def _watch_roots(self) -> None:
        """Always the roots found last: of two calls under way the older must not have the last word."""
        if self.hints is not None:
            self.hints.watch(self._paths)

    def _say_problems(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            if problem not in self._problems_said:
                logger.error("{problem}", problem=problem, event="root-problem")
        self._problems_said = problems

    def _say_absent(self, absent: tuple[str, ...]) -> None:
        for text in absent:
            if text not in self._absent_said:
                logger.warning("{text}", text=text, event="folder-absent")
        self._absent_said = absent

    def _say_beside(self, beside: tuple[str, ...]) -> None:
        for text in beside:
            if text not in self._beside_said:
                logger.warning("{text}", text=text, event="beside-folders")
        self._beside_said = beside


def _say_roots(came: tuple[str, ...], went: tuple[str, ...], *, is_first: bool) -> None:
    """Which came and went; at the start only how many there are."""
    if is_first:
        logger.info("watching {roots}", roots=counted(len(came), "root"), event="watching")
    else:
        for root_id in came:
            logger.bind(root=root_id).info("a new root", event="root-came")
    for root_id in went:
        logger.bind(root=root_id).info("the root is gone", event="root-went")


def _orphans(roots: AbstractSet[str], leaving: AbstractSet[str]) -> Iterator[str]:
    """What to say of roots that only the journal still knows; those that leave were roots until now."""
    for root in sorted(roots):
        until = "; until this service ends it goes on with them all the same" if root in leaving else ""
        yield (
            f"root {root} has drops that are not at their end, and is not configured any more: configure it again, by "
            f"the same path and name, to have them taken on{until}"
        )
