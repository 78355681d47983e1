"""Turns what a database says into an error that the service understands, without any value of a row in it.

Drivers quote the offending row in their messages (PostgreSQL's DETAIL and CONTEXT, SQLAlchemy's parameters). So their
exceptions are not chained (`from None`), and of a message about data only codes and names of tables are kept.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from watcher.errors import LoaderError, PermanentError, TransientError
from watcher.text import printable, quoted

#: The low byte of SQLite's result codes that may be gone at the next try: busy, locked, out of memory, read-only,
#: interrupted, I/O error, disk full, can't open, locking protocol.
_SQLITE_PASSING = frozenset({5, 6, 7, 8, 9, 10, 13, 14, 15})
#: Classes of SQLSTATE, by its first two characters, likewise: connection, wrong login (a person mends it; the drops
#: should wait for that, not fail), rollback, out of resources, not in the right state, operator intervention, system.
_SQLSTATE_PASSING = frozenset({"08", "28", "40", "53", "55", "57", "58"})
#: One code beyond these classes: a server that is read-only, as one is while it changes roles.
_READ_ONLY_TRANSACTION = "25006"
#: Classes whose message names tables and columns, never values: unsupported, unknown schema, access or syntax.
_SQLSTATE_WITHOUT_VALUES = frozenset({"0A", "3F", "42"})


@contextmanager
def database_errors(where: str) -> Iterator[None]:
    """Raise a LoaderError, `where` in front, for what the database or its driver raises within."""
    try:
        yield
    except _driver_errors() as error:
        raise _loader_error(where, error) from None


def _driver_errors() -> tuple[type[Exception], ...]:
    """COPY speaks to psycopg directly; only where it is in use are there errors of its own."""
    psycopg = sys.modules.get("psycopg")
    return (exc.SQLAlchemyError, psycopg.Error) if psycopg else (exc.SQLAlchemyError,)


def _loader_error(where: str, error: Exception) -> LoaderError:
    origin = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    if isinstance(origin, sqlite3.Error):
        return _of_sqlite(where, origin)
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return _of_sqlstate(where, origin, str(state))
    if _is_operational(origin):
        return TransientError(f"{where}: {_first_line(origin)}")
    return PermanentError(f"{where}: the database driver refused it ({type(origin).__name__})")


def _of_sqlite(where: str, error: sqlite3.Error) -> LoaderError:
    """SQLite's messages name tables and columns only."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    kind = TransientError if code in _SQLITE_PASSING else PermanentError
    return kind(f"{where}: {_first_line(error)}")


def _of_sqlstate(where: str, error: BaseException, state: str) -> LoaderError:
    if state[:2] in _SQLSTATE_PASSING or state == _READ_ONLY_TRANSACTION:
        return TransientError(f"{where}: {_first_line(error)} (SQLSTATE {state})")
    if state[:2] in _SQLSTATE_WITHOUT_VALUES:
        return PermanentError(f"{where}: {_first_line(error)} (SQLSTATE {state})")
    diagnosis = getattr(error, "diag", None)
    names = [getattr(diagnosis, part, None) for part in ("column_name", "constraint_name")]
    about = "".join(f", {quoted(name)}" for name in names if name)
    return PermanentError(
        f"{where}: the database refused the data: {type(error).__name__} (SQLSTATE {state}){printable(about)}"
    )


def _is_operational(error: BaseException) -> bool:
    """By name, as every driver has its own class of it: the server can't be reached, or went away."""
    return any(kind.__name__ == "OperationalError" for kind in type(error).__mro__)


def _first_line(error: BaseException) -> str:
    return printable(next(iter(str(error).splitlines()), type(error).__name__), 300)
