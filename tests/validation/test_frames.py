"""Typed frames of accepted files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import column, file_schema
from watcher.errors import WatcherError
from watcher.schema.model import Column, FileSchema
from watcher.validation import typed_frames
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.cells.oracle import Oracle
from watcher.validation.frames import typed_cells
from watcher.validation.reading import blocks as reading


def frame_of(folder: Path, content: str | bytes, *columns: Column) -> pl.DataFrame:
    path = folder / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return pl.concat(list(typed_frames(path, file_schema("a.csv", *columns))))


@pytest.mark.parametrize(
    ("judged", "text", "kind", "value"),
    [
        (column("c"), "01", pl.String(), "01"),
        (column("c", type="integer"), "-9223372036854775808", pl.Int64(), -(2**63)),
        (column("c", type="number"), "1.5e3", pl.Float64(), 1500.0),
        (column("c", type="boolean"), "TRUE", pl.Boolean(), True),
        (column("c", format="date"), "2012-02-29", pl.Date(), date(2012, 2, 29)),
        (column("c", format="date", formats=("%m/%d/%Y",)), "02/29/2012", pl.Date(), date(2012, 2, 29)),
        (
            column("c", format="date-time"),
            "2020-01-01T01:00:00.5+01:00",
            pl.Datetime("us", "UTC"),
            datetime(2020, 1, 1, 0, 0, 0, 500000, UTC),
        ),
        (
            column("c", format="date-time"),
            "2020-01-01t00:00:00z",
            pl.Datetime("us", "UTC"),
            datetime(2020, 1, 1, 0, 0, 0, 0, UTC),
        ),
        (column("c", type="boolean", true_values=("Y",), false_values=("N",)), "N", pl.Boolean(), False),
        (
            column("c", type="array", items={"type": "boolean"}, true_values=("Y",), false_values=("N",)),
            '"Y,N"',
            pl.List(pl.Boolean()),
            [True, False],
        ),
        (column("c", type="array"), '"a,b"', pl.List(pl.String()), ["a", "b"]),
        (column("c", type="array", items={"type": "integer"}, separator=";"), "1;2", pl.List(pl.Int64()), [1, 2]),
        (column("c", type="array", items={"type": "boolean"}), "true", pl.List(pl.Boolean()), [True]),
        (
            column("c", type="array", separator=";", items={"type": "array"}),
            '"X,Y;;Z,"',
            pl.List(pl.List(pl.String())),
            [["X", "Y"], [], ["Z", ""]],
        ),
        (
            column("c", type="array", inner_separator="|", items={"type": "array", "items": {"type": "integer"}}),
            '"1|2,,3"',
            pl.List(pl.List(pl.Int64())),
            [[1, 2], [], [3]],
        ),
        (
            column("c", type="array", separator=";", items={"type": "array", "items": {"type": "boolean"}}),
            '";true,FALSE"',
            pl.List(pl.List(pl.Boolean())),
            [[], [True, False]],
        ),
        (column("c", nulls=("NULL",)), "NULL", pl.String(), None),
    ],
)
def test_frames_cell_has_the_type_of_its_column(
    tmp_path: Path, judged: Column, text: str, kind: pl.DataType, value: object
) -> None:
    frame = frame_of(tmp_path, f"c,x\n{text},y\n,\n", judged)
    assert frame.schema == {"c": kind, "x": pl.String()}
    found = frame["c"].to_list()
    assert found == [value, None]


def test_frames_names_are_those_of_the_schema(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, "Student ID,other,\n1,2,3\n", column("student_id", aliases=("sid",)))
    assert frame.columns == ["student_id", "other", "column_3"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("id,,column_2", ["id", "column_2_", "column_2"]),
        ("id,column_3,", ["id", "column_3", "column_3_"]),
        ("id,,column_2,column_2_", ["id", "column_2__", "column_2", "column_2_"]),
        (",,id", ["column_1", "column_2", "id"]),
    ],
)
def test_frames_nameless_column_takes_no_name_that_another_has(tmp_path: Path, header: str, names: list[str]) -> None:
    """Of two columns of one name the second was lost."""
    cells = [f"c{i}" for i in range(len(names))]
    frame = frame_of(tmp_path, f"{header}\n{','.join(cells)}\n", column("id"))
    assert (frame.columns, frame.rows()) == (names, [tuple(cells)])


def test_frames_of_a_schema_without_columns_are_text(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, "a,b\n1,\n")
    assert frame.rows() == [("1", None)]
    assert set(frame.dtypes) == {pl.String()}


def test_frames_keep_the_file_order_of_rows_that_were_read_one_by_one(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, 'id,size\n1,5"\n2,6\n3,7"\n4,8\n', column("id", type="integer"))
    assert frame.rows() == [(1, '5"'), (2, "6"), (3, '7"'), (4, "8")]


def test_frames_come_in_bounded_batches_in_file_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", 64)
    path = tmp_path / "a.csv"
    path.write_text("n\n" + "".join(f"{i}\n" for i in range(1000)))
    frames = list(typed_frames(path, file_schema("a.csv", column("n", type="integer"))))
    assert len(frames) > 10
    assert max(frame.height for frame in frames) <= 32
    assert pl.concat(frames)["n"].to_list() == list(range(1000))


@pytest.mark.parametrize("content", [b"", b"a,b\n1\n", b"a,b\n\xe9,1\n", b'a,b\n"1"2,3\n'])
def test_frames_of_a_file_that_cannot_have_been_accepted_raise(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(WatcherError, match="only an accepted file can be loaded"):
        frame_of(tmp_path, content, column("a", required=True))


def test_frames_never_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("a\n1\n")
    (tmp_path / "a.csv").symlink_to("b.csv")
    with pytest.raises(WatcherError, match="a symbolic link"):
        list(typed_frames(tmp_path / "a.csv", FileSchema("a.csv")))


def test_frames_of_a_file_without_rows_have_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n")
    frames = list(typed_frames(path, file_schema("a.csv", column("a", type="integer"))))
    assert [frame.schema for frame in frames] == [{"a": pl.Int64()}]


DIGITS = st.sampled_from(["0", "00", "-", "1", "9", "9223372036854775807", "e", "E-", "e+400", ".", "5", "007", "x"])
TIMES = st.builds(
    "{}-{}T{}{}{}".format,
    st.sampled_from(["0001", "0000", "1000", "2020", "9999"]),
    st.sampled_from(["01-01", "02-29", "12-31", "06-31"]),
    st.sampled_from(["00:00:00", "23:59:59", "23:59:60", "24:00:00"]),
    st.sampled_from(["", ".5", ".1234567", "." + "9" * 40]),
    st.sampled_from(["Z", "z", "+05:00", "-05:00", "+23:59", "-23:59", "-00:00", "", "Z\n"]),
)
TEXT = st.one_of(
    TIMES,
    TIMES.map(lambda text: text[:10]),
    st.lists(DIGITS, min_size=1, max_size=8).map("".join),
    st.sampled_from(
        ["true", "FALSE", "Y", "n", "02/29/2012", "2/9/12", "99991231", "\u0661", "a", "nan", "inf", "1_0"]
    ),
)
CELLS = st.one_of(TEXT, st.lists(st.one_of(TEXT, st.just("")), min_size=1, max_size=4).map(",".join)).filter(bool)
OWN = {"true_values": ("Y", "1"), "false_values": ("n",)}
SCALARS: tuple[dict[str, object], ...] = ({}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"})
COLUMNS = [
    *(column("c", **about) for about in SCALARS),
    column("c", type="boolean", **OWN),
    column("c", format="date"),
    column("c", format="date", formats=("%m/%d/%Y", "%Y%m%d")),
    column("c", format="date-time"),
    *(column("c", type="array", items=dict(about)) for about in SCALARS),
    *(column("c", type="array", separator=";", items={"type": "array", "items": dict(about)}) for about in SCALARS),
    column("c", type="array", items={"type": "array", "items": {"type": "boolean"}}, inner_separator="-", **OWN),
]


@settings(max_examples=400, deadline=None)
@given(judged=st.sampled_from(COLUMNS), cells=st.lists(CELLS, min_size=1, max_size=8, unique=True))
@example(judged=column("c", format="date-time"), cells=["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_frames_cell_that_passes_is_never_null(judged: Column, cells: list[str]) -> None:
    """A moment that UTC has no place for passed, and was handed on as nothing."""
    oracle = Oracle(judged)
    passed = [cell for cell in cells if not oracle.broken_rules(cell)]
    values = typed_cells(pl.Series("0", passed, dtype=pl.String), BoundColumn(0, judged)).to_list()
    assert [cell for cell, value in zip(passed, values, strict=True) if holds_nothing(value)] == []


def holds_nothing(value: object) -> bool:
    return value is None or (isinstance(value, list) and any(map(holds_nothing, value)))
