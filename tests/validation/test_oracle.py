"""For any keywords and any cell the verdict is that of `jsonschema` on the converted value."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.validation.library import Library
from tests.validation.worlds import column
from watcher.schema.model import Column
from watcher.validation.cells.oracle import Oracle

PATTERNS = ["^a", "b$", r"\d", r"^\w+$", "(a|b)*c", "(?=.*1)", "(?i)é", r"^(\w\s?)+$", r"(.)\1"]
WORDS = ["a", "b", "ab", "1", "2012-02-29", "é", "N/A", "true", "0", "-1", "1.5", "1e2", "aa", "a@b", "08:00:00Z"]
FORMATS = [
    "date",
    "time",
    "date-time",
    "email",
    "uuid",
    "ipv4",
    "ipv6",
    "hostname",
    "uri",
    "regex",
    "duration",
    "json-pointer",
]
BOUND = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, -1.5, 10**20, 1.0]))


def some(*keywords: tuple[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict(keywords))


TEXT = some(
    ("enum", st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)), ("const", st.sampled_from(WORDS)),
    ("pattern", st.sampled_from(PATTERNS)), ("format", st.sampled_from(FORMATS)),
    ("minLength", st.integers(0, 3)), ("maxLength", st.integers(0, 4)),
)  # fmt: skip
NUMBER = some(
    ("enum", st.lists(BOUND, min_size=1, max_size=4)), ("const", BOUND), ("minimum", BOUND), ("maximum", BOUND),
    ("exclusiveMinimum", BOUND), ("exclusiveMaximum", BOUND), ("multipleOf", st.sampled_from([1, 2, 0.5, 0.1, 3])),
)  # fmt: skip


def nested(plain: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def deeper(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        several = st.lists(inner, min_size=1, max_size=3)
        more = some(("anyOf", several), ("allOf", several), ("oneOf", several), ("not", inner))
        return st.builds(lambda left, right: left | right, plain, more)

    return st.recursive(plain, deeper, max_leaves=4)


def lists(items: st.SearchStrategy[dict[str, Any]], kind: str) -> st.SearchStrategy[dict[str, Any]]:
    of_list = some(("minItems", st.integers(0, 3)), ("maxItems", st.integers(0, 3)), ("uniqueItems", st.booleans()))
    return st.builds(lambda inner, outer: {"items": {"type": kind, **inner}, **outer}, items, of_list)


def lists_of_lists() -> st.SearchStrategy[dict[str, Any]]:
    inner = st.one_of(lists(nested(TEXT), "string"), lists(nested(NUMBER), "integer"), lists(some(), "boolean"))
    of_lists = lists(inner, "array")
    return of_lists.map(lambda s: {"inner_separator": "-", **s})


COLUMNS = st.one_of(
    nested(TEXT).map(lambda s: column("c", **s)),
    nested(NUMBER).map(lambda s: column("c", type="integer", **s)),
    nested(NUMBER).map(lambda s: column("c", type="number", **s)),
    some(("const", st.booleans()), ("enum", st.just([True]))).map(lambda s: column("c", type="boolean", **s)),
    st.one_of(lists(nested(TEXT), "string"), lists(nested(NUMBER), "integer"), lists(some(), "boolean")).map(
        lambda s: column("c", type="array", **s)
    ),
    lists_of_lists().map(lambda s: column("c", type="array", **s)),
)
ITEM = st.one_of(st.sampled_from(WORDS), st.text("ab1é.\n-\u0661 ", max_size=5))
CELL = st.one_of(ITEM, st.lists(ITEM, max_size=4).map(",".join)).filter(bool)


@settings(max_examples=400, deadline=None)
@given(COLUMNS, st.lists(CELL, min_size=1, max_size=8, unique=True))
@example(column("c", pattern="a$"), ["a\n"])
@example(column("c", pattern=r"^\d$", maxLength=1), ["\u0661", "11"])
@example(column("c", pattern="(?=a)", minLength=2, maxLength=3), ["a", "ab", "abcd"])
@example(column("c", maxLength=1), ["\U0001f600", "e\u0301"])
@example(column("c", allOf=[{"pattern": "a"}, {"pattern": "b"}], pattern="c"), ["abc", "ab", "c"])
@example(column("c", type="array", items={"type": "integer"}, uniqueItems=True), ["1,01"])
@example(
    column("c", type="array", inner_separator="-", items={"type": "array", "minItems": 1, "items": {"enum": ["a"]}}),
    ["a-a,a", "a,b", "a,,a", "-", "a-b-,a"],
)
def test_verdict_is_that_of_the_library(judged: Column, cells: list[str]) -> None:
    oracle = Oracle(judged)
    broken, library = oracle.broken(cells), Library(judged)
    for cell in cells:
        found = [rule.code for rule in oracle.broken_rules(cell)]
        assert len(found) == len(set(found))
        assert set(found) == library.codes(cell)
        assert tuple(oracle.broken_rules(cell)) == broken.get(cell, ())


@settings(max_examples=200, deadline=None)
@given(COLUMNS, CELL)
def test_words_of_a_rule_never_hold_the_cell(judged: Column, cell: str) -> None:
    """Words of the schema may be in them, so the cell is made of others."""
    strange = f"\u2603{cell}\u2603"
    for rule in Oracle(judged).broken_rules(strange):
        assert "\u2603" not in rule.message + (rule.advice or "")
        assert rule.message.isprintable()


def test_list_of_half_a_million_items_is_judged_at_once() -> None:
    judged = column("c", type="array", items={"type": "string", "pattern": "^a+$", "format": "email"}, maxItems=2)
    assert {rule.code for rule in Oracle(judged).broken_rules("a," * 500_000)} == {"pattern", "format", "max-items"}


@pytest.mark.parametrize("kind", ["integer", "number"])
@pytest.mark.parametrize("text", ["9" * 2_000_000, "-" * 1_000, "1e" + "9" * 5_000, "0." + "1" * 100_000])
def test_number_of_any_length_is_judged(kind: str, text: str) -> None:
    assert [rule.code for rule in Oracle(column("c", type=kind)).broken_rules(text)] == ["type"]


@pytest.mark.parametrize("first", ["abcdef", "abcd"])
def test_words_of_a_keyword_in_allof_name_its_own_limit(first: str) -> None:
    oracle = Oracle(column("c", maxLength=5, allOf=[{"maxLength": 3}]))
    oracle.broken_rules(first)
    assert ["5 char" in rule.message for rule in oracle.broken_rules("abcdef")] == [True]
    assert ["3 char" in rule.message for rule in oracle.broken_rules("abcd")] == [True]


def test_advice_names_the_allowed_values_that_are_near() -> None:
    oracle = Oracle(column("c", enum=["student", "teacher", "parent"]))
    [rule] = oracle.broken_rules("Student ")
    advice = oracle.advice_for(rule)
    assert advice is not None
    assert advice(["Student "]) == 'did you mean "student"? write it exactly so'
    assert advice(["STUDENT", "techer"]) == 'did you mean "student" or "teacher"? write it exactly so'
    assert advice(["STUDENT", "x"]) == 'did you mean "student"? otherwise use one of the allowed values'
    assert advice(["x", "y"]) is None


def test_advice_on_a_list_is_for_its_one_wrong_value() -> None:
    oracle = Oracle(column("c", type="array", items={"type": "string", "enum": ["student", "teacher"]}))
    advice = oracle.advice_for(oracle.broken_rules("teacher,Studnet")[0])
    assert advice is not None
    assert advice(["teacher,Studnet"]) == 'did you mean "student"? write it exactly so'


def test_date_in_a_format_that_is_not_declared_breaks_the_format() -> None:
    """An ISO date went through where %m/%d/%Y was declared, and was loaded as nothing."""
    [rule] = Oracle(column("c", format="date", formats=("%m/%d/%Y",))).broken_rules("2012-02-29")
    assert (rule.code, rule.message) == ("format", "the value is not a date as MM/DD/YYYY")


ROLES = column(
    "c",
    type="array",
    separator=";",
    items={"type": "array", "maxItems": 2, "items": {"type": "string", "enum": ["North", "South"]}},
)


@pytest.mark.parametrize(
    ("cell", "message", "advice"),
    [
        (
            "North;South,north",
            "a value of an inner list is not one of the allowed values, expected North, South",
            'did you mean "North"? write it exactly so; it is value 2 of list 2',
        ),
        (
            "North;East",
            "a value of an inner list is not one of the allowed values, expected North, South",
            "use one of the allowed values; it is value 1 of list 2",
        ),
        (
            ";North,South,North",
            "an inner list is longer than 2 values",
            "leave values of the list out; it is list 2",
        ),
    ],
)
def test_advice_on_a_list_of_lists_says_which_value_is_wrong(cell: str, message: str, advice: str) -> None:
    oracle = Oracle(ROLES)
    [rule] = oracle.broken_rules(cell)
    find_advice = oracle.advice_for(rule)
    assert find_advice is not None
    assert (rule.message, find_advice([cell])) == (message, advice)
    assert find_advice([cell, "x"]) != find_advice([cell])


def test_advice_on_a_list_of_lists_of_another_type_says_where() -> None:
    judged = column("c", type="array", separator=";", items={"type": "array", "items": {"type": "integer"}})
    oracle = Oracle(judged)
    [rule] = oracle.broken_rules("1,2;3,x")
    assert (rule.code, rule.message) == (
        "type",
        "a value of an inner list is not a whole number, expected type integer",
    )
    find_advice = oracle.advice_for(rule)
    assert find_advice is not None
    assert find_advice(["1,2;3,x"]) == "write digits only, without spaces or separators; it is value 2 of list 2"


@pytest.mark.parametrize("keyword", ["minItems", "maxItems", "uniqueItems"])
def test_list_of_lists_of_another_type_beside_a_rule_of_the_inner_lists_says_where(keyword: str) -> None:
    """The rule of the inner lists was asked of `a:2`, which is no list of numbers: a TypeError."""
    items = {"type": "array", keyword: 2, "items": {"type": "integer"}}
    oracle = Oracle(column("c", type="array", separator=";", inner_separator=":", items=items))
    [rule] = oracle.broken_rules("a:2")
    find_advice = oracle.advice_for(rule)
    assert find_advice is not None
    assert rule.code == "type"
    assert find_advice(["a:2"]) == "write digits only, without spaces or separators; it is value 1 of list 1"


@settings(max_examples=300, deadline=None)
@given(COLUMNS, st.lists(CELL, min_size=1, max_size=8, unique=True))
@example(
    column(
        "c", type="array", inner_separator="-", items={"type": "array", "minItems": 2, "items": {"type": "integer"}}
    ),
    ["a-2", "1-2,x", "1", "-"],
)
def test_advice_can_be_had_for_each_rule_and_whatever_cells_break_it(judged: Column, cells: list[str]) -> None:
    oracle = Oracle(judged)
    for rule in dict.fromkeys(rule for cell in cells for rule in oracle.broken_rules(cell)):
        find_advice = oracle.advice_for(rule)
        broken = [cell for cell in cells if rule in oracle.broken_rules(cell)]
        for some_cells in (broken, broken[:1]):
            advice = find_advice(some_cells)
            assert advice is None or advice.isprintable()
            is_inside = judged.is_nested and "inner list" in rule.message
            assert not is_inside or re.search(r" list [0-9]+$", advice or "")


def test_list_of_lists_of_half_a_million_values_is_judged_at_once() -> None:
    rules = {rule.code for rule in Oracle(ROLES).broken_rules("North;East,North,South;" * 100_000)}
    assert rules == {"enum", "max-items"}


OPEN = {"anyOf": [{"enum": ["school", "district"]}, {"pattern": r"^ext:[0-9A-Za-z.\-_]+$"}]}


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("School", 'did you mean "school"? write it exactly so'),
        ("distrct", 'did you mean "district"? write it exactly so'),
        ("EXT:house", 'a word of your own begins with "ext:", exactly so; see which characters may follow'),
        ("ext: my house", 'a word of your own begins with "ext:", exactly so; see which characters may follow'),
        ("house", None),
    ],
)
def test_open_vocabulary_says_its_words_and_how_others_begin(cell: str, advice: str | None) -> None:
    """OneRoster 1.2: listed words, and any other with `ext:` before it."""
    words = "school, district, or what begins with 'ext:' (pattern '^ext:[0-9A-Za-z.\\-_]+$')"
    for judged, text in (
        (column("c", **OPEN), cell),
        (column("c", type="array", items={**OPEN}), f"ext:a,{cell},school"),
    ):
        oracle = Oracle(judged)
        [rule] = oracle.broken_rules(text)
        assert rule.code == "any-of"
        assert rule.message.endswith(f"fits none of the allowed forms, expected one of {words}")
        find_advice = oracle.advice_for(rule)
        assert find_advice is not None
        assert find_advice([text]) == advice


def test_line_break_is_forbidden_in_plain_words() -> None:
    """School Data Sync: no line breaks in data."""
    oracle = Oracle(column("name", **{"not": {"pattern": r"[\r\n]"}}))
    assert oracle.broken_rules("Ana Maria") == ()
    [rule] = oracle.broken_rules("Ana Maria\n")
    assert (rule.code, rule.message) == (
        "not",
        "the value is not allowed, expected anything but text with a line break",
    )


def test_open_vocabulary_accepts_its_words_and_others_that_begin_so() -> None:
    oracle = Oracle(column("c", **OPEN))
    assert [oracle.broken_rules(text) for text in ("school", "ext:house", "ext:1.a-b_c")] == [(), (), ()]
