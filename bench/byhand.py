"""The bare cost: what is done with a drop or a root, by a few lines without any of the service's promises."""

from __future__ import annotations

import csv
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path


def look_at_all(roots: Iterable[Path]) -> float:
    """Processor seconds to list every root once."""
    begin = time.process_time()
    for root in roots:
        with os.scandir(root) as entries:
            for _ in entries:
                pass
    return time.process_time() - begin


def load_all(epochs: Sequence[Path], stage: Path, database: Path) -> list[float]:
    """Seconds for each epoch: rename it durably, parse its files, insert them in one durable transaction."""
    stage.mkdir()
    seconds = []
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        for number, epoch in enumerate(epochs):
            begin = time.monotonic()
            _load(epoch, stage / str(number), connection)
            seconds.append(time.monotonic() - begin)
    return seconds


def _load(epoch: Path, staged: Path, connection: sqlite3.Connection) -> None:
    epoch.rename(staged)
    _sync(epoch.parent)
    _sync(staged.parent)
    connection.execute("BEGIN IMMEDIATE")
    for file in sorted(staged.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines)
        columns = ", ".join(f'"{name}"' for name in header)
        connection.execute(f'CREATE TABLE IF NOT EXISTS "{file.stem}" ({columns})')
        connection.executemany(f'INSERT INTO "{file.stem}" VALUES ({", ".join("?" * len(header))})', rows)
    connection.execute("COMMIT")


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
