"""Typed frames of accepted files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.validation.worlds import column, file_schema
from watcher.errors import WatcherError
from watcher.schema.model import Column, FileSchema
from watcher.validation import typed_frames
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
