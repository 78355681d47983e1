"""Which allowed value was meant."""

from __future__ import annotations

import time

import pytest

from watcher.validation.cells.suggestions import Suggestions, allowed_texts

ROLES = ("student", "teacher", "parent", "aide", "KG", "01", "02", "M", "Élève")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("STUDENT", "student"), (" student", "student"), ("stu\u200bdent", "student"), ("\ufeffstudent", "student"),
        ("\uff53tudent", "student"), ("students", "student"), ("studnet", "student"), ("tacher", "teacher"), ("Aide.", "aide"),
        ("kg", "KG"), ("m", "M"), ("'01'", "01"), ("eleve", "Élève"), ("0-1", "01"),
        ("1", "01"), ("002", "02"), ("03", None), ("010", None), ("0", None), ("principal", None), ("x", None), ("", None), ("s" * 5_000, None),
    ],
)  # fmt: skip
def test_nearest_is_what_was_meant_or_none(text: str, meant: str | None) -> None:
    assert Suggestions(ROLES).nearest(text) == meant


def test_nearest_of_two_is_none() -> None:
    assert Suggestions(("cart", "card")).nearest("carx") is None


def test_nearest_among_thousands_is_found_by_looking_up() -> None:
    suggestions = Suggestions(f"school number {i:05}" for i in range(5_000))
    began = time.process_time()
    assert suggestions.nearest("Schol Number 00042") == "school number 00042"
    assert [suggestions.nearest(f"x{i}") for i in range(20_000)] == [None] * 20_000
    assert time.process_time() - began < 20


def test_allowed_texts_are_found_in_alternatives_and_items() -> None:
    schema = {"anyOf": [{"enum": ["a", 1]}, {"const": "b"}], "items": {"oneOf": [{"const": "c"}]}}
    assert list(allowed_texts(schema)) == ["a", "b", "c"]
