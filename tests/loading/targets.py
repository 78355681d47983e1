"""The targets against which the built-in loaders are held to the contract."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from watcher.loading.contract import Row
from watcher.loading.files import FilesLoader
from watcher.loading.registry import make_loader
from watcher.loading.sqltables import identifiers


class SqlTarget:
    """An empty database, and another address where nobody answers."""

    def __init__(self, url: str, nobody: str, **options: Any) -> None:
        self.url = url
        self._nobody = nobody
        self._options = options

    def loader(self, **options: Any) -> Any:
        return make_loader("warehouse", "sql", {"url": self.url, **self._options, **options})

    def unreachable(self) -> Any:
        return make_loader("warehouse", "sql", {"url": self._nobody})

    def rows(self, root: str, file_name: str) -> list[Row]:
        return [{name: _text(cell) for name, cell in row.items()} for row in self.table(file_name, root)]

    def table(self, file_name: str, root: str = "lakeview") -> list[dict[str, Any]]:
        """The rows of one root without our own two columns, each cell of its column's type."""
        (name,) = identifiers([file_name.removesuffix(".csv")])
        with self.connect() as connection:
            if not sa.inspect(connection).has_table(name):
                return []
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            theirs = [column for column in table.columns if column.name not in ("_root", "_epoch")]
            rows = connection.execute(sa.select(*theirs).where(table.c["_root"] == root)).mappings()
            return [dict(row) for row in rows]

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            yield connection
        engine.dispose()


class FilesTarget:
    """An empty folder, and another that does not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()

    def loader(self) -> FilesLoader:
        return FilesLoader("inbox", {"folder": str(self.folder)})

    def unreachable(self) -> FilesLoader:
        return FilesLoader("inbox", {"folder": str(self.folder / "not mounted")})

    def rows(self, root: str, file_name: str) -> list[Row]:
        found = sorted((self.folder / root).glob(f"[0-9]*/{file_name}"))
        return [row for path in found for row in _read(path)]


def _read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as stream:
        return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(stream)]


def _text(cell: Any) -> str | None:
    """A database's value as the CSV had it."""
    match cell:
        case None:
            return None
        case bool():
            return str(cell).lower()
        case list():
            return ";".join(cell)
        case _:
            return str(cell)
