"""Reads the SQL of a dataset's checks without running it: what is wrong with it, which tables and columns it reads."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from watcher.errors import ConfigError
from watcher.schema import sandbox
from watcher.schema.model import Check, Column, ColumnType, Dataset, FileSchema
from watcher.text import nearest, printable

#: The columns of every table beside those of its file: the physical line and the number of the row.
LINE, RECORD = "_line", "_record"
#: The columns of a result, and the other names that they may have there.
PLACES = ("file", "line", "record", "column", "value")
_ALSO = {LINE: "line", RECORD: "record"}

_KINDS = {ColumnType.INTEGER: "INTEGER", ColumnType.BOOLEAN: "INTEGER", ColumnType.NUMBER: "REAL"}
#: No file is called so: a stem holds no newline that a schema could name.
_VIEW = '"result\nof a check"'
#: SQLite's own limit, less our two.
_MOST_COLUMNS = 1_998
_SHOWN = 300
#: The lines of a query plan that read a table, and the index by which one looks up equal values.
_STEPS = ("SEARCH ", "SCAN ")
_SEEK = re.compile(r"^SEARCH .* USING (?:COVERING )?INDEX (i\d+_\d+) \(.*=\?")
_MOST_SEEKS = 4


@dataclass(frozen=True, slots=True)
class Query:
    """A check that compiles. `places`: what each column of its result is.

    `reads`: by the file's stem, the columns that it mentions, `_line` and `_record` aside. `seeks`: those by whose
    values it looks rows up, once for each row of something else: without an index that would take for ever.
    """

    check: Check
    places: tuple[str, ...]
    reads: Mapping[str, tuple[str, ...]]
    seeks: tuple[tuple[str, str], ...] = ()

    @property
    def only_table(self) -> str | None:
        """The one table that it reads, None if there are several or none."""
        return next(iter(self.reads)) if len(self.reads) == 1 else None


def table_columns(schema: FileSchema) -> tuple[tuple[str, str], ...]:
    """The columns of a file's table with their kinds; those of an open-ended group have no name to be asked by."""
    named = ((column.name, _kind(column)) for column in schema.columns if column.match is None)
    return (*named, (LINE, "INTEGER"), (RECORD, "INTEGER"))


def check_problems(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """What is wrong with the checks: the index of each, and what to put right."""
    if not dataset.checks:
        return
    problems = tuple(_name_problems(dataset))
    if problems:
        yield from ((0, text) for text in problems)
        return
    with closing(_empty_tables(dataset)) as connection:
        for i, check in enumerate(dataset.checks):
            found = _compiled(connection, dataset, check)
            if isinstance(found, str):
                yield i, found
    titles = Counter(check.title for check in dataset.checks)
    for i, check in enumerate(dataset.checks):
        if titles[check.title] > 1:
            yield i, f"the title {check.title!r} stands on several checks; give each its own"


def compile_checks(dataset: Dataset) -> tuple[Query, ...]:
    """Every check of a dataset. Raises ConfigError, naming the dataset and the check."""
    problems = tuple(f"{dataset.name}: checks[{i}]: {printable(text)}" for i, text in check_problems(dataset))
    if problems:
        raise ConfigError(problems)
    with closing(_empty_tables(dataset)) as connection:
        found = (_compiled(connection, dataset, check) for check in dataset.checks)
        return tuple(query for query in found if isinstance(query, Query))


def _place(name: str) -> str | None:
    """Which of PLACES a result's column is, None for none."""
    folded = name.casefold()
    return folded if folded in PLACES else _ALSO.get(folded)


def _kind(column: Column) -> str:
    return _KINDS.get(column.type, "TEXT")


def _tables(dataset: Dataset) -> dict[str, FileSchema]:
    return {file.schema.stem: file.schema for file in dataset.named_files()}


def _name_problems(dataset: Dataset) -> Iterator[str]:
    """Names that SQL can't tell apart, or can't have."""
    for stem, several in _alike(_tables(dataset)):
        yield f"the files {several} differ in case alone, and SQL does not tell {stem!r} from them; rename one"
    for stem, schema in _tables(dataset).items():
        if stem.casefold().startswith("sqlite_"):
            yield f"SQL keeps names such as {stem!r} to itself; a dataset with checks can't have {schema.file!r}"
        if len(table_columns(schema)) > _MOST_COLUMNS:
            yield f"{schema.file} has more than {_MOST_COLUMNS - 2} columns, which is more than a check can be asked of"
        for name, several in _alike(column for column, _ in table_columns(schema)):
            yield f"{schema.file}: the columns {several} differ in case alone, and SQL does not tell {name!r} from them"


def _alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names of which there are several but for their case: the first, and all of them in words."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.casefold(), []).append(name)
    return ((group[0], ", ".join(map(repr, group))) for group in groups.values() if len(group) > 1)


def _empty_tables(dataset: Dataset) -> sqlite3.Connection:
    # without a cache of statements: a plan that was made before an index went would come again
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    connection.text_factory = sandbox.decoded
    for stem, schema in _tables(dataset).items():
        sandbox.create_table(connection, stem, table_columns(schema))
    return connection


def _compiled(connection: sqlite3.Connection, dataset: Dataset, check: Check) -> Query | str:
    """The query, or what is wrong with it."""
    reads: dict[str, set[str]] = {}
    try:
        names = _result_columns(connection, check.sql)
        sandbox.restrict(connection, _tables(dataset), lambda table, column: reads.setdefault(table, set()).add(column))
        connection.execute(f"EXPLAIN {check.sql}").fetchall()  # it is prepared, and nothing of it is done
    except (sqlite3.Error, sqlite3.Warning) as error:
        return f"check {check.title!r}: {_worded(error, dataset)}"
    finally:
        connection.set_authorizer(None)
    named = {table: _named(dataset, table, columns) for table, columns in reads.items()}
    if problem := _result_problem(names, named):
        return f"check {check.title!r}: {problem}"
    return Query(check, tuple(_place(name) or name for name in names), named, _seeks(connection, check.sql, named))


def _result_columns(connection: sqlite3.Connection, sql: str) -> tuple[str, ...]:
    """The names of the result's columns. A view can only be a single SELECT without parameters, and is not run."""
    try:
        connection.execute(f"CREATE TEMP VIEW {_VIEW} AS {sql}")
        return tuple(about[1] for about in connection.execute(f"PRAGMA temp.table_info({_VIEW})"))
    finally:
        connection.execute(f"DROP VIEW IF EXISTS temp.{_VIEW}")


def _seeks(
    connection: sqlite3.Connection, sql: str, reads: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """The columns that SQLite would look values up by, if each had an index.

    It takes one for each table at a time; so it is asked again without those, until it has no more use for any.
    """
    offered = {
        f"i{t}_{c}": (table, name) for t, (table, names) in enumerate(reads.items()) for c, name in enumerate(names)
    }
    for index, (table, name) in offered.items():
        connection.execute(f"CREATE INDEX {index} ON {sandbox.quoted(table)} ({sandbox.quoted(name)})")
    wanted: list[str] = []
    for _ in range(_MOST_SEEKS):
        steps = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}") if step.startswith(_STEPS)]
        taken = {found[1] for step in steps if (found := _SEEK.search(step)) and found[1] in offered}
        if len(steps) < 2 or not taken - set(wanted):  # noqa: PLR2004 (one table alone is read from end to end)
            break
        wanted += sorted(taken)
        for index in taken:
            connection.execute(f"DROP INDEX {index}")
    for index in offered:
        connection.execute(f"DROP INDEX IF EXISTS {index}")
    return tuple(offered[index] for index in wanted)


def _named(dataset: Dataset, table: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns under the names of the schema, in its order."""
    wanted = {column.casefold() for column in columns}
    return tuple(c for c, _ in table_columns(_tables(dataset)[table])[:-2] if c.casefold() in wanted)


def _result_problem(names: tuple[str, ...], reads: Mapping[str, object]) -> str | None:
    listed = f"{', '.join(PLACES[:-1])} or {PLACES[-1]}"
    for name in names:
        if _place(name) is None:
            near = nearest(name, PLACES)
            hint = f"; did you mean {near!r}?" if near else "; name it so (`... AS value`) or leave it out"
            return f"the result has a column {name!r}, expected only {listed}{hint}"
    places = [_place(name) for name in names]
    if len(set(places)) < len(places):
        return "the result has a column twice; keep one of each name"
    if "file" not in places and len(reads) != 1 and set(places) & {"line", "record", "column"}:
        return f"the result says no file, and the query reads {len(reads) or 'none'}; add `'...' AS file`"
    return None


def _worded(error: Exception, dataset: Dataset) -> str:
    text = printable(str(error), _SHOWN)
    if text.startswith("no such table: "):
        name = text.removeprefix("no such table: ")
        tables = list(_tables(dataset))
        near = nearest(name, tables)
        return f"{text}; {f'did you mean {near!r}?' if near else 'the tables are ' + ', '.join(tables)}"
    if text.startswith("no such column: "):
        name = text.removeprefix("no such column: ").rpartition(".")[2]
        columns = [c for schema in _tables(dataset).values() for c, _ in table_columns(schema)]
        near = None if name in columns else nearest(name, columns)
        return text + (f"; did you mean {near!r}?" if near else "")
    if "prohibited" in text or "not authorized" in text:
        return f"{text}; a check may read the dataset's tables and call harmless functions, nothing else"
    return text
