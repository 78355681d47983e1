from __future__ import annotations

from datetime import timedelta

from tests.journal.world import NOON, record_in
from watcher.journal import Journal
from watcher.model.records import Request, RequestKind
from watcher.model.states import State

LATER = NOON + timedelta(minutes=1)


def test_request_is_open_until_it_is_finished(journal: Journal) -> None:
    record = record_in(journal, State.REJECTED)
    request = journal.request(RequestKind.REPLAY, record, "ann\udcff", at=NOON)
    assert request == Request(request.id, RequestKind.REPLAY, record.id, "north", "ann\udcff", NOON)
    assert journal.requests() == (request,)
    journal.finish_request(request, LATER, "replayed")
    assert journal.requests() == ()


def test_request_asked_again_is_the_open_one(journal: Journal) -> None:
    record = record_in(journal, State.REJECTED)
    first = journal.request(RequestKind.REPLAY, record, "ann", at=NOON)
    assert journal.request(RequestKind.REPLAY, record, "bob", at=LATER) == first
    journal.finish_request(first, LATER, "replayed")
    assert journal.request(RequestKind.REPLAY, record, "bob", at=LATER).id != first.id


def test_requests_are_oldest_first(journal: Journal) -> None:
    records = [record_in(journal, State.REJECTED, root) for root in ("b", "a")]
    asked = tuple(journal.request(RequestKind.REPLAY, record, "ann") for record in records)
    assert journal.requests() == asked


def test_finish_request_twice_keeps_the_first_outcome(journal: Journal) -> None:
    request = journal.request(RequestKind.REPLAY, record_in(journal, State.REJECTED), "ann")
    journal.finish_request(request, NOON, "replayed")
    journal.finish_request(request, LATER, "refused")
    with journal._engine.begin() as connection:
        outcome = connection.exec_driver_sql("SELECT outcome FROM journal_requests").scalar_one()
    assert outcome == "replayed"
