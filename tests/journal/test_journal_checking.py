"""The try that doctor makes, on both databases."""

from __future__ import annotations

import pytest

from tests.journal.world import record_in
from watcher.errors import JournalError
from watcher.journal import open_journal
from watcher.journal.checking import check_journal
from watcher.journal.tables import VERSION
from watcher.model.states import State


def test_check_of_a_sound_journal_tells_its_version_and_changes_nothing(url: str) -> None:
    with open_journal(url) as journal:
        record = record_in(journal, State.LOADED)
    assert check_journal(url) == VERSION
    with open_journal(url) as journal:
        assert journal.history() == (record,)


def test_check_of_an_absent_journal_makes_none(url: str) -> None:
    for _ in range(2):
        with pytest.raises(JournalError, match=r"there is no journal|is empty"):
            check_journal(url)


def test_check_beside_an_open_journal_disturbs_nothing(url: str) -> None:
    with open_journal(url) as journal:
        record = record_in(journal, State.CLAIMED)
        assert check_journal(url) == VERSION
        assert journal.move(record, State.ACCEPTED).state is State.ACCEPTED


def test_check_of_a_postgresql_that_may_only_be_read_fails(postgres_url: str) -> None:
    from sqlalchemy import create_engine, text

    open_journal(postgres_url).close()
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    engine.dispose()
    with pytest.raises(JournalError, match="read-only transaction"):
        check_journal(postgres_url)
