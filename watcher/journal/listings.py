"""The questions asked of records, one function each; what a look asks is answered by an index alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from watcher.journal.errors import NoSuchRecord
from watcher.journal.rows import RECORD_COLUMNS, TRANSITION_COLUMNS, to_record, to_transition
from watcher.journal.tables import records, transitions
from watcher.model.deliveries import stamp_order
from watcher.model.records import DropKind, Record, Transition
from watcher.model.states import State

#: Names in one question; SQLite takes 32,766 values, PostgreSQL's driver 65,535.
_NAMES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class RootStatus:
    """A root at a glance. `newest` was claimed last; `newest_loaded` has the greatest epoch of those once loaded."""

    root: str
    newest: Record | None
    newest_loaded: Record | None
    counts: Mapping[State, int]


def _records(connection: Connection, question: Select[Any]) -> tuple[Record, ...]:
    return tuple(to_record(row) for row in connection.execute(question))


def record(connection: Connection, record_id: int) -> Record:
    """The record of this number. Raises NoSuchRecord."""
    found = _records(connection, select(*RECORD_COLUMNS).where(records.c.id == record_id))
    if not found:
        raise NoSuchRecord(record_id)
    return found[0]


def find(connection: Connection, root: str, epoch: str) -> tuple[Record, ...]:
    """All takes of an epoch, oldest first."""
    question = select(*RECORD_COLUMNS).where(records.c.root == root, records.c.epoch == epoch)
    return _records(connection, question.order_by(records.c.take))


def open_records(connection: Connection, root: str) -> tuple[Record, ...]:
    """Those that need a look, in the order of epoch and take."""
    question = select(*RECORD_COLUMNS).where(records.c.root == root, records.c.is_open)
    return _records(connection, question.order_by(records.c.epoch, records.c.take))


def roots_with_open_records(connection: Connection) -> frozenset[str]:
    """The roots for which `open_records` is not empty."""
    return frozenset(connection.scalars(select(records.c.root).where(records.c.is_open).distinct()))


def newest_loaded(connection: Connection, root: str, not_after: str | None = None) -> str | None:
    """The greatest epoch that was ever loaded, names past a limit left out."""
    question = select(func.max(records.c.epoch)).where(records.c.root == root, records.c.was_loaded)
    if not_after is not None:
        question = question.where(records.c.epoch <= not_after)
    found: str | None = connection.scalar(question)
    return found


def newest_epoch(connection: Connection, root: str, not_after: str | None = None) -> str | None:
    """The greatest epoch of any record, names past a limit left out."""
    question = select(func.max(records.c.epoch)).where(records.c.root == root)
    if not_after is not None:
        question = question.where(records.c.epoch <= not_after)
    found: str | None = connection.scalar(question)
    return found


def newest_stamps(connection: Connection, root: str, last: int, not_after: str | None = None) -> dict[str, str]:
    """The latest date of each loose file's name in the epoch, among the last so many gathered drops ever loaded.

    Dates past a limit, in 14 digits, are left out.
    """
    question = select(records.c.source).where(
        records.c.root == root, records.c.was_loaded, records.c.kind == DropKind.GATHERED
    )
    newest: dict[str, str] = {}
    for source in connection.scalars(question.order_by(records.c.epoch.desc(), records.c.take.desc()).limit(last)):
        for entry in source.entries:
            stamp = entry.stamp if not_after is None or entry.stamp[: len(not_after)] <= not_after else ""
            newest[entry.target] = max(newest.get(entry.target, ""), stamp, key=stamp_order)
    return newest


def sources_left(connection: Connection, root: str | None) -> tuple[Record, ...]:
    """Those whose original still lies with the sender, of one root or of all, oldest first."""
    question = select(*RECORD_COLUMNS).where(records.c.source_left).order_by(records.c.id)
    return _records(connection, question if root is None else question.where(records.c.root == root))


def history(connection: Connection, root: str | None, limit: int, state: State | None = None) -> tuple[Record, ...]:
    """The last so many records, of one root or of all, in one state or in any, newest first."""
    question = select(*RECORD_COLUMNS).order_by(records.c.id.desc()).limit(limit)
    if state is not None:
        question = question.where(records.c.state == state)
    return _records(connection, question if root is None else question.where(records.c.root == root))


def transitions_of(connection: Connection, record_id: int) -> tuple[Transition, ...]:
    """A record's steps, oldest first."""
    question = select(*TRANSITION_COLUMNS).where(transitions.c.record_id == record_id).order_by(transitions.c.id)
    return tuple(to_transition(row) for row in connection.execute(question))


def latest(connection: Connection, roots: Iterable[str]) -> tuple[RootStatus, ...]:
    """One status for each root, in the order given; a root without records has an empty one."""
    names = tuple(roots)
    parts = (names[start : start + _NAMES_AT_ONCE] for start in range(0, len(names), _NAMES_AT_ONCE))
    return tuple(status for part in parts for status in _latest(connection, part))


def _latest(connection: Connection, roots: tuple[str, ...]) -> list[RootStatus]:
    counts: dict[str, dict[State, int]] = {root: {} for root in roots}
    last: dict[str, int] = {}
    for root, state, count, greatest_id in connection.execute(_counts(roots)):
        counts[root][state] = count
        last[root] = max(last.get(root, 0), greatest_id)
    newest = _by_root(connection, tuple(last.values()))
    loaded = _by_root(connection, tuple(connection.scalars(_newest_loaded_ids(roots))))
    return [RootStatus(root, newest.get(root), loaded.get(root), counts[root]) for root in roots]


def _counts(roots: tuple[str, ...]) -> Select[Any]:
    question = select(records.c.root, records.c.state, func.count(), func.max(records.c.id))
    return question.where(records.c.root.in_(roots)).group_by(records.c.root, records.c.state)


def _newest_loaded_ids(roots: tuple[str, ...]) -> Select[Any]:
    """One index look-up a root, however many records it has."""
    each = select(records.c.root).where(records.c.root.in_(roots), records.c.was_loaded).distinct().subquery()
    newest = (
        select(records.c.id)
        .where(records.c.root == each.c.root, records.c.was_loaded)
        .order_by(records.c.epoch.desc(), records.c.take.desc())
        .limit(1)
        .correlate(each)
    )
    return select(newest.scalar_subquery()).select_from(each)


def _by_root(connection: Connection, ids: tuple[int, ...]) -> dict[str, Record]:
    question = select(*RECORD_COLUMNS).where(records.c.id.in_(ids))
    return {record.root: record for record in _records(connection, question)}
