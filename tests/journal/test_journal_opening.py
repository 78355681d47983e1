from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect

from tests.journal.world import intend, record_in
from tests.postgres import PostgresCluster
from watcher.errors import JournalError
from watcher.journal import open_journal
from watcher.journal.engine import parse_url
from watcher.journal.tables import VERSION, VERSION_TABLE, metadata
from watcher.model.states import State


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def set_version(url: str, version: str) -> None:
    with connected(url) as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'")


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)


# migrations


def test_tables_are_what_the_migrations_make(url: str) -> None:
    open_journal(url).close()
    with connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_tables_made_directly_have_the_same_indexes_as_the_migrations_make(url: str) -> None:
    """Alembic does not compare the conditions of partial indexes, so their text is compared here."""
    open_journal(url).close()
    with connected(url) as connection:
        migrated = _indexes(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        assert _indexes(connection) == migrated
    assert sum(" WHERE " in text for text in migrated) == 6


def _indexes(connection: Connection) -> list[str]:
    sqlite = "SELECT sql FROM sqlite_master WHERE type = 'index' AND name LIKE 'journal_%' AND sql IS NOT NULL"
    postgres = (
        "SELECT indexdef FROM pg_indexes WHERE starts_with(tablename, 'journal') AND tablename <> 'journal_version'"
    )
    rows = connection.exec_driver_sql(sqlite if connection.dialect.name == "sqlite" else postgres)
    return sorted(row[0] for row in rows)


def test_version_is_that_of_the_last_migration(url: str) -> None:
    open_journal(url).close()
    with connected(url) as connection:
        assert connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all() == [VERSION]


def test_migrations_are_numbered_without_gaps_and_say_what_they_do() -> None:
    import watcher.journal.migrations as package

    scripts = list(ScriptDirectory(str(Path(package.__file__).parent)).walk_revisions())
    numbers = [script.revision for script in reversed(scripts)]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert numbers[-1] == VERSION
    assert all(script.doc for script in scripts)


def test_open_by_several_processes_at_once_migrates_once(url: str) -> None:
    script = (
        "import sys; from tests.journal.world import intend; from watcher.journal import open_journal;"
        "sys.stdin.read(); print(intend(open_journal(sys.argv[1])).take)"
    )
    children = [child(script, url) for _ in range(3)]
    for process in children:
        assert process.stdin
        process.stdin.close()
    takes = []
    for process in children:
        with process:
            assert process.stdout
            takes.append(int(process.stdout.read()))
    assert sorted(takes) == [1, 2, 3]


def test_open_by_several_threads_at_once_migrates_once(url: str) -> None:
    takes: list[int] = []
    barrier = threading.Barrier(3)

    def claim() -> None:
        barrier.wait()
        with open_journal(url) as journal:
            takes.append(intend(journal).take)

    threads = [threading.Thread(target=claim) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(takes) == [1, 2, 3]


def test_open_again_finds_what_was_written_and_does_not_import_alembic(url: str) -> None:
    with open_journal(url) as journal:
        record = intend(journal)
    script = (
        "import sys; from watcher.journal import open_journal; journal = open_journal(sys.argv[1]);"
        "print(journal.history()[0].epoch, 'alembic' in sys.modules)"
    )
    with child(script, url) as process:
        assert process.communicate()[0].split() == [record.epoch, "False"]


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("version", ["0002", "9999", "1a2b3c"])
def test_open_of_a_newer_journal_is_refused_and_changes_nothing(url: str, version: str, read_only: bool) -> None:
    open_journal(url).close()
    set_version(url, version)
    with pytest.raises(JournalError, match=rf"version '{version}'.*newer"):
        open_journal(url, read_only=read_only)
    with connected(url) as connection:
        assert connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar_one() == version


# durability


def test_commit_survives_the_death_of_its_process(url: str) -> None:
    script = (
        "import sys; from tests.journal.world import record_in; from watcher.journal import open_journal;"
        "from watcher.model.states import State;"
        "print(record_in(open_journal(sys.argv[1]), State.CLAIMED).id, flush=True); sys.stdin.read()"
    )
    with child(script, url) as process:
        assert process.stdout
        record_id = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    with open_journal(url) as journal:
        assert journal.record(record_id).state is State.CLAIMED
        assert len(journal.transitions(record_id)) == 2


def test_transaction_cut_off_by_the_death_of_its_process_left_nothing(url: str) -> None:
    """And its lock is gone with it: the next writer goes on."""
    open_journal(url).close()
    script = (
        "import sys; from tests.journal.world import intend; from watcher.journal import open_journal;"
        "from watcher.journal import records;\n"
        "def stop(*_): print('written', flush=True); sys.stdin.read()\n"
        "records._add_transition = stop; intend(open_journal(sys.argv[1]))"
    )
    with child(script, url) as process:
        assert process.stdout
        assert process.stdout.readline() == "written\n"
        os.kill(process.pid, signal.SIGKILL)
    with open_journal(url) as journal:
        assert journal.history() == ()
        assert intend(journal).take == 1


def test_postgres_commits_wait_for_the_disk_whatever_the_default(postgres_url: str) -> None:
    with connected(postgres_url) as connection:
        name = postgres_url.rsplit("/", 1)[1]
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with open_journal(postgres_url) as journal, journal._write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_sqlite_runs_with_full_durability_and_foreign_keys(sqlite_url: str) -> None:
    with open_journal(sqlite_url) as journal, journal._write() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in pragmas]
    assert values == ["wal", 2, 1, 30_000]


def test_sqlite_writers_of_two_journals_wait_for_each_other(sqlite_url: str) -> None:
    """Both read before they write: without BEGIN IMMEDIATE one of them would fail at once."""
    with open_journal(sqlite_url) as one, open_journal(sqlite_url) as other:
        pairs = [
            (journal, threading.Thread(target=lambda j=journal: [intend(j) for _ in range(20)]))
            for journal in (one, other)
        ]
        for _, thread in pairs:
            thread.start()
        for _, thread in pairs:
            thread.join()
        assert len(one.history(limit=100)) == 40


def test_sqlite_file_is_its_owners_alone(sqlite_url: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_journal(sqlite_url) as journal:
            intend(journal)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}


# what can't be opened


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("nonsense", "the journal's URL is not one"),
        ("mysql://x:secret@host/db", "expected sqlite or postgresql, found 'mysql'"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_open_of_a_wrong_url_says_what_is_expected(url: str, text: str) -> None:
    with pytest.raises(JournalError, match=text) as raised:
        open_journal(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_parse_url_takes_each_way_to_write_postgresql(scheme: str) -> None:
    url = parse_url(f"{scheme}://u:p@host/db")
    assert (url.drivername, url.password, url.database) == ("postgresql+psycopg", "p", "db")


def test_open_of_an_unreachable_server_says_so_without_the_password() -> None:
    with pytest.raises(JournalError, match=r"127\.0\.0\.1:1/db") as raised:
        open_journal("postgresql://u:secret@127.0.0.1:1/db")
    assert "secret" not in str(raised.value)


def test_open_in_an_absent_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"absent/journal\.db can't be created: No such file"):
        open_journal(f"sqlite:///{tmp_path}/absent/journal.db")


def test_open_of_a_file_that_is_no_database_says_so_and_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_text("not a database, but long enough to look like one" * 20)
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"journal\.db.*not a database"):
        open_journal(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_open_of_a_path_with_odd_characters_makes_that_very_file(tmp_path: Path) -> None:
    open_journal(f"sqlite:///{tmp_path}/a b#ç").close()
    assert (tmp_path / "a b#ç").is_file()


# read only


def test_read_only_lists_and_refuses_to_write(url: str) -> None:
    with open_journal(url) as journal, open_journal(url, read_only=True) as listing:
        record = record_in(journal, State.CLAIMED)
        assert listing.history() == (record,)
        with pytest.raises(JournalError, match="reading only"):
            listing.move(record, State.ACCEPTED)


def test_read_only_is_held_by_the_database_too(url: str) -> None:
    open_journal(url).close()
    with open_journal(url, read_only=True) as listing:
        listing._read_only = False
        with pytest.raises(JournalError, match=r"(?i)read-?\s?only"):
            intend(listing)


def test_read_only_of_an_absent_journal_creates_nothing(tmp_path: Path, sqlite_url: str) -> None:
    with pytest.raises(JournalError, match="there is no journal at"):
        open_journal(sqlite_url, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_read_only_of_an_empty_database_creates_nothing(postgres_url: str) -> None:
    with pytest.raises(JournalError, match="is empty; the service"):
        open_journal(postgres_url, read_only=True)
    with connected(postgres_url) as connection:
        assert inspect(connection).get_table_names() == []


def test_read_only_of_an_older_journal_does_not_migrate(url: str) -> None:
    open_journal(url).close()
    set_version(url, "0000")
    with pytest.raises(JournalError, match=rf"has version 0000, expected {VERSION}"):
        open_journal(url, read_only=True)


def test_read_only_by_another_user_says_whose_journal_it_is(sqlite_url: str, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    open_journal(sqlite_url).close()
    script = (
        "import os, sys; from watcher.journal import open_journal; os.setgid(65534); os.setuid(65534)\n"
        "try: open_journal(sys.argv[1], read_only=True)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    with child(script, sqlite_url) as process:
        said = process.communicate()[0]
    assert said.startswith("JournalError")
    assert "by this user; run as the service's user" in said


# a server that goes away


def test_postgres_restarted_between_two_calls_is_not_noticed(
    postgres_cluster: PostgresCluster, postgres_url: str
) -> None:
    with open_journal(postgres_url) as journal:
        record = intend(journal)
        postgres_cluster.stop()
        postgres_cluster.start()
        assert journal.move(record, State.CLAIMED).state is State.CLAIMED


def test_postgres_restarted_is_reached_again(postgres_cluster: PostgresCluster, postgres_url: str) -> None:
    with open_journal(postgres_url) as journal:
        record = intend(journal)
        postgres_cluster.stop()
        try:
            with pytest.raises(JournalError):
                journal.move(record, State.CLAIMED)
        finally:
            postgres_cluster.start()
        assert journal.move(record, State.CLAIMED).state is State.CLAIMED


def test_value_of_another_hand_is_a_journal_error(sqlite_url: str, tmp_path: Path) -> None:
    with open_journal(sqlite_url) as journal:
        intend(journal)
        with sqlite3.connect(tmp_path / "journal.db") as connection:
            connection.execute("UPDATE journal_records SET source = 'no JSON'")
        connection.close()
        with pytest.raises(JournalError, match="not ours"):
            journal.history()
