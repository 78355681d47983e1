"""Made-up districts in the form of each bundled dataset: sound ones bring no finding, mishaps bring exactly theirs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import watcher
from bench import verdicts
from bench.rosters.damage import Dose
from bench.rosters.vendors import rows
from bench.rosters.vendors.forms import DATE, VendorForm, forms, write_form
from bench.rosters.vendors.mishaps import mishaps
from bench.rosters.vendors.model import District
from bench.rosters.vendors.people import everybody
from tests.documents import district as documents
from watcher.model.findings import Occurrence
from watcher.model.report import Report
from watcher.schema import dataset_names, find_dataset

FORMS = forms()
#: Enough that each school has students in each of its grades.
STUDENTS = 200
#: Nothing of these is a vendor's.
OUR_OWN = {"plain", "students"}

Drop = Callable[[str], Path]


@pytest.fixture(scope="session")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Drop:
    """The sound drop of a form, made once."""
    made: dict[str, Path] = {}

    def get(form: str) -> Path:
        if form not in made:
            made[form] = write_form(FORMS[form], District(STUDENTS), tmp_path_factory.mktemp("forms") / form)
        return made[form]

    return get


def judged(form: VendorForm, folder: Path, dataset: str = "") -> Report:
    judge = watcher.validate_zip if form.zip_name else watcher.validate
    return judge(folder, find_dataset(dataset or form.dataset))


def found(report: Report) -> set[str]:
    return {f"{finding.severity} {finding.code}" for finding in report.findings}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- the model


def test_district_has_the_proportions_of_real_ones() -> None:
    made = District(3_700)
    students = made.students.height
    assert students == 3_700
    assert 6 <= made.enrollments.height / students <= 8
    assert 1.6 < made.students.select("guardian_1", "guardian_2").count().sum_horizontal()[0] / students < 1.8
    assert 14 < students / made.staff.filter(role="teacher").height < 16
    assert 0.25 < made.classes.height / students < 0.35
    assert made.enrollments.filter(role="student").group_by("class").len()["len"].max() < 35  # type: ignore[operator]


def test_district_of_a_few_students_is_whole() -> None:
    for count in (1, 2, 20):
        made = District(count)
        assert made.enrollments.filter(role="student").height == 7 * count
        assert set(made.enrollments["class"]) <= set(made.classes["class"])


def test_district_students_of_a_family_share_guardians_and_name() -> None:
    made = District(500)
    families = made.students.join(made.guardians, on="household", suffix="_of_guardian")
    assert families.filter(pl.col("family") != pl.col("family_of_guardian")).is_empty()
    assert made.students["household"].n_unique() < 500


def test_district_people_have_identifiers_and_logins_of_their_own() -> None:
    people = everybody(District(2_000)).collect()
    for column in ("id", "login", "email"):
        assert people[column].is_unique().all(), column
    assert people["login"].str.contains(r"^[a-z]+[0-9]{6}$").all()


# --- sound forms


@pytest.mark.parametrize("name", FORMS)
def test_form_is_the_same_for_the_same_seed(name: str, tmp_path: Path, drop: Drop) -> None:
    same = write_form(FORMS[name], District(STUDENTS), tmp_path / "missing" / "same")
    assert bytes_of(same) == bytes_of(drop(name))
    if name != "infinite-campus-photos":  # there the number of students is all
        other = write_form(FORMS[name], District(STUDENTS, seed=2), tmp_path / "other")
        assert bytes_of(other) != bytes_of(same)


@pytest.mark.parametrize("name", FORMS)
def test_sound_form_brings_no_finding(name: str, drop: Drop) -> None:
    report = judged(FORMS[name], drop(name))
    assert [(finding.code, finding.file, finding.message) for finding in report.findings] == []
    assert all(file.rows for file in report.files if not file.name.endswith(".jpg"))


@pytest.mark.parametrize(
    "name", [name for name, form in FORMS.items() if form.dataset in {"oneroster-1.1", "oneroster-1.2"}]
)
def test_sound_form_brings_no_finding_to_the_tolerant_dataset(name: str, drop: Drop) -> None:
    assert found(judged(FORMS[name], drop(name), f"{FORMS[name].dataset}-tolerant")) == set()


@pytest.mark.parametrize("name", FORMS)
def test_form_has_its_main_file(name: str, drop: Drop) -> None:
    form = FORMS[name]
    assert (drop(name) / (form.zip_name or form.main_file)).is_file()


def test_every_bundled_dataset_has_a_form() -> None:
    tolerant = {name for name in dataset_names() if name.endswith("-tolerant")}
    assert {form.dataset for form in FORMS.values()} == set(dataset_names()) - tolerant - OUR_OWN


# --- mishaps

CASES = [(form, name) for form in FORMS for name in mishaps(form)]


@pytest.mark.parametrize(("form", "name"), CASES, ids=map("/".join, CASES))
def test_mishap_brings_its_findings_and_no_others(form: str, name: str, tmp_path: Path, drop: Drop) -> None:
    mishap = mishaps(form)[name]
    shutil.copytree(drop(form), tmp_path / "drop")
    mishap.befall(tmp_path / "drop")
    assert bytes_of(tmp_path / "drop") != bytes_of(drop(form)), "nothing happened"
    assert found(judged(FORMS[form], tmp_path / "drop")) == mishap.findings


@pytest.mark.parametrize("form", FORMS)
def test_mishaps_reject_each_form_in_some_way(form: str) -> None:
    findings = {text for mishap in mishaps(form).values() for text in mishap.findings}
    assert any(text.startswith("error ") for text in findings)


# --- dropped loose, as districts do


@pytest.mark.parametrize("form", ["oneroster-1.1", "samegoal", "clever"])
def test_auto_names_are_gathered_and_accepted(form: str, tmp_path: Path, drop: Drop) -> None:
    """Within an epoch they are unknown files; loose in an upload root they are the form of the name that means so."""
    folder = shutil.copytree(drop(form), tmp_path / "drop")
    mishaps(form)["auto-names"].befall(folder)
    world = documents.District(tmp_path, f"roots: [{{path: upload, dataset: {form}}}]")
    for path in folder.iterdir():
        world.put(f"upload/{path.name}", path.read_bytes())
    world.go_on()
    assert [state for _, state in world.states()] == ["loaded"]
    assert world.laid(world.records()[0]) == {path.name for path in drop(form).iterdir()}


@pytest.mark.parametrize("form", ["oneroster-1.1-zip", "infinite-campus-oneroster-zip", "appazur-classes"])
def test_zip_with_a_date_is_taken_as_it_is_named(form: str, tmp_path: Path, drop: Drop) -> None:
    world = documents.District(tmp_path, f"roots: [{{path: upload, dataset: {FORMS[form].dataset}}}]")
    (zipped,) = drop(form).iterdir()
    assert DATE in zipped.name
    world.put(f"upload/{zipped.name}", zipped.read_bytes())
    world.go_on()
    assert [state for _, state in world.states()] == ["loaded"]
    assert "users.csv" in world.laid(world.records()[0])


# --- the command


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "bench.rosters", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_command_writes_a_form_into_a_folder_that_it_makes(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    done = command("sds-1", out, "--students", "30", "--mishap", "file-missing")
    assert (done.returncode, done.stdout) == (0, "error missing-file\n")
    assert found(judged(FORMS["sds-1"], out)) == {"error missing-file"}


def test_command_writes_a_table_into_a_folder_that_it_makes(tmp_path: Path) -> None:
    assert command("users", tmp_path / "a" / "b" / "users.csv", "--rows", "5").returncode == 0
    assert (tmp_path / "a" / "b" / "users.csv").read_bytes().count(b"\n") == 6


def test_command_refuses_a_folder_with_something_in_it_and_an_unknown_mishap(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    assert "is not empty" in command("clever", tmp_path).stderr
    assert (
        "no mishap 'flood' of clever; there are header-renamed"
        in command("clever", tmp_path / "x", "--mishap", "flood").stderr
    )


# --- damaged rows


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", rows.KINDS)
def test_damaged_rows_are_found_exactly_as_planted(name: str, seed: int, tmp_path: Path, drop: Drop) -> None:
    form = FORMS[name]
    shutil.copytree(drop(name), tmp_path / "drop")
    planted = rows.damage_rows(form, tmp_path / "drop", Dose(80, seed, crlf=seed == 2, bom=seed == 2))
    told: list[Occurrence] = []
    watcher.validate(tmp_path / "drop", find_dataset(form.dataset), sink=told.append)
    assert {each.file for each in told} == {form.main_file}
    found = [(each.line, each.column or "", each.code) for each in told]
    assert verdicts.difference(planted, found) == ()
    assert len(planted) > 50
