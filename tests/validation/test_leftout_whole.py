"""What is handed over of a file with gaps: the same rows, whoever takes them out, and none that would be refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validation.worlds import column, file_schema
from watcher.schema.model import Dataset, DatasetFile, Dialect, FileSchema, OnError, Tolerated
from watcher.validation import typed_frames, validate, validate_file
from watcher.validation.reading.trimming import trimmed


def schema_of(encoding: str = "utf-8") -> FileSchema:
    return file_schema(
        "a.csv",
        column("id", maxLength=2),
        column("n", type="integer"),
        on_error=OnError.SKIP_ROWS,
        dialect=Dialect(encoding=encoding),
    )


def rows(path: Path, schema: FileSchema, skip: tuple[int, ...] = ()) -> pl.DataFrame:
    return pl.concat(list(typed_frames(path, schema, skip=skip)))


def check(data: bytes, schema: FileSchema) -> None:
    """The file without its skipped rows is accepted whole, and has the rows that loaders are given of the other."""
    with tempfile.TemporaryDirectory() as folder:
        path, rest = Path(folder, "a.csv"), Path(folder, "rest.csv")
        path.write_bytes(data)
        report = validate_file(path, schema)
        if report.errors:
            return  # of the file as such: nothing of it is handed over
        skipped = report.files[0].skipped
        blocks = [data[at : at + 8] for at in range(0, len(data), 8)]
        rest.write_bytes(b"".join(trimmed(path, schema, skipped, blocks)))
        again = validate_file(rest, schema)
        assert (again.errors, again.skipped_errors) == (0, 0)
        assert again.rows == report.files[0].used_rows
        assert rows(rest, schema).equals(rows(path, schema, skipped))


PIECES = ["1", "22", "333", ",", ",", "\n", "\n", "\r\n", "\r", '"', '""', '"a\nb"', "é", "\0", "x,1\n", '"y",2\r\n']


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_file_without_its_skipped_rows_is_accepted(pieces: list[str]) -> None:
    check(("id,n\n" + "".join(pieces)).encode(), schema_of())


@given(st.lists(st.sampled_from([*(piece.encode() for piece in PIECES), b"\xff", b"\xe9"]), max_size=30))
def test_file_without_its_skipped_rows_is_accepted_whatever_the_bytes(pieces: list[bytes]) -> None:
    check(b"id,n\n" + b"".join(pieces), schema_of())


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1252", "iso-8859-1"])
@given(pieces=st.lists(st.sampled_from([piece for piece in PIECES if piece != "\0"]), max_size=30))
def test_file_without_its_skipped_rows_keeps_its_encoding(encoding: str, pieces: list[str]) -> None:
    check(("id,n\n" + "".join(pieces)).encode(encoding), schema_of(encoding))


def test_file_without_its_first_row_keeps_its_byte_order_mark(tmp_path: Path) -> None:
    """Where no header line is, the mark stands before a row; without it nobody could tell the encoding."""
    schema = file_schema("a.csv", column("id"), dialect=Dialect(encoding="utf-16", header=False))
    path = tmp_path / "a.csv"
    path.write_bytes("日日日\n本本本\n".encode("utf-16"))
    assert b"".join(trimmed(path, schema, (1,), [path.read_bytes()])) == "本本本\n".encode("utf-16")
    assert b"".join(trimmed(path, schema, (2,), [path.read_bytes()])) == "日日日\n".encode("utf-16")


@pytest.mark.parametrize("plain_rows", [0, 5, 400_000])
def test_tolerated_wrong_encoding_is_read_as_it_was_judged(tmp_path: Path, plain_rows: int) -> None:
    """The text turns out to be Windows-1252 at once, or only behind what is looked at first."""
    schema = file_schema("a.csv", column("id", maxLength=3), column("n", type="integer"))
    tolerant = Dataset("d", (DatasetFile(schema),), tolerate=(Tolerated("wrong-encoding"),))
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,n\n" + b"abcdefgh,1\n"[5:] * plain_rows + "Zoë,2\n".encode("cp1252") * 50)
    report = validate(path, tolerant)
    assert ({finding.code for finding in report.findings}, report.errors) == ({"wrong-encoding"}, 0)
    found = rows(path, schema)
    assert (found.height, found["id"].to_list()[-50:]) == (plain_rows + 50, ["Zoë"] * 50)


def test_tolerated_damage_is_left_out_and_the_rest_is_handed_over(tmp_path: Path) -> None:
    schema = file_schema("a.csv", column("id"), column("n", type="integer"))
    codes = ("ragged-row", "encoding", "unbalanced-quote", "repeated-header")
    tolerant = Dataset("d", (DatasetFile(schema),), tolerate=tuple(map(Tolerated, codes)))
    path = tmp_path / "a.csv"
    path.write_bytes(b'id,n\na,1\nb\n\xff,3\nid,n\n"d,5\ne,6\n')
    report = validate(path, tolerant)
    assert (report.errors, report.files[0].skipped) == (0, (2, 3, 4, 5))
    assert rows(path, schema, report.files[0].skipped)["id"].to_list() == ["a", "e"]
