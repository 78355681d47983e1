"""The canary: a file of our own, written now and then, whose event must come back.

It notices what no count of threads and watches does: that events have ceased to arrive. (watchman does the same and
calls it a cookie.)
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler

from watcher.intake.kernelwatches import explain
from watcher.intake.observing import Observing


class Sign(StrEnum):
    """What a look at the canary tells."""

    #: nothing new: none is due, or one is under way and has time left
    NONE = "none"
    #: the event came back
    SEEN = "seen"
    #: the event did not come back within the patience
    LOST = "lost"


class Canary(FileSystemEventHandler):
    """Writes the file every `seconds` and waits `patience_seconds` for its event.

    `problem` is why it can't be written or watched, empty if it can; then it gives no sign.
    """

    def __init__(self, folder: Path, *, seconds: float, patience_seconds: float) -> None:
        self.problem = ""
        self._folder = folder
        self._seconds = seconds
        self._patience_seconds = patience_seconds
        self._observing: Observing | None = None
        self._due: float | None = None  # None: at the next look
        self._written: float | None = None  # None: none is under way
        self._came_back = False
        self._is_overdue = False

    def dispatch(self, event: FileSystemEvent) -> None:  # noqa: ARG002 (that there is one is all it says)
        """Called by the observer's thread."""
        self._came_back = True

    def look(self, observing: Observing, now: float) -> Sign:
        """What the file under way tells; writes the next one when it is due."""
        try:
            self._stand_in(observing)
            sign = self._sign(now)
        except (OSError, RuntimeError) as error:
            self.problem = explain(error)
            return Sign.NONE
        self.problem = ""
        return sign

    def _stand_in(self, observing: Observing) -> None:
        """Has the folder watched by this observer, made anew if it is gone."""
        path = os.path.realpath(self._folder)
        if observing is self._observing and observing.watches(path):
            return
        self._due = self._written = None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        observing.remove(path)
        observing.add(path, self, recursive=False)
        self._observing = observing

    def _sign(self, now: float) -> Sign:
        if self._written is None:
            if self._due is None or now >= self._due:
                self._write(now)
            return Sign.NONE
        if not self._came_back and not self._is_overdue:
            # Once it is, one look more: if the whole process was stopped for a while, the event is yet to be read.
            self._is_overdue = now - self._written > self._patience_seconds
            return Sign.NONE
        self._written = None
        return Sign.SEEN if self._came_back else Sign.LOST

    def _write(self, now: float) -> None:
        self._due = now + self._seconds
        self._came_back = self._is_overdue = False
        # Opened for writing and closed again is an event; nothing is written, so that a full disk does not matter.
        os.close(os.open(self._folder / "canary", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self._written = now
