"""The block reader: whatever way a block takes, it must give what the exact splitter alone gives."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.validation.reading import mixed
from watcher.validation.reading.blocks import Position, chunks
from watcher.validation.reading.records import Grammar, records
from watcher.validation.reading.rows import Rows
from watcher.validation.reading.source import open_source
from watcher.validation.reading.survey import surveys

GRAMMAR = Grammar(max_record_bytes=64)
_FRAGMENTS = st.one_of(
    st.sampled_from([b"a", b",", b"\n", b'"', b"\r\n", b"\r", b"\xe9", b"\xc3\xa9", b'""', b"\0", b"x" * 30]),
    st.sampled_from([b"a,b\n", b'"a",b\n', b'"a""",b\r\n', b'"a\nb",c\n', b"\n", b"\xef\xbb\xbf", b'"a\r\nb","c"\r\n']),
)
NASTY = st.lists(_FRAGMENTS, max_size=40).map(b"".join)
TAME = st.lists(st.sampled_from([b"a,b\n"] * 9 + [b'"a\nb",c\r\n', b"a\n", b"\xe9,b\n", b"\n"]), max_size=60).map(
    b"".join
)


Seen = tuple[list[Any], list[Any], list[Any], int]


def exactly(data: bytes, width: int) -> Seen:
    """Rows, faults and damaged cells, by the splitter alone."""
    rows, line, number = Rows(width), 1, 1
    for record in records(data, GRAMMAR):
        rows.take(record, line, line + data.count(b"\n", record.start, record.fault_at), number)
        line += data.count(b"\n", record.start, record.end)
        number += not record.is_blank
    found = zip(rows.lines, rows.numbers, map(tuple, rows.cells), strict=True)
    damaged = sorted((rows.lines[row], column) for row, column in rows.damaged)
    return sorted(found, key=repr), sorted(rows.all_faults(), key=repr), damaged, number - 1


def in_blocks(path: Path, width: int, block_bytes: int) -> Seen:
    """The same by the reader."""
    rows: list[Any] = []
    faults: list[Any] = []
    damaged: list[Any] = []
    count = 0
    with open_source(path) as source:
        for chunk in chunks(source, GRAMMAR, width, Position(), block_bytes=block_bytes):
            rows += zip(chunk.lines.tolist(), chunk.numbers.tolist(), chunk.frame.rows(), strict=True)
            faults += chunk.all_faults()
            damaged += [(int(chunk.lines[row]), column) for row, column in chunk.damaged]
            count += chunk.records
    return sorted(rows, key=repr), sorted(faults, key=repr), sorted(damaged), count


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.one_of(NASTY, TAME), width=st.integers(1, 3), block_bytes=st.sampled_from([7, 16, 70, 100, 1000]))
def test_reading_in_blocks_equals_reading_exactly(tmp_path: Path, data: bytes, width: int, block_bytes: int) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert in_blocks(path, width, block_bytes) == exactly(data, width)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_reading_blank_line_and_long_last_row_do_not_cancel_out(tmp_path: Path, end: bytes) -> None:
    """polars drops an empty cell too many at the end of the file; a blank line made the sum of bytes right again."""
    data = b'"a",b\n"a",b\n\na,,' + end
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert in_blocks(path, 2, 1000) == exactly(data, 2)


LONG = b'"' + b"x" * 40 + b"\n" + b"x" * 40 + b'",b\n'


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa,b\n", LONG, b"a\n" + LONG, b"a,b\n" + LONG + b"\r,a\n"])
def test_reading_what_polars_would_change_or_believe_goes_the_exact_way(tmp_path: Path, data: bytes) -> None:
    """A mark that is not at the file's beginning is text; a record over the limit is a fault though it is closed."""
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert in_blocks(path, 2, 1000) == exactly(data, 2)


@pytest.mark.parametrize("magic", [b"x\x01", b"x^", "x\u0080".encode(), b"\x1f\x8b"])
def test_reading_text_that_begins_like_compressed_data_is_text(tmp_path: Path, magic: bytes) -> None:
    """polars would unpack it, and fail."""
    data = magic + b",b\nc,d\n"
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert in_blocks(path, 2, 1000) == exactly(data, 2)


@pytest.mark.parametrize(
    "data", [b'"a""b",c\n', b'"a\r\nb","c"\r\n', b'"",\n', b"a,b", '"é","ü"\n'.encode(), b"a,b\r\nc,d\n"]
)
def test_reading_sound_blocks_go_the_quick_way(data: bytes) -> None:
    """Otherwise all would be right, and slow."""
    found = next(surveys(data, GRAMMAR, is_last=True), None)
    assert found is not None
    assert mixed.quickly(found, mixed.sorted_out(found, GRAMMAR, 2), GRAMMAR) is not None


def test_reading_field_with_multibyte_text_over_a_block_border_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("é,ü\n".encode() * 50)
    rows, faults, *_ = in_blocks(path, 2, 11)
    assert {row[2] for row in rows} == {("é", "ü")}
    assert faults == []


def test_reading_line_of_megabytes_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"x" * 5000 + b"\nc,d\n")
    rows, faults, *_ = in_blocks(path, 2, 100)
    assert [(fault.code, fault.line) for fault in faults] == [("line-too-long", 2)]
    assert [row[0] for row in rows] == [1, 3]


def test_source_digest_is_that_of_the_whole_file_whatever_was_read(tmp_path: Path) -> None:
    data = bytes(range(256)) * 100
    path = tmp_path / "x"
    path.write_bytes(data)
    with open_source(path) as source:
        source.read(0, 1000)
        source.read(500, 3000)
        source.read(25_000, 10)
        assert source.sha256() == hashlib.sha256(data).hexdigest()
