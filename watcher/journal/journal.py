"""The journal as the rest of the house sees it: each method is one transaction, durable when it returns.

Any number of threads may use one Journal; any number of processes may open the same database. Every method raises
JournalError when the database fails. Without `at`, a writing method takes its own clock's time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self, Unpack

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from watcher.clock import Clock
from watcher.errors import JournalError
from watcher.journal import attempts, listings, notices, records, requests
from watcher.journal.engine import WRITES
from watcher.journal.listings import RootStatus
from watcher.journal.records import Changes, Notes
from watcher.journal.transactions import journal_trouble
from watcher.model.records import (
    Attempt,
    DropKind,
    Ending,
    Notice,
    NoticeKey,
    Record,
    Request,
    RequestKind,
    Source,
    Step,
    Transition,
)
from watcher.model.states import State


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the journal knows of a root that matters for its next step: see the questions of the same names."""

    open: tuple[Record, ...]
    left: tuple[Record, ...]
    newest_loaded: str | None
    notices: tuple[Notice, ...]


class Journal:
    """What is remembered; made by `open_journal`, to be closed."""

    def __init__(self, engine: Engine, clock: Clock, *, read_only: bool = False) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._clock = clock
        self._read_only = read_only
        # SQLite makes waiting writers poll, in no order; among our own threads a lock is fair and quick.
        sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = threading.Lock() if sqlite else nullcontext()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _now(self) -> datetime:
        return self._clock.utc()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise journal_trouble(error, self._name) from error

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        if self._read_only:
            raise JournalError(f"the journal {self._name} was opened for reading only")
        try:
            with self._turn, self._writing.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise journal_trouble(error, self._name) from error

    @property
    def _name(self) -> str:
        return self._engine.url.render_as_string(hide_password=True)

    # Records

    def intend(
        self,
        root: str,
        epoch: str,
        kind: DropKind,
        source: Source,
        *,
        files: int | None = None,
        size_bytes: int | None = None,
        at: datetime | None = None,
    ) -> Record:
        """A new record in CLAIMING, to be written before anything is taken; it bears the epoch's next take."""
        at = at or self._now()
        with self._write() as connection:
            return records.intend(connection, root, epoch, kind, source, files=files, size_bytes=size_bytes, at=at)

    def move(
        self, record: Record, after: State, *, reason: str = "", at: datetime | None = None, **changes: Unpack[Changes]
    ) -> Record:
        """The record in its new state, with its transition written.

        Raises ForbiddenMove if the transition table does not know the step, StaleRecord if state or run are no
        longer as the caller has them; then nothing is written.
        """
        at = at or self._now()
        with self._write() as connection:
            return records.move(connection, record, after, reason=reason, at=at, changes=changes)

    def note(self, record: Record, **changes: Unpack[Notes]) -> Record:
        """The record with these changes, in the same state. Raises StaleRecord as `move` does."""
        with self._write() as connection:
            return records.note(connection, record, changes)

    def record(self, record_id: int) -> Record:
        """The record of this number. Raises NoSuchRecord."""
        with self._read() as connection:
            return listings.record(connection, record_id)

    def find(self, root: str, epoch: str) -> tuple[Record, ...]:
        """All takes of an epoch, oldest first."""
        with self._read() as connection:
            return listings.find(connection, root, epoch)

    def open_records(self, root: str) -> tuple[Record, ...]:
        """Those with something left to do (a step, a move, a report to deliver), in the order of epoch and take."""
        with self._read() as connection:
            return listings.open_records(connection, root)

    def roots_with_open_records(self) -> frozenset[str]:
        """The roots for which `open_records` is not empty, whether they are still configured or not."""
        with self._read() as connection:
            return listings.roots_with_open_records(connection)

    def newest_loaded(self, root: str, not_after: str | None = None) -> str | None:
        """The greatest epoch that was ever loaded; a replay in progress does not lower it.

        Names past `not_after` are left out: one from a sender's wrong clock must not make every later drop late.
        """
        with self._read() as connection:
            return listings.newest_loaded(connection, root, not_after)

    def newest_epoch(self, root: str, not_after: str | None = None) -> str | None:
        """The greatest epoch of any record of the root, names past `not_after` left out."""
        with self._read() as connection:
            return listings.newest_epoch(connection, root, not_after)

    def newest_stamps(self, root: str, last: int = 50, not_after: str | None = None) -> Mapping[str, str]:
        """By its name in the epoch the date of the newest loose file that was loaded, as far as the last drops show.

        Dates past `not_after`, in 14 digits, are left out: they are nobody's day, and would make all later ones late.
        """
        with self._read() as connection:
            return listings.newest_stamps(connection, root, last, not_after)

    def sources_left(self, root: str | None = None) -> tuple[Record, ...]:
        """Those whose original could not be removed, of one root or of all, oldest first."""
        with self._read() as connection:
            return listings.sources_left(connection, root)

    def knowledge(self, root: str, not_after: str | None = None) -> Knowledge:
        """All that a look at this root asks of the journal, in one transaction; see the questions of the same names."""
        with self._read() as connection:
            return Knowledge(
                open=listings.open_records(connection, root),
                left=listings.sources_left(connection, root),
                newest_loaded=listings.newest_loaded(connection, root, not_after),
                notices=notices.of_root(connection, root),
            )

    def history(self, root: str | None = None, limit: int = 50, state: State | None = None) -> tuple[Record, ...]:
        """The last so many records, of one root or of all, in one state or in any, newest first."""
        with self._read() as connection:
            return listings.history(connection, root, limit, state)

    def transitions(self, record_id: int) -> tuple[Transition, ...]:
        """A record's steps, oldest first."""
        with self._read() as connection:
            return listings.transitions_of(connection, record_id)

    def latest(self, roots: Iterable[str]) -> tuple[RootStatus, ...]:
        """Each root at a glance, in the order given."""
        with self._read() as connection:
            return listings.latest(connection, roots)

    # Attempts

    def begin_attempt(
        self, record: Record, step: Step, loader: str | None = None, *, at: datetime | None = None
    ) -> Attempt:
        """A new attempt of the record's run, to be written before the work starts."""
        at = at or self._now()
        with self._write() as connection:
            return attempts.begin_attempt(connection, record, step, loader, at)

    def end_attempt(self, attempt: Attempt, ending: Ending, *, reason: str = "", at: datetime | None = None) -> None:
        """Write how it ended. Raises JournalError if that is written already."""
        at = at or self._now()
        with self._write() as connection:
            attempts.end_attempt(connection, attempt, ending, reason, at)

    def attempts(self, record_id: int) -> tuple[Attempt, ...]:
        """All attempts of a record, oldest first."""
        with self._read() as connection:
            return attempts.of_record(connection, record_id)

    def attempts_that_count(self, record: Record, step: Step, loader: str | None = None) -> int:
        """How many broke or never ended in the record's run; without a loader: of any loader."""
        with self._read() as connection:
            return attempts.count_that_count(connection, record, step, loader)

    def unended_attempts(self) -> tuple[Attempt, ...]:
        """All attempts without an end, oldest first; at the start of the service: those that a crash cut off."""
        with self._read() as connection:
            return attempts.unended(connection)

    # Notices

    def notices(self, root: str | None = None) -> tuple[Notice, ...]:
        """What was said of one root or of all, oldest first."""
        with self._read() as connection:
            return notices.of_root(connection, root)

    def add_notice(self, notice: Notice, at: datetime | None = None) -> bool:
        """Whether it is new; False if the same kind, subject and identity are there."""
        at = at or self._now()
        with self._write() as connection:
            return notices.add(connection, notice, at)

    def drop_notices(self, root: str, gone: AbstractSet[NoticeKey]) -> None:
        """Forget these notices of the root."""
        with self._write() as connection:
            notices.drop(connection, root, gone)

    # Requests

    def request(self, kind: RequestKind, record: Record, by: str, *, at: datetime | None = None) -> Request:
        """The new request; or the open one, where the same was asked for already."""
        at = at or self._now()
        with self._write() as connection:
            return requests.add(connection, kind, record, by, at)

    def requests(self) -> tuple[Request, ...]:
        """The open ones, oldest first."""
        with self._read() as connection:
            return requests.open_requests(connection)

    def finish_request(self, request: Request, at: datetime | None = None, outcome: str = "") -> None:
        """Close it, saying what came of it; if it is closed already, its first outcome stays."""
        at = at or self._now()
        with self._write() as connection:
            requests.finish(connection, request, at, outcome)
