"""Loose files told by their names: what is a delivery, of which file and of when, and what is none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.test_names import NAMES
from watcher.model.deliveries import (
    Delivery,
    NameRule,
    NameRules,
    day_of,
    expected_name,
    is_older,
    moment_of,
    recognise,
    stamp_order,
)

STUDENTS = NameRule("students{date}.txt", "students.txt")
RULES = NameRules(
    (
        STUDENTS,
        NameRule("OR_bulk{date}.zip", "OR_bulk.zip"),
        NameRule("roster.csv", "students.csv"),
        NameRule("{date}-staff.csv", "staff.csv"),
    ),
    ("csv", "txt", "zip"),
)
DATES = ("20260901", "20260901020000", "2026090102000007", "20260901020000123")

# rules with a date


@pytest.mark.parametrize("digits", DATES)
@pytest.mark.parametrize("between", ["", "_", "-", "."])
@pytest.mark.parametrize("place", ["students{}.txt", "students.txt{}"])
def test_recognise_date_before_or_behind_the_extension(digits: str, between: str, place: str) -> None:
    assert recognise(place.format(between + digits), RULES) == Delivery("students.txt", digits)


def test_recognise_no_date_at_all() -> None:
    assert recognise("students.txt", RULES) == Delivery("students.txt")


@pytest.mark.parametrize(
    "name",
    [
        "students2026.txt",
        "students202609010.txt",
        "students202609010200.txt",
        "students202609010200001234.txt",
        "students_20260901_.txt",
        "students__20260901.txt",
        "students_.txt",
        "students 20260901.txt",
        "students20260901.txt.20260901",
        "students20260901",
        "students20260901.csv",
        "Students20260901.txt",
        "students20260901.T\u017fT",
        "xstudents20260901.txt",
        "students20260901.txt.filepart",
        "students20260901.txt\n",
        "students\u0662\u0660\u0662\u0666\u0660\u0669\u0660\u0661.txt",
        "students.tst",
        "studentsXtxt",
        ".in.students.txt",
        "COMPLETE",
        "",
    ],
)
def test_recognise_near_miss_is_none(name: str) -> None:
    assert recognise(name, RULES) is None


@pytest.mark.parametrize(
    ("name", "target", "stamp"),
    [
        ("students20260901.TXT", "students.txt", "20260901"),
        ("students.Txt", "students.txt", ""),
        ("students.TXT_20260901", "students.txt", "20260901"),
        ("ROSTER.csv", None, ""),
        ("roster.CSV", "students.csv", ""),
        ("20260901-staff.CSV", "staff.csv", "20260901"),
        ("OR_bulk.ZIP", "OR_bulk.zip", ""),
        ("or_bulk.ZIP", None, ""),
    ],
)
def test_recognise_suffix_in_any_case_and_no_other_part(name: str, target: str | None, stamp: str) -> None:
    assert recognise(name, RULES) == (None if target is None else Delivery(target, stamp))


@pytest.mark.parametrize(
    ("rule", "fits", "not_so"),
    [
        ("a.tar.gz", ("a.tar.GZ",), ("a.TAR.gz",)),
        ("a.txt{date}", ("a.TXT20260901", "a.Txt"), ("A.txt",)),
        ("a.{date}csv", ("a.20260901CSV", "a.CSV"), ("A.csv",)),
        ("a{date}", ("a", "a20260901"), ("A",)),
        ("a.back", ("a.BACK",), ("a.bac\u212a",)),
    ],
)
def test_recognise_suffix_is_what_follows_the_last_dot(
    rule: str, fits: tuple[str, ...], not_so: tuple[str, ...]
) -> None:
    rules = NameRules((NameRule(rule, "x"),), ("csv",))
    assert [name for name in fits if recognise(name, rules) is None] == []
    assert [name for name in not_so if recognise(name, rules)] == []


def test_recognise_impossible_date_counts() -> None:
    assert recognise("students20269999.txt", RULES) == Delivery("students.txt", "20269999")


def test_recognise_rule_without_a_date_is_that_name_alone() -> None:
    assert recognise("roster.csv", RULES) == Delivery("students.csv")
    assert recognise("roster20260901.csv", RULES) is None


def test_recognise_date_in_front() -> None:
    assert recognise("20260901-staff.csv", RULES) == Delivery("staff.csv", "20260901")
    rules = NameRules((NameRule("{date}staff.csv", "staff.csv"),))
    for name in ("20260901staff.csv", "20260901_staff.csv"):
        assert recognise(name, rules) == Delivery("staff.csv", "20260901")


def test_recognise_first_rule_that_fits_counts() -> None:
    rules = NameRules((NameRule("a{date}.csv", "first.csv"), NameRule("a.csv", "second.csv")))
    assert recognise("a.csv", rules) == Delivery("first.csv")


# rules with a star

FREE = NameRules((NameRule("*{date}.zip", "set.zip", each=True), NameRule("bulk{date}.zip", "set.zip")))


@pytest.mark.parametrize(
    ("name", "stamp"),
    [
        ("a.zip", ""),
        ("Lakeview export (2).zip", ""),
        ("a20260901.zip", "20260901"),
        ("a_20260901020000.zip", "20260901020000"),
        ("a.zip.20260901", "20260901"),
        ("20260901.zip", "20260901"),
        ("_20260901.zip", "20260901"),
        ("20260901_20260902.zip", "20260902"),
        ("20260901-020000.zip", ""),
        ("a2026.zip", ""),
        ("a" + "2" * 20 + ".zip", ""),
        ("a\n.zip", ""),
        ("caf\udce9.zip", ""),
        ("\u202ea.zip", ""),
        ("a.b.zip", ""),
        ("a.ZIP", ""),
        ("a.Zip.20260901", "20260901"),
        ("a" * 251 + ".zip", ""),
    ],
)
def test_recognise_star_takes_any_name_and_its_date_first(name: str, stamp: str) -> None:
    assert recognise(name, FREE) == Delivery("set.zip", stamp, each=True)


@pytest.mark.parametrize(
    "name",
    [".zip", ".a.zip", ".20260901.zip", "a.zi", "a.zipx", ".a.ZIP", "complete.zip", "Done.zip", "a.zip.filepart",
     "~$a.zip", "._a.zip", "COMPLETE", "a.zip.2026", "zip", ""],
)  # fmt: skip
def test_recognise_star_takes_no_hidden_temporary_or_marker_name(name: str) -> None:
    assert recognise(name, FREE) is None


def test_recognise_star_comes_after_other_rules_and_after_auto() -> None:
    assert recognise("bulk20260901.zip", FREE) == Delivery("set.zip", "20260901")
    assert recognise("bulk_auto.zip", FREE) == Delivery("set.zip")
    assert recognise("a_auto.zip", FREE) == Delivery("a.zip")


@pytest.mark.parametrize(
    ("rule", "fits", "not_so"),
    [
        ("*_students{date}.txt", ("a_students.txt", "a_students20260901.txt"), ("_students.txt", "students.txt")),
        ("a*{date}.zip", ("ab.zip", "a20260901.zip"), ("a.zip", "b20260901.zip")),
        ("{date}*.zip", ("20260901.zip", "20260901_a.zip", "a.zip"), (".zip",)),
        ("*.zip", ("a.zip", "a20260901.zip"), (".zip", "a.zip.20260901")),
    ],
)
def test_recognise_star_is_one_character_at_least_with_a_date_or_more(
    rule: str, fits: tuple[str, ...], not_so: tuple[str, ...]
) -> None:
    rules = NameRules((NameRule(rule, "x"),))
    for name in fits:
        stamp = "20260901" if "20260901" in name and "{date}" in rule else ""
        assert recognise(name, rules) == Delivery("x", stamp)
    assert [name for name in not_so if recognise(name, rules)] == []


def test_expected_name_of_what_a_star_would_take_in_other_letters() -> None:
    rules = NameRules((NameRule("set_*{date}.zip", "set.zip"),))
    words = "set_*{date}.zip with 8, 14, 16 or 17 digits, capitals and small letters as here"
    assert expected_name("SET_LAKEVIEW.ZIP", rules) == expected_name("Set_a20260901.zip", rules) == words
    assert expected_name("complete.ZIP", FREE) == expected_name("a.rar", FREE) == ""


# _auto


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("students_auto.csv", "students.csv"),
        ("oneroster_auto.zip", "oneroster.zip"),
        ("a_auto_auto.csv", "a_auto.csv"),
        ("with space_auto.csv", "with space.csv"),
        ("$a{b}_auto.csv", "$a{b}.csv"),
        ("caf\udce9_auto.csv", "caf\udce9.csv"),
        ("20260901_auto.csv", "20260901.csv"),
        ("_auto.csv", None),
        ("students_AUTO.csv", None),
        ("students_auto.CSV", "students.csv"),
        ("oneroster_auto.Zip", "oneroster.zip"),
        ("students_auto.txt", None),
        ("students.csv", None),
        ("students_auto.csv.filepart", None),
        (".in.students_auto.csv", None),
        ("._students_auto.csv", None),
        ("students_auto.csv\n", None),
    ],
)
def test_recognise_auto_takes_the_suffix_off(name: str, target: str | None) -> None:
    assert recognise(name) == (None if target is None else Delivery(target))


@pytest.mark.parametrize(
    "name", ["students_auto20260901.csv", "students_auto_20260901.csv", "students_auto.csv.20260901"]
)
def test_recognise_auto_with_a_date_behind_it(name: str) -> None:
    assert recognise(name) == Delivery("students.csv", "20260901")


def test_recognise_auto_knows_the_extensions_and_names_of_the_dataset() -> None:
    assert recognise("guardians_auto.txt", RULES) == Delivery("guardians.txt")
    assert recognise("roster_auto.csv", RULES) == Delivery("students.csv")
    assert recognise("students_20260901_auto.txt", RULES) == Delivery("students.txt", "20260901")
    assert recognise("students_auto20260901.TXT", RULES) == Delivery("students.txt", "20260901")


@pytest.mark.parametrize(
    "name", ["students_20260901_auto.csv", "students20260901_auto.csv", "students.20260901_auto.CSV"]
)
def test_recognise_auto_with_a_date_before_it_where_a_drop_has_the_file(name: str) -> None:
    """It was `students_20260901.csv`, rejected as misnamed; called as was then advised it was no delivery."""
    assert recognise(name, NameRules(files=frozenset({"students.csv"}))) == Delivery("students.csv", "20260901")


def test_recognise_auto_with_a_number_before_it_that_is_no_day_keeps_it() -> None:
    """Of two schools' files with their numbers one was set aside as the older one."""
    for number in ("00012345", "10000002", "20252026", "20260230", "10000002120000"):
        name = f"students_{number}_auto.csv"
        assert recognise(name, NameRules(files=frozenset({"students.csv"}))) == Delivery(f"students_{number}.csv")


def test_recognise_auto_with_digits_before_it_that_are_of_the_name_keeps_them() -> None:
    for name in ("students_20260901_auto.csv", "students_2026_auto.csv", "20260901_auto.csv", "a120260901_auto.csv"):
        assert recognise(name, NameRules(files=frozenset({"guardians.csv", "a1.csv"}))) == Delivery(
            name.replace("_auto", "")
        )
    both = NameRules(files=frozenset({"log.csv", "log_20260901.csv"}))
    assert recognise("log_20260901_auto.csv", both) == Delivery("log_20260901.csv")


def test_recognise_auto_extension_in_other_letters_is_what_the_dataset_writes() -> None:
    assert recognise("a_auto.dat", NameRules(auto_extensions=("csv", "DAT"))) == Delivery("a.DAT")
    assert recognise("a_auto.CSV", NameRules(auto_extensions=("csv", "CSV"))) == Delivery("a.CSV")


def test_recognise_each_is_that_of_the_rule() -> None:
    rules = NameRules((NameRule("delta{date}.zip", "delta.zip", each=True),))
    assert recognise("delta20260901.zip", rules) == Delivery("delta.zip", "20260901", each=True)
    assert recognise("delta_auto.zip", rules) == Delivery("delta.zip", each=True)
    assert recognise("bulk_auto.zip", rules) == Delivery("bulk.zip")


# stamps


def test_stamp_order_is_that_of_time_and_no_date_comes_first() -> None:
    stamps = ["", "20260831", "20260901", "20260901000000", "2026090102000007", "20260901020000100", "20260902"]
    assert sorted([*stamps[3:], *stamps[:3]], key=stamp_order) == stamps


def test_stamp_milliseconds_of_two_and_of_three_digits_compare_as_numbers() -> None:
    assert stamp_order("2026090102000099") < stamp_order("20260901020000100")


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        ("20260831", "20260901", True),
        ("20260901", "20260831", False),
        ("20260901", "20260901020000", False),
        ("20260831", "20260901020000", True),
        ("20260901010000", "2026090102000000", True),
        ("20260901020000", "2026090102000001", False),
        ("2026090102000099", "20260901020000100", True),
        ("", "20260901", False),
        ("20260901", "", False),
    ],
)
def test_is_older_only_where_both_say_so(one: str, other: str, *, older: bool) -> None:
    assert is_older(one, other) is older


@pytest.mark.parametrize(
    ("stamp", "modified", "moment"),
    [
        ("", "20260901020000", "20260901020000"),
        ("", "", ""),
        ("20260901", "20260901020000", "20260901020000"),
        ("20260901", "20260902001000", "20260901235959"),
        ("20260901", "20260831235000", "20260901000000"),
        ("20269999", "20260901020000", "20269999000000"),
        ("20260901010000", "20260901020000", "20260901010000"),
        ("2026090101000007", "20260901020000", "2026090101000007"),
    ],
)
def test_moment_is_that_of_the_name_and_what_that_does_not_say_that_of_the_modification(
    stamp: str, modified: str, moment: str
) -> None:
    assert moment_of(stamp, modified) == moment


def test_day_of_a_stamp() -> None:
    assert [day_of(stamp) for stamp in ("", *DATES)] == ["", *["20260901"] * 4]


# near misses


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("students2026.txt", "students{date}.txt with 8, 14, 16 or 17 digits"),
        ("STUDENTS_20260901.txt", "students{date}.txt with 8, 14, 16 or 17 digits"),
        ("student20260901.txt", "students{date}.txt with 8, 14, 16 or 17 digits"),
        ("or-bulk20260901.zip", "OR_bulk{date}.zip with 8, 14, 16 or 17 digits"),
        ("Roster.csv", "roster.csv"),
        ("notes.doc", ""),
        ("20260901", ""),
    ],
)
def test_expected_name_of_a_near_miss(name: str, expected: str) -> None:
    assert expected_name(name, RULES) == expected


def test_expected_name_without_rules_is_none() -> None:
    assert expected_name("students.csv", NameRules()) == ""


# whatever a sender names his files


@given(NAMES)
def test_recognise_never_makes_a_path_or_an_empty_name(name: str) -> None:
    for given_name in (name, f"{name}_auto.csv", f"students{name}.txt", f"{name}.zip"):
        found = recognise(given_name, RULES) or recognise(given_name, FREE)
        assert found is None or (found.target and "/" not in found.target and found.target != "COMPLETE")
        assert found is None or not found.stamp or found.stamp in given_name
    assert isinstance(expected_name(name, RULES), str)


@given(st.text("0123456789_.-", max_size=40), st.sampled_from(["students{}.txt", "students.txt{}", "OR_bulk{}.zip"]))
def test_recognise_takes_nothing_but_one_date_of_the_known_lengths(middle: str, place: str) -> None:
    found = recognise(place.format(middle), RULES)
    stripped = middle[1:] if middle[:1] in ("_", "-", ".") else middle
    is_date = stripped.isdigit() and len(stripped) in (8, 14, 16, 17)
    assert (found is not None) == (is_date or not middle)


def test_recognise_long_hostile_names_in_time() -> None:
    names = ["students" + "2026" * 60 + ".txt", "_auto" * 50, "_auto.csv" * 28, "9" * 250]
    began = time.process_time()
    for name in names * 100:
        recognise(name, RULES)
        recognise(name, FREE)
    assert time.process_time() - began < 10
