"""Files of changes in the SQL loader, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from tests.corpora.corpus import CORPORA, build, read_case
from tests.loading.targets import SqlTarget
from watcher.errors import PermanentError
from watcher.intake.envelope import FILES
from watcher.loading.batch import Batch, BatchFile
from watcher.loading.contract import InterruptedReadError, broken, make_batch
from watcher.loading.loader import Loaded
from watcher.loading.manifest import read_batch
from watcher.schema import FileSchema
from watcher.schema.find import dataset_names, find_dataset
from watcher.service.tasks import ValidateTask, validate_drop

FIRST, SECOND, THIRD = "20260901-020000", "20260902-020000", "20260903-020000"
FULL = "id,count\nx,1\ny,2\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> SqlTarget:
    """The same test on both databases."""
    if request.param == "sqlite":
        return SqlTarget(f"sqlite:///{tmp_path}/warehouse.db", "")
    return SqlTarget(request.getfixturevalue("postgres_url"), "")


def load(target: SqlTarget, batch: Batch, **options: Any) -> Loaded:
    loader = target.loader(**options)
    try:
        result: Loaded = loader.load(batch)
        return result
    finally:
        loader.close()


def whole(tmp_path: Path, text: str = FULL, *, epoch: str = FIRST, root: str = "lakeview") -> Batch:
    return make_batch(tmp_path, {"typed.csv": text}, root=root, epoch=epoch, modes={"typed.csv": "bulk"})


def changes(tmp_path: Path, text: str, *, epoch: str = SECOND, root: str = "lakeview") -> Batch:
    return make_batch(tmp_path, {"typed.csv": text}, root=root, epoch=epoch, modes={"typed.csv": "delta"})


def counts(target: SqlTarget, root: str = "lakeview") -> list[tuple[str, str, int]]:
    """Epoch, id and count of each row of a root."""
    return sorted(target.query(f"SELECT _epoch, id, count FROM typed WHERE _root = '{root}'"))


def framed(frame: pl.DataFrame, key: tuple[str, ...], *, brings_changes: bool = True, name: str = "a.csv") -> Batch:
    """A batch of one file with this frame and key; its key is that of the frame's text."""

    class FramedFile(BatchFile):
        __slots__ = ()

        def frames(self) -> Iterator[pl.DataFrame]:
            yield from (frame.clear(), frame)

    path = Path("/nowhere") / name
    file = FramedFile(name, path, FileSchema(name, key=key), frame.height, 0, "d", brings_changes=brings_changes)
    return Batch("lakeview", FIRST, "contract", repr(frame.rows())[:64], path.parent, (file,))


# what stays, what goes


def test_changes_stand_in_place_of_the_rows_with_their_keys(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path, "id,count\nother,7\n", root="hillside"))
    load(target, whole(tmp_path))
    result = load(target, changes(tmp_path, "id,count\ny,3\nz,4\n"))
    assert (result.rows, result.note) == (2, "1 table, changes merged into 1")
    assert counts(target) == [(FIRST, "x", 1), (SECOND, "y", 3), (SECOND, "z", 4)]
    assert counts(target, "hillside") == [(FIRST, "other", 7)]


def test_changes_of_one_root_leave_the_same_keys_of_another(target: SqlTarget, tmp_path: Path) -> None:
    for root in ("hillside", "lakeview"):
        load(target, whole(tmp_path, root=root))
    load(target, changes(tmp_path, "id,count\ny,3\n"))
    assert counts(target, "hillside") == [(FIRST, "x", 1), (FIRST, "y", 2)]


def test_changes_without_a_table_make_it(target: SqlTarget, tmp_path: Path) -> None:
    load(target, changes(tmp_path, "id,count\ny,3\n"))
    assert counts(target) == [(SECOND, "y", 3)]


def test_changes_without_rows_change_nothing(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path))
    assert load(target, changes(tmp_path, "id,count\n")).rows == 0
    assert counts(target) == [(FIRST, "x", 1), (FIRST, "y", 2)]


def test_changes_take_the_whole_row(target: SqlTarget, tmp_path: Path) -> None:
    """A cell that is empty in the change is empty afterwards, as is a column that did not come; a new one is added."""
    load(target, whole(tmp_path, "id,count,score\nx,1,1.5\ny,2,2.5\n"))
    load(target, changes(tmp_path, "id,count,more\ny,,new\n"))
    rows = sorted(target.query("SELECT id, count, score, more FROM typed"))
    assert rows == [("x", 1, 1.5, None), ("y", None, None, "new")]


def test_whole_list_after_changes_replaces_them_all(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path))
    load(target, changes(tmp_path, "id,count\nz,4\n"))
    load(target, whole(tmp_path, "id,count\nx,9\n", epoch=THIRD))
    assert counts(target) == [(THIRD, "x", 9)]


def test_files_of_one_epoch_are_each_taken_as_they_are_meant(target: SqlTarget, tmp_path: Path) -> None:
    files = {"typed.csv": FULL, "a.csv": "id\n1\n"}
    load(target, make_batch(tmp_path, files, modes={"typed.csv": "bulk", "a.csv": "bulk"}))
    later = {"typed.csv": "id,count\nz,4\n", "a.csv": "id\n2\n"}
    load(target, make_batch(tmp_path, later, epoch=SECOND, modes={"typed.csv": "delta", "a.csv": "bulk"}))
    assert [row[1] for row in counts(target)] == ["x", "y", "z"]
    assert target.table("a.csv") == [{"id": "2"}]


def test_append_adds_changes_as_they_come(target: SqlTarget, tmp_path: Path) -> None:
    for batch in (whole(tmp_path), changes(tmp_path, "id,count\ny,3\n"), changes(tmp_path, "id,count\ny,3\n")):
        load(target, batch, mode="append")
    assert counts(target) == [(FIRST, "x", 1), (FIRST, "y", 2), (SECOND, "y", 3)]


def test_append_asks_for_no_key(target: SqlTarget, tmp_path: Path) -> None:
    load(target, make_batch(tmp_path, {"a.csv": "id\n1\n"}, modes={"a.csv": "delta"}), mode="append")
    assert target.table("a.csv") == [{"id": "1"}]


# exactly once


def test_changes_that_come_again_change_nothing(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path))
    again = changes(tmp_path, "id,count\ny,3\n")
    assert [load(target, again).already for _ in range(2)] == [False, True]
    assert counts(target) == [(FIRST, "x", 1), (SECOND, "y", 3)]


def test_changes_that_are_replayed_later_are_the_newest(target: SqlTarget, tmp_path: Path) -> None:
    """As the contract has it: as if they came for the first time."""
    load(target, whole(tmp_path))
    older, newer = (changes(tmp_path, f"id,count\ny,{n}\n", epoch=epoch) for n, epoch in ((3, SECOND), (4, THIRD)))
    assert [load(target, batch).already for batch in (older, newer, older)] == [False, False, False]
    assert counts(target) == [(FIRST, "x", 1), (SECOND, "y", 3)]


def test_changes_that_fail_half_way_leave_all_as_it_was(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path))
    batch = changes(tmp_path, "id,count\ny,3\nz,4\n")
    with pytest.raises(InterruptedReadError):
        load(target, broken(batch))
    assert counts(target) == [(FIRST, "x", 1), (FIRST, "y", 2)]
    assert not load(target, batch).already


def test_rows_left_out_of_changes_change_nothing(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path))
    batch = make_batch(
        tmp_path,
        {"typed.csv": "id,count\nx,8\ny,9\n"},
        epoch=SECOND,
        modes={"typed.csv": "delta"},
        skipped={"typed.csv": (1,)},
    )
    load(target, batch)
    assert counts(target) == [(FIRST, "x", 1), (SECOND, "y", 9)]


def test_unique_index_of_a_reader_sees_no_row_twice(target: SqlTarget, tmp_path: Path) -> None:
    load(target, whole(tmp_path))
    target.query("CREATE UNIQUE INDEX my_rule ON typed (id)")
    load(target, changes(tmp_path, "id,count\ny,3\n"))
    assert [row[2] for row in counts(target)] == [1, 3]


# keys


def test_changes_without_a_key_are_refused_and_change_nothing(target: SqlTarget, tmp_path: Path) -> None:
    load(target, make_batch(tmp_path, {"a.csv": "id\n1\n", "typed.csv": FULL}))
    later = {"a.csv": "id,new\n2,2\n", "typed.csv": "id,count\ny,3\n"}
    batch = make_batch(tmp_path, later, epoch=SECOND, modes=dict.fromkeys(later, "delta"))
    with pytest.raises(PermanentError, match=r"^a\.csv: brings changes only, and its schema has no key, so nobody"):
        load(target, batch)
    assert target.table("a.csv") == [{"id": "1"}]
    assert counts(target) == [(FIRST, "x", 1), (FIRST, "y", 2)]
    assert len(target.query("SELECT key FROM epoch_watcher_loads")) == 1


def test_changes_without_a_column_of_the_key_are_refused(target: SqlTarget) -> None:
    with pytest.raises(PermanentError, match=r"it has no column 'term', which is in the key, so nobody"):
        load(target, framed(pl.DataFrame({"id": ["1"]}), ("id", "term")))


def test_changes_without_frames_change_nothing(target: SqlTarget) -> None:
    load(target, framed(pl.DataFrame({"id": ["1"]}), ("id",), brings_changes=False))

    class Nothing(BatchFile):
        __slots__ = ()

        def frames(self) -> Iterator[pl.DataFrame]:
            return iter(())

    batch = framed(pl.DataFrame({"id": ["2"]}), ("id",))
    (file,) = batch.files
    load(target, replace(batch, files=(Nothing(file.name, file.path, file.schema, 0, 0, "d", brings_changes=True),)))
    assert target.table("a.csv") == [{"id": "1"}]


COLUMNS = ["a%(b)s", "ID", "id", "count"]
_Row = tuple[str | None, str | None, str | None, int]


def _after(target: SqlTarget, before: list[_Row], came: list[_Row]) -> list[_Row]:
    """The rows in the table after changes, by a key of three columns."""
    for rows, brings_changes in ((before, False), (came, True)):
        frame = pl.DataFrame(rows, schema=dict(zip(COLUMNS, [*[pl.String] * 3, pl.Int64], strict=True)), orient="row")
        load(target, framed(frame, tuple(COLUMNS[:3]), brings_changes=brings_changes))
    return sorted((tuple(row.values()) for row in target.table("a.csv")), key=lambda row: row[3])


def test_key_of_several_columns_goes_by_all_of_them(target: SqlTarget) -> None:
    before: list[_Row] = [("1", "x", "p", 0), ("1", "X", "p", 1), ("1", "x", "q", 2), ("2", "x", "p", 3)]
    assert _after(target, before, [("1", "x", "p", 4)]) == [*before[1:], ("1", "x", "p", 4)]


def test_empty_cell_of_a_key_is_the_same_as_an_empty_cell(target: SqlTarget) -> None:
    before: list[_Row] = [("1", None, "p", 0), ("1", "", "p", 1), ("1", None, None, 2), (None, None, "p", 3)]
    came: list[_Row] = [("1", None, "p", 4), (None, None, "p", 5)]
    assert _after(target, before, came) == [before[1], before[2], *came]


def test_filled_cell_of_a_key_is_not_the_same_as_an_empty_one(target: SqlTarget) -> None:
    before: list[_Row] = [("1", None, "p", 0), ("2", "x", "p", 1), ("3", None, "p", 2)]
    came: list[_Row] = [("1", "x", "p", 3), ("2", None, "p", 4), ("3", None, "p", 5)]
    assert _after(target, before, came) == [*before[:2], *came]


def test_key_without_any_value_takes_nothing_away(target: SqlTarget) -> None:
    before: list[_Row] = [(None, None, None, 0), (None, None, None, 1), ("1", None, None, 2)]
    came: list[_Row] = [(None, None, None, 3)]
    assert _after(target, before, came) == [*before, *came]


def test_several_rows_of_one_key_are_all_put_in(target: SqlTarget) -> None:
    before: list[_Row] = [("1", "x", "p", 0)]
    came: list[_Row] = [("1", "x", "p", 1), ("1", "x", "p", 2)]
    assert _after(target, before, came) == came


@pytest.mark.parametrize(
    ("kept", "changed"),
    [
        pytest.param(1, 2, id="whole number"),
        pytest.param(0.5, 0.1, id="number"),
        pytest.param(False, True, id="boolean"),
        pytest.param("2026-09-01", "2026-09-02", id="date"),
        pytest.param(["a"], ["a", "b"], id="list"),
    ],
)
def test_key_is_compared_in_its_type(target: SqlTarget, kept: object, changed: object) -> None:
    before = pl.DataFrame({"id": [kept, changed], "n": [0, 1]})
    came = pl.DataFrame({"id": [changed], "n": [2]})
    if isinstance(kept, str):
        before, came = (frame.with_columns(pl.col("id").str.to_date()) for frame in (before, came))
    load(target, framed(before, ("id",), brings_changes=False))
    load(target, framed(came, ("id",)))
    assert sorted(row["n"] for row in target.table("a.csv")) == [0, 2]


@pytest.mark.parametrize("name", ["epoch_watcher_coming.csv", "Epoch_Watcher_Coming.csv", "epoch_watcher_loads.csv"])
def test_file_that_is_called_like_a_table_of_ours_is_merged_too(target: SqlTarget, name: str) -> None:
    load(target, framed(pl.DataFrame({"id": ["1", "2"]}), ("id",), brings_changes=False, name=name))
    load(target, framed(pl.DataFrame({"id": ["2", "3"]}), ("id",), name=name))
    with target.connect() as connection:
        (table,) = set(sa.inspect(connection).get_table_names()) - {"epoch_watcher_loads"}
    assert sorted(target.query(f'SELECT id FROM "{table}"')) == [("1",), ("2",), ("3",)]


def test_changes_go_into_the_schema_that_was_named(postgres_url: str) -> None:
    target = SqlTarget(postgres_url, "")
    target.query('CREATE SCHEMA "Odd %%s"')  # doubled for the driver
    load(target, framed(pl.DataFrame({"id": ["1", "2"]}), ("id",), brings_changes=False), schema="Odd %s")
    load(target, framed(pl.DataFrame({"id": ["2", "3"]}), ("id",)), schema="Odd %s")
    assert sorted(target.query('SELECT id FROM "Odd %%s".a')) == [("1",), ("2",), ("3",)]


def test_changes_without_the_right_to_temporary_tables_say_so(postgres_url: str) -> None:
    target = SqlTarget(postgres_url, "")
    (name,), role = target.query("SELECT current_database()")[0], f"loader_{postgres_url.rsplit('_', 1)[1]}"
    target.query(f"REVOKE TEMPORARY ON DATABASE {name} FROM public")
    target.query(f"CREATE ROLE {role} LOGIN")
    try:
        target.query(f"CREATE SCHEMA theirs AUTHORIZATION {role}")
        theirs = SqlTarget(postgres_url.replace("postgres@", f"{role}@"), "")
        with pytest.raises(PermanentError, match="table 'a': permission denied to create temporary tables in database"):
            load(theirs, framed(pl.DataFrame({"id": ["1"]}), ("id",)), schema="theirs")
    finally:
        target.query(f"DROP OWNED BY {role} CASCADE")
        target.query(f"DROP ROLE {role}")


@pytest.mark.parametrize("name", [name for name in dataset_names() if find_dataset(name).modes])
def test_bundled_files_that_may_bring_changes_have_a_key_that_is_filled(name: str) -> None:
    dataset = find_dataset(name)
    data = [each.schema for each in dataset.files if dataset.manifest is None or each.name != dataset.manifest.file]
    assert data
    for schema in data:
        columns = [schema.column(column) for column in schema.key]
        assert columns, schema.file
        assert all(column is not None and column.required for column in columns), schema.file


# a real set


def oneroster(case: str, epoch: str, tmp_path: Path) -> Batch:
    """A good drop of the corpus, judged as the service does it."""
    envelope = tmp_path / case
    built = build(read_case(CORPORA / "oneroster-1.1" / "good" / case), tmp_path / f"{case}-built")
    shutil.copytree(built, envelope / FILES)
    judged = validate_drop(ValidateTask(envelope, "lakeview", epoch, "oneroster-1.1", (), 10**9))
    assert judged.errors == 0
    return read_batch(envelope, find_dataset("oneroster-1.1"))


def test_oneroster_changes_after_a_whole_set_keep_everybody(target: SqlTarget, tmp_path: Path) -> None:
    """With the defaults, a set of changes took everybody else out of the tables. A row to be deleted stays as one."""
    load(target, oneroster("full", FIRST, tmp_path))
    before = _statuses(target)
    load(target, oneroster("delta-few", SECOND, tmp_path))
    came = {"users": {"STU-100236": "active", "STU-100234": "tobedeleted"}}
    came["enrollments"] = {"ENR-77": "active", "ENR-01": "tobedeleted"}
    assert {name: len(rows) for name, rows in before.items()} == {"users": 6, "enrollments": 6}
    assert _statuses(target) == {name: {**before[name], **rows} for name, rows in came.items()}


def _statuses(target: SqlTarget) -> Mapping[str, dict[str, str | None]]:
    names = ("users", "enrollments")
    return {name: {row["sourcedId"]: row["status"] for row in target.table(f"{name}.csv")} for name in names}
