"""How far a validation is, on a terminal: a bar for the file that is read, and one for all of them."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import ProgressColumn

#: As `watcher.validation.file.Progress`: the file's name, the bytes read of it, its size, the rows read of it.
Told = Callable[[str, int, int, int], None]


@contextmanager
def progress_bars(size_bytes: int, *, wanted: bool) -> Iterator[Told | None]:
    """What is to be told how far the reading is; None unless it is wanted and standard error is a terminal.

    `size_bytes`: of all files. The bars are gone when the report comes.
    """
    if not (wanted and _is_terminal()):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(*_columns(), console=Console(stderr=True), transient=True, refresh_per_second=5) as bars:
        yield _Files(bars, size_bytes)


def size_of(path: Path) -> int:
    """The bytes of a file, or of the files in a folder; 0 where that can't be told."""
    try:
        if not path.is_dir():
            return path.stat().st_size
        with os.scandir(path) as entries:
            statuses = [entry.stat(follow_symlinks=False) for entry in entries]
    except OSError:
        return 0
    return sum(status.st_size for status in statuses if stat.S_ISREG(status.st_mode))


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _columns() -> tuple[ProgressColumn, ...]:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    return (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}", markup=False),
        TimeRemainingColumn(),
    )


class _Files:
    """The bars as files are read: one for the file, and, where there are several, one for all of them."""

    def __init__(self, bars: Bars, size_bytes: int) -> None:
        self._bars, self._size_bytes = bars, size_bytes
        self._read: dict[str, int] = {}
        self._file = bars.add_task("", rows="", visible=False)
        self._all = bars.add_task("all files", total=size_bytes or None, rows="", visible=False)
        self._across = bars.add_task("looking across the rows", total=None, rows="", visible=False)
        self._name = ""
        self._begun_at = time.monotonic()

    def __call__(self, file: str, read_bytes: int, size_bytes: int, rows: int) -> None:
        if file != self._name:
            self._bars.reset(self._file, total=size_bytes, description=file, visible=True, rows="")
            self._name = file
        self._read[file] = read_bytes
        self._bars.update(self._file, completed=read_bytes, rows=self._rows(rows))
        if size_bytes < self._size_bytes:
            self._bars.update(self._all, completed=sum(self._read.values()), visible=True)
        if read_bytes >= size_bytes:
            self._end_of_file()

    def _end_of_file(self) -> None:
        """What comes after the last file are keys, references and checks; nobody can tell how long they take."""
        self._begun_at = time.monotonic()
        if sum(self._read.values()) >= self._size_bytes:
            self._bars.update(self._across, visible=True)

    def _rows(self, rows: int) -> str:
        seconds = time.monotonic() - self._begun_at
        return f"{rows:,} rows, {rows / max(seconds, 0.001):,.0f} rows/s"
