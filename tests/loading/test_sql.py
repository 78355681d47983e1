from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa

from tests.loading.targets import SqlTarget
from tests.postgres import PostgresCluster
from watcher.errors import LoaderError, PermanentError, TransientError, WatcherError
from watcher.loading.batch import Batch, BatchFile
from watcher.loading.contract import InterruptedReadError, broken, make_batch
from watcher.loading.registry import make_loader
from watcher.schema import FileSchema
from watcher.schema.model import Picture

SECRET = "Wednesday Addams"


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> SqlTarget:
    """The same test on both databases."""
    if request.param == "sqlite":
        return SqlTarget(f"sqlite:///{tmp_path}/warehouse.db", "sqlite:////nowhere/warehouse.db")
    return SqlTarget(request.getfixturevalue("postgres_url"), "postgresql://127.0.0.1:1/warehouse")


@pytest.fixture
def postgres(postgres_url: str) -> SqlTarget:
    return SqlTarget(postgres_url, "postgresql://127.0.0.1:1/warehouse")


def framed(*frames: pl.DataFrame, name: str = "a.csv", key: tuple[str, ...] = (), digest: str = "d") -> Batch:
    """A batch of one file whose rows are these frames, whatever a CSV file could hold."""

    class FramedFile(BatchFile):
        __slots__ = ()

        def frames(self) -> Iterator[pl.DataFrame]:
            yield from frames

    rows = sum(frame.height for frame in frames)
    file = FramedFile(name, Path("/nowhere") / name, FileSchema(name, key=key), rows, 0, digest)
    return Batch("lakeview", "20260901-020000", "contract", digest * 64, Path("/nowhere"), (file,))


def load(target: SqlTarget, batch: Batch, **options: Any) -> str:
    loader = target.loader(**options)
    try:
        return str(loader.load(batch).note)
    finally:
        loader.close()


# what the tables hold


def test_replace_holds_the_last_epoch_of_each_root(target: SqlTarget, tmp_path: Path) -> None:
    load(target, make_batch(tmp_path, {"a.csv": "id\nother\n"}, root="hillside"))
    load(target, make_batch(tmp_path, {"a.csv": "id\n1\n2\n"}))
    load(target, make_batch(tmp_path, {"a.csv": "id\n3\n"}, epoch="20260902-020000"))
    rows = sorted(target.query('SELECT _root, _epoch, id FROM "a"'))
    assert rows == [("hillside", "20260901-020000", "other"), ("lakeview", "20260902-020000", "3")]


def test_replace_with_an_empty_file_empties_the_roots_rows(target: SqlTarget, tmp_path: Path) -> None:
    load(target, make_batch(tmp_path, {"a.csv": "id\n1\n"}))
    load(target, make_batch(tmp_path, {"a.csv": "id\n"}, epoch="20260902-020000"))
    assert target.query('SELECT * FROM "a"') == []


def test_file_without_frames_makes_no_table_and_empties_one(target: SqlTarget) -> None:
    load(target, framed())
    with target.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["epoch_watcher_loads"]
    load(target, framed(pl.DataFrame({"id": ["1"]}), digest="e"))
    load(target, framed(digest="f"))
    assert target.query('SELECT id FROM "a"') == []


def test_file_without_rows_gets_its_table_whole(target: SqlTarget, tmp_path: Path) -> None:
    load(target, make_batch(tmp_path, {"typed.csv": "id,count\n"}))
    with target.connect() as connection:
        assert sa.inspect(connection).has_table("typed")
    load(target, make_batch(tmp_path, {"typed.csv": "id,count\nx,1\n"}, epoch="20260902-020000"))
    assert target.table("typed.csv") == [{"id": "x", "count": 1}]
    with target.connect() as connection:
        (index,) = sa.inspect(connection).get_indexes("typed")
    assert index["column_names"] == ["_root", "id"]


def test_replace_leaves_the_table_of_a_file_that_did_not_come(target: SqlTarget, tmp_path: Path) -> None:
    load(target, make_batch(tmp_path, {"a.csv": "id\n1\n", "b.csv": "id\n1\n"}))
    load(target, make_batch(tmp_path, {"a.csv": "id\n2\n"}, epoch="20260902-020000"))
    assert target.query('SELECT _epoch, id FROM "b"') == [("20260901-020000", "1")]


def test_append_holds_every_epoch(target: SqlTarget, tmp_path: Path) -> None:
    for epoch in ("20260901-020000", "20260902-020000"):
        load(target, make_batch(tmp_path, {"a.csv": "id\n1\n"}, epoch=epoch), mode="append")
    assert target.query('SELECT _epoch FROM "a" ORDER BY 1') == [("20260901-020000",), ("20260902-020000",)]


def test_load_writes_one_line_in_the_table_of_loads(target: SqlTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n2\n"})
    for _ in range(2):
        load(target, batch)
    assert target.query("SELECT key, root, epoch, rows FROM epoch_watcher_loads") == [
        (batch.key, "lakeview", "20260901-020000", 2)
    ]


def three_of_one_epoch(tmp_path: Path) -> tuple[Batch, Batch, Batch]:
    """A, B and A again, all under one epoch name."""
    a = make_batch(tmp_path, {"a.csv": "id\n1\n2\n"})
    return a, make_batch(tmp_path, {"a.csv": "id\n3\n"}), a


def already(target: SqlTarget, batch: Batch, **options: Any) -> bool:
    loader = target.loader(**options)
    try:
        return bool(loader.load(batch).already)
    finally:
        loader.close()


def test_replace_earlier_contents_once_more_are_loaded_again(target: SqlTarget, tmp_path: Path) -> None:
    """The third drop was said to be loaded, and the table kept the second's rows."""
    batches = three_of_one_epoch(tmp_path)
    assert [already(target, batch) for batch in batches] == [False, False, False]
    assert sorted(target.query('SELECT id FROM "a"')) == [("1",), ("2",)]
    assert already(target, batches[0])
    assert sorted(target.query("SELECT key, number, rows FROM epoch_watcher_loads")) == sorted(
        [(batches[0].key, 3, 2), (batches[1].key, 2, 1)]
    )


def test_replace_replay_of_an_older_epoch_restores_its_rows(target: SqlTarget, tmp_path: Path) -> None:
    older = make_batch(tmp_path, {"a.csv": "id\n1\n"})
    newer = make_batch(tmp_path, {"a.csv": "id\n2\n"}, epoch="20260902-020000")
    assert [already(target, batch) for batch in (older, newer, older)] == [False, False, False]
    assert target.query('SELECT _epoch, id FROM "a"') == [("20260901-020000", "1")]
    assert not already(target, newer)


def test_replace_other_roots_loads_leave_a_roots_newest_as_it_is(target: SqlTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n"})
    load(target, batch)
    load(target, make_batch(tmp_path, {"a.csv": "id\n2\n"}, root="hillside"))
    assert already(target, batch)


def test_replace_again_that_fails_keeps_the_newest(target: SqlTarget, tmp_path: Path) -> None:
    a, b, _ = three_of_one_epoch(tmp_path)
    for batch in (a, b):
        load(target, batch)
    with pytest.raises(InterruptedReadError):
        load(target, broken(a))
    assert target.query('SELECT id FROM "a"') == [("3",)]
    assert already(target, b)
    assert not already(target, a)


def test_append_batch_that_was_ever_loaded_is_known_again(target: SqlTarget, tmp_path: Path) -> None:
    batches = three_of_one_epoch(tmp_path)
    assert [already(target, batch, mode="append") for batch in batches] == [False, False, True]
    assert sorted(target.query('SELECT id FROM "a"')) == [("1",), ("2",), ("3",)]


def test_replace_two_at_once_of_an_earlier_batch_load_it_once(target: SqlTarget, tmp_path: Path) -> None:
    batches = three_of_one_epoch(tmp_path)
    for batch in batches[:2]:
        load(target, batch)
    barrier = Barrier(2, timeout=60)

    def load_again() -> bool:
        barrier.wait()
        return already(target, batches[0])

    with ThreadPoolExecutor(2) as pool:
        assert sorted(future.result() for future in [pool.submit(load_again) for _ in range(2)]) == [False, True]
    assert sorted(target.query('SELECT id FROM "a"')) == [("1",), ("2",)]


def test_load_that_waited_sees_what_the_other_wrote(postgres: SqlTarget) -> None:
    """Also where the server's default is one snapshot for the whole transaction, taken before the wait."""
    (name,) = postgres.query("SELECT current_database()")[0]
    postgres.query(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    dsn = postgres.url.replace("postgresql+psycopg", "postgresql")
    frame = pl.DataFrame({"id": ["1"]})
    load(postgres, framed(pl.DataFrame({"id": ["0"]}), digest="e"))  # the tables are there: nobody waits to make them
    (file,) = framed(frame).files

    class Slow(BatchFile):
        """Read to its end only when another load waits."""

        __slots__ = ()

        def frames(self) -> Iterator[pl.DataFrame]:
            yield frame.clear()
            waiting.append(pool.submit(already, postgres, framed(frame)))
            _wait_for_lock(dsn)
            yield frame

    waiting: list[Future[bool]] = []
    with ThreadPoolExecutor(1) as pool:
        slow = Slow(file.name, file.path, file.schema, 1, 0, file.sha256)
        assert not already(postgres, replace(framed(frame), files=(slow,)))
        assert waiting[0].result()
    assert postgres.table("a.csv") == [{"id": "1"}]


def test_table_of_loads_from_before_there_were_numbers_is_taken_over(target: SqlTarget, tmp_path: Path) -> None:
    older, newer = (make_batch(tmp_path, {"a.csv": f"id\n{number}\n"}) for number in (1, 2))
    for batch in (older, newer):
        load(target, batch)
    target.query("ALTER TABLE epoch_watcher_loads DROP COLUMN number")
    assert already(target, newer)
    assert not already(target, older)
    assert target.query('SELECT id FROM "a"') == [("1",)]
    assert already(target, older)


def test_table_prefix_keeps_two_loaders_of_one_database_apart(target: SqlTarget, tmp_path: Path) -> None:
    """A shared table of loads would make the second loader think that it had loaded."""
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n"})
    for prefix in ("", "raw_"):
        load(target, batch, table_prefix=prefix)
    assert target.query('SELECT id FROM "raw_a"') == target.query('SELECT id FROM "a"') == [("1",)]
    assert len(target.query("SELECT key FROM raw_epoch_watcher_loads")) == 1


def test_schema_of_postgresql_takes_all_tables(postgres: SqlTarget, tmp_path: Path) -> None:
    postgres.query('CREATE SCHEMA "Odd %%s"')  # doubled for the driver
    for text in ("id\n1\n", "id,more\n1,2\n"):
        load(postgres, make_batch(tmp_path, {"a.csv": text}), schema="Odd %s")
    assert postgres.query('SELECT id, more FROM "Odd %%s".a') == [("1", "2")]
    assert len(postgres.query('SELECT key FROM "Odd %%s".epoch_watcher_loads')) == 2


def test_file_without_schema_is_left_out_and_counted(target: SqlTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n", "b.csv": "id\n1\n"})
    unknown = replace(batch, files=(batch.files[0], replace(batch.files[1], schema=None)))
    assert load(target, unknown) == "1 table, 1 without a schema left out"
    assert target.table("b.csv") == []


def test_pictures_are_left_out_and_counted(target: SqlTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n", "b.csv": "id\n1\n"})
    picture = replace(batch.files[1], schema=FileSchema("photo.jpg", picture=Picture()))
    assert load(target, replace(batch, files=(batch.files[0], picture))) == "1 table, 1 picture left out"
    with pytest.raises(PermanentError, match=r"^b\.csv: it is a picture, so it has no rows to load$"):
        next(picture.frames())


# columns and types


def test_list_of_lists_is_stored_as_json(target: SqlTarget) -> None:
    frame = pl.DataFrame({"roles": [[["A", "Zoë"], []], None]}, schema={"roles": pl.List(pl.List(pl.String))})
    load(target, framed(frame))
    assert sorted(map(str, (row["roles"] for row in target.table("a.csv")))) == ["None", "[['A', 'Zoë'], []]"]


def test_types_come_through_frame_by_frame(target: SqlTarget) -> None:
    utc = dt.datetime(2026, 9, 1, 2, 0, 0, 5000, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {
            "text": ["x", None],
            "whole": [-(2**63), 2**63 - 1],
            "number": [0.1 + 0.2, None],
            "flag": [False, None],
            "day": [dt.date(1, 1, 1), dt.date(9999, 12, 31)],
            "naive": [utc.replace(tzinfo=None), None],
            "moment": [utc, None],
            "several": [["ä", None, '"'], []],
        }
    )
    load(target, framed(frame, frame.clear(), frame))
    load(target, framed(frame, digest="e"), mode="append")  # the types that it now finds are no drift
    rows = target.table("a.csv")
    assert len(rows) == 6
    is_sqlite = target.url.startswith("sqlite")
    expected = frame.rows(named=True)
    expected[0]["moment"] = utc.replace(tzinfo=None) if is_sqlite else utc
    assert [rows[0], rows[1]] == expected


def test_empty_text_is_not_null(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"a": ["", None]})))
    assert target.table("a.csv") == [{"a": ""}, {"a": None}]


def test_columns_that_differ_only_by_case_or_behind_63_bytes_stay_apart(target: SqlTarget) -> None:
    names = ["id", "ID", "ä" * 40, "ä" * 41, "_root", "a\nb", "a%(b)s"]
    load(target, framed(pl.DataFrame([{name: name for name in names}])))
    (row,) = target.table("a.csv")
    assert list(row.values()) == names
    assert all(len(name.encode()) <= 63 for name in row)


def test_column_names_are_the_same_at_the_next_load(target: SqlTarget) -> None:
    frame = pl.DataFrame([{"id": "1", "ID": "2", "ä" * 40: "3", "a%(b)s": "4"}])
    load(target, framed(frame))
    load(target, framed(frame, digest="e"), mode="append")
    (first, second) = target.table("a.csv")
    assert first == second


@pytest.mark.parametrize("name", ["epoch_watcher_loads.csv", "a\nb.csv", "%s.csv", 'q"; --.csv', "ü" * 100 + ".CSV"])
def test_hostile_file_names_get_a_table_of_their_own(target: SqlTarget, name: str) -> None:
    load(target, framed(pl.DataFrame({"id": ["1"]}), name=name))
    load(target, framed(pl.DataFrame({"id": ["2"]}), name=name, digest="e"))
    assert len(target.query("SELECT key FROM epoch_watcher_loads")) == 2


def test_key_columns_are_indexed_with_the_root(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"x": ["1"], "id": ["1"]}), key=("id",)))
    with target.connect() as connection:
        (index,) = sa.inspect(connection).get_indexes("a")
    assert index["column_names"] == ["_root", "id"]


# drift


def test_drift_new_column_is_added(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"id": ["1"]})), mode="append")
    load(target, framed(pl.DataFrame({"a%s": [7], "id": ["2"]}), digest="e"), mode="append")
    assert target.table("a.csv") == [{"id": "1", "a%s": None}, {"id": "2", "a%s": 7}]


def test_drift_column_that_no_longer_comes_is_null(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"id": ["1"], "b": ["x"]})))
    load(target, framed(pl.DataFrame({"id": ["2"]}), digest="e"))
    assert target.table("a.csv") == [{"id": "2", "b": None}]


def test_drift_letter_case_is_none_to_sqlite(tmp_path: Path) -> None:
    target = SqlTarget(f"sqlite:///{tmp_path}/w.db", "")
    load(target, framed(pl.DataFrame({"ID": ["1"], "Ä": ["a"]})))
    load(target, framed(pl.DataFrame({"id": ["2"], "ä": ["b"]}), digest="e"))
    assert target.table("a.csv") == [{"ID": "2", "Ä": None, "ä": "b"}]


def test_drift_changed_type_says_what_to_do_and_changes_nothing(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"id": ["1"], "grade": [7]})))
    with pytest.raises(PermanentError, match=r"table 'a': column 'grade' is BIGINT, but .* TEXT; change .* replay"):
        load(target, framed(pl.DataFrame({"id": ["1"], "grade": [SECRET], "new": ["x"]}), digest="e"))
    assert target.table("a.csv") == [{"id": "1", "grade": 7}]


def test_drift_a_person_may_narrow_a_text_column(postgres: SqlTarget) -> None:
    load(postgres, framed(pl.DataFrame({"id": ["1"]})))
    postgres.query("ALTER TABLE a ALTER id TYPE varchar(5)")
    load(postgres, framed(pl.DataFrame({"id": ["12345"]}), digest="e"))
    assert postgres.table("a.csv") == [{"id": "12345"}]


def test_check_makes_nothing(target: SqlTarget) -> None:
    target.loader().check()
    with target.connect() as connection:
        assert sa.inspect(connection).get_table_names() == []


# what the database refuses


def _refusal(target: SqlTarget, batch: Batch) -> LoaderError:
    with pytest.raises(LoaderError) as caught:
        load(target, batch)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert SECRET not in str(caught.value)
    return caught.value


def test_refused_value_is_permanent_and_never_shown(postgres: SqlTarget) -> None:
    load(postgres, framed(pl.DataFrame({"id": ["1"]})))
    postgres.query("ALTER TABLE a ALTER id TYPE varchar(5)")
    error = _refusal(postgres, framed(pl.DataFrame({"id": [SECRET]}), digest="e"))
    assert isinstance(error, PermanentError)
    assert "table 'a': the database refused the data: StringDataRightTruncation (SQLSTATE 22001)" in str(error)
    assert postgres.table("a.csv") == [{"id": "1"}]


def test_refused_row_names_the_constraint_not_the_value(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"id": ["1"]})))
    target.query("CREATE UNIQUE INDEX my_rule ON a (id)")
    error = _refusal(target, framed(pl.DataFrame({"id": [SECRET, SECRET]}), digest="e"))
    assert isinstance(error, PermanentError)
    assert "'my_rule'" in str(error) or "a.id" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        f"id,count\n{SECRET}\n",
        f'id,count\n{SECRET},"7\n',
        f"id,count\n{SECRET},\x007\n",
        f"{SECRET},{SECRET}\n",
        f"ID;{SECRET}\n",
    ],
)
def test_file_that_changed_under_the_load_is_never_quoted(target: SqlTarget, tmp_path: Path, text: str) -> None:
    """Not in the error and not in one that hangs on it: a traceback would print both."""
    batch = make_batch(tmp_path, {"typed.csv": "id,count\n1,2\n"})
    batch.files[0].path.write_text(text)
    with pytest.raises(WatcherError) as caught:
        load(target, batch)
    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in str(error)
        error = error.__cause__ or error.__context__
    assert target.table("typed.csv") == []


def test_nul_in_a_text_is_permanent_on_postgresql(postgres: SqlTarget) -> None:
    assert isinstance(_refusal(postgres, framed(pl.DataFrame({"id": [f"\0{SECRET}"]}))), PermanentError)


def test_missing_right_is_permanent_and_says_which_table(postgres: SqlTarget, tmp_path: Path) -> None:
    role = f"reader_{postgres.url.rsplit('_', 1)[1]}"
    postgres.query(f"CREATE ROLE {role} LOGIN")
    try:
        url = postgres.url.replace("postgres@", f"{role}@")
        with pytest.raises(PermanentError, match="permission denied for schema public"):
            load(SqlTarget(url, ""), make_batch(tmp_path, {"a.csv": "id\n1\n"}))
        with pytest.raises(LoaderError, match="permission denied"):
            SqlTarget(url, "").loader().check()
    finally:
        postgres.query(f"DROP ROLE {role}")


# what passes


def test_locked_sqlite_asks_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.loading.sql._BUSY_SECONDS", 0)
    target = SqlTarget(f"sqlite:///{tmp_path}/w.db", "")
    blocker = sqlite3.connect(tmp_path / "w.db")
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError, match=r"w\.db: database is locked"):
        load(target, make_batch(tmp_path, {"a.csv": "id\n1\n"}))
    blocker.close()


def test_full_sqlite_asks_for_later_and_holds_nothing_of_it(tmp_path: Path) -> None:
    target = SqlTarget(f"sqlite:///{tmp_path}/w.db", "")
    load(target, framed(pl.DataFrame({"id": ["1"]})))
    loader = target.loader()

    @sa.event.listens_for(loader._engine, "connect")
    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 10")

    with pytest.raises(TransientError, match="database or disk is full"):
        loader.load(framed(pl.DataFrame({"id": [f"{i:0100}" for i in range(5000)]}), digest="e"))
    assert target.table("a.csv") == [{"id": "1"}]


def test_not_a_database_is_permanent(tmp_path: Path) -> None:
    (tmp_path / "w.db").write_text("this is a letter to the principal\n" * 100)
    with pytest.raises(PermanentError, match="file is not a database"):
        load(SqlTarget(f"sqlite:///{tmp_path}/w.db", ""), framed(pl.DataFrame({"id": ["1"]})))


def test_deadlock_asks_for_later(postgres: SqlTarget) -> None:
    """A reader with locks of its own on two tables, taken in the other order."""
    batch = framed(pl.DataFrame({"id": ["1"]}))
    both = replace(batch, files=(*batch.files, *framed(pl.DataFrame({"id": ["1"]}), name="b.csv").files))
    load(postgres, both)
    dsn = postgres.url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(dsn) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("SET deadlock_timeout = '1h'")  # so that the loader is the one to be told
        reader.execute("LOCK TABLE b")
        loading = pool.submit(load, postgres, replace(both, key="e" * 64))
        _wait_for_lock(dsn)
        reader.execute("LOCK TABLE a")
        with pytest.raises(TransientError, match="SQLSTATE 40P01"):
            loading.result()


def _wait_for_lock(dsn: str) -> None:
    """Until some connection waits for a lock."""
    deadline = time.monotonic() + 60
    with psycopg.connect(dsn, autocommit=True) as watching:
        while not watching.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
            assert time.monotonic() < deadline


def test_server_that_goes_away_half_way_asks_for_later(postgres: SqlTarget, postgres_cluster: PostgresCluster) -> None:
    frame = pl.DataFrame({"id": ["1"] * 1000})
    load(postgres, framed(frame))

    class Cut(BatchFile):
        __slots__ = ()

        def frames(self) -> Iterator[pl.DataFrame]:
            yield frame  # all that is taken when the columns are looked at
            postgres_cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'")
            yield pl.DataFrame({"id": ["x" * 1000] * 100_000})

    batch = framed(frame, digest="e")
    cut = Cut("a.csv", batch.folder, batch.files[0].schema, 0, 0, "e")
    with pytest.raises(TransientError):
        load(postgres, replace(batch, files=(cut,)))
    assert len(postgres.table("a.csv")) == 1000
    load(postgres, batch)


def test_password_is_never_shown(tmp_path: Path) -> None:
    loader = make_loader("w", "sql", {"url": "postgresql://user:hunter2@127.0.0.1:1/d?application_name=hunter2"})
    with pytest.raises(TransientError) as caught:
        loader.check()
    assert "hunter2" not in str(caught.value)
    assert str(caught.value).startswith("postgresql 127.0.0.1:1/d: ")


# crash and size

_KILLED = """
import os, signal, sys
from dataclasses import replace
import polars as pl
from tests.loading.test_sql import framed
from watcher.loading.batch import BatchFile
from watcher.loading.registry import make_loader

class Killing(BatchFile):
    def frames(self):
        yield pl.DataFrame({"id": ["1"]})   # all that is taken when the columns are looked at
        os.kill(os.getpid(), signal.SIGKILL)

batch = framed(pl.DataFrame({"id": ["1"]}))
killing = Killing("a.csv", batch.folder, batch.files[0].schema, 1, 0, "d")
make_loader("w", "sql", {"url": sys.argv[1]}).load(replace(batch, files=(killing,)))
"""


def test_load_killed_half_way_leaves_nothing_and_loads_next_time(target: SqlTarget) -> None:
    command = [sys.executable, "-c", _KILLED, target.url]
    killed = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -9
    assert target.table("a.csv") == []
    load(target, framed(pl.DataFrame({"id": ["1"]})))
    assert target.table("a.csv") == [{"id": "1"}]


def test_load_holds_one_frame_at_a_time(target: SqlTarget) -> None:
    frame = pl.DataFrame({"id": [f"{i:0200}" for i in range(5_000)]})
    alive: list[int] = []

    class Counting(BatchFile):
        __slots__ = ()

        def frames(self) -> Iterator[pl.DataFrame]:
            for _ in range(20):
                alive.append(tracemalloc.get_traced_memory()[0])
                yield frame

    (file,) = framed(frame).files
    many = Counting(file.name, file.path, file.schema, 100_000, 0, "d")
    tracemalloc.start()
    try:
        load(target, replace(framed(frame), files=(many,)))
    finally:
        tracemalloc.stop()
    assert max(alive[10:]) < alive[3] + 1_000_000
    assert target.query('SELECT count(*) FROM "a"') == [(100_000,)]
