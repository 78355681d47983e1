"""What `explain` asks of disk and journal, for each root in question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.cli.standing import failed_since_loaded
from watcher.clock import local_now
from watcher.errors import JournalError, WatcherError
from watcher.model.names import safe_name
from watcher.model.states import State
from watcher.text import human_size, nearest, quoted

if TYPE_CHECKING:
    from watcher.cli.running import Running
    from watcher.config import Settings
    from watcher.model.records import Record
    from watcher.service.explaining import Explained
    from watcher.service.policy import RootRecords
    from watcher.service.roots import Root

#: Held drops that are told of one by one.
MOST_HELD = 20
#: With less room than this not even the journal can be written for long.
_LEAST_BYTES, _LEAST_INODES = 1_000_000, 10


@dataclass(frozen=True, slots=True)
class ExplainedRoot:
    """A root as it is explained. `held` counts all that wait for a person, `failed` those not made up for since."""

    explained: Explained
    held: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What the journal knows of one root."""

    records: RootRecords
    held: tuple[Record, ...] = ()
    held_count: int = 0
    failed: int = 0


def explained_roots(
    settings: Settings, root: str | None, running: Running
) -> tuple[list[ExplainedRoot], tuple[str, ...]]:
    """Each root in question, and what is wrong as a whole."""
    from watcher.service.beside import tell_beside
    from watcher.service.datasets import read_intakes
    from watcher.service.explaining import explain
    from watcher.service.policy import RootRecords
    from watcher.service.roots import discover

    discovery = discover(settings, read_intakes(settings))
    wanted = _wanted(discovery.roots, root)
    known: dict[str, _Known] = {}
    beside = tell_beside(discovery.roots.values(), settings.roots)
    problems = (*discovery.problems, *discovery.absent, *beside, *_no_room(settings.work_dir))
    try:
        known = _known(settings, [each.id for each in wanted], running)
    except JournalError as error:
        problems = (*problems, f"explained as if nothing had come before: {error}")
    nothing = _Known(RootRecords())
    now = local_now()
    roots: list[ExplainedRoot] = []
    for each in wanted:
        its = known.get(each.id, nothing)
        roots.append(ExplainedRoot(explain(each, its.records, now, its.held), its.held_count, its.failed))
    return roots, problems


def _known(settings: Settings, roots: list[str], running: Running) -> dict[str, _Known]:
    """By root. Raises JournalError."""
    from watcher.journal import open_journal
    from watcher.service.look import root_records

    with open_journal(settings.journal, read_only=True) as journal:
        begun = journal.unended_attempts() if running.runs else ()
        busy = frozenset(attempt.record_id for attempt in begun)
        return {
            status.root: _Known(
                records=root_records(journal, status.root, local_now(), busy),
                held=journal.history(status.root, MOST_HELD, State.HELD),
                held_count=status.counts.get(State.HELD, 0),
                failed=failed_since_loaded(journal, status),
            )
            for status in journal.latest(roots)
        }


def _no_room(work_dir: Path) -> tuple[str, ...]:
    """A full disk keeps the service from writing down what keeps it: so it is looked at."""
    from watcher.service.checks.space import room_in

    try:
        room = room_in(work_dir)
    except OSError:
        return ()
    if room.free_bytes >= _LEAST_BYTES and (room.free_inodes is None or room.free_inodes >= _LEAST_INODES):
        return ()
    inodes = "" if room.free_inodes is None else f" and {room.free_inodes:,} inodes"
    what = "what can't be written is tried again, and drops stay where they are until there is room"
    return (f"{work_dir}: only {human_size(room.free_bytes)}{inodes} free: {what}",)


def _wanted(roots: Mapping[str, Root], name: str | None) -> list[Root]:
    if name is None:
        return list(roots.values())
    if name not in roots:
        near = nearest(name, roots)
        hint = f"; did you mean {near}?" if near else "; `status` lists them"
        raise WatcherError(f"there is no root {quoted(safe_name(name))}{hint}")
    return [roots[name]]
