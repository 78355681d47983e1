"""Format checkers on what strangers write: the library's verdicts, in bounded time."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import column, dataset, drop, file_schema, only
from watcher.model.findings import Occurrence
from watcher.schema.formats import CHECKER as PLAIN
from watcher.schema.model import Column
from watcher.validation import validate
from watcher.validation.cells.describing import FORMATS
from watcher.validation.cells.formats import CHECKER, LONGEST
from watcher.validation.cells.oracle import Oracle

CELL_CHARACTERS = 1 << 20
HOSTILE = [
    "a",
    "1",
    "1.",
    "a.",
    ":",
    "1:",
    "/",
    "/a",
    "~",
    "%",
    "%4",
    "{a}",
    "{",
    "(",
    "[a-z]",
    "a{1,2}",
    "|",
    "(a)",
    "a-",
    "-",
    "ä",
    "@",
    "P1",
]


@pytest.mark.parametrize("name", sorted(CHECKER.checkers))
@pytest.mark.parametrize("prefix", ["", "http://a@", "P"])
def test_checker_of_a_long_cell_ends_soon(name: str, prefix: str) -> None:
    for unit in HOSTILE:
        text = (prefix + unit * CELL_CHARACTERS)[:CELL_CHARACTERS]
        began = time.process_time()
        CHECKER.conforms(text, name)
        assert time.process_time() - began < 10


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_checker_of_the_longest_text_that_is_checked_ends_soon(name: str) -> None:
    for unit in HOSTILE:
        text = (unit * LONGEST[name])[: LONGEST[name]]
        began = time.process_time()
        CHECKER.conforms(text, name)
        assert time.process_time() - began < 10


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(set(PLAIN.checkers) - {"iri", "iri-reference"})),
    st.text("a1:/.-@{}()[]~#PTZ²٣ é\n", max_size=20),
)
@example("regex", "[[a]")
@example("ipv4", "1.2.3.4\n")
@example("date", "0000-01-01")
def test_checker_says_what_the_library_says(name: str, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = PLAIN.conforms(text, name)
        except Exception:  # noqa: BLE001 (whatever the library falls over is no such format)
            expected = False
    assert CHECKER.conforms(text, name) == expected


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["iri", "iri-reference"]), st.text('a1:/.?#[]@%<> \\^é\n|{}`"\x7f', max_size=8))
@example("iri", "a:%41/[]?#@")
@example("iri", "http://[::1]:1/%41?a#b")
@example("iri", "a:b~!$&'()*+,;=-._")
def test_checker_of_iris_says_what_the_library_says(name: str, text: str) -> None:
    assert CHECKER.conforms(text, name) == PLAIN.conforms(text, name)


def test_checker_of_numbers_says_nothing() -> None:
    assert all(CHECKER.conforms(1, name) for name in CHECKER.checkers)


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_text_too_long_to_be_checked_is_told_so(name: str) -> None:
    text, oracle = "a" * (LONGEST[name] + 1), Oracle(column("c", format=name))
    [rule] = oracle.broken_rules(text)
    assert rule.code == "format"
    assert (
        f", or too long to be checked, expected format {name} in at most {LONGEST[name]:,} characters" in rule.message
    )
    find_advice = oracle.advice_for(rule)
    assert find_advice is not None
    assert find_advice([text]) == "shorten the value"


def test_every_format_has_words() -> None:
    assert set(CHECKER.checkers) <= set(FORMATS)


NO_MOMENT = "not a date with time in the years 1 to 9999 of UTC, expected format date-time"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_moment_that_the_calendar_of_utc_lacks_is_no_date_time(text: str) -> None:
    for judged in (column("c", format="date-time"), column("c", anyOf=[{"format": "date-time"}, {"const": "x"}])):
        assert Oracle(judged).broken_rules(text)
    [rule] = Oracle(column("c", format="date-time")).broken_rules(text)
    assert rule.code == "format"
    assert rule.message == f"the value is {NO_MOMENT}"
    assert Oracle(column("c", format="date-time")).broken_rules(text[:-6] + "Z") == ()


BEYOND, WRITE = "9999-12-31T23:59:59-05:00", "write it like 2012-03-30T08:15:00Z, with seconds and time zone"
INSIDE = "write a moment inside these years, such as 9999-12-31T23:59:59Z"
LISTED = {"type": "array", "separator": ",", "items": {"format": "date-time"}}
LONG = "a" * (LONGEST["iri"] + 1)


@pytest.mark.parametrize(
    ("judged", "cells", "message", "advice"),
    [
        (column("c", format="date-time"), ("bad", BEYOND), f"the value is {NO_MOMENT}", (WRITE, WRITE, INSIDE)),
        (column("c", format="date-time"), (BEYOND, "bad"), f"the value is {NO_MOMENT}", (WRITE, INSIDE, WRITE)),
        (column("c", format="date-time"), (BEYOND, BEYOND), f"the value is {NO_MOMENT}", (INSIDE, INSIDE, INSIDE)),
        (
            column("c", **LISTED),
            (f"{BEYOND},2012-03-30T08:15:00Z", f"bad,{BEYOND}"),
            f"an item of the value is {NO_MOMENT}",
            (WRITE, INSIDE, WRITE),
        ),
        (
            column("c", format="iri"),
            (LONG, "no address"),
            "the value is not a web address, or too long to be checked, expected format iri in at most 200 characters",
            (FORMATS["iri"].advice, "shorten the value", FORMATS["iri"].advice),
        ),
    ],
)
def test_what_lacks_a_format_and_what_only_passes_a_limit_are_told_in_words_true_of_both(
    tmp_path: Path, judged: Column, cells: tuple[str, str], message: str, advice: tuple[str, str, str]
) -> None:
    """One finding said of `bad` what was true of the other alone. Advice: that of the finding, then of each place."""
    where = drop(tmp_path, a="c\n" + "".join(f'"{cell}"\n' for cell in cells))
    singles: list[Occurrence] = []
    found = only(validate(where, dataset(file_schema("a.csv", judged)), sink=singles.append), "format")
    assert (found.message, found.count) == (message, 2)
    assert [single.message for single in singles] == [message, message]
    assert (found.advice, *(single.advice for single in singles)) == advice
