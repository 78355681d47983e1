"""What a rule says to the one who must act on it."""

from __future__ import annotations

import pytest

from tests.validation.worlds import column
from watcher.schema.model import Column
from watcher.validation.cells.oracle import Oracle
from watcher.validation.cells.wording import CODE_OF_KEYWORD, nearest_advice


@pytest.mark.parametrize(
    ("judged", "cell", "message", "advice"),
    [
        (column("c", type="integer"), "x", "the value is not a whole number, expected type integer", "write digits only"),
        (column("c", type="number", example="1.5"), "x", "the value is not a number, expected type number", "write it like 1.5"),
        (column("c", type="boolean"), "x", "the value is neither true nor false, expected type boolean", "write true or false"),
        (
            column("c", type="boolean", true_values=("Y",), false_values=("N",)),
            "true",
            "the value is none of the values for true and false, expected Y, N",
            "write one of Y, N",
        ),
        (column("c", enum=["a", "b"]), "x", "the value is not one of the allowed values, expected a, b", None),
        (column("c", const="a"), "x", "the value is not the allowed value, expected 'a'", "write a"),
        (column("c", const="x\\y"), "x", r"the value is not the allowed value, expected 'x\y'", r"write x\y"),
        (column("c", type="integer", const=5), "6", "the value is not the allowed value, expected 5", "write 5"),
        (column("c", type="boolean", const=True), "false", "the value is not the allowed value, expected true", "write true"),
        (column("c", pattern="^a"), "x", "the value is not of the expected form, pattern '^a'", None),
        (column("c", minLength=2), "x", "the value is shorter than 2 characters", None),
        (column("c", maxLength=1), "xx", "the value is longer than 1 character", None),
        (column("c", type="integer", minimum=2), "1", "the value is less than 2", None),
        (column("c", type="integer", exclusiveMaximum=2), "2", "the value is not less than 2", None),
        (column("c", type="number", multipleOf=0.5), "0.7", "the value is not a multiple of 0.5", None),
        (column("c", format="date"), "x", "the value is not a date, expected format date", "write year-month-day"),
        (column("c", format="date", formats=("%d.%m.%Y",)), "x", "the value is not a date as DD.MM.YYYY", "write it as DD.MM.YYYY"),
        (column("c", format="ipv4"), "x", "the value is not an IPv4 address, expected format ipv4", "write four numbers"),
        (column("c", type="array", minItems=2), "x", "the list is shorter than 2 values", None),
        (column("c", type="array", maxItems=1), "x,y", "the list is longer than 1 value", None),
        (column("c", type="array", uniqueItems=True), "x,x", "the list has the same value twice, expected each once", None),
        (column("c", type="array", items={"type": "string", "const": "a"}), "x", "an item of the value is not the allowed value, expected 'a'", None),
        (column("c", type="array", items={"type": "integer"}), "x", "an item of the value is not a whole number, expected type integer", None),
        (
            column("c", anyOf=[{"format": "date"}, {"enum": ["N/A", "none"]}, {"pattern": "^a", "maxLength": 3}]),
            "x",
            "the value fits none of the allowed forms, expected a date, or one of N/A, none, or the pattern '^a' and at most 3 characters",
            None,
        ),
        (
            column("c", oneOf=[{"type": "string", "minLength": 1}, {"maxLength": 2}]),
            "x",
            "the value does not fit exactly one form, expected exactly one of: at least 1 characters; at most 2 characters",
            None,
        ),
        (column("c", **{"not": {"enum": ["x"]}}), "x", "the value is not allowed, expected anything but one of x", None),
    ],
)  # fmt: skip
def test_rule_says_what_was_expected_and_what_to_do(
    judged: Column, cell: str, message: str, advice: str | None
) -> None:
    [rule] = Oracle(judged).broken_rules(cell)
    assert rule.message == message
    assert advice is None or (rule.advice or "").startswith(advice)


def test_rule_of_a_hostile_schema_is_printable_and_bounded() -> None:
    [rule] = Oracle(column("c", enum=["\x1b[31m" + "y" * 500])).broken_rules("x")
    assert rule.message.isprintable()
    assert len(rule.message) <= 240


@pytest.mark.parametrize(
    ("judged", "cell", "message"),
    [
        (
            column("c", anyOf=[{"format": "date"}, {"title": "a school year", "pattern": "^[0-9]{4}-[0-9]{2}$"}]),
            "x",
            "the value fits none of the allowed forms, expected a date, or a school year",
        ),
        (
            column("c", oneOf=[{"title": "a year", "pattern": "^[0-9]{4}$"}, {"enum": ["none"]}]),
            "x",
            "the value does not fit exactly one form, expected exactly one of: a year; one of none",
        ),
        (
            column("c", **{"not": {"title": "a year", "pattern": "^[0-9]{4}$"}}),
            "2026",
            "the value is not allowed, expected anything but a year",
        ),
        (
            column("c", title="a year", pattern="^[0-9]{4}$"),
            "x",
            "the value is not of the expected form, expected a year",
        ),
        (
            column("c", type="array", items={"type": "string", "title": "a year", "pattern": "^[0-9]{4}$"}),
            "2026,x",
            "an item of the value is not of the expected form, expected a year",
        ),
        (
            column("c", allOf=[{"title": "a year", "pattern": "^[0-9]{4}$"}, {"minLength": 1}]),
            "x",
            "the value is not of the expected form, expected a year",
        ),
        (
            column("c", title="a year", pattern="^[0-9]{4}", maxLength=4),
            "20267",
            "the value is longer than 4 characters",
        ),
    ],
    ids=str,
)
def test_rule_says_the_title_in_place_of_a_pattern(judged: Column, cell: str, message: str) -> None:
    assert [rule.message for rule in Oracle(judged).broken_rules(cell)] == [message]


def test_rule_of_false_is_told_as_not_allowed() -> None:
    [rule] = Oracle(column("c", allOf=[False])).broken_rules("x")
    assert (rule.code, rule.message) == ("not", "the value is not allowed, the schema allows no value here")


def test_advice_names_three_allowed_values_at_most() -> None:
    assert nearest_advice(("a", "b", "c", "d"), every=True).startswith('did you mean "a", "b" or "c"? otherwise')


def test_every_keyword_of_a_cell_has_a_code() -> None:
    from watcher.schema.keywords import JUDGED

    assert JUDGED - {"items", "allOf"} <= set(CODE_OF_KEYWORD)
