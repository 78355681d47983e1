"""Attempts: written before the work starts, so that one which a crash cut off still counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, or_, select, update

from watcher.errors import JournalError
from watcher.journal.rows import ATTEMPT_COLUMNS, to_attempt
from watcher.journal.tables import attempts
from watcher.journal.transactions import new_id
from watcher.model.records import Attempt, Ending, Record, Step


def begin_attempt(connection: Connection, record: Record, step: Step, loader: str | None, at: datetime) -> Attempt:
    """A new attempt of the record's run."""
    values = {"record_id": record.id, "run": record.run, "step": step, "loader": loader, "started": at, "reason": ""}
    number = new_id(connection, insert(attempts).values(**values))
    return to_attempt(connection.execute(select(*ATTEMPT_COLUMNS).where(attempts.c.id == number)).one())


def end_attempt(connection: Connection, attempt: Attempt, ending: Ending, reason: str, at: datetime) -> None:
    """Raises JournalError if it has an end already: two hands were at one piece of work."""
    unended = update(attempts).where(attempts.c.id == attempt.id, attempts.c.ended.is_(None))
    if connection.execute(unended.values(ended=at, ending=ending, reason=reason)).rowcount != 1:
        raise JournalError(f"attempt {attempt.id} of record {attempt.record_id} has ended already")


def of_record(connection: Connection, record_id: int) -> tuple[Attempt, ...]:
    """All attempts of a record, oldest first."""
    question = select(*ATTEMPT_COLUMNS).where(attempts.c.record_id == record_id).order_by(attempts.c.id)
    return tuple(to_attempt(row) for row in connection.execute(question))


def count_that_count(connection: Connection, record: Record, step: Step, loader: str | None) -> int:
    """How many attempts at this step broke or never ended in the record's run; without a loader: of any."""
    question = (
        select(func.count())
        .select_from(attempts)
        .where(
            attempts.c.record_id == record.id,
            attempts.c.run == record.run,
            attempts.c.step == step,
            or_(attempts.c.ending.is_(None), attempts.c.ending == Ending.BROKE),
        )
    )
    if loader is not None:
        question = question.where(attempts.c.loader == loader)
    return connection.execute(question).scalar_one()


def unended(connection: Connection) -> tuple[Attempt, ...]:
    """All attempts without an end, oldest first."""
    question = select(*ATTEMPT_COLUMNS).where(attempts.c.ended.is_(None)).order_by(attempts.c.id)
    return tuple(to_attempt(row) for row in connection.execute(question))
