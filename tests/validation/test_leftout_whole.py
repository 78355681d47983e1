"""What is handed over of a file with gaps: the same rows, whoever takes them out, and none that would be refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validation.worlds import column, file_schema
from watcher.schema.model import Dialect, FileSchema, OnError
from watcher.validation import typed_frames, validate_file
from watcher.validation.trimming import trimmed


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
