"""How each root stands: what `status` asks of disk and journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from watcher import fsops
from watcher.clock import utc_now
from watcher.errors import JournalError
from watcher.model.names import safe_name
from watcher.model.states import OPEN_STATES, State

if TYPE_CHECKING:
    from watcher.journal import Journal, RootStatus
    from watcher.model.records import Notice, Record
    from watcher.service.roots import Root


@dataclass(frozen=True, slots=True)
class Standing:
    """One root. `problem` says why it can't be read.

    `failed` and `undecided`, of those held, count drops that no later one has made up for.
    """

    root: str
    path: str
    problem: str
    newest: Record | None = None
    loaded: Record | None = None
    counts: Mapping[State, int] = field(default_factory=dict)
    failed: int = 0
    undecided: int = 0
    notices: tuple[Notice, ...] = ()
    left: tuple[Record, ...] = ()
    #: drops that are tried again later, since something on our side is not as it should be
    waiting: tuple[Record, ...] = ()

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN_STATES)

    @property
    def held(self) -> int:
        return self.counts.get(State.HELD, 0)

    @property
    def wants(self) -> str:
        """What a person has to see to, in a few words; empty if nothing."""
        needs = []
        if self.problem:
            needs.append("the root can't be read")
        if self.undecided:
            needs.append("a decision on what is held")
        if self.failed:
            needs.append("a look at what failed")
        if self.waiting:
            needs.append("a look at what waits")
        return ", ".join(needs)


def standings_of(url: str, roots: Mapping[str, Root]) -> tuple[tuple[Standing, ...], tuple[str, ...]]:
    """All roots, the configured and those that only the journal still knows; and what kept us from asking it."""
    from watcher.journal import open_journal

    try:
        with open_journal(url, read_only=True) as journal:
            return _asked(journal, roots), ()
    except JournalError as error:
        blank = tuple(Standing(root.id, str(root.path), _problem(root)) for root in roots.values())
        return blank, (str(error),)


def _asked(journal: Journal, roots: Mapping[str, Root]) -> tuple[Standing, ...]:
    notices, left = _grouped(journal.notices()), _grouped(journal.sources_left())
    gone = sorted(journal.roots_with_open_records() - roots.keys())
    return tuple(
        Standing(
            root=status.root,
            path=str(roots[status.root].path) if status.root in roots else "",
            problem=_problem(roots[status.root]) if status.root in roots else "it is no longer configured",
            newest=status.newest,
            loaded=status.newest_loaded,
            counts=status.counts,
            failed=failed_since_loaded(journal, status),
            undecided=_undecided(journal, status),
            notices=tuple(notices.get(status.root, ())),
            left=tuple(left.get(status.root, ())),
            waiting=_waiting(journal, status),
        )
        for status in journal.latest([*roots, *gone])
    )


def _undecided(journal: Journal, status: RootStatus) -> int:
    """Held drops for which nothing newer was loaded since: a person who left one lying has decided by then."""
    total = status.counts.get(State.HELD, 0)
    held = journal.history(status.root, total, State.HELD) if total else ()
    loaded = status.newest_loaded
    return sum(loaded is None or record.since > loaded.since for record in held)


def _waiting(journal: Journal, status: RootStatus) -> tuple[Record, ...]:
    if not any(status.counts.get(state) for state in OPEN_STATES):
        return ()
    now = utc_now()
    return tuple(record for record in journal.open_records(status.root) if record.waits_for_a_try(now))


def failed_since_loaded(journal: Journal, status: RootStatus) -> int:
    """Failed drops newer than the newest loaded one: a later full drop has made up for the others."""
    total = status.counts.get(State.FAILED, 0)
    if not total:
        return 0
    newest = status.newest_loaded.epoch if status.newest_loaded else ""
    return sum(record.epoch > newest for record in journal.history(status.root, total, State.FAILED))


def _grouped(items: tuple[Any, ...]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for item in items:
        groups.setdefault(item.root, []).append(item)
    return groups


def _problem(root: Root) -> str:
    """Why a root can't be read; empty if it can."""
    try:
        with fsops.open_root(root.path):
            return ""
    except OSError as error:
        return f"{safe_name(str(root.path))}: {error.strerror}"
