"""How long things have stood still: what is remembered between two looks, as a value.

Settled means: two looks at least `settle_seconds` apart, by the monotonic clock, saw the same name, inode, size,
mtime and ctime of every entry. The clock on the files is the sender's and is not asked. Beyond that, where the file
system grants leases, the kernel is asked whether anybody still has a file open for writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from watcher import fsops
from watcher.fsops import Writer
from watcher.model.facts import EpochFacts, Kind, LeaseLevel, LooseFacts, RootFacts, Stillness

_Facts = TypeVar("_Facts", EpochFacts, LooseFacts)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A state of something and when (monotonic seconds) it was first seen so."""

    signature: object
    since: float


#: By the entry's name in its root.
Sightings = Mapping[str, Sighting]


def observe(facts: RootFacts, before: Sightings, now: float) -> tuple[RootFacts, Sightings]:
    """The facts with the seconds that each thing has stood still, and the sightings for the next look."""
    after: dict[str, Sighting] = {}

    def still(name: str, signature: object) -> Stillness:
        seen = before.get(name)
        after[name] = seen if seen is not None and seen.signature == signature else Sighting(signature, now)
        return Stillness(seconds=now - after[name].since)

    epochs = tuple(replace(epoch, still=still(epoch.name, epoch.signature)) for epoch in facts.epochs)
    loose = tuple(replace(item, still=still(item.entry.name, item.entry.signature)) for item in facts.loose)
    return replace(facts, epochs=epochs, loose=loose), after


def ask_for_writers(facts: RootFacts, path: Path, *, settle_seconds: float, gather_settle_seconds: float) -> RootFacts:
    """The facts with the open writers of everything that has otherwise settled, and the level of leases in force."""
    sound = (epoch for epoch in facts.epochs if epoch.has_marker and not epoch.problem)
    epochs = [epoch for epoch in sound if epoch.still.seconds >= settle_seconds]
    loose = [item for item in facts.loose if item.target and item.still.seconds >= gather_settle_seconds]
    if not epochs and not loose:
        return facts
    try:
        with fsops.open_root(path) as fd:
            asked = {epoch.name: _ask_epoch(epoch, fd) for epoch in epochs}
            asked |= {item.entry.name: _ask((item.entry.name,), fd) for item in loose}
    except OSError:
        return facts
    return replace(
        facts,
        epochs=tuple(_with_writers(epoch, asked.get(epoch.name)) for epoch in facts.epochs),
        loose=tuple(_with_writers(item, asked.get(item.entry.name)) for item in facts.loose),
        lease=_level(asked.values()),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    writers: tuple[str, ...]
    level: LeaseLevel


def _ask_epoch(epoch: EpochFacts, at: int) -> _Answer:
    names = tuple(entry.name for entry in epoch.entries if entry.kind is Kind.FILE)
    try:
        with fsops.open_directory(epoch.name, at) as fd:
            return _ask(names, fd)
    except OSError:
        return _Answer((), LeaseLevel.UNKNOWN)


def _ask(names: tuple[str, ...], fd: int) -> _Answer:
    answers = {name: fsops.writer_of(name, fd) for name in names}
    writers = tuple(name for name, answer in answers.items() if answer is Writer.OPEN)
    if not answers:
        return _Answer(writers, LeaseLevel.UNKNOWN)
    unknown = any(answer is Writer.UNKNOWN for answer in answers.values())
    return _Answer(writers, LeaseLevel.REFUSED if unknown else LeaseLevel.GRANTED)


def _level(answers: Iterable[_Answer]) -> LeaseLevel:
    levels = {answer.level for answer in answers}
    if LeaseLevel.REFUSED in levels:
        return LeaseLevel.REFUSED
    return LeaseLevel.GRANTED if LeaseLevel.GRANTED in levels else LeaseLevel.UNKNOWN


def _with_writers(item: _Facts, answer: _Answer | None) -> _Facts:
    if answer is None:
        return item
    return replace(item, still=replace(item.still, writers=answer.writers))
