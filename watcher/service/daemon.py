"""The service itself: opens what it needs, runs the loop, obeys signals, tells systemd how it is.

`run` goes on until SIGTERM; `run_once` until nothing is left to do but wait for senders.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from loguru import logger

from watcher import __version__, logs
from watcher import config as configuration
from watcher.clock import Clock
from watcher.config import Settings, Watch
from watcher.errors import ConfigError, WatcherError
from watcher.intake.hints import Hints
from watcher.journal import open_journal
from watcher.model.records import Ending
from watcher.sdnotify import Notifier
from watcher.service import lock
from watcher.service.context import Context
from watcher.service.datasets import DatasetIntakes, read_intakes
from watcher.service.discovering import Discovering
from watcher.service.droplog import log_of
from watcher.service.folders import WorkFolders
from watcher.service.loop import Loop
from watcher.service.outcomes import CUT_OFF
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
    with lock.hold(folders.lock_file, clock.local()), open_journal(settings.journal, clock) as journal:
        workers = ProcessWorkers(settings.workers, settings.worker_memory_mb * 1024 * 1024, import_libraries)
        try:
            yield Context(settings, journal, folders, workers, clock)
        finally:
            workers.close(1.0)


def _daemon(context: Context, notifier: Notifier) -> _Daemon:
    loop = Loop(context, Threads(context.settings.parallel_roots))
    context.turns = Turns(context.settings.workers, loop.hint)
    upkeep = Upkeep(loop.tell)
    requests = upkeep.every("requests", _REQUESTS_SECONDS, context.journal.requests, loop.take_requests)
    return _Daemon(context, notifier, loop, upkeep, requests, Discovering(context, loop, upkeep, requests))


@dataclass(slots=True)
class _Daemon:
    context: Context
    notifier: Notifier
    loop: Loop
    upkeep: Upkeep
    requests: Chore
    discovering: Discovering
    hints: Hints | None = None
    _stop: bool = False
    _reload: bool = False
    _status_due: float = 0.0
    _alive_due: float = 0.0

    # --- the two ways to run ---

    def run(self) -> None:
        self.discovering.hurry()
        self._begin()
        if self.context.settings.watch is Watch.EVENTS:
            folders = self.context.folders
            self.hints = self.discovering.hints = Hints(self.loop.hint, folders.canary, avoid=folders.work_dir)
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
            knows_all = self.discovering.has_run and self.requests.has_run and not self.requests.is_running
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
        self.discovering.intakes = read_intakes(settings)
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
        self.context.settings, self.discovering.intakes = new, intakes
        self.discovering.hurry()
        logger.info("configuration reloaded", event="reloaded")


#: What is opened once and can't be exchanged while running.
_FIXED_SETTINGS = ("work_dir", "journal", "workers", "worker_memory_mb", "parallel_roots", "watch")


def _ignore(_: object) -> None:
    pass
