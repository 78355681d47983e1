"""The official tests of JSON Schema, for every instance that a cell can hold, on the road that cells take."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator

from watcher.schema.keywords import JUDGED
from watcher.schema.model import Column, ColumnType
from watcher.validation.cells.masks import accept_mask
from watcher.validation.cells.oracle import Oracle

SUITE = Path(__file__).with_name("json-schema-test-suite") / "draft2020-12"
SEPARATOR = "\x1f"
SILENT = {"$schema", "$comment", "title", "description", "default"}
OURS = {*JUDGED, "type"}


class NoCellError(Exception):
    """Why an instance is no cell, or a schema no column."""


@dataclass(frozen=True)
class Case:
    name: str
    schema: Any
    instance: Any
    valid: bool


def cases() -> Iterator[Case]:
    for path in sorted(SUITE.rglob("*.json")):
        for group in json.loads(path.read_text()):
            for test in group["tests"]:
                name = f"{path.relative_to(SUITE)}: {group['description']}: {test['description']}"
                yield Case(name, group["schema"], test["data"], test["valid"])


CASES = list(cases())


def ours(schema: Any) -> dict[str, Any]:
    """The schema without what says nothing; raises NoCellError if it holds a keyword that columns don't have."""
    if not isinstance(schema, dict):
        raise NoCellError("a schema that is true or false")
    kept = {keyword: value for keyword, value in schema.items() if keyword not in SILENT}
    if unknown := sorted(kept.keys() - OURS):
        raise NoCellError(f"no keyword of a column: {', '.join(unknown)}")
    for keyword in ("anyOf", "allOf", "oneOf"):
        kept |= {keyword: [ours(each) for each in kept[keyword]]} if keyword in kept else {}
    for keyword in ("not", "items"):
        kept |= {keyword: ours(kept[keyword])} if keyword in kept else {}
    if not isinstance(kept.get("type", ""), str):
        raise NoCellError("a column has one type")
    return kept


def kind_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    if type(value) not in kinds:
        raise NoCellError("no cell holds null or an object")
    return kinds[type(value)]


def text_of(value: Any) -> str:
    if isinstance(value, str):
        if value == "":
            raise NoCellError("an empty cell is absent")
        return value
    if isinstance(value, list):
        if len({kind_of(item) for item in value}) != 1 or isinstance(value[0], list):
            raise NoCellError("a list has values, of one plain type")
        items = [item if isinstance(item, str) else text_of(item) for item in value]
        return SEPARATOR.join(items) or text_of("")
    kind_of(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise NoCellError("whole numbers have 64 bits")
    return json.dumps(value)


def column_of(case: Case) -> Column:
    schema = ours(case.schema)
    kind = schema.get("type", kind_of(case.instance))
    if kind in ("null", "object"):
        raise NoCellError("no cell holds null or an object")
    if kind != kind_of(case.instance) and kind in ("string", "array"):
        raise NoCellError("any text is text, and a list of one value")
    if kind != "string" and isinstance(case.instance, str) and re.fullmatch("-?[0-9.]+|true|false", case.instance):
        raise NoCellError("a cell does not tell text from a number")
    if kind == "integer" and isinstance(case.instance, float) and case.instance.is_integer():
        raise NoCellError("a whole number is written without a point")
    judged = {"type": kind, **schema}
    if kind == "array":
        items = schema.get("items", {})
        judged["items"] = {"type": kind_of(case.instance[0]) if case.instance else "string", **items}
        if judged["items"]["type"] in ("array", "object", "null"):
            raise NoCellError("no cell holds lists of lists")
    return Column("c", judged, ColumnType(kind), separator=SEPARATOR)


def library_says(case: Case) -> bool:
    try:
        return Draft202012Validator(case.schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(
            case.instance
        )
    except re.error:
        raise NoCellError("a pattern that Python does not know; schemas that hold one are refused") from None


def reason_against(case: Case) -> str | None:
    """Why a case is none for a column; None if it is one."""
    try:
        text_of(case.instance), column_of(case), library_says(case)
    except NoCellError as reason:
        return str(reason)
    return None


with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    REASONS = {case.name: reason_against(case) for case in CASES}
CELLS = [case for case in CASES if REASONS[case.name] is None]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("case", CELLS, ids=lambda case: case.name)
def test_verdict_on_a_cell_is_the_official_one(case: Case) -> None:
    text, column = text_of(case.instance), column_of(case)
    accepted = not Oracle(column).broken_rules(text)
    assert accepted == library_says(case)
    mask = accept_mask(column, "c")
    if mask is not None and pl.DataFrame({"c": [text]}).select(mask.alias("m")).item():
        assert accepted


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_library_hardly_ever_differs_from_the_standard() -> None:
    """Its verdict counts, also where it is not the official one: that is so for 24 cases with jsonschema 4.26."""
    differing = [case.name for case in CELLS if library_says(case) != case.valid]
    assert len(differing) < 40


def test_most_cases_are_cells_and_the_others_are_left_out_for_a_reason() -> None:
    assert len(CELLS) > 600
    assert {reason for reason in REASONS.values() if reason} == {
        "a column has one type",
        "a pattern that Python does not know; schemas that hold one are refused",
        "a schema that is true or false",
        "a whole number is written without a point",
        "an empty cell is absent",
        "any text is text, and a list of one value",
        "a list has values, of one plain type",
        "a cell does not tell text from a number",
        "no cell holds null or an object",
        "no keyword of a column: prefixItems",
        "no keyword of a column: properties",
        "whole numbers have 64 bits",
    }
