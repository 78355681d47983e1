"""One watchdog observer and its watches, without the traps of watchdog 6 and 7.

What is handled here, so that nobody else need know (all of it seen in both majors unless said otherwise):
1. A watch whose root was deleted stays registered with a dead thread, and scheduling the path again does nothing.
2. In 6 a thread that reads for one watch may die on its own; in 7 there is one such thread for all.
3. In 6 a watch that fails half-way leaves its inotify instance and all its kernel watches behind.
4. Opens, reads and changes are left out of the mask: our own scans would make events, and in 7 the walk after an
   overflow would overflow the queue again, for ever.
5. `stop` and `join` wait without end.
6. A move out of a watch (each claim is one), and every event behind it, waits half a second for a move in to be paired
   with. We pair nothing, so it waits hardly at all.
7. In 7 a directory that is made while its parent is being walked is met twice, which it warns of and copes with.
"""

from __future__ import annotations

import logging
import threading
import traceback
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import EventEmitter, ObservedWatch
from watchdog.observers.inotify import InotifyObserver
from watchdog.version import VERSION_MAJOR

#: 6 opens an inotify instance for each watch, of which a user has 128 by default; 7 opens one for all.
MOST_WATCHES = 50 if VERSION_MAJOR < 7 else 1000  # noqa: PLR2004 (said above)
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileMovedEvent,
    FileClosedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
_STOP_SECONDS = 5.0
_PAIRING_SECONDS = 0.01
_PAIRING_CLASS = (
    ("watchdog.observers.inotify_buffer", "InotifyBuffer")
    if VERSION_MAJOR < 7  # noqa: PLR2004
    else ("watchdog.observers.inotify_move_event_grouper", "InotifyMoveEventGrouper")
)


class Observing:
    """Opened and closed; at no time waits long. Not safe for several threads at once."""

    def __init__(self) -> None:
        """Raises OSError (EMFILE) or RuntimeError (no thread) if the kernel gives no more."""
        _pair_moves_quickly()
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)
        self._observer = InotifyObserver()
        self._watches: dict[str, ObservedWatch] = {}
        self._overflows = _Overflows()
        self._overflows.attach()
        try:
            self._observer.start()
        except BaseException:
            self.close()
            raise

    def add(self, path: str, told: FileSystemEventHandler, *, recursive: bool) -> None:
        """Watches a directory that isn't watched yet. Raises OSError or RuntimeError if it can't be."""
        try:
            watch = self._observer.schedule(told, path, recursive=recursive, event_filter=_EVENTS)
        except OSError as error:
            _close_half_made(error)
            raise
        self._watches[path] = watch

    def remove(self, path: str) -> None:
        """Watches it no longer, if it did; whether the watch was alive doesn't matter."""
        if watch := self._watches.pop(path, None):
            with suppress(KeyError):  # the observer has ended and forgotten it
                self._observer.unschedule(watch)

    def watches(self, path: str) -> bool:
        """Whether the path was added and its own thread is running."""
        return path in self._watches and path not in self.dead()

    def is_alive(self) -> bool:
        """Whether the threads that all watches need are running."""
        return self._observer.is_alive() and _reads(self._observer, "_inotify_fd")

    def dead(self) -> tuple[str, ...]:
        """The paths whose own thread has ended."""
        alive = {emitter.watch for emitter in self._observer.emitters if _is_alive(emitter)}
        return tuple(path for path, watch in self._watches.items() if watch not in alive)

    def has_overflowed(self) -> bool:
        """Whether the kernel has dropped events since this was last asked. watchdog 6 never tells."""
        overflowed, self._overflows.seen = self._overflows.seen, False
        return overflowed

    def close(self) -> None:
        """Ends all threads, or gives them up after some seconds: they are daemons and hold no work."""
        self._overflows.detach()
        stopping = threading.Thread(target=self._stop, name="hints-stop", daemon=True)
        with suppress(RuntimeError):  # no thread to be had: the observer's threads end with the process
            stopping.start()
            stopping.join(_STOP_SECONDS)

    def _stop(self) -> None:
        self._observer.stop()
        if self._observer.ident is not None:
            self._observer.join(_STOP_SECONDS)


class _Overflows(logging.Handler):
    """Takes what watchdog logs. Its only sign of an overflow is a warning; the rest is supervised here anyway."""

    _library = logging.getLogger("watchdog")
    #: Here it reads the kernel's queue. Nothing but an overflow is logged there from a warning upwards.
    _reading = "watchdog.observers.inotify_c"

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen = False

    def emit(self, record: logging.LogRecord) -> None:
        self.seen = self.seen or record.name == self._reading

    def attach(self) -> None:
        self._library.addHandler(self)
        self._library.propagate = False

    def detach(self) -> None:
        self._library.removeHandler(self)
        self._library.propagate = not self._library.handlers


def _is_alive(emitter: EventEmitter) -> bool:
    return emitter.is_alive() and _reads(emitter, "_inotify")


def _reads(holder: object, name: str) -> bool:
    """False only if it holds a thread that reads for it, and that thread has ended: the majors differ in which has."""
    reader = getattr(holder, name, None)
    return not isinstance(reader, threading.Thread) or reader.is_alive()


def _pair_moves_quickly() -> None:
    """For the whole process: the delay is an attribute of the class, read when an instance is made."""
    module, name = _PAIRING_CLASS
    pairing: Any = getattr(import_module(module), name)
    pairing.delay = _PAIRING_SECONDS


def _close_half_made(error: OSError) -> None:
    """Closes the instance that watchdog 6 forgets when the kernel refuses a watch; only the traceback still has it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        half_made = frame.f_locals.get("self")
        if type(half_made).__name__ == "Inotify":
            with suppress(OSError, AttributeError):  # without an instance there is nothing to close
                half_made._close_resources()  # type: ignore[union-attr]  # noqa: SLF001 (nothing public does it)
            return
