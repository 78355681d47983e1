"""Two processes at one thing: the second waits for the first, then sees what it did. Each race is made to happen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, create_engine

from tests.journal.world import NOON, SOURCE, intend, record_in
from watcher.journal import Journal, StaleRecord, notices, open_journal
from watcher.journal.transactions import serialise
from watcher.model.records import DropKind, Notice, RequestKind
from watcher.model.states import State

NOTICE = Notice("north", "kind", "subject", "identity", "text")

CALLS: dict[str, Callable[[Journal], object]] = {
    "north/20260301-120000": lambda journal: journal.intend("north", "20260301-120000", DropKind.EPOCH, SOURCE),
    notices._digest(NOTICE): lambda journal: journal.add_notice(NOTICE, NOON),
    "request 1": lambda journal: journal.request(RequestKind.REPLAY, journal.record(1), "ann"),
}


@pytest.fixture
def other(postgres_url: str) -> Iterator[Engine]:
    """Another process's way to the same database."""
    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as one:
        yield one


def wait_until_blocked(connection: Connection, waiting: Future[object]) -> None:
    """Until someone waits for a lock in this database."""
    deadline = time.monotonic() + 60
    question = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while connection.exec_driver_sql(question).scalar_one() == 0:
        assert not waiting.done(), "it did not wait"
        assert time.monotonic() < deadline, "nobody waits"
        # the view is a snapshot of the transaction's unless told otherwise
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")


@pytest.mark.parametrize("subject", CALLS)
def test_call_waits_for_another_transaction_at_the_same_subject(
    postgres_url: str, other: Engine, executor: ThreadPoolExecutor, subject: str
) -> None:
    with open_journal(postgres_url) as journal:
        record_in(journal, State.REJECTED, "south")
        with other.begin() as connection:
            serialise(connection, "another subject")
            CALLS[subject](journal)
            serialise(connection, subject)
            waiting: Future[object] = executor.submit(CALLS[subject], journal)
            wait_until_blocked(connection, waiting)
        waiting.result(60)


def test_open_waits_for_another_process_that_migrates(
    postgres_url: str, other: Engine, executor: ThreadPoolExecutor
) -> None:
    with other.begin() as connection:
        serialise(connection, "migration")
        waiting: Future[object] = executor.submit(open_journal, postgres_url)
        wait_until_blocked(connection, waiting)
    journal = waiting.result(60)
    assert isinstance(journal, Journal)
    with journal:
        assert intend(journal).take == 1


def test_move_decides_on_what_the_other_transaction_left(
    postgres_url: str, other: Engine, executor: ThreadPoolExecutor
) -> None:
    with open_journal(postgres_url) as journal:
        record = record_in(journal, State.ACCEPTED)
        with other.begin() as connection:
            connection.exec_driver_sql("UPDATE journal_records SET state = 'held'")
            waiting: Future[object] = executor.submit(journal.move, record, State.LOADED)
            wait_until_blocked(connection, waiting)
        with pytest.raises(StaleRecord):
            waiting.result(60)
        assert journal.record(record.id).state is State.HELD
