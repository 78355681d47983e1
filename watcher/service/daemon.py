"""The service itself: opens what it needs, runs the loop, obeys signals, tells systemd how it is.

`run` goes on until SIGTERM; `run_once` until nothing is left to do but wait for senders.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from loguru import logger

from watcher import __version__, logs
from watcher import config as configuration
from watcher.clock import Clock
from watcher.config import Settings, Watch
from watcher.errors import ConfigError, WatcherError
from watcher.intake.hints import Hints
from watcher.journal import Journal, open_journal
from watcher.model.records import Ending
from watcher.sdnotify import Notifier
from watcher.service import lock
from watcher.service.context import Context
from watcher.service.datasets import DatasetIntakes, read_intakes
from watcher.service.droplog import log_of
from watcher.service.folders import WorkFolders
from watcher.service.loop import Loop
from watcher.service.outcomes import CUT_OFF
from watcher.service.roots import Discovery, discover
from watcher.service.tasks import import_libraries
from watcher.service.threads import Threads
from watcher.service.turns import Turns
from watcher.service.upkeep import Chore, Upkeep
from watcher.service.workers import ProcessWorkers
from watcher.text import counted

_LONGEST_TURN_SECONDS = 1.0
_REQUESTS_SECONDS = 2.0
_HINT_CHECK_SECONDS = 5.0
_STATUS_SECONDS = 5.0
_LEAST_DISCOVERY_SECONDS = 60.0
_LEAVING_SECONDS = 1.0


def run(settings: Settings, *, clock: Clock | None = None) -> None:
    """Run the service until SIGTERM or SIGINT. Raises WatcherError where it can't start."""
    notifier = Notifier.from_environment()
    with _opened(settings, clock or Clock()) as context:
        _daemon(context, notifier).run()


def run_once(settings: Settings, *, patience_seconds: float, clock: Clock | None = None) -> None:
    """Take, judge, load and report what is there and settles within the patience; then return."""
    with _opened(settings, clock or Clock()) as context:
        _daemon(context, Notifier.from_environment()).run_once(patience_seconds)


@contextmanager
def _opened(settings: Settings, clock: Clock) -> Iterator[Context]:
    # A writer that meets our lease would end us: this comes before everything that may take one.
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    folders = WorkFolders(settings.work_dir)
    try:
        folders.make()
    except OSError as error:
        raise WatcherError(f"work_dir {settings.work_dir}: {error.strerror}; see `epoch-watcher doctor`") from error
    with lock.hold(folders.lock_file, clock.local()), _journal(settings, clock) as journal:
        workers = ProcessWorkers(settings.workers, settings.worker_memory_mb * 1024 * 1024, import_libraries)
        try:
            yield Context(settings, journal, folders, workers, clock)
        finally:
            workers.close(1.0)


@contextmanager
def _journal(settings: Settings, clock: Clock) -> Iterator[Journal]:
    journal = open_journal(settings.journal, clock)
    try:
        yield journal
    finally:
        journal.close()


def _daemon(context: Context, notifier: Notifier) -> _Daemon:
    loop = Loop(context, Threads(context.settings.parallel_roots))
    context.turns = Turns(context.settings.workers, loop.hint)
    return _Daemon(context, notifier, loop, Upkeep(loop.tell))


@dataclass(slots=True)
class _Daemon:
    context: Context
    notifier: Notifier
    loop: Loop
    upkeep: Upkeep
    hints: Hints | None = None
    _intakes: DatasetIntakes = field(default_factory=DatasetIntakes)
    _paths: Mapping[str, Path] = field(default_factory=dict)
    _stop: bool = False
    _reload: bool = False
    _problems_said: tuple[str, ...] = ()
    _absent_said: tuple[str, ...] = ()
    #: at the next discovery, for a reload may bring roots
    _hurries: bool = False
    _discovery: Chore = field(init=False)
    _requests: Chore = field(init=False)
    _status_due: float = 0.0
    _alive_due: float = 0.0

    def __post_init__(self) -> None:
        every = self.upkeep.every
        interval = max(self.context.settings.rescan_seconds, _LEAST_DISCOVERY_SECONDS)
        self._discovery = every("the discovery of roots", interval, self._discover, self._take_discovery)
        self._requests = every("requests", _REQUESTS_SECONDS, self.context.journal.requests, self.loop.take_requests)

    # --- the two ways to run ---

    def run(self) -> None:
        self._hurries = True
        self._begin()
        if self.context.settings.watch is Watch.EVENTS:
            folders = self.context.folders
            self.hints = Hints(self.loop.hint, folders.canary, avoid=folders.work_dir)
            self.upkeep.every("the supervision of hints", _HINT_CHECK_SECONDS, self.hints.check, _ignore)
        self.notifier.ready(self._status())
        while not self._stop:
            self._turn()
        self._end()

    def run_once(self, patience_seconds: float) -> None:
        self._begin()
        deadline = time.monotonic() + patience_seconds
        while not self._stop:
            self._turn()
            knows_all = self._discovery.has_run and self._requests.has_run and not self._requests.is_running
            if knows_all and self.loop.is_quiet():
                break
            if time.monotonic() >= deadline and not self.loop.working():
                logger.warning("stopped waiting for drops that do not settle", event="patience-over")
                break
        self._end()

    def _begin(self) -> None:
        settings = self.context.settings
        logger.info(
            "epoch-watcher {version} starts with {source}, work directory {work_dir}",
            version=__version__,
            source=str(settings.source),
            work_dir=str(settings.work_dir),
            event="started",
        )
        self._end_cut_off_attempts()
        self._intakes = read_intakes(settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)

    def _end_cut_off_attempts(self) -> None:
        """They count against their drops: one that takes the whole service down with it must not do so for ever."""
        journal = self.context.journal
        for attempt in journal.unended_attempts():
            record = journal.record(attempt.record_id)
            log_of(record).warning(
                "the last run ended in the middle of this drop's {step}; it is done again",
                step=attempt.step.value,
                event="cut-off",
            )
            journal.end_attempt(attempt, Ending.BROKE, reason=CUT_OFF, at=self.context.clock.utc())

    def _end(self) -> None:
        self.notifier.stopping("finishing what is under way")
        logger.info("stopping; {drops} with a worker", drops=counted(self.loop.working(), "drop"), event="stopping")
        self.upkeep.close()
        if self.hints is not None:
            self.hints.close()
        self.loop.drain(self.context.settings.drain_seconds, self._keep_alive)
        logger.info("stopped", event="stopped")

    # --- one turn ---

    def _turn(self) -> None:
        self.loop.turn(_LONGEST_TURN_SECONDS)
        self._keep_alive()
        if self._reload:
            self._reload = False
            self._reload_config()
        self.upkeep.turn()

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if self.notifier.watchdog_seconds is not None and now >= self._alive_due:
            self._alive_due = now + self.notifier.watchdog_seconds / 4
            self.notifier.watchdog()
        if now >= self._status_due:
            self._status_due = now + _STATUS_SECONDS
            self.notifier.status(self._status())

    def _status(self) -> str:
        loop = self.loop
        roots, drops = counted(len(loop.seats), "root"), counted(loop.working(), "drop")
        return f"{roots}; {drops} being worked on, {loop.waiting():,} waiting"

    # --- roots ---

    def _discover(self) -> tuple[Discovery, frozenset[str]]:
        """The roots, and those of which the journal has open records, configured or not.

        Each time datasets are asked anew how their files come, as each validation asks them for the files' schemas: one
        that was changed must not take effect by halves. Files that are as they were are not read again.
        """
        settings, intakes = self._read_anew()
        if set(self._intakes.problems) - set(intakes.problems):
            self._hurries = True  # somebody has mended a dataset for which drops wait
        self._intakes = intakes
        return discover(settings, intakes), self.context.journal.roots_with_open_records()

    def _read_anew(self) -> tuple[Settings, DatasetIntakes]:
        settings = self.context.settings
        intakes = self._intakes.followed_by(read_intakes(settings))
        # A reload may have exchanged them meanwhile.
        return (settings, intakes) if settings is self.context.settings else self._read_anew()

    def _take_discovery(self, found: tuple[Discovery, frozenset[str]]) -> None:
        discovery, with_open_records = found
        is_first = not self._discovery.has_run
        came, went = self.loop.set_roots(discovery.roots, keep=with_open_records)
        leaving = self.loop.seats.keys() - discovery.roots.keys()
        self._say_problems((*discovery.problems, *_orphans(with_open_records - discovery.roots.keys(), leaving)))
        self._say_absent(discovery.absent)
        if self.loop.seats.keys() - discovery.roots.keys() - with_open_records:
            self._discovery.due = time.monotonic() + _LEAVING_SECONDS  # one that goes was being looked at
        if self._hurries:
            self._hurries = False
            self.loop.hurry(with_open_records)
        if came:
            self._requests.due = 0.0  # requests that were read before their root was known were passed over
        if is_first:
            logger.info("watching {roots}", roots=counted(len(came), "root"), event="watching")
        else:
            for root_id in came:
                logger.bind(root=root_id).info("a new root", event="root-came")
        for root_id in went:
            logger.bind(root=root_id).info("the root is gone", event="root-went")
        if self.hints is not None and (came or went):
            self._paths = {root.id: root.path for root in discovery.roots.values()}
            self.upkeep.soon("the watches of roots", self._watch_roots)

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

    # --- signals ---

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop = True
        self.loop.tell(lambda: None)

    def _on_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reload = True
        self.loop.tell(lambda: None)

    def _reload_config(self) -> None:
        self.notifier.reloading()
        old = self.context.settings
        try:
            new = configuration.load(old.source)
            intakes = read_intakes(new)
            if intakes.problems:
                raise ConfigError(intakes.problems)
        except ConfigError as error:
            for problem in error.problems:
                logger.error("{problem}", problem=problem, event="config-problem")
            logger.error(
                "the configuration is not reloaded: the old one stays in force; datasets are read anew for each drop",
                event="reload-failed",
            )
        else:
            self._take_settings(old, new, intakes)
        self.notifier.ready(self._status())

    def _take_settings(self, old: Settings, new: Settings, intakes: DatasetIntakes) -> None:
        fixed = [name for name in _FIXED_SETTINGS if getattr(old, name) != getattr(new, name)]
        if fixed:
            logger.warning(
                "{names} changed: that takes effect at the next start", names=", ".join(fixed), event="needs-restart"
            )
        logs.setup(new.log)
        self.context.settings, self._intakes = new, intakes
        self._discovery.due, self._hurries = 0.0, True
        logger.info("configuration reloaded", event="reloaded")


#: What is opened once and can't be exchanged while running.
_FIXED_SETTINGS = ("work_dir", "journal", "workers", "worker_memory_mb", "parallel_roots", "watch")


def _orphans(roots: AbstractSet[str], leaving: AbstractSet[str]) -> tuple[str, ...]:
    """What to say of roots that only the journal still knows; those that leave were roots until now."""
    return tuple(
        f"root {root} has drops that are not at their end, and is not configured any more: configure it again, by the "
        f"same path and name, to have them taken on{_UNTIL_THE_END if root in leaving else ''}"
        for root in sorted(roots)
    )


_UNTIL_THE_END = "; until this service ends it goes on with them all the same"


def _ignore(_: object) -> None:
    pass
