"""Builders of facts and records: each makes a plain one and takes what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from watcher.model.deliveries import USUAL_RULES, NameRules, recognise
from watcher.model.facts import Entry, EpochFacts, Kind, LooseFacts, RootFacts, Stillness
from watcher.model.names import MARKER
from watcher.model.records import DropKind, Record, Source, SourceEntry
from watcher.model.states import Folder, State, folder_of
from watcher.service.policy import Policy

NOW = datetime(2026, 9, 1, 2, 10, tzinfo=UTC)
POLICY = Policy(settle_seconds=10, gather_settle_seconds=120, loaders=("warehouse",))
#: Longer than any settling, shorter than any time-out.
LONG = 600.0


def ns(seconds_ago: float = 0) -> int:
    return int((NOW - timedelta(seconds=seconds_ago)).timestamp() * 1e9)


def entry(name: str, *, kind: Kind = Kind.FILE, size: int = 10, age: float = 60, links: int = 1) -> Entry:
    inode = sum(name.encode("utf-8", "surrogateescape")) + 1000
    return Entry(name, kind, inode, size, ns(age), ns(age), links)


def epoch(
    name: str = "20260901-020000",
    *names: str,
    still: float = LONG,
    marker: bool = True,
    writers: tuple[str, ...] = (),
    age: float = 60,
    problem: str = "",
) -> EpochFacts:
    entries = tuple(entry(n, age=age) for n in (names or ("students.csv",)))
    if marker:
        entries += (entry(MARKER, size=0, age=age),)
    inode = int(name.replace("-", "")) if name.replace("-", "").isdigit() else 7
    return EpochFacts(name, 1, inode, ns(age), entries, Stillness(still, writers), problem)


def loose(
    name: str,
    *,
    still: float = LONG,
    kind: Kind = Kind.FILE,
    size: int = 10,
    age: float = 60,
    writers: tuple[str, ...] = (),
    rules: NameRules = USUAL_RULES,
    lacks_end: bool = False,
) -> LooseFacts:
    item = entry(name, kind=kind, size=size, age=age)
    delivery = recognise(name, rules) if kind is Kind.FILE else None
    if delivery is None:
        return LooseFacts(item, None, Stillness(still, writers))
    return LooseFacts(item, delivery.target, Stillness(still, writers), delivery.stamp, lacks_end, delivery.each)


def facts(*items: EpochFacts | LooseFacts, problem: str = "") -> RootFacts:
    return RootFacts(
        "lakeview",
        1,
        2,
        epochs=tuple(item for item in items if isinstance(item, EpochFacts)),
        loose=tuple(item for item in items if isinstance(item, LooseFacts)),
        problem=problem,
    )


def source_of(item: EpochFacts) -> Source:
    return Source(
        item.device,
        item.inode,
        tuple(SourceEntry(e.name, e.name, e.inode, e.size_bytes, e.mtime_ns, e.ctime_ns) for e in item.entries),
    )


def record(state: State = State.CLAIMED, epoch_name: str = "20260901-020000", **changes: Any) -> Record:
    values: dict[str, Any] = {
        "id": int(epoch_name[-6:]) + 1,
        "root": "lakeview",
        "epoch": epoch_name,
        "take": 1,
        "kind": DropKind.EPOCH,
        "state": state,
        "since": NOW,
        "created": NOW - timedelta(seconds=60),
        "place": folder_of(state) if state is not State.WITHDRAWN else Folder.STAGE,
        "source": source_of(epoch(epoch_name)),
    }
    return Record(**(values | changes))
