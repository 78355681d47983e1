"""Writes what happens to standard error, for journald or a terminal, as a story or as JSON lines.

The only module that adds loguru sinks. Everyone else binds what the message is about and logs a constant text:

    logger.bind(root="lakeview", epoch="20260901-020000").info("claimed {files} files", files=3, event="claimed")
    lakeview 20260901-020000: claimed 3 files

It promises: one event is one line (a traceback adds its own lines, or a field in JSON); nothing in a name or value can
forge a line, turn the reading direction or stop the service; an exception that is not our own is logged without its
text, which may quote a student's data.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, TextIO

from loguru import logger

from watcher.errors import WatcherError
from watcher.text import printable

if TYPE_CHECKING:
    from loguru import Message, Record

    from watcher.config.settings import LogSettings

#: Longer lines are cut; journald itself cuts at 48 KiB.
MAX_CHARACTERS = 4000
#: Frames of one traceback that are kept, the innermost ones.
_MAX_FRAMES = 30
#: The least loguru level number of each syslog priority, most urgent first (sd-daemon(3)).
_PRIORITIES = ((50, 2), (40, 3), (30, 4), (20, 6))
_DEBUG_PRIORITY = 7

_sinks = [0]  # loguru's own sink has the number 0


def setup(settings: LogSettings, *, journald: bool | None = None, stream: TextIO | None = None) -> None:
    """Sends all logging of this process to the stream (standard error), in place of what was set up before.

    `journald` puts syslog priorities before the lines instead of time and level; None asks the environment.
    """
    target = sys.stderr if stream is None else stream
    prefixed = _is_journal(target) if journald is None else journald
    sink = _Sink(target, as_json=settings.format == "json", prefixed=prefixed)
    old = _sinks.copy()
    _sinks[:] = [
        logger.add(
            sink.write, level=settings.level, format="{message}", colorize=False, backtrace=False, diagnose=False
        )
    ]
    for number in old:
        with contextlib.suppress(ValueError):  # removed by someone else already
            logger.remove(number)
    libraries = logging.getLogger()
    if not any(isinstance(handler, _Forwarder) for handler in libraries.handlers):
        libraries.addHandler(_Forwarder(logging.WARNING))


def traceback_text(error: BaseException) -> str:
    """The traceback of an exception and of its causes, innermost last, without values.

    Only our own errors and the operating system's say what they say; of any other only the type is told.
    """
    parts: list[str] = []
    at: BaseException | None = error
    seen: set[int] = set()
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = "".join(traceback.format_tb(at.__traceback__, limit=-_MAX_FRAMES))
        parts.append(f"{frames}{summary(at)}\n")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "which led to:\n".join(reversed(parts))


def summary(error: BaseException) -> str:
    """One line for an exception, without values: its type, and its text where that is known to hold none."""
    name = type(error).__qualname__
    if isinstance(error, WatcherError):
        return printable(f"{name}: {error}", MAX_CHARACTERS)
    if isinstance(error, OSError) and error.strerror:
        where = "" if error.filename is None else f": {error.filename!r}"
        return printable(f"{name}: {error.strerror}{where}", MAX_CHARACTERS)
    return f"{name} (its text is kept back: it may hold data)"


@dataclass(frozen=True, slots=True)
class _Sink:
    """Writes records to one stream."""

    stream: TextIO
    as_json: bool
    prefixed: bool

    def write(self, message: Message) -> None:
        # A full disk behind a redirection or a closed terminal must not stop the service; nobody is left to tell.
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(self._rendered(message.record))
            self.stream.flush()

    def _rendered(self, record: Record) -> str:
        lines = [_as_json(record)] if self.as_json else _as_text(record, timed=not self.prefixed)
        prefix = f"<{_priority(record['level'].no)}>" if self.prefixed else ""
        return "".join(f"{prefix}{line}\n" for line in lines)


def _as_text(record: Record, *, timed: bool) -> list[str]:
    """`lakeview 20260901-020000: claimed 3 files`, and the lines of a traceback behind it."""
    about = " ".join(_text(record["extra"][key]) for key in ("root", "epoch") if record["extra"].get(key) is not None)
    line = printable(f"{about}: {record['message']}" if about else record["message"], MAX_CHARACTERS)
    if timed:
        line = f"{record['time'].astimezone():%Y-%m-%d %H:%M:%S} {record['level'].name:<7} {line}"
    return [line, *(printable(each, MAX_CHARACTERS) for each in _traceback_of(record).splitlines())]


def _as_json(record: Record) -> str:
    """One object: time (UTC), level, event, message, root, epoch, every other bound value, a traceback if any."""
    extra = {str(key): value for key, value in record["extra"].items()}
    known = {
        "time": record["time"].astimezone(UTC).isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "event": _plain(extra.pop("event", None)),
        "message": printable(record["message"], MAX_CHARACTERS),
        "root": _plain(extra.pop("root", None)),
        "epoch": _plain(extra.pop("epoch", None)),
    }
    found = _traceback_of(record)
    trace = {"traceback": "\n".join(printable(each, MAX_CHARACTERS) for each in found.splitlines())} if found else {}
    others = {printable(key, 100): _plain(value) for key, value in extra.items() if key not in known}
    return json.dumps({**known, **others, **trace})


def _traceback_of(record: Record) -> str:
    exception = record["exception"]
    return traceback_text(exception.value) if exception and exception.value else ""


def _plain(value: Any) -> Any:
    """A value that JSON has, text made printable."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN, which JSON lacks
        return value
    return printable(_text(value), MAX_CHARACTERS)


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (whatever a value's own __str__ does, the event is logged)
        return f"a {type(value).__name__} without text"


def _priority(level: int) -> int:
    return next((priority for least, priority in _PRIORITIES if level >= least), _DEBUG_PRIORITY)


def _is_journal(stream: TextIO) -> bool:
    """Whether the stream is the very one that systemd connected to journald (JOURNAL_STREAM is device:inode)."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class _Forwarder(logging.Handler):
    """Brings what libraries log (watchdog's overflow, say) into the same stream; one line each, no traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):  # a library's broken log call is not our failure
            level = logger.level(record.levelname).name if record.levelno in (30, 40, 50) else "INFO"
            logger.log(level, "{library}: {text}", library=record.name, text=record.getMessage(), event="library")
