from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.text import nearest, nearest_file, printable, quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("users_auto.csv", "users_auto.csv"),
        ("Ünïcode 名前 {x} <b>", "Ünïcode 名前 {x} <b>"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x7f\x85\x9b", r"\x7f\x85\x9b"),
        (os.fsdecode(b"caf\xe9.csv"), r"caf\xe9.csv"),
        ("\ud83d", r"\ud83d"),
        ("a\u202evsc.exe", r"a\u202evsc.exe"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_printable_text_is_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_printable_over_limit_ends_with_ellipsis() -> None:
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"


def test_printable_limit_never_cuts_an_escape() -> None:
    assert printable("ab\x1bcdefgh", 6) == "ab…"


@given(st.text(st.characters()), st.integers(1, 40))
def test_printable_any_text_fits_and_encodes(text: str, limit: int) -> None:
    short = printable(text, limit)
    assert len(short) <= limit
    assert len(short.encode().splitlines()) <= 1
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\\b", r"'a\b'"),
        ("\\", "'\\'"),
        ("a\nb", r"'a\nb'"),
        ("O'Brien", '"O\'Brien"'),
        ("5' 3\"", "'5' 3\"'"),
        ("", "''"),
    ],
)
def test_quoted_text_doubles_no_backslash(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("settle", "settle_seconds"),
        ("Settle_Second", "settle_seconds"),
        ("gather", None),
        ("dateset", "dataset"),
        ("", None),
        ("xyz", None),
    ],
)
def test_nearest_is_what_was_meant(word: str, expected: str | None) -> None:
    names = ["settle_seconds", "gather_settle_seconds", "gather_timeout_seconds", "dataset"]
    assert nearest(word, names) == expected


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("student.csv", "students.csv"),
        ("users_20260901.csv", "users.csv"),
        ("students (1).csv", "students.csv"),
        ("students.txt2026090102000012", "students.csv"),
        ("results.csv", None),
        ("2026.csv", None),
    ],
)
def test_nearest_file_goes_by_the_name_without_date_and_suffix(name: str, meant: str | None) -> None:
    """`schools.csv` was told to be meant by `results.csv`, for the sake of its suffix."""
    assert nearest_file(name, ["schools.csv", "students.csv", "users.csv"]) == meant
