"""Every kind of damage to a file, one by one: what is said of it, on which line, and which rows are read all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import check, codes, column, only
from watcher.model.findings import Severity
from watcher.schema.model import Dialect, Limits
from watcher.validation.reading import screen
from watcher.validation.reading.blocks import Position, chunks
from watcher.validation.reading.records import Grammar, records
from watcher.validation.reading.rows import Rows
from watcher.validation.reading.source import open_source

ID, NAME = column("id", type="integer"), column("name")
BIG = b"x" * 2_000_000


@pytest.mark.parametrize(
    ("rows", "expected", "count"),
    [
        (b"1\n2,b\n", [("ragged-row", 2)], 2),
        (b"1,a,x\n2,b\n", [("ragged-row", 2)], 2),
        (b"1,\xe9\n2,b\n", [("encoding", 2)], 2),
        (b'1,a"b\n2,b\n', [], 2),
        (b'1,"a"b\n2,b\n', [("malformed-quote", 2)], 2),
        (b'1,"a"b"c"\nx,b\n', [("malformed-quote", 2), ("type", 3)], 2),
        (b'1,"a\nx,b\n3,c\n', [("unbalanced-quote", 2), ("type", 3)], 3),
        (b'1,"a\n2,"b"\nx,c\n', [("unbalanced-quote", 2), ("type", 4)], 3),
        (b"1,a\0\nx,b\n", [("nul-byte", 2), ("type", 3)], 2),
        (b'1,"a\nb"\nx,b\n', [("type", 4)], 2),
        (b'1,"a\r\n\r\nb"\r\nx,b\r\n', [("type", 5)], 2),
        (b"1," + BIG + b"\nx,b\n", [("line-too-long", 2), ("type", 3)], 2),
        (b'1,"' + BIG + b'"\nx,b\n', [("line-too-long", 2), ("type", 3)], 2),
        (b"1,a\r\n2,b\nx,c\r\n", [("type", 4)], 3),
        (b"1,a\r2,b\nx,c\n", [("lone-cr", 2), ("type", 3)], 2),
        (b"1,a\r,\nx,c\n", [("lone-cr", 2), ("type", 3)], 2),
        (b"\n1,a\n \nx,b\n", [("blank-line", 2), ("ragged-row", 4), ("type", 5)], 3),
        (b'1,""\n2,\n', [], 2),
        (b"#1,a\n", [("type", 2)], 1),
        (b"id,name\n1,a\n", [("repeated-header", 2)], 2),
        (b"1,a\nid,name\n", [("repeated-header", 3)], 2),
        (b"id,x\n", [("type", 2)], 1),
    ],
)
def test_damage_is_named_on_its_line_and_reading_goes_on(
    tmp_path: Path, rows: bytes, expected: list[tuple[str, int]], count: int
) -> None:
    report = check(tmp_path, b"id,name\n" + rows, ID, NAME)
    assert [(finding.code, finding.line) for finding in report.findings] == expected
    assert all(finding.count == 1 for finding in report.findings)
    assert report.rows == count


def test_damage_of_old_line_ends_is_one_warning_and_lines_are_counted(tmp_path: Path) -> None:
    report = check(tmp_path, b'id,name\r1,"a\rb"\r\rx,c\r', ID, NAME)
    assert [(f.code, f.severity, f.line) for f in report.findings] == [
        ("old-line-ends", Severity.WARNING, 1),
        ("blank-line", Severity.WARNING, 4),
        ("type", Severity.ERROR, 5),
    ]


def test_damage_of_old_line_ends_in_another_encoding_too(tmp_path: Path) -> None:
    data = "id,name\r1,é\rx,é".encode("utf-16")
    report = check(tmp_path, data, ID, column("name", enum=["é"]), dialect=Dialect(encoding="utf-16"))
    assert [(f.code, f.line) for f in report.findings] == [
        ("old-line-ends", 1),
        ("type", 3),
        ("no-final-newline", None),
    ]


@pytest.mark.parametrize("tail", [b"2", b'2,"b', b'2,"b\nc', b"2,\xc3"])
def test_damage_of_a_file_cut_off_in_a_row_is_said_so(tmp_path: Path, tail: bytes) -> None:
    report = check(tmp_path, b"id,name\n1,a\n" + tail, ID, NAME)
    assert "cut off" in only(report, "no-final-newline").message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
def test_damage_last_line_without_end_is_told_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    about: dict[str, Any] = {"dialect": Dialect(encoding=encoding)}
    assert codes(check(tmp_path, "id,name\n1,a".encode(encoding), ID, NAME, **about)) == ["no-final-newline"]
    assert codes(check(tmp_path, "id,name\n1,a\n".encode(encoding), ID, NAME, **about)) == []


def test_damage_limits_are_those_of_the_schema(tmp_path: Path) -> None:
    data = "id,name\n1," + "é" * 30 + "\n2," + "é" * 31 + "\n3," + "x" * 2000 + "\n"
    report = check(tmp_path, data, ID, column("name", enum=["é" * 30]), limits=Limits(1024, 30))
    assert [(f.code, f.line, f.count) for f in report.findings] == [("cell-too-long", 3, 1), ("line-too-long", 4, 1)]
    assert only(report, "cell-too-long").message == "a cell has 31 characters, expected at most 30"
    assert only(report, "line-too-long").message == "the line has no end within 1 KiB"


def test_damage_repeated_header_of_one_name_counts_only_where_the_schema_knows_it(tmp_path: Path) -> None:
    assert codes(check(tmp_path, "name\na\nname\n", NAME)) == ["repeated-header"]
    assert codes(check(tmp_path, "name\na\nname\n")) == []


@pytest.mark.parametrize("header", ["id,name\n", '"id","name"\n'])
def test_damage_header_line_of_a_file_behind_another_may_have_a_mark(tmp_path: Path, header: str) -> None:
    content = f"\ufeff{header}1,a\n\ufeff{header}2,b\n".encode()
    assert [(f.code, f.line) for f in check(tmp_path, content, ID, NAME).findings] == [("repeated-header", 3)]


def test_damage_header_line_in_a_file_without_one_is_no_row(tmp_path: Path) -> None:
    report = check(tmp_path, "id,name\n1,a\n", ID, NAME, dialect=Dialect(header=False))
    assert [(f.code, f.line) for f in report.findings] == [("repeated-header", 1)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("id,name,,\n1,a,,\n2,b,,\n", [("trailing-columns", Severity.WARNING, 1)]),
        (
            "id,name,,\n1,a,,x\n2,b,,\n",
            [("empty-header", Severity.WARNING, 1), ("trailing-columns", Severity.WARNING, 1)],
        ),
        ("id,name\n1,a,\n2,b,\n", [("trailing-columns", Severity.ERROR, 1)]),
        ("id,name\n1,a,,\n2,b,,\nx,b,,\n", [("trailing-columns", Severity.ERROR, 1), ("type", Severity.ERROR, 4)]),
        ("id,name\n1,a,\n2,b\n", [("ragged-row", Severity.ERROR, 2)]),
        ("id,name\n1,a,x\n2,b,y\n", [("ragged-row", Severity.ERROR, 2)]),
    ],
)
def test_damage_of_empty_columns_at_the_end_is_one_finding(
    tmp_path: Path, data: str, expected: list[tuple[str, Severity, int]]
) -> None:
    report = check(tmp_path, data, ID, NAME)
    assert [(f.code, f.severity, f.line) for f in report.findings] == expected


def test_damage_cell_beyond_the_header_is_told_though_all_rows_end_in_empty_ones(tmp_path: Path) -> None:
    report = check(tmp_path, "id,name\n" + "1,a,\n" * 200 + "2,b,c\n3,b\n4,c,\n", ID, NAME)
    assert [(f.code, f.count) for f in report.findings] == [("trailing-columns", 1), ("ragged-row", 2)]
    assert [s.line for s in only(report, "ragged-row").samples] == [202, 203]


@pytest.mark.parametrize(
    ("dialect", "code", "row", "advice"),
    [
        (Dialect(), "ragged-row", "1\n", "write as many cells as are expected; put quotes around a cell"),
        (
            Dialect(quote=None),
            "ragged-row",
            "1\n",
            "write as many cells as are expected; leave the delimiter out inside",
        ),
        (Dialect(quote=None, escape="^"), "ragged-row", "1\n", "write as many cells as are expected; put '^' before a"),
        (Dialect(escape="\\"), "malformed-quote", '1,"a"b\n', r"put '\' before each quote inside a quoted cell"),
        (Dialect(escape="^"), "malformed-quote", '1,"a"b\n', "put '^' before each quote inside a quoted cell"),
        (Dialect(), "malformed-quote", '1,"a"b\n', "double each quote inside a quoted cell"),
    ],
)
def test_damage_is_told_with_what_the_dialect_lets_one_do(
    tmp_path: Path, dialect: Dialect, code: str, row: str, advice: str
) -> None:
    """Whoever could not quote was told to put quotes around cells."""
    for rows in (row, row * 500):
        report = check(tmp_path, "id,name\n1,a\n" + rows, ID, NAME, dialect=dialect)
        assert only(report, code).advice.startswith(advice)


def test_damage_of_ragged_rows_says_what_was_expected_and_why(tmp_path: Path) -> None:
    begin = "id,name\n" + "1,a,\n" * 200
    rows = ("2,b,c\n", "3,b\n", "4\n")
    assert [only(check(tmp_path, begin + row, ID, NAME), "ragged-row").message for row in rows] == [
        "found 3 cells, expected 2 as in the header",
        "found 2 cells, expected 3 as in the first rows",
        "found 1 cell, expected 2 as in the header",
    ]
    headless = check(tmp_path, "1,a\n2\n", ID, NAME, dialect=Dialect(header=False))
    assert only(headless, "ragged-row").message == "found 1 cell, expected 2 as in the schema"


def test_damage_of_many_rows_shows_how_many_cells_each_has(tmp_path: Path) -> None:
    report = check(tmp_path, "id,name\n1,a\n" + "2\n3,b,c\n" * 500, ID, NAME)
    assert [s.value for s in only(report, "ragged-row").samples[:2]] == ["1 cell", "3 cells"]


def test_damage_of_other_kinds_on_a_row_beyond_the_header_is_told_too(tmp_path: Path) -> None:
    report = check(tmp_path, b"id,name\n" + b"1,a,\n" * 200 + b"\xe9,b,c\n" * 2 + b"2,b,\n", ID, NAME)
    assert [(f.code, f.count) for f in report.findings] == [("trailing-columns", 1), ("encoding", 2), ("ragged-row", 2)]


def test_damage_all_rows_ragged_is_one_finding_with_the_exact_count(tmp_path: Path) -> None:
    found = only(check(tmp_path, "id,name\n" + "1\n1,a\n" * 5_000, ID, NAME), "ragged-row")
    assert (found.count, found.line, found.samples[1].line, found.samples[1].record) == (5_000, 2, 4, 3)


GRAMMARS = [
    Grammar(delimiter=b";"),
    Grammar(delimiter=b"\x1f", quote=None),
    Grammar(delimiter=b"|", quote=b"'"),
    Grammar(escape=b"\\"),
    Grammar(escape=b"\\", quote=None),
    Grammar(delimiter=b"\t", escape=b"^"),
    Grammar(old_line_ends=True),
    Grammar(encoding="windows-1252"),
    Grammar(encoding="us-ascii"),
]
_BYTES = st.sampled_from(
    [b"a", b"D", b"D", b"Q", b"Q", b"E", b"\n", b"\r\n", b"\r", b"\xc3\xa9", b"\xe9", b"aDb\n", b"QaQDb\n"]
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    parts=st.lists(_BYTES, max_size=40),
    grammar=st.sampled_from(GRAMMARS),
    limit=st.sampled_from([24, 1000]),
    block_bytes=st.sampled_from([5, 30, 1000]),
)
def test_damage_of_any_kind_in_any_dialect_is_read_as_the_splitter_alone_reads_it(
    tmp_path: Path, parts: list[bytes], grammar: Grammar, limit: int, block_bytes: int
) -> None:
    data = b"".join(parts).replace(b"D", grammar.delimiter).replace(b"Q", grammar.quote or b'"')
    data = data.replace(b"E", grammar.escape or b"\\")
    grammar = Grammar(grammar.delimiter, grammar.quote, grammar.escape, limit, grammar.encoding, grammar.old_line_ends)
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    if grammar.encoding == "windows-1252":
        data = data.decode("cp1252").encode()
    if grammar.old_line_ends:
        data = data.replace(b"\r", b"\n")
    rows, line, number = Rows(2, grammar.encoding), 1, 1
    for record in records(data, grammar):
        rows.take(record, line, line + data.count(b"\n", record.start, record.fault_at), number)
        line += data.count(b"\n", record.start, record.end)
        number += not record.is_blank
    with open_source(path) as source:
        found = list(chunks(source, grammar, 2, Position(), block_bytes=block_bytes))
    faults = [(f.code, f.line, f.record, f.found) for chunk in found for f in chunk.all_faults()]
    assert sorted(map(repr, faults)) == sorted(repr((f.code, f.line, f.record, f.found)) for f in rows.all_faults())
    frames = pl.concat([chunk.frame for chunk in found]).rows() if found else []
    places = [(int(a), int(b)) for chunk in found for a, b in zip(chunk.lines, chunk.numbers, strict=True)]
    expected = zip(rows.lines, rows.numbers, map(tuple, rows.cells), strict=True)
    assert sorted((*place, row) for place, row in zip(places, frames, strict=True)) == sorted(expected)


def test_damage_of_a_cell_that_is_not_decoded_is_not_called_too_long_too(tmp_path: Path) -> None:
    report = check(tmp_path, b"id,name\n1," + b"\xe9" * 31 + b"\n", ID, NAME, limits=Limits(1024, 30))
    assert codes(report) == ["encoding"]


def test_damage_column_full_of_its_own_name_is_not_looked_at_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str | None, ...]] = []

    def noted(cells: tuple[str | None, ...]) -> tuple[str | None, ...]:
        seen.append(cells)
        return cells

    monkeypatch.setattr(screen, "_without_mark", noted)
    report = check(tmp_path, "id,note,room\n" + "1,note,room\n" * 50 + "id,note,room\n", column("id"), column("room"))
    assert (only(report, "repeated-header").line, len(seen)) == (52, 1)


def test_damage_of_a_first_row_with_more_cells_than_columns_makes_no_column(tmp_path: Path) -> None:
    """Without a header line its third cell was taken for a column, which no frame has: a crash."""
    content = "1,a,x\n2,Jo\u00c3\u00a3o\n"
    report = check(tmp_path, content, column("id"), column("name"), dialect=Dialect(header=False))
    assert sorted(codes(report)) == ["garbled-text", "ragged-row"]


def test_damage_of_a_file_cut_off_in_a_letter_is_no_other_encoding(tmp_path: Path) -> None:
    report = check(tmp_path, "id,name,note\n1,Zoë,x\n2,Zo".encode() + b"\xc3", column("id"), column("name"))
    found = only(report, "encoding")
    assert (found.line, "middle of a letter" in found.message, "again" in found.advice) == (3, True, True)
    whole = check(tmp_path, b"id,name,note\n2,Zo\xe9,x\n", column("id"), column("name"))
    assert "Windows-1252" in only(whole, "encoding").message


@pytest.mark.parametrize("row", [b"2,Zo\xe9\n", b'2,"Zo\xe9"\n', b'2,"Zo\xe9"\r\n'])
def test_damage_of_a_short_row_with_an_end_is_another_encoding_and_not_cut_off(tmp_path: Path, row: bytes) -> None:
    report = check(tmp_path, "id,name,note\n1,Zoë,x\n".encode() + row + b"3,Ann,x\n", column("id"), column("name"))
    assert "Windows-1252" in only(report, "encoding").message


@pytest.mark.parametrize("end", ["\x1a", "2,b\x1a", "\n\x1a"])
def test_damage_of_a_byte_for_the_end_of_the_file_is_named(tmp_path: Path, end: str) -> None:
    report = check(tmp_path, "id,name\n1,a\n" + end, column("id"), column("name"))
    assert "Ctrl-Z" in only(report, "no-final-newline").message
    assert "Ctrl-Z" not in only(check(tmp_path, "id,name\n1,a\n2", column("id")), "no-final-newline").message


@pytest.mark.parametrize("header", ["id,name\r\r\n", '"id","name"\r\r\n'])
def test_damage_of_line_ends_that_a_transfer_doubled_is_told_once_with_the_cause(tmp_path: Path, header: str) -> None:
    report = check(tmp_path, header + "1,a\r\r\n" * 9, column("id"), column("name"))
    [found] = report.findings
    assert (found.code, found.line, "binary mode" in found.advice) == ("lone-cr", 1, True)
