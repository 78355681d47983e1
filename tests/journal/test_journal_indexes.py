"""Each question that a look asks is an index look-up: a million finished records must cost it nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from tests.journal.world import NOON, record_in
from watcher.journal import Journal, open_journal
from watcher.model.records import Notice, RequestKind, Step
from watcher.model.states import State

Ask = Callable[[Journal], object]

QUESTIONS: dict[str, tuple[Ask, str]] = {
    "open_records": (lambda journal: journal.open_records("north"), "journal_records_open"),
    "roots_with_open_records": (lambda journal: journal.roots_with_open_records(), "journal_records_open"),
    "newest_loaded": (lambda journal: journal.newest_loaded("north"), "journal_records_loaded"),
    "newest_epoch": (lambda journal: journal.newest_epoch("north"), "journal_records_"),
    "newest_stamps": (lambda journal: journal.newest_stamps("north"), "journal_records_loaded"),
    "sources_left": (lambda journal: journal.sources_left("north"), "journal_records_left"),
    "find": (lambda journal: journal.find("north", "20260301-120000"), "journal_records_take"),
    "history": (lambda journal: journal.history("north"), "journal_records_history"),
    "unended_attempts": (lambda journal: journal.unended_attempts(), "journal_attempts_unended"),
    "attempts": (lambda journal: journal.attempts(1), "journal_attempts_record"),
    "transitions": (lambda journal: journal.transitions(1), "journal_transitions_record"),
    "notices": (lambda journal: journal.notices("north"), "journal_notices_root"),
    "requests": (lambda journal: journal.requests(), "journal_requests_open"),
}


def fill(journal: Journal) -> None:
    record = record_in(journal, State.LOADED, delivered=True)
    journal.end_attempt(journal.begin_attempt(record, Step.LOAD, "files"), "done")  # type: ignore[arg-type] # a word will do
    journal.add_notice(Notice("north", "kind", "subject", "identity", "text"), NOON)
    journal.request(RequestKind.REPLAY, record, "ann")


def plan_of(journal: Journal, ask: Ask) -> list[str]:
    """The database's plan for the very statement that the journal sends."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(journal._engine, "before_cursor_execute", note)
    ask(journal)
    event.remove(journal._engine, "before_cursor_execute", note)
    statement, parameters = next(each for each in sent if each[0].startswith("SELECT"))
    with journal._engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [row[3] for row in rows]
        # with few rows a scan is cheaper: ask whether an index could serve at all
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_sort = off")
        return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_is_answered_by_its_index(journal: Journal, name: str) -> None:
    ask, index = QUESTIONS[name]
    fill(journal)
    plan = "\n".join(plan_of(journal, ask))
    assert index in plan
    assert "Seq Scan on journal_records" not in plan


def test_latest_never_scans_the_records_themselves(sqlite_url: str) -> None:
    with open_journal(sqlite_url) as journal:
        fill(journal)
        plan = plan_of(journal, lambda each: each.latest(["north"]))
    assert any("COVERING INDEX journal_records_states" in step for step in plan)
