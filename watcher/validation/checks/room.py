"""Our side of the closed room in which the SQL of checks runs: starts it, fills its tables, asks it, ends it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from watcher.schema import sandbox

#: A single instruction of SQLite's can't be interrupted; what is not back so long after its time is killed.
_GRACE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """What one check may take: seconds, bytes of memory and of each temporary file, rows of its result."""

    seconds: int = 60
    memory_bytes: int = 256 * 1024 * 1024
    disk_bytes: int = 8 * 1024 * 1024 * 1024
    rows: int = 1_000_000


class NotDoneError(Exception):
    """A query could not be brought to its end: `reason` is one word, as `sandbox.reason` says it, or `ended`.

    `is_room_open` tells whether the next query can be asked.
    """

    def __init__(self, reason: str, *, is_room_open: bool) -> None:
        super().__init__(reason)
        self.reason, self.is_room_open = reason, is_room_open


@dataclass(slots=True)
class Answer:
    """What a query brings: its rows, in parts; `is_cut` once there were more than allowed."""

    parts: Iterator[list[tuple[Any, ...]]]
    is_cut: bool = False


class Room:
    """A running room. Every method raises NotDoneError; after one with `is_room_open` False, a new one is needed."""

    def __init__(self, process: subprocess.Popen[bytes], limits: CheckLimits) -> None:
        self._process, self._limits = process, limits
        self._orders, self._answers = _pipes(process)
        self._order("open", asdict(limits))

    @property
    def process_id(self) -> int:
        """That of the process behind it."""
        return self._process.pid

    def table(self, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Make a table; a column is its name and its kind."""
        self._order("table", name, tuple(columns))

    def rows(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        """Add rows to a table."""
        self._order("rows", name, rows)

    def index(self, name: str, column: str) -> None:
        """Make rows easy to find by a column, once they are all there."""
        self._order("index", name, column)

    def loaded(self) -> None:
        """All rows are there. From here on there are only queries."""
        self._order("loaded")
        kind, *about = self._answer()
        if kind == "failed":
            raise NotDoneError(about[0], is_room_open=False)

    @contextlib.contextmanager
    def query(self, sql: str) -> Iterator[Answer]:
        """The answer; its parts must be taken to the end before the next query."""
        watch = threading.Timer(self._limits.seconds + _GRACE_SECONDS, self._process.kill)
        watch.start()
        try:
            self._order("query", sql)
            answer = Answer(iter(()))
            answer.parts = self._parts(answer)
            yield answer
        finally:
            watch.cancel()
            watch.join()

    def _parts(self, answer: Answer) -> Iterator[list[tuple[Any, ...]]]:
        while True:
            kind, about = self._answer()
            if kind == "failed":
                raise NotDoneError(about, is_room_open=True)
            if kind == "end":
                answer.is_cut = about
                return
            yield about

    def _order(self, *order: Any) -> None:
        try:
            sandbox.write_frame(self._orders, order)
        except BrokenPipeError:
            raise NotDoneError("ended", is_room_open=False) from None

    def _answer(self) -> tuple[Any, ...]:
        try:
            answer: tuple[Any, ...] = sandbox.read_frame(self._answers)
        except EOFError:
            raise NotDoneError("ended", is_room_open=False) from None
        return answer


@contextlib.contextmanager
def open_room(limits: CheckLimits) -> Iterator[Room]:
    """A room, ended behind you. Raises NotDoneError where no process can be started or it ends at once."""
    # Nothing of ours goes in with it: no environment, no path of imports, no open file.
    command = [sys.executable, "-I", "-S", sandbox.__file__]
    environment = {"SQLITE_TMPDIR": tempfile.gettempdir()}
    if "LD_LIBRARY_PATH" in os.environ:  # where this Python's own libraries are
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
    except OSError:
        raise NotDoneError("ended", is_room_open=False) from None
    try:
        yield Room(process, limits)
    finally:
        process.kill()
        for pipe in _pipes(process):
            with contextlib.suppress(OSError):
                pipe.close()
        process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise NotDoneError("ended", is_room_open=False)  # never: both are asked for where it is started
    return process.stdin, process.stdout
