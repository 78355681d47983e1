"""A closed room for the SQL of checks: a process of its own that can read its tables, count, and nothing else.

Run as a script by its path, with the standard library alone, so that it starts within some hundredths of a second. It
takes orders on standard input and answers on standard output; both are frames (`write_frame`, `read_frame`). In order:

    ("open", limits)                          once, first
    ("table", name, ((column, kind), ...))    for each table
    ("rows", name, [(value, ...), ...])       as often as needed
    ("index", name, column)                   after the rows
    ("loaded",)                               -> ("ready",) or ("failed", reason)
    ("query", sql)                            -> ("rows", [...]) ..., ("end", is_cut)
                                                 or ("failed", reason) at any point; then the next query

What a query can do is bounded four times: an authorizer that knows only SELECT and harmless functions; SQLite's own
limits on lengths; a limit of the heap and of the size of files; a deadline. The database has no name on disk.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import resource
import sqlite3
import struct
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

#: What a query may call. Nothing random (a verdict can be had again), nothing that loads or allocates by a number.
_FUNCTIONS = (
    "abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos cosh count "
    "cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp first_value floor "
    "format glob group_concat hex ifnull iif instr json json_array json_array_length json_extract json_group_array "
    "json_group_object json_object json_quote json_type json_valid julianday lag last_value lead length like ln log "
    "log10 log2 lower ltrim max min mod nth_value ntile nullif octet_length percent_rank pi pow power printf quote "
    "radians rank replace round row_number rtrim sign sin sinh sqrt strftime string_agg substr substring sum tan "
    "tanh time timediff total trim trunc typeof unhex unicode unixepoch upper -> ->> "
)
FUNCTIONS = frozenset(_FUNCTIONS.split())
#: Tables that are made of a cell's text: `FROM users, json_each(users.grades)`.
TABLE_FUNCTIONS = ("json_each", "json_tree")

_LENGTHS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 4 * 1024 * 1024,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 5_100,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
#: Instructions of SQLite's machine between two looks at the clock: well below a millisecond.
_STEPS = 10_000
_BATCH = 10_000
_SIZE = struct.Struct("<Q")

Noted = Callable[[str, str], None]


def restrict(connection: sqlite3.Connection, tables: Iterable[str], noted: Noted | None = None) -> None:
    """Let the connection read these tables and nothing else; `noted` hears each table and column that is read.

    The column is empty where a query takes only the number of rows.
    """
    for name in TABLE_FUNCTIONS:
        # it is set up once; later that is not allowed
        connection.execute(f"SELECT 1 FROM {name}('[]')").fetchall()  # noqa: S608 (our own two names)
    for limit, value in _LENGTHS.items():
        connection.setlimit(limit, value)
    known = {name.casefold(): name for name in tables}
    own = {name.casefold() for (name,) in connection.execute("SELECT name FROM pragma_module_list")}
    connection.set_authorizer(_authorizer(known, own, noted))


def _authorizer(known: dict[str, str], own: set[str], noted: Noted | None) -> Callable[..., int]:

    def allow(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_OK if (second or "").casefold() in FUNCTIONS else sqlite3.SQLITE_DENY
        if action != sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_DENY
        table = (first or "").casefold()
        if table in known:
            if noted is not None:
                noted(known[table], second or "")
            return sqlite3.SQLITE_OK
        # The name of a common table expression comes without a column; SQLite's own tables are not for a check.
        is_harmless = table in TABLE_FUNCTIONS or not (second or table in own or table.startswith("sqlite_"))
        return sqlite3.SQLITE_OK if is_harmless else sqlite3.SQLITE_DENY

    return allow


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def create_table(connection: sqlite3.Connection, name: str, columns: Iterable[tuple[str, str]]) -> None:
    """A table with these columns and kinds (TEXT, INTEGER, REAL)."""
    body = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
    connection.execute(f"CREATE TABLE {quoted(name)} ({body})")


def decoded(data: bytes) -> str:
    """What SQLite takes for text, as text: `CAST(x'ff' AS TEXT)` is no UTF-8."""
    return data.decode(errors="replace")


def write_frame(stream: IO[bytes], value: Any) -> None:
    """Write a tuple, list, text, number, bytes or None, however nested, and push it out."""
    data = marshal.dumps(value)
    stream.write(_SIZE.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any:
    """What `write_frame` wrote at the other end. Raises EOFError where that has gone."""
    size = stream.read(_SIZE.size)
    if len(size) < _SIZE.size:
        raise EOFError
    data = stream.read(_SIZE.unpack(size)[0])
    if len(data) < _SIZE.unpack(size)[0]:
        raise EOFError
    return marshal.loads(data)  # noqa: S302 (the same interpreter of ours at the other end)


class _Room:
    """The database and what it is held to."""

    def __init__(self, limits: dict[str, int]) -> None:
        self._seconds, self._max_rows = limits["seconds"], limits["rows"]
        self._parent = os.getppid()
        self._deadline = 0.0
        self._failure = ""
        self._tables: dict[str, int] = {}
        # Where the kernel or the unit does not let us, the limits of SQLite are left.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits["disk_bytes"], limits["disk_bytes"]))
        self._connection = sqlite3.connect("", isolation_level=None)  # on disk, without a name
        self._connection.text_factory = decoded
        for pragma in (
            f"hard_heap_limit = {limits['memory_bytes']}",
            f"cache_size = {-limits['memory_bytes'] // 4096}",  # a quarter, in KiB; what is more goes to the disk
            "temp_store = FILE",
            "journal_mode = OFF",
            "synchronous = OFF",
            "trusted_schema = OFF",
        ):
            self._connection.execute(f"PRAGMA {pragma}")

    def table(self, name: str, columns: tuple[tuple[str, str], ...]) -> None:
        create_table(self._connection, name, columns)
        self._tables[name] = len(columns)

    def rows(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        """Take rows; after a failure they are only read past."""
        marks = ", ".join("?" * self._tables[name])
        self._do("BEGIN")
        self._do(f"INSERT INTO {quoted(name)} VALUES ({marks})", rows)  # noqa: S608 (quoted)
        self._do("COMMIT")

    def index(self, name: str, column: str) -> None:
        self._do(f"CREATE INDEX {quoted(f'{name} {column}')} ON {quoted(name)} ({quoted(column)})")

    def loaded(self) -> tuple[str, ...]:
        self._do("PRAGMA analysis_limit = 1000")
        self._do("ANALYZE")  # so that an index of few values is not taken for one of many
        if self._failure:
            return ("failed", self._failure)
        restrict(self._connection, self._tables)
        self._connection.set_progress_handler(self._is_over, _STEPS)
        return ("ready",)

    def query(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The answer to one query, frame by frame."""
        self._deadline = time.monotonic() + self._seconds
        left = self._max_rows
        try:
            cursor = self._connection.execute(sql)
            while rows := cursor.fetchmany(min(_BATCH, left + 1)):
                if left:
                    yield ("rows", rows[:left])
                left -= len(rows)
                if left < 0:
                    break
            cursor.close()
            yield ("end", left < 0)
        except (sqlite3.Error, MemoryError) as error:
            yield ("failed", reason(error))

    def _do(self, sql: str, rows: list[tuple[Any, ...]] | None = None) -> None:
        """Do one step of the filling, for each row if there are any; after a failure nothing more is done."""
        if self._failure:
            return
        try:
            self._connection.execute(sql) if rows is None else self._connection.executemany(sql, rows)
        except (sqlite3.Error, MemoryError) as error:
            self._failure = reason(error)

    def _is_over(self) -> bool:
        return time.monotonic() > self._deadline or os.getppid() != self._parent


_REASONS = {
    "SQLITE_INTERRUPT": "time",
    "SQLITE_NOMEM": "memory",
    "SQLITE_TOOBIG": "length",
    "SQLITE_FULL": "disk",
}


def reason(error: BaseException) -> str:
    """One word for why a query ended: time, memory, length, disk or error; SQLite's own text may quote a cell."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, sqlite3.DataError):
        return "length"
    name: str = getattr(error, "sqlite_errorname", "")
    return "disk" if name.startswith("SQLITE_IOERR") else _REASONS.get(name, "error")


def main() -> None:
    """Serve the orders until the other end has gone."""
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    _, limits = read_frame(orders)
    room = _Room(limits)
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            match read_frame(orders):
                case ("table", name, columns):
                    room.table(name, columns)
                case ("rows", name, rows):
                    room.rows(name, rows)
                case ("index", name, column):
                    room.index(name, column)
                case ("loaded",):
                    write_frame(answers, room.loaded())
                case ("query", sql):
                    for answer in room.query(sql):
                        write_frame(answers, answer)
                case order:
                    raise ValueError(order[0])


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing is left to be tidied up, and a broken pipe need not be told
