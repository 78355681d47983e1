"""The CSV of occurrences: one row each, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reporting.builders import HOSTILE, an_occurrence
from watcher.model.findings import Level, Occurrence, Severity
from watcher.reporting.csvfile import HEADER, OccurrenceWriter, defuse


def written(*occurrences: Occurrence) -> str:
    stream = io.StringIO()
    write = OccurrenceWriter(stream)
    for occurrence in occurrences:
        write(occurrence)
    return stream.getvalue()


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_writer_without_occurrences_leaves_the_header() -> None:
    assert rows(written()) == [list(HEADER)]


def test_writer_writes_one_row_an_occurrence_under_one_header() -> None:
    text = written(an_occurrence(), an_occurrence(severity=Severity.WARNING, line=4, record=3, value=None))
    assert rows(text) == [
        list(HEADER),
        ["error", "enum", "students.csv", "3", "grade", "2", "expected one of 'KG', '01'", "13", "", ""],
        ["warning", "enum", "students.csv", "4", "grade", "3", "expected one of 'KG', '01'", "", "", ""],
    ]


def test_writer_leaves_what_does_not_apply_empty() -> None:
    bare = an_occurrence(level=Level.EPOCH, file=None, line=None, column=None, record=None, value=None)
    assert rows(written(bare))[1] == ["error", "enum", "", "", "", "", "expected one of 'KG', '01'", "", "", ""]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+15551234567", "'+15551234567"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1+1", " '=1+1"),
        ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
        ('a","=1+1', 'a","\'=1+1'),
        ("＝1+1", "'＝1+1"),  # noqa: RUF001 (full-width on purpose)
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("2026-09-01", "2026-09-01"),
        ("a@b.example", "a@b.example"),
    ],
)
def test_defuse_puts_an_apostrophe_where_a_formula_could_begin(found: str, shown: str) -> None:
    assert defuse(found) == shown


@given(st.text())
def test_writer_any_value_stays_one_row_on_one_line_and_starts_no_formula(value: str) -> None:
    text = written(an_occurrence(value=value, message=value, column=value, file=value))
    assert text.count("\n") == 2
    assert len(text.splitlines()) == 2
    (row,) = rows(text)[1:]
    assert len(row) == len(HEADER)
    # However a spreadsheet's locale cuts the line, no piece begins as a formula does.
    pieces = re.split(r"[,;|\t]", text.splitlines()[1])
    assert not any(piece.strip(' "')[:1] in tuple("=+-@") for piece in pieces if piece.strip(' "'))


@given(st.text(alphabet=st.characters(categories=["L", "N"])))
def test_writer_leaves_harmless_values_as_they_are(value: str) -> None:
    assert rows(written(an_occurrence(value=value[:80])))[1][HEADER.index("value")] == value[:80]


@pytest.mark.parametrize("text", HOSTILE)
def test_writer_with_hostile_text_is_sound_utf8(text: str) -> None:
    found = written(an_occurrence(value=text, file=text, column=text))
    found.encode("utf-8")
    assert found.replace("\n", "").isprintable()


def test_writer_tells_rule_and_advice() -> None:
    [row] = csv.DictReader(io.StringIO(written(an_occurrence(rule="=a parent", advice='did you mean "student"?'))))
    assert (row["rule"], row["advice"]) == ("'=a parent", 'did you mean "student"?')
