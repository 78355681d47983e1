"""Format checkers on what strangers write: the library's verdicts, in bounded time."""

from __future__ import annotations

import time
import warnings

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import column
from watcher.schema.formats import CHECKER as PLAIN
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
        assert time.process_time() - began < 2


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_checker_of_the_longest_text_that_is_checked_ends_soon(name: str) -> None:
    for unit in HOSTILE:
        text = (unit * LONGEST[name])[: LONGEST[name]]
        began = time.process_time()
        CHECKER.conforms(text, name)
        assert time.process_time() - began < 1


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
    [rule] = Oracle(column("c", format=name)).broken_rules("a" * (LONGEST[name] + 1))
    assert rule.code == "format"
    assert "too long to be checked" in rule.message


def test_every_format_has_words() -> None:
    assert set(CHECKER.checkers) <= set(FORMATS)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_moment_that_the_calendar_of_utc_lacks_is_no_date_time(text: str) -> None:
    for judged in (column("c", format="date-time"), column("c", anyOf=[{"format": "date-time"}, {"const": "x"}])):
        assert Oracle(judged).broken_rules(text)
    [rule] = Oracle(column("c", format="date-time")).broken_rules(text)
    assert rule.code == "format"
    assert rule.message == "the value is a moment before the year 1 or after the year 9999 in UTC"
    assert Oracle(column("c", format="date-time")).broken_rules(text[:-6] + "Z") == ()
