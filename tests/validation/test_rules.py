"""Rules over whole rows: their verdicts are those of `jsonschema` over the row as an object."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.validation.test_keys import PLAIN
from tests.validation.worlds import check, codes, column, dataset, drop, file_schema, only
from watcher.model.findings import Occurrence, Severity
from watcher.model.report import Verdict
from watcher.schema.model import Extra, RowRule
from watcher.validation import validate
from watcher.validation.cells import rules as rules_module
from watcher.validation.cells.convert import NOT_CONVERTED, convert
from watcher.validation.cells.rules import mentioned

ROLE, MAIL = column("role"), column("email")
PARENT: dict[str, Any] = {
    "if": {"properties": {"role": {"const": "parent"}}, "required": ["role"]},
    "then": {"required": ["email"]},
}
NEEDS_MAIL = RowRule("a parent has an e-mail address", PARENT, advice="fill in the e-mail address")


def test_rule_each_broken_row_is_an_occurrence_with_the_cells_concerned(tmp_path: Path) -> None:
    rows = 'id,role,email\n1,parent,a@b\n2,parent,\n3,student,\n4,,\n"5\n",parent,\n'
    report = check(tmp_path, rows, column("id"), ROLE, MAIL, rules=(NEEDS_MAIL,))
    found = only(report, "rule")
    assert (found.message, found.rule) == ("expected: a parent has an e-mail address", NEEDS_MAIL.title)
    assert (found.advice, found.column, found.severity) == (NEEDS_MAIL.advice, "role + email", Severity.ERROR)
    assert [(s.line, s.record, s.value) for s in found.samples] == [
        (3, 2, "role=parent, email="),
        (6, 5, "role=parent, email="),
    ]


def test_rule_each_rule_is_a_finding_of_its_own_severity(tmp_path: Path) -> None:
    mild = RowRule("no role", {"not": {"required": ["role"]}}, Severity.WARNING)
    report = check(tmp_path, "role,email\nparent,x\n,x\n", ROLE, MAIL, rules=(mild, NEEDS_MAIL))
    assert codes(report) == ["rule"]
    assert (only(report, "rule").rule, report.verdict) == ("no role", Verdict.ACCEPTED)


def test_rule_column_that_the_file_lacks_is_an_absent_property(tmp_path: Path) -> None:
    report = check(tmp_path, "role\nparent\nstudent\n", ROLE, MAIL, rules=(NEEDS_MAIL,))
    assert [s.line for s in only(report, "rule").samples] == [2]
    report = check(tmp_path, "id\n1\n2\n", column("id"), MAIL, rules=(RowRule("t", {"required": ["email"]}),))
    assert only(report, "rule").count == 2


def test_rule_looks_at_no_column_that_is_told_to_be_missing(tmp_path: Path) -> None:
    mail = column("email", missing=Extra.WARN)
    no_role = RowRule("no role", {"not": {"required": ["role"]}})
    report = check(tmp_path, "role\nparent\nstudent\n", ROLE, mail, rules=(NEEDS_MAIL, no_role))
    assert [(f.code, f.column or f.rule) for f in report.findings] == [("missing-column", "email"), ("rule", "role")]
    assert only(report, "rule").count == 2


def test_rule_cell_that_is_not_of_its_type_is_told_as_that_alone(tmp_path: Path) -> None:
    rule = RowRule("few", {"properties": {"n": {"type": "integer", "maximum": 5}}})
    report = check(tmp_path, "n\n3\nx\n7\n", column("n", type="integer"), rules=(rule,))
    assert [(f.code, f.line) for f in report.findings] == [("type", 3), ("rule", 4)]


def test_rule_cell_that_could_not_be_decoded_is_told_as_that_alone(tmp_path: Path) -> None:
    rule = RowRule("t", {"properties": {"role": {"const": "parent"}}})
    assert codes(check(tmp_path, b"role,email\n\xe9,\nparent,\n", ROLE, MAIL, rules=(rule,))) == ["encoding"]


def test_rule_over_all_columns_shows_no_cells(tmp_path: Path) -> None:
    rule = RowRule("at least two cells", {"minProperties": 2})
    found = only(check(tmp_path, "role,email\nparent,\na,b\n", ROLE, MAIL, rules=(rule,)), "rule")
    assert [(s.line, s.value) for s in found.samples] == [(2, None)]
    assert found.column is None


def test_rule_pattern_that_takes_for_ever_is_told_as_not_judged(tmp_path: Path) -> None:
    rule = RowRule("t", {"properties": {"role": {"pattern": "^(a+)+$"}}})
    found = only(check(tmp_path, f"role,email\n{'a' * 5000}b,\n", ROLE, MAIL, rules=(rule,)), "rule")
    assert found.message == "the row could not be judged in time, expected: t"


def test_rule_pattern_too_large_for_the_quick_engine_is_judged_all_the_same(tmp_path: Path) -> None:
    large = {"properties": {"role": {"pattern": r"^(?:(?:[\w\-.@]{1,900}){1,60}){1,50}$"}}}
    report = check(tmp_path, "role\nparent\na b\n", ROLE, rules=(RowRule("a word", large),))
    assert [s.line for s in only(report, "rule").samples] == [3]


def test_rule_hostile_cells_are_shown_bounded_and_printable(tmp_path: Path) -> None:
    rows = f'role,email\n"a\x1b[2J\u202e{"x" * 500}",{"y" * 500}\n'
    found = only(check(tmp_path, rows, ROLE, MAIL, rules=(RowRule("t", {"required": ["role"], "not": {"required": ["email"]}}),)), "rule")  # fmt: skip
    [sample] = found.samples
    assert sample.value is not None
    assert sample.value.isprintable()
    assert len(sample.value) <= 80
    assert "email=" in sample.value


def test_rule_names_mentioned_are_those_that_count() -> None:
    assert mentioned(PARENT) == ("role", "email")
    assert mentioned({"allOf": [{"dependentRequired": {"a": ["b"]}}, {"$ref": "#/$defs/c"}], "$defs": {"c": {"required": ["d"]}}}) == ("a", "b", "d")  # fmt: skip
    assert mentioned({"not": {"additionalProperties": False}}) is None
    assert mentioned({"const": {"a": "x"}}) is None


# Against the library

COLUMNS = (
    column("s"),
    column("n", type="integer"),
    column("b", type="boolean", true_values=("yes", "J"), false_values=("no",)),
    column("l", type="array", separator=";"),
    column("d", format="date", formats=("%d.%m.%Y",)),
    column("x", type="number"),
)
NAMES = st.sampled_from([*(c.name for c in COLUMNS), "gone"])
SCALARS = st.one_of(
    st.sampled_from(["a", "ab", "é", "", "yes", 0, 1, 1.0, 2, -3, 2.5, True, False, None, "2024-02-29", 10**20])
)
SMALL = st.integers(-3, 4)
LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda v: {"const": v}, SCALARS),
    st.builds(lambda v: {"enum": v}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.builds(lambda v: {"type": v}, st.sampled_from(["string", "integer", "number", "boolean", "array", ["null", "string"]])),
    st.builds(lambda k, v: {k: v}, st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), SMALL),
    st.builds(lambda k, v: {k: v}, st.sampled_from(["minLength", "maxLength", "minItems", "multipleOf"]), st.integers(1, 3)),
    st.builds(lambda v: {"pattern": v}, st.sampled_from(["^a", "b$", r"^\w+$", "(?=a)a"])),
    st.builds(lambda v: {"items": v}, st.just({"maxLength": 1})),
    st.just({"format": "date"}),
)  # fmt: skip


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda k, v: {k: v}, st.sampled_from(["allOf", "anyOf", "oneOf"]), some),
        st.builds(lambda v: {"not": v}, parts),
        st.builds(lambda i, t, e: {"if": i, "then": t, "else": e}, parts, parts, parts),
        st.builds(lambda i, t: {"if": i, "then": t}, parts, parts),
    )


VALUES = st.recursive(LEAVES, combined, max_leaves=4)
ROWS = st.one_of(
    st.builds(lambda v: {"properties": v}, st.dictionaries(NAMES, VALUES, max_size=3)),
    st.builds(lambda v: {"required": v}, st.lists(NAMES, max_size=2, unique=True)),
    st.builds(lambda k, v: {"dependentRequired": {k: v}}, NAMES, st.lists(NAMES, max_size=2, unique=True)),
    st.builds(lambda k, v: {"dependentSchemas": {k: {"required": v}}}, NAMES, st.lists(NAMES, max_size=2, unique=True)),
    st.builds(lambda k, v: {k: v}, st.sampled_from(["minProperties", "maxProperties"]), st.integers(0, 4)),
    st.builds(lambda k, v: {"properties": {k: {"$ref": "#/$defs/v"}}, "$defs": {"v": v}}, NAMES, LEAVES),
    st.sampled_from([{"type": "object"}, {"type": "string"}, {"const": {"s": "a"}}, {"enum": [{}, 1]}]),
)
CELLS = {
    "s": ["", "a", "ab", "é", "abc", "yes"],
    "n": ["", "0", "1", "-3", "007", "10000000000000000", "x"],
    "b": ["", "yes", "J", "no", "true"],
    "l": ["", "a", "a;ab"],
    "d": ["", "29.02.2024", "x"],
    "x": ["", "1", "2.5", "1e1", "y"],
}


@PLAIN
@given(
    schema=st.recursive(ROWS, combined, max_leaves=5).filter(lambda s: "$defs" in s or "$ref" not in str(s)),
    rows=st.lists(st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())), max_size=12),
    remembered=st.sampled_from([1, 20_000]),
)
def test_rules_broken_are_those_of_the_library(
    tmp_path: Path, schema: dict[str, Any], rows: list[tuple[str, ...]], remembered: int
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([list(CELLS), *rows])
    world = dataset(file_schema("a.csv", *COLUMNS, rules=(RowRule("t", schema),)))
    seen: list[Occurrence] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules_module, "_REMEMBERED", remembered)
        validate(drop(tmp_path, a=text.getvalue()), world, sink=seen.append)
    broken = [o.record for o in seen if o.code == "rule"]
    assert broken == [i for i, row in enumerate(rows, 1) if is_broken(row, schema)]


UNSURE = {"properties": {"s": {"pattern": "(?=a)a"}}}  # polars does not know it
SURE = {"required": ["s"]}
TRICKY: list[dict[str, Any]] = [
    {"oneOf": [UNSURE, SURE]},
    {"anyOf": [{"not": UNSURE}, {"not": SURE}]},
    {"if": UNSURE, "then": {"not": SURE}, "else": SURE},
    {"if": {"not": UNSURE}, "then": False},
    {"if": SURE, "then": {"required": ["n"]}, "else": {"required": ["b"]}},
    {"properties": {"n": {"oneOf": [{"const": 0}, {"minimum": 1}, {"multipleOf": 3}]}}},
    {"properties": {"n": {"enum": [1.0, "1", True]}}},
    {"properties": {"n": {"not": {"enum": [0, 7]}}, "b": {"const": False}}},
    {"properties": {"b": {"enum": [1, "yes"]}}},
    {"properties": {"s": {"enum": [1]}, "gone": False}},
    {"properties": {"s": {"minLength": 2, "minimum": 9, "items": False}}},
    {"not": {"properties": {"s": {"minimum": 9, "maxItems": 1}}}},
    {"not": {"properties": {"n": {"maximum": 0, "minimum": 0}}}},
    {"not": {"properties": {"n": {"exclusiveMaximum": 1, "exclusiveMinimum": -1}}}},
    {"not": {"properties": {"b": {"const": True}}}},
    {"not": {"properties": {"b": {"enum": [False, "no"]}, "s": {"maxLength": 2}}}},
    {"dependentSchemas": {"s": {"properties": {"n": {"maximum": 0}}}, "gone": False}},
    {"minProperties": 2, "maxProperties": 3},
    {"allOf": []},
    {"not": {"type": ["string", "object"]}},
]


@pytest.mark.parametrize("schema", TRICKY)
def test_rule_tricky_verdicts_are_those_of_the_library(tmp_path: Path, schema: dict[str, Any]) -> None:
    rows = [(s, n, b, "", "", "") for s in CELLS["s"] for n in CELLS["n"] for b in ("", "yes", "no", "maybe")]
    text = "s,n,b,l,d,x\n" + "".join(f"{','.join(row)}\n" for row in rows)
    seen: list[Occurrence] = []
    world = dataset(file_schema("a.csv", *COLUMNS, rules=(RowRule("t", schema),)))
    validate(drop(tmp_path, a=text), world, sink=seen.append)
    broken = [o.record for o in seen if o.code == "rule"]
    assert broken == [i for i, row in enumerate(rows, 1) if is_broken(row, schema)]


def is_broken(row: tuple[str, ...], schema: dict[str, Any]) -> bool:
    names = mentioned(schema)
    values = {c.name: convert(cell, c) for c, cell in zip(COLUMNS, row, strict=True) if cell}
    if NOT_CONVERTED in [v for name, v in values.items() if names is None or name in names]:
        return False
    known = {name: value for name, value in values.items() if value is not NOT_CONVERTED}
    return not Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(known)
