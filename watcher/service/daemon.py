"""The service itself: opens what it needs, runs the loop, obeys signals, tells systemd how it is.

`run` goes on until SIGTERM; `run_once` until nothing is left to do but wait for senders.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TypeVar

from loguru import logger

from watcher import __version__, logs
from watcher import config as configuration
from watcher.clock import Clock
from watcher.config import Settings, Watch
from watcher.errors import ConfigError, WatcherError
from watcher.intake.hints import Hints
from watcher.journal import Journal, open_journal
from watcher.model.records import Request
from watcher.sdnotify import Notifier
from watcher.service import lock
from watcher.service.context import Context
from watcher.service.folders import WorkFolders
from watcher.service.loop import Loop
from watcher.service.roots import Discovery, discover
from watcher.service.tasks import import_libraries
from watcher.service.threads import Threads
from watcher.service.workers import ProcessWorkers
from watcher.text import counted

_LONGEST_TURN_SECONDS = 1.0
_REQUESTS_SECONDS = 2.0
_HINT_CHECK_SECONDS = 5.0
_STATUS_SECONDS = 5.0
_LEAST_DISCOVERY_SECONDS = 60.0

_Value = TypeVar("_Value")


def run(settings: Settings, *, clock: Clock | None = None) -> None:
    """Run the service until SIGTERM or SIGINT. Raises WatcherError where it can't start."""
    notifier = Notifier.from_environment()
    with _opened(settings, clock or Clock()) as context:
        _Daemon(context, notifier).run()


def run_once(settings: Settings, *, patience_seconds: float, clock: Clock | None = None) -> None:
    """Take, judge, load and report what is there and settles within the patience; then return."""
    with _opened(settings, clock or Clock()) as context:
        _Daemon(context, Notifier.from_environment()).run_once(patience_seconds)


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


@dataclass(slots=True)
class _Every:
    """Something done every so many seconds, in a look thread, never twice at a time."""

    seconds: float
    due: float = 0.0
    is_running: bool = False


@dataclass(slots=True)
class _Daemon:
    context: Context
    notifier: Notifier
    loop: Loop = field(init=False)
    hints: Hints | None = None
    _stop: bool = False
    _reload: bool = False
    _discovered: bool = False
    _problems_said: tuple[str, ...] = ()
    _discovery: _Every = field(init=False)
    _requests: _Every = field(default_factory=lambda: _Every(_REQUESTS_SECONDS))
    _hint_check: _Every = field(default_factory=lambda: _Every(_HINT_CHECK_SECONDS))
    _status_due: float = 0.0
    _alive_due: float = 0.0

    def __post_init__(self) -> None:
        settings = self.context.settings
        self.loop = Loop(self.context, Threads(settings.parallel_roots))
        self._discovery = _Every(max(settings.rescan_seconds, _LEAST_DISCOVERY_SECONDS))

    # --- the two ways to run ---

    def run(self) -> None:
        self._begin()
        self._obey_signals()
        if self.context.settings.watch is Watch.EVENTS:
            folders = self.context.folders
            self.hints = Hints(self.loop.hint, folders.canary, avoid=folders.work_dir)
        self.notifier.ready(self._status())
        while not self._stop:
            self._turn()
        self._end()

    def run_once(self, patience_seconds: float) -> None:
        self._begin()
        self._obey_signals()
        deadline = time.monotonic() + patience_seconds
        while not self._stop:
            self._turn()
            if not self._discovered or self._requests.due == 0.0 or self._requests.is_running:
                continue
            if self.loop.is_quiet():
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
        for attempt in self.context.journal.unended_attempts():
            record = self.context.journal.record(attempt.record_id)
            logger.bind(root=record.root, epoch=record.epoch).warning(
                "the last run ended in the middle of this drop's {step}; it is done again",
                step=attempt.step.value,
                event="cut-off",
            )

    def _end(self) -> None:
        self.notifier.stopping("finishing what is under way")
        logger.info("stopping; {drops} with a worker", drops=counted(self.loop.working(), "drop"), event="stopping")
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
        self._do_every(self._discovery, self._discover, self._take_discovery)
        self._do_every(self._requests, self.context.journal.requests, self._take_requests)
        if self.hints is not None:
            self._do_every(self._hint_check, self.hints.check, _ignore)

    def _do_every(self, job: _Every, work: Callable[[], _Value], take: Callable[[_Value], None]) -> None:
        now = time.monotonic()
        if job.is_running or now < job.due:
            return
        job.due, job.is_running = now + job.seconds, True

        def run() -> None:
            try:
                value = work()
            except (WatcherError, OSError) as error:
                text = logs.summary(error)
                self.loop.tell(lambda: logger.error("{error}", error=text, event="upkeep-failed"))
            else:
                self.loop.tell(lambda: take(value))
            finally:
                self.loop.tell(done)

        def done() -> None:
            job.is_running = False

        self.loop.threads.submit(f"upkeep {work.__name__}", run)

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

    def _discover(self) -> Discovery:
        return discover(self.context.settings, _awaited_files(self.context.settings))

    def _take_discovery(self, found: Discovery) -> None:
        for problem in found.problems:
            if problem not in self._problems_said:
                logger.error("{problem}", problem=problem, event="root-problem")
        self._problems_said = found.problems
        came, went = self.loop.set_roots(found.roots)
        if came:
            self._requests.due = 0.0  # requests that were read before their root was known were passed over
        if not self._discovered:
            logger.info("watching {roots}", roots=counted(len(came), "root"), event="watching")
            self._discovered = True
        else:
            for root_id in came:
                logger.bind(root=root_id).info("a new root", event="root-came")
            for root_id in went:
                logger.bind(root=root_id).info("the root is gone", event="root-went")
        if self.hints is not None and (came or went):
            hints, paths = self.hints, {root.id: root.path for root in found.roots.values()}
            self.loop.threads.submit("upkeep of hints", lambda: hints.watch(paths))

    def _take_requests(self, requests: tuple[Request, ...]) -> None:
        self.loop.take_requests(requests)

    # --- signals ---

    def _obey_signals(self) -> None:
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)

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
            _awaited_files(new)
        except ConfigError as error:
            for problem in error.problems:
                logger.error("{problem}", problem=problem, event="config-problem")
            logger.error("the configuration is not reloaded; the old one stays in force", event="reload-failed")
        else:
            self._take_settings(old, new)
        self.notifier.ready(self._status())

    def _take_settings(self, old: Settings, new: Settings) -> None:
        fixed = [name for name in _FIXED_SETTINGS if getattr(old, name) != getattr(new, name)]
        if fixed:
            logger.warning(
                "{names} changed: that takes effect at the next start", names=", ".join(fixed), event="needs-restart"
            )
        logs.setup(new.log)
        self.context.settings = new
        self._discovery.due = 0.0
        logger.info("configuration reloaded", event="reloaded")


#: What is opened once and can't be exchanged while running.
_FIXED_SETTINGS = ("work_dir", "journal", "workers", "worker_memory_mb", "parallel_roots", "watch")


def _awaited_files(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The required files of each dataset in use. Raises ConfigError for a dataset that is not there or not sound."""
    from watcher.schema import find_dataset  # noqa: PLC0415 (a heavy import, and none of the listings' business)

    datasets = {root.dataset: find_dataset(root.dataset, settings.schema_dirs) for root in settings.roots}
    return {
        name: tuple(file.schema.file for file in dataset.named_files() if file.required)
        for name, dataset in datasets.items()
    }


def _ignore(_: object) -> None:
    pass
