"""Runs the SQL checks of a dataset over the files of a drop; each row that a query returns is an occurrence.

1. Only the tables and columns that some check mentions are read, in a further reading of those files.
2. A table holds the rows that could be read: converted values, `_line`, `_record`. An empty cell is NULL; so is one
   that is not of its column's type or could not be decoded, which is a finding of its own.
3. A file of the dataset that did not come is an empty table; where it had to come, and nothing tolerates that it did
   not, what reads it is left aside: that it is missing is told, and each row that depends on it would be told besides.
4. A check whose file came and can't be read, or came without a required column that it mentions, is not done: one
   warning for all of them says so, and what is wrong with the file is a finding already.
5. A check that takes too much time, memory or room is not done, with its own severity; the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from watcher.model.findings import Occurrence, Severity
from watcher.schema.checksql import LINE, RECORD, Query, compile_checks, table_columns
from watcher.schema.model import Check, Dataset
from watcher.validation.checks.checkresults import RecordLines, Results
from watcher.validation.checks.checktables import Table, obstacle
from watcher.validation.checks.room import CheckLimits, NotDoneError, Room, open_room
from watcher.validation.checks.sqlvalues import sql_rows
from watcher.validation.findings.collect import Collector, occurrence
from watcher.validation.reading.source import NotRegularError

_DEFAULT_LIMITS = CheckLimits()


def run_checks(
    dataset: Dataset,
    came: Mapping[str, Table],
    collector: Collector,
    *,
    is_whole: bool = True,
    limits: CheckLimits = _DEFAULT_LIMITS,
) -> None:
    """Run each check; `came` holds the files of the drop by the name that SQL calls them, the stem.

    With `is_whole` False only some files were looked at, and checks that read others are left aside.
    Raises ConfigError for SQL that does not compile.
    """
    waiting: list[Query] = []
    hindered: list[tuple[Check, str]] = []
    needed = {
        file.schema.stem
        for file in dataset.named_files()
        if not is_whole or (file.required and not collector.policy.tolerates("missing-file", file.schema.file, None))
    }
    for query in compile_checks(dataset):
        if set(query.reads) & needed - set(came):
            continue
        reason = obstacle(query, came)
        if reason is None:
            waiting.append(query)
        else:
            hindered.append((query.check, reason))
    if hindered:
        collector.add(_hindered(hindered))
    while waiting:
        waiting = _Run(dataset, came, collector, limits).some_of(waiting)


class _Run:
    """One room, from its filling to its end."""

    def __init__(self, dataset: Dataset, came: Mapping[str, Table], collector: Collector, limits: CheckLimits) -> None:
        self._dataset, self._came, self._collector, self._limits = dataset, came, collector, limits
        self._records: dict[str, RecordLines] = {}

    def some_of(self, queries: list[Query]) -> list[Query]:
        """Do as many as the room bears; those that are left need another one."""
        done = 0
        try:
            with open_room(self._limits) as room:
                self._fill(room, queries)
                while done < len(queries):
                    query = queries[done]
                    done += 1
                    if not self._ask(room, query):
                        break
        except NotDoneError as error:
            for query in queries[done:]:
                self._collector.add(self._given_up(query.check, error))
            return []
        return queries[done:]

    def _fill(self, room: Room, queries: list[Query]) -> None:
        for stem, names in _wanted(queries).items():
            schema = self._dataset.file_by_stem(stem)
            if schema is None:
                continue
            kinds = table_columns(schema)
            columns = [(name, kind) for name, kind in kinds if name in names or name in (LINE, RECORD)]
            room.table(stem, columns)
            if (table := self._came.get(stem)) is not None and table.chunks is not None:
                self._records[stem] = self._filled(room, stem, table, [name for name, _ in columns[:-2]])
        for stem, column in {seek for query in queries for seek in query.seeks}:
            room.index(stem, column)
        room.loaded()

    def _filled(self, room: Room, stem: str, table: Table, names: list[str]) -> RecordLines:
        """Read the rows of a file into its table; which record stands on which line."""
        lines = [np.zeros(0, dtype=np.int64)]
        records = [np.zeros(0, dtype=np.int64)]
        try:
            for chunk in table.chunks() if table.chunks is not None else ():
                for part in sql_rows(chunk, table.bound, names):
                    room.rows(stem, part)
                lines.append(chunk.lines)
                records.append(chunk.numbers)
        except (NotRegularError, OSError):
            message = "the file was replaced while it was read, expected it to stay"
            self._collector.add(occurrence("file-changed", message, file=table.name))
        all_lines = np.concatenate(lines)
        order = np.argsort(all_lines, kind="stable")
        return RecordLines(all_lines[order], np.concatenate(records)[order])

    def _ask(self, room: Room, query: Query) -> bool:
        """One check, to its end or not; False if the room is gone."""
        try:
            with room.query(query.check.sql) as answer:
                results = Results(query, self._dataset, self._came, self._records)
                for part in answer.parts:
                    self._collector.add_chunk(*results.found(part))
            if answer.is_cut:
                reason = f"it found more than {self._limits.rows:,} rows, and ended there"
                self._collector.add(_not_done(query.check, reason, Severity.WARNING, "look at the first ones"))
        except NotDoneError as error:
            self._collector.add(self._given_up(query.check, error))
            return error.is_room_open
        return True

    def _given_up(self, check: Check, error: NotDoneError) -> Occurrence:
        reasons = {
            "time": f"it takes more than {self._limits.seconds} seconds",
            "memory": f"it takes more than {self._limits.memory_bytes // 2**20:,} MiB of memory",
            "length": "it makes a text or a row that is too long",
            "disk": "it takes more room on the disk than there is for it",
            "error": "SQL can't do what it says with these values",
        }
        return _not_done(check, reasons.get(error.reason, "its process ended"), check.severity)


def _wanted(queries: Iterable[Query]) -> dict[str, set[str]]:
    """The columns of each table that any of the queries reads."""
    wanted: dict[str, set[str]] = {}
    for query in queries:
        for stem, columns in query.reads.items():
            wanted.setdefault(stem, set()).update(columns)
    return wanted


def _hindered(checks: list[tuple[Check, str]]) -> Occurrence:
    """One warning for all the checks that something else stands in the way of, with the first reason."""
    check, reason = checks[0]
    if len(checks) == 1:
        return _not_done(check, reason, Severity.WARNING, "correct that first, then it is checked")
    more = len({reason for _, reason in checks}) - 1
    others = f", and {more} more {'reason' if more == 1 else 'reasons'} like that" if more else ""
    message = f"{len(checks)} checks were not done: {reason}{others}"
    return occurrence(
        "check-not-done", message, severity=Severity.WARNING, advice="correct that first, then they are checked"
    )


def _not_done(check: Check, reason: str, severity: Severity, advice: str | None = None) -> Occurrence:
    message = f"the check was not done: {check.title}: {reason}"
    return occurrence("check-not-done", message, severity=severity, advice=advice, rule=check.title)
