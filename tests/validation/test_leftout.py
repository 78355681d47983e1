"""Leaving records out: of chunks, and of the bytes of a file by their physical lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.validation.reading.leftout import Lines, lines_of, record_numbers, without
from watcher.validation.reading.rawlines import LineEnds, LineReader, without_lines
from watcher.validation.reading.rows import Chunk, Fault


def chunk(lines: list[int], numbers: list[int], *faults: Fault) -> Chunk:
    frame = pl.DataFrame({"0": [f"row {number}" for number in numbers]}, schema={"0": pl.String})
    return Chunk(frame, np.array(lines, dtype=np.int64), np.array(numbers, dtype=np.int64), 0, len(numbers), faults)


def test_without_leaves_rows_and_faults_out_and_moves_damaged_cells() -> None:
    faults = (Fault("ragged-row", 5, 4), Fault("blank-line", 6), Fault("encoding", 4, 3, 0))
    whole = replace(chunk([2, 3, 4], [1, 2, 3], *faults), damaged=frozenset({(2, 0)}))
    left = without(whole, record_numbers([2, 4]))
    assert left.frame["0"].to_list() == ["row 1", "row 3"]
    assert (left.lines.tolist(), left.numbers.tolist(), left.damaged) == ([2, 4], [1, 3], frozenset({(1, 0)}))
    assert [fault.code for fault in left.faults] == ["blank-line", "encoding"]


def test_lines_of_a_record_reach_to_the_next_one() -> None:
    """Record 2 spans lines 3 to 5; 4 and 5 are neighbours; 6 is the last one, in another chunk."""
    chunks = [
        chunk([2, 6], [1, 3], Fault("unbalanced-quote", 4, 2, begins=3), Fault("blank-line", 7)),
        chunk([8, 9], [4, 5]),
        chunk([10], [6]),
    ]
    wanted = record_numbers([2, 4, 5])
    assert list(lines_of(chunks, wanted)) == [Lines(3, 6), Lines(8, 10)]
    assert list(lines_of(chunks, record_numbers([3, 6]))) == [Lines(6, 7), Lines(10, None)]


def test_lines_of_a_row_with_a_fault_are_its_lines_once() -> None:
    chunks = [chunk([2, 3], [1, 2], Fault("encoding", 2, 1, 0), Fault("nul-byte", 2, 1, 0))]
    assert list(lines_of(chunks, record_numbers([1]))) == [Lines(2, 3)]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(
    st.lists(st.text(alphabet="aé,\u010a\u0a0a", max_size=6), min_size=1, max_size=12),
    st.sets(st.integers(1, 12)),
    st.sampled_from([4, 8, 1024]),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
    st.booleans(),
)
def test_without_lines_is_the_file_less_those_lines(
    texts: list[str], dropped: set[int], size: int, encoding: str, old: bool
) -> None:
    """Whatever the blocks; U+010A and U+0A0A hold the byte of a line end in UTF-16."""
    end = "\r" if old else "\n"
    lines = [f"{text}{end}".encode(encoding) for text in texts]
    lines[-1] = texts[-1].encode(encoding)
    spans = iter([Lines(line, line + 1) for line in sorted(dropped)])
    expected = b"".join(line for number, line in enumerate(lines, 1) if number not in dropped)
    found = b"".join(without_lines(cut(b"".join(lines), size), LineEnds(encoding, old), spans))
    assert found == expected


def test_without_lines_up_to_the_end_and_across_blocks() -> None:
    data = b"a\nb\nc\nd\ne"
    for size in range(1, len(data) + 1):
        for spans, kept in (
            ([Lines(2, 4)], b"a\nd\ne"),
            ([Lines(4, None)], b"a\nb\nc\n"),
            ([Lines(1, None)], b""),
            ([], data),
            ([Lines(1, 2), Lines(3, 4)], b"b\nd\ne"),
        ):
            assert b"".join(without_lines(cut(data, size), LineEnds(), iter(spans))) == kept


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_line_reader_reads_forward_and_bounded(size: int) -> None:
    reader = LineReader(cut(b"a\nbcdef\nc\n\ne", size), LineEnds())
    assert reader.read(Lines(2, 3), 3) == b"bcd"
    assert reader.read(Lines(3, 4), 100) == b"c\n"
    assert reader.read(Lines(5, None), 100) == b"e"
