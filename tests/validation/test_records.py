"""The exact splitter: the grammar, case by case, and against Python's csv where both speak."""

from __future__ import annotations

import csv
import io
import re
import timeit
from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.validation.reading.records import Grammar, records

SMALL = Grammar(max_record_bytes=32)


def cells_of(data: bytes, grammar: Grammar = SMALL) -> list[tuple[Any, ...]]:
    """Each record's cells, or its fault with the line where it lies."""
    return [
        record.cells if record.fault is None else (record.fault, data.count(b"\n", 0, record.fault_at) + 1)
        for record in records(data, grammar)
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n", [(b"a", b"b")]),
        (b"a,b", [(b"a", b"b")]),
        (b"a,b\r\n", [(b"a", b"b")]),
        (b",\n", [(b"", b"")]),
        (b'"a,b",c\n', [(b"a,b", b"c")]),
        (b'"a\nb",c\n', [(b"a\nb", b"c")]),
        (b'"a\r\nb"\r\n', [(b"a\r\nb",)]),
        (b'"say ""x"""\n', [(b'say "x"',)]),
        (b'""\n', [(b"",)]),
        (b"5'6\",b\n", [(b"5'6\"", b"b")]),
        (b"\n\r\n", [(), ()]),
        (b"# a,b\n", [(b"# a", b"b")]),
        (b'"a",\n', [(b"a", b"")]),
        (b'"a",', [(b"a", b"")]),
    ],
)
def test_records_sound_are_split(data: bytes, expected: object) -> None:
    assert cells_of(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'"a"b,c\nd\n', [("malformed-quote", 1), (b"d",)]),
        (b'"a" ,c\nd\n', [("malformed-quote", 1), (b"d",)]),
        (b'a,"b\nc\n', [("unbalanced-quote", 1), (b"c",)]),
        (b'"b\n"x","y"\n', [("unbalanced-quote", 1), (b"x", b"y")]),
        (b'"x\ny","z\n1\n', [("unbalanced-quote", 2), (b"1",)]),
        (b"a\rb\nc\n", [("lone-cr", 1), (b"c",)]),
        (b"a\r", [("lone-cr", 1)]),
        (b'a\rb,"c\nd"\ne\n', [("lone-cr", 1), (b"e",)]),
        (b'"a"\rb\n', [("lone-cr", 1)]),
        (b"x" * 40 + b"\na\n", [("line-too-long", 1), (b"a",)]),
        (b'"' + b"x" * 40 + b'"\na\n', [("line-too-long", 1), (b"a",)]),
        (b'"' + b"x" * 30 + b'""y"\na\n', [("line-too-long", 1), (b"a",)]),
        (b'"x",' + b"y" * 40 + b"\na\n", [("line-too-long", 1), (b"a",)]),
        (b'"' + b"x" * 28 + b'"\r\na\n', [(b"x" * 28,), (b"a",)]),
        (b'"' + b"x" * 29 + b'"\r\na\n', [("line-too-long", 1), (b"a",)]),
    ],
)
def test_records_faulty_are_named_and_reading_goes_on(data: bytes, expected: object) -> None:
    assert cells_of(data) == expected


def test_records_quote_open_over_the_limit_resumes_on_the_next_line() -> None:
    data = b'a,"b\n' + b"c\n" * 30
    assert cells_of(data) == [("unbalanced-quote", 1), *[(b"c",)] * 30]


def test_records_without_quote_character_take_quotes_as_text() -> None:
    assert cells_of(b'"a"b,c\n', Grammar(quote=None)) == [(b'"a"b', b"c")]


def test_records_other_delimiter_splits_there() -> None:
    assert cells_of(b"a\tb,c\n", Grammar(delimiter=b"\t")) == [(b"a", b"b,c")]


@given(st.lists(st.sampled_from(["a", ",", "\n", "\r\n", '"', '""', "é", '"b"', ","]), max_size=30).map("".join))
def test_records_agree_with_python_csv_on_whatever_both_accept(text: str) -> None:
    """Python's reader is the reference where it doesn't raise and we find no fault."""
    ours = cells_of(text.encode(), Grammar())
    if any(cells and isinstance(cells[-1], int) for cells in ours):
        return
    theirs = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [tuple(cell.decode() for cell in cells) for cells in ours] == [tuple(row) for row in theirs]


ESCAPING = Grammar(escape=b"\\", max_record_bytes=32)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (rb"a\,b,c" + b"\n", [(b"a,b", b"c")]),
        (rb'"a\"b",c' + b"\n", [(b'a"b', b"c")]),
        (rb"\"a,b" + b"\n", [(b'"a', b"b")]),
        (rb"a\\,b" + b"\n", [(b"a\\", b"b")]),
        (b"a\\\nb,c\n", [(b"a\nb", b"c")]),
        (b"a\\\r\nb\n", [(b"a\r",), (b"b",)]),
        (b"a\\\rb\n", [(b"a\rb",)]),
        (b"a,b\r\n\\x\r\n", [(b"a", b"b"), (b"x",)]),
        (b"a\\", [(b"a\\",)]),
        (b'"a""b"\nc\n', [("malformed-quote", 1), (b"c",)]),
        (b'"a\\"\nc\n', [("unbalanced-quote", 1), (b"c",)]),
        (b"\\a\rb\n", [("lone-cr", 1)]),
        (b"\\" * 40 + b"\na\n", [("line-too-long", 1), (b"a",)]),
    ],
)
def test_records_escape_makes_the_next_byte_plain(data: bytes, expected: object) -> None:
    assert cells_of(data, ESCAPING) == expected


@given(
    st.lists(st.sampled_from(["a", ",", "\n", "\r\n", '"', "\\", '\\"', "é", '"b"', "\\\\"]), max_size=30).map("".join),
    st.booleans(),
)
def test_records_with_escapes_agree_with_python_csv_on_whatever_both_accept(text: str, is_quoted: bool) -> None:
    """Python adds text behind a closing quote to the cell, and is unsure of escaped line ends."""
    ours = cells_of(text.encode(), Grammar(quote=b'"' if is_quoted else None, escape=b"\\"))
    if any(cells and isinstance(cells[-1], int) for cells in ours):
        return
    lines = io.StringIO(text, newline="")
    reader = csv.reader(
        lines,
        doublequote=False,
        escapechar="\\",
        strict=True,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
    )
    try:
        theirs = list(reader)
    except csv.Error:
        assert re.search(r"\\([\r\n]|$)", text)
        return
    assert [tuple(cell.decode() for cell in cells) for cells in ours] == [tuple(row) for row in theirs]


@pytest.mark.parametrize(
    "fill", [b'"', b",", b"\r", b"\\", b"\n", b'"\n', b',"', b'",', b'""\n"', b'\\"', b"a,", b'"a\n']
)
@pytest.mark.parametrize("escape", [None, b"\\"])
def test_records_hostile_file_takes_time_by_its_size_only(fill: bytes, escape: bytes | None) -> None:
    """Four times the bytes may take eight times the time; anything quadratic takes sixteen times."""
    grammar = Grammar(escape=escape, max_record_bytes=8 * 1024)

    def seconds(size_bytes: int) -> float:
        data = fill * (size_bytes // len(fill))
        return min(timeit.repeat(lambda: deque(records(data, grammar), maxlen=0), number=1, repeat=3))

    assert seconds(80_000) < 8 * seconds(20_000) + 0.05
