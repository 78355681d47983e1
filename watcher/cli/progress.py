"""How far a validation is, on a terminal: a bar for the file that is read, and one for all of them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import ProgressColumn, TaskID

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
    """The bars as files are read. The last one is of all files; it is there once there are several."""

    def __init__(self, bars: Bars, size_bytes: int) -> None:
        self._bars, self._size_bytes = bars, size_bytes
        self._current: tuple[str, TaskID] | None = None
        self._read: dict[str, int] = {}
        self._all = bars.add_task("all files", total=size_bytes or None, rows="", visible=False)

    def __call__(self, file: str, read_bytes: int, size_bytes: int, rows: int) -> None:
        task = self._task(file, size_bytes)
        self._bars.update(task, completed=read_bytes, rows=self._rows(task, rows))
        self._read[file] = read_bytes
        done = sum(self._read.values())
        # what comes then are keys, references and checks; nobody can tell how long they take
        what = "all files" if done < self._size_bytes else "looking across the files"
        several = size_bytes < self._size_bytes
        self._bars.update(self._all, completed=done, description=what, visible=several or done >= self._size_bytes)

    def _task(self, file: str, size_bytes: int) -> TaskID:
        if self._current is not None:
            name, task = self._current
            if name == file:
                return task
            self._bars.remove_task(task)
        task = self._bars.add_task(file, total=size_bytes, rows="")
        self._current = (file, task)
        return task

    def _rows(self, task: TaskID, rows: int) -> str:
        seconds = self._bars.tasks[self._bars.task_ids.index(task)].elapsed
        speed = f", {rows / seconds:,.0f} rows/s" if seconds else ""
        return f"{rows:,} rows{speed}"
