"""Names of files: the right one, one that is nearly right, one that is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.validation.worlds import dataset, file_schema
from watcher.model.deliveries import NameRule
from watcher.schema.model import DatasetFile, Extra
from watcher.schema.setmodel import Intake
from watcher.validation.entries import match_entries, name_findings

WORLD = dataset(file_schema("students.csv"), file_schema("schools.csv"), required=True)


def found(*names: str) -> tuple[dict[str, str], list[str]]:
    """The files behind the names, and the codes of what is to be said."""
    entries, occurrences = match_entries(tuple(sorted(names)), WORLD)
    return {e.name: e.schema.file for e in entries if e.schema is not None}, [o.code for o in occurrences]


@pytest.mark.parametrize(
    "name",
    [
        "Students.CSV",
        "students .csv",
        "students\u200b.csv",
        "students (1).csv",
        "students - Copy.csv",
        "students - Copy (2).csv",
        "students_auto.csv",
        "students_20260901.csv",
        "students20260901020000.csv",
        "Students.csv.txt",
        "students.csv.csv",
        "students",
        "students.txt",
        "studnets.csv",
        "student.csv",
    ],
)
def test_entry_of_nearly_the_right_name_is_read_and_told(name: str) -> None:
    assert found(name, "schools.csv") == ({name: "students.csv", "schools.csv": "schools.csv"}, ["misnamed-file"])


@pytest.mark.parametrize("name", ["students2.csv", "teachers.csv", ".csv", "(1).csv", "x" * 5_000, "students.csv.gz"])
def test_entry_of_another_name_is_none_of_the_files(name: str) -> None:
    assert found(name, "schools.csv") == ({"schools.csv": "schools.csv"}, [])


def test_entry_of_the_right_name_leaves_near_ones_alone() -> None:
    files, said = found("students.csv", "students (1).csv", "schools.csv")
    assert (list(files), said) == (["schools.csv", "students.csv"], [])


def test_entries_a_slip_away_from_one_name_are_not_chosen_from() -> None:
    assert found("studens.csv", "studets.csv", "schools.csv")[1] == []


# names of loose files

LOOSE = replace(
    dataset(file_schema("users.csv"), file_schema("orgs.csv"), required=True, extra_files=Extra.ERROR),
    intake=Intake(names=(NameRule("users{date}.csv", "users.csv"), NameRule("schools{date}.txt", "orgs.csv"))),
)


def advice(*names: str) -> list[tuple[str, str | None, str]]:
    """Code, file and advice of all that is said of the names."""
    entries, said = match_entries(tuple(sorted(names)), LOOSE)
    said += tuple(each for entry in entries for each in name_findings(entry, LOOSE))
    return [(each.code, each.file, each.advice) for each in said]


@pytest.mark.parametrize("name", ["users20260901.csv", "users_20260901020000.csv", "users.csv.20260901"])
def test_entry_with_the_date_of_a_loose_file_is_told_where_the_date_comes_from(name: str) -> None:
    """Once it was told to rename the file, which an export program makes anew each night."""
    (found,) = advice(name, "orgs.csv")
    assert found[:2] == ("misnamed-file", name)
    assert found[2].startswith("take the date off the name: in an epoch or a zip it must be as expected")
    assert 'switch "append date" off' in found[2]


def test_entry_with_another_name_of_a_loose_file_is_that_file_misnamed() -> None:
    """The file was missed, and this one unknown: two findings, and neither said why."""
    found, orgs = advice("users.csv", "schools.txt"), advice("users.csv", "schools20260901.txt")
    told = "call the file orgs.csv: the name that it has is known of a file that is sent loose"
    assert found == [("misnamed-file", "schools.txt", told)]
    assert [each[:2] for each in orgs] == [("misnamed-file", "schools20260901.txt")]


ODD_RULES = tuple(NameRule(name, "users.csv") for name in ("users.txt{date}.txt", "u_{date}.csv", "*.txt"))
ODD = replace(LOOSE, intake=Intake(names=(*LOOSE.intake.names, *ODD_RULES)))


@pytest.mark.parametrize(
    ("name", "target", "other"),
    [
        ("schools20260901.txt", "orgs.csv", "users.csv"),
        ("users_auto_20260901.csv", "users.csv", "orgs.csv"),
        ("users.txt_20260901.txt", "users.csv", "orgs.csv"),
        ("u_20260901.csv", "users.csv", "orgs.csv"),
        ("nightly_20260901.txt", "users.csv", "orgs.csv"),
        ("users_20260901.CSV", "users.csv", "orgs.csv"),
    ],
)
def test_entry_whose_name_without_its_date_is_not_right_either_is_told_the_name(
    name: str, target: str, other: str
) -> None:
    """It was told to take the date off, and when that was done, to call the file something else."""
    _, [said] = match_entries(tuple(sorted((name, other))), ODD)
    assert (said.code, said.file) == ("misnamed-file", name)
    assert said.advice == f"call the file {target}: the name that it has is known of a file that is sent loose"


MEALS = replace(
    LOOSE,
    files=(DatasetFile(file_schema("meals.csv"), match="meals-*.csv"),),
    intake=Intake(names=(NameRule("LUNCH{date}.txt", "meals-a.csv"), NameRule("DINNER{date}.txt", "meals-b.csv"))),
)


def told(*names: str) -> dict[str | None, str]:
    """The advice on each name that the dataset does not know, its file being known by a pattern only."""
    entries, said = match_entries(tuple(sorted(names)), MEALS)
    assert said == ()
    return {each.file: each.advice for entry in entries for each in name_findings(entry, MEALS)}


@pytest.mark.parametrize("others", [(), ("meals-b.csv",), ("DINNER.txt",), ("meals.csv",)])
def test_entry_of_a_loose_file_known_by_a_pattern_is_not_told_to_be_left_out(others: tuple[str, ...]) -> None:
    """It was told to send another one and leave this one out, and was the only one."""
    advice = "call the file meals-a.csv: the name that it has is known of a file that is sent loose"
    assert told("LUNCH_20260901.txt", *others)["LUNCH_20260901.txt"] == advice


def test_entries_of_loose_files_known_by_a_pattern_are_left_out_but_for_one() -> None:
    one_too_many = (
        "send one file, called meals-a.csv, and leave this one out: only a file that is sent loose is known so"
    )
    assert told("LUNCH_20260901.txt", "meals-a.csv") == {"LUNCH_20260901.txt": one_too_many}
    first, second = told("LUNCH_20260831.txt", "LUNCH_20260901.txt").values()
    assert first.startswith("call the file meals-a.csv: ")
    assert second == one_too_many


def test_entries_of_two_dates_are_one_misnamed_and_one_too_many() -> None:
    first, second = advice("users20260831.csv", "users20260901.csv", "orgs.csv")
    assert first[:2] == ("misnamed-file", "users20260831.csv")
    assert second[:2] == ("unknown-file", "users20260901.csv")
    assert second[2].startswith("send one file, called users.csv, and leave this one out")


def test_entry_that_no_rule_knows_is_told_to_be_renamed_or_left_out() -> None:
    assert advice("Users.csv", "orgs.csv") == [("misnamed-file", "Users.csv", "rename the file to users.csv")]
    assert advice("users.csv", "orgs.csv", "zebra20260901.csv")[0][:2] == ("unknown-file", "zebra20260901.csv")
