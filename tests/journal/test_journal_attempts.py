from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journal.world import NOON, intend, record_in
from watcher.errors import JournalError
from watcher.journal import Journal
from watcher.model.records import Attempt, Ending, Step
from watcher.model.states import State

LATER = NOON + timedelta(minutes=1)


def test_begin_attempt_is_unended_until_it_is_ended(journal: Journal) -> None:
    record = intend(journal)
    attempt = journal.begin_attempt(record, Step.VALIDATE, at=NOON)
    assert attempt == Attempt(attempt.id, record.id, 1, Step.VALIDATE, None, NOON)
    assert journal.attempts(record.id) == journal.unended_attempts() == (attempt,)
    journal.end_attempt(attempt, Ending.DONE, reason="as it should", at=LATER)
    ended = Attempt(attempt.id, record.id, 1, Step.VALIDATE, None, NOON, LATER, Ending.DONE, "as it should")
    assert journal.attempts(record.id) == (ended,)
    assert journal.unended_attempts() == ()


def test_end_attempt_twice_is_refused_and_keeps_the_first_end(journal: Journal) -> None:
    attempt = journal.begin_attempt(intend(journal), Step.LOAD, "files", at=NOON)
    journal.end_attempt(attempt, Ending.BROKE, at=LATER)
    with pytest.raises(JournalError, match="ended already"):
        journal.end_attempt(attempt, Ending.DONE, at=LATER)
    assert journal.attempts(attempt.record_id)[0].ending is Ending.BROKE


@pytest.mark.parametrize(
    ("ending", "counts"),
    [(None, 1), (Ending.BROKE, 1), (Ending.DONE, 0), (Ending.DEFERRED, 0), (Ending.STOPPED, 0)],
)
def test_attempts_that_count_are_those_that_broke_or_were_cut_off(
    journal: Journal, ending: Ending | None, counts: int
) -> None:
    record = intend(journal)
    attempt = journal.begin_attempt(record, Step.VALIDATE)
    if ending is not None:
        journal.end_attempt(attempt, ending)
    assert journal.attempts_that_count(record, Step.VALIDATE) == counts
    assert sum(each.counts for each in journal.attempts(record.id)) == counts


def test_attempts_that_count_are_of_one_record_step_loader_and_run(journal: Journal) -> None:
    record, other = record_in(journal, State.REJECTED), intend(journal, "south")
    journal.begin_attempt(record, Step.LOAD, "files")
    journal.begin_attempt(record, Step.LOAD, "sql")
    journal.begin_attempt(record, Step.VALIDATE)
    journal.begin_attempt(other, Step.LOAD, "files")
    assert journal.attempts_that_count(record, Step.LOAD, "files") == 1
    assert journal.attempts_that_count(record, Step.LOAD) == 2
    replayed = journal.move(record, State.CLAIMED, run=2)
    assert journal.attempts_that_count(replayed, Step.LOAD) == 0
