"""The column engine against the reference, and the soundness of its masks."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.validation.reference import found_in_cells
from tests.validation.worlds import check, codes, column, dataset, drop, file_schema, only
from watcher.model.findings import Severity
from watcher.schema.model import Column
from watcher.validation import validate
from watcher.validation.cells.masks import accept_mask
from watcher.validation.cells.oracle import Oracle
from watcher.validation.cells.patterns import translate

COLUMNS = (
    column("id", required=True, maxLength=4),
    column("grade", enum=["KG", "01", "02"]),
    column("born", format="date"),
    column("left", format="date", formats=("%Y-%m-%d", "%m/%d/%Y")),
    column("seats", type="integer", minimum=0, maximum=40),
    column("score", type="number", exclusiveMinimum=0, exclusiveMaximum=1, multipleOf=0.25),
    column("active", type="boolean"),
    column("code", pattern=r"^[A-Z]\d+$", minLength=3),
    column("orgs", type="array", items={"type": "integer", "minimum": 1}, nulls=("NULL",)),
    column("uid", format="uuid"),
    column("at", format="date-time"),
    column("kind", const="x"),
)
VALUES = [
    "", "1", "0", "-1", "41", "40", "007", "1.0", "0.5", "0.3", "1e400", "9" * 20, "9223372036854775808", "KG", "01", "3",
    "2012-02-29", "2013-02-29", "2012-13-01", "0000-01-01", "02/28/2012", "2/28/2012", "true", "TRUE", "no", "AB", "A12", "A\u0661٢",
    "A12\n", "B7", "1,2", "1,,2", "0,1", "NULL", "x", "ééééé", "éé", " 1", "+1", "\u0661", "2020-01-01T00:00:00Z",
    "2020-02-30T00:00:00Z", "6f1ed002-ab5d-4bd3-a5ed-3d1c46d48b1d", "6f1ed002ab5d4bd3a5ed3d1c46d48b1d", "a\u2028b",
]  # fmt: skip
ROWS = st.lists(st.lists(st.sampled_from(VALUES), min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=8)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=ROWS)
def test_cells_found_wanting_are_those_of_the_reference(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([[c.name for c in COLUMNS], *rows])
    schema = file_schema("a.csv", *COLUMNS, key=("id",))
    found = set()
    validate(drop(tmp_path, a=text.getvalue()), dataset(schema), sink=lambda o: found.add((o.record, o.column, o.code)))
    assert found == found_in_cells(text.getvalue(), schema)


MASKED = [
    column("c", enum=["a", "b"]),
    column("c", const="a"),
    column("c", minLength=2, maxLength=4),
    column("c", pattern=r"^[0-9A-Za-z.\-_/@]+$"),
    column("c", pattern=r"^\d{2,3}(-\w+)?$"),
    column("c", pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    column("c", pattern=r"a|b.c|[^\d]\s"),
    column("c", format="date"),
    column("c", format="date", formats=("%Y-%m-%d", "%d.%m.%Y")),
    column("c", format="date-time"),
    column("c", format="uuid"),
    column("c", format="uri"),
    column("c", format="email"),
    column("c", type="integer", minimum=-5, maximum=99),
    column("c", type="number", exclusiveMinimum=-0.5, exclusiveMaximum=99.5),
    column("c", type="boolean"),
    column("c", type="array"),
]
_SEEDS = [
    "2012-02-28", "2012-02-29", "2012-04-31", "28.02.2012", "2020-01-31T23:59:59.5+01:00", "https://a.b/c-d", "http://", "a@b",
    "6f1ed002-ab5d-4bd3-a5ed-3d1c46d48b1d", "12-ab", "99", "-5", "99.5", "true", "abcd", "a", "b\nc", "a@b.c", "x y", "é\u00a0",
]  # fmt: skip
MUTANTS = st.one_of(
    st.text(max_size=8),
    st.builds(
        lambda seed, at, new, cut: seed[: at % (len(seed) + 1)] + new + seed[at % (len(seed) + 1) + cut :],
        st.sampled_from(_SEEDS),
        st.integers(0, 40),
        st.sampled_from(["", "0", "9", "-", "\n", "\r", " ", "é", "\u0661", "/", "@", "\x1c", "\x85", "Z", "."]),
        st.integers(0, 2),
    ),
)


@pytest.mark.parametrize("judged", MASKED, ids=lambda c: str(dict(c.judged_by)))
@settings(max_examples=150, deadline=None)
@given(values=st.lists(MUTANTS.filter(lambda value: value != ""), min_size=1, max_size=20))
def test_masks_accept_nothing_that_the_library_refuses(judged: Column, values: list[str]) -> None:
    mask = accept_mask(judged, "c")
    assert mask is not None
    cells = pl.DataFrame({"c": values})
    accepted = cells.filter(mask)["c"].to_list() if judged.type != "array" else values
    assert Oracle(judged).broken(accepted) == {}


@pytest.mark.parametrize("judged", MASKED, ids=lambda c: str(dict(c.judged_by)))
def test_masks_accept_something(judged: Column) -> None:
    """A mask that accepts nothing would be sound, and of no use."""
    mask = accept_mask(judged, "c")
    assert mask is not None
    assert pl.DataFrame({"c": [*_SEEDS, "b1"]}).select(mask.any()).item() is True


@pytest.mark.parametrize(
    "pattern", [r"a(?=b)", r"(?i)[^a]", r"\bx", r"(?m)^a", r"(?i:a)", r"a*+", r"(a)\1", r"[a&&b]", r"(?>a)b"]
)
def test_translate_what_the_engines_may_see_differently_is_left_to_python(pattern: str) -> None:
    assert translate(pattern) is None


@given(
    st.from_regex(r"\A(\(\?[is]\))?[abkS.^$|()\[\]*+?{}0-9,\\dwsDWS:-]{1,12}\Z"),
    st.text("abKs\u017f-^ 1\n\x1cé", max_size=6),
)
@example(r"(?i)^[r-t]$", "\u017f")
@example(r"^\S$", "\x1c")
@example(r"^[^\D]$", "a")
@example(r"[^\s]", "\x1c")
@example(r"[^\s]", "\x85")
@example(r"[^\d]", "\u0661")
def test_translate_never_accepts_more_than_python(pattern: str, text: str) -> None:
    try:
        meant = re.compile(pattern)
    except (re.error, FutureWarning):
        return
    translated = translate(pattern)
    if translated is None:
        return
    try:
        matches = pl.Series([text]).str.contains(translated).item()
    except pl.exceptions.PolarsError:
        return
    assert not matches or meant.search(text)


def test_cells_line_is_the_physical_one_across_quoted_newlines(tmp_path: Path) -> None:
    found = only(check(tmp_path, 'id,n\n"a\nb",1\nc,x\n', column("id"), column("n", type="integer")), "type")
    assert (found.line, found.samples[0].record) == (4, 2)


def test_cells_message_names_the_rule_and_never_the_value(tmp_path: Path) -> None:
    found = only(check(tmp_path, "grade\nMARIA\n", column("grade", enum=["01", "02"])), "enum")
    assert "01, 02" in found.message
    assert "MARIA" not in found.message + found.advice
    assert found.samples[0].value == "MARIA"


def test_cells_advice_names_what_was_meant_in_the_finding_and_at_each_place(tmp_path: Path) -> None:
    seen: list[str] = []
    where = drop(tmp_path, a="role\nStudent\nx\ntecher\n")
    roles = file_schema("a.csv", column("role", enum=["student", "teacher"]))
    report = validate(where, dataset(roles), sink=lambda found: seen.append(found.advice))
    assert only(report, "enum").advice == 'did you mean "student" or "teacher"? otherwise use one of the allowed values'
    assert seen == [
        'did you mean "student"? write it exactly so',
        "use one of the allowed values",
        'did you mean "teacher"? write it exactly so',
    ]


def test_cells_sample_is_bounded_and_printable(tmp_path: Path) -> None:
    found = only(check(tmp_path, "n\n\x1b[31m" + "y" * 200 + "\n", column("n", maxLength=5)), "max-length")
    assert found.samples[0].value is not None
    assert len(found.samples[0].value) == 80
    assert found.samples[0].value.startswith(r"\x1b[31m")


def test_cells_count_is_exact_and_samples_are_bounded(tmp_path: Path) -> None:
    found = only(check(tmp_path, "n\n" + "x\n" * 500, column("n", type="integer")), "type")
    assert (found.count, len(found.samples), found.line) == (500, 20, 2)


def test_cells_severity_of_a_column_is_that_of_its_findings(tmp_path: Path) -> None:
    report = check(tmp_path, "n\nx\n", column("n", type="integer", severity=Severity.WARNING))
    assert (codes(report), report.errors, report.warnings) == (["type"], 0, 1)


def test_cells_damaged_by_wrong_bytes_are_not_judged_and_the_others_are(tmp_path: Path) -> None:
    report = check(tmp_path, b"a,b\n\xe9,x\n", column("a", type="integer"), column("b", type="integer"))
    assert [(f.code, f.column) for f in report.findings] == [("encoding", None), ("type", "b")]


@pytest.mark.parametrize("jobs", [1, 2])
def test_cells_that_break_two_rules_of_one_code_are_a_finding_for_each(tmp_path: Path, jobs: int) -> None:
    """What is said of a finding holds of each of its samples."""
    patterns = column("n", allOf=[{"pattern": "^[A-Z]"}, {"pattern": "[0-9]$"}])
    place = drop(tmp_path, a="n\nA1\na1\nAx\n")
    starts, ends = validate(place, dataset(file_schema("a.csv", patterns)), jobs=jobs).findings
    assert ("'^[A-Z]'" in starts.message, [s.value for s in starts.samples]) == (True, ["a1"])
    assert ("'[0-9]$'" in ends.message, [s.value for s in ends.samples]) == (True, ["Ax"])
    assert starts.code == ends.code == "pattern"
