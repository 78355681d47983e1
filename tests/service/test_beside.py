"""What lies beside the folders of an entry is told: nobody would ever take it there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from watcher.config import RootSettings, Settings, load
from watcher.service.beside import tell_beside
from watcher.service.checks.roots import check_roots
from watcher.service.checks.site import visit
from watcher.service.roots import discover


@pytest.fixture
def school(tmp_path: Path) -> Path:
    for folder in ("users", "classes"):
        (tmp_path / "school" / folder).mkdir(parents=True)
    return tmp_path / "school"


def settings(path: Path) -> Settings:
    config = path.parent / "config.yaml"
    config.write_text(f"work_dir: work\nroots: [{{path: '{path}', folders: {{users: {{}}, classes: {{}}}}}}]\n")
    return load(config)


def told(path: Path) -> list[str]:
    configured = settings(path)
    return list(tell_beside(discover(configured).roots.values(), configured.roots))


def test_beside_nothing_lies_is_nothing_told(school: Path) -> None:
    (school / "users" / "students.txt").touch()
    for name in (".bash_history", ".ssh", "students.txt.filepart"):
        (school / name).touch()
    (school / "outgoing").mkdir()
    (school / "link").symlink_to("users")
    assert told(school) == []


def test_beside_a_file_an_epoch_and_a_folder_in_capitals_are_told(school: Path) -> None:
    """A sender whose path lacked the last folder heard nothing, and neither did the operator."""
    (school / "students\n20260901.txt").touch()
    for name in ("20260901-020000", "2026-09-02_0200", "Users"):
        (school / name).mkdir()
    (text,) = told(school)
    assert text == (
        f"{school}: nobody takes what lies beside its folders (classes, users): 4 things, 2026-09-02_0200, "
        r"20260901-020000, Users, students\n20260901.txt; the sender's path should lead into one of the folders"
    )


def test_beside_a_root_of_another_entry_is_no_stray(school: Path) -> None:
    (school / "20260901").mkdir()
    configured = settings(school)
    own = (*configured.roots, RootSettings(path=str(school / "20260901"), name="odd"))
    assert list(tell_beside(discover(replace(configured, roots=own)).roots.values(), own)) == []


def test_beside_folders_in_a_path_that_is_a_root_itself_is_nothing_told(school: Path) -> None:
    (school / "students_auto.csv").touch()
    configured = settings(school)
    own = (*configured.roots, RootSettings(path=str(school), name="all"))
    assert list(tell_beside(discover(replace(configured, roots=own)).roots.values(), own)) == []


def test_beside_folders_of_which_none_is_made_yet_all_is_told(school: Path) -> None:
    """Of a sender whose path was short from the first day nobody ever heard."""
    for folder in ("users", "classes"):
        (school / folder).rmdir()
    (school / "Classes").mkdir()
    (school / "students_auto.csv").touch()
    (text,) = told(school)
    assert "its folders (classes, users): 2 things, Classes, students_auto.csv;" in text


def test_beside_a_folder_of_many_districts_names_count_whether_they_are_made_or_not(school: Path) -> None:
    (school / "classes").rmdir()
    (school / "Classes").mkdir()
    (school.parent / "elsewhere").mkdir()
    (school.parent / "elsewhere" / "notes.txt").touch()
    (text,) = told(school.parent / "*")
    assert text.startswith(f"{school}: ")
    assert "its folders (classes, users): 1 thing, Classes;" in text


def test_beside_a_folder_that_cannot_be_listed_is_nothing_told(school: Path) -> None:
    configured = settings(school)
    roots = tuple(discover(configured).roots.values())
    school.rename(school.parent / "gone")
    assert list(tell_beside(roots, configured.roots)) == []


def test_doctor_warns_of_what_lies_beside_the_folders(school: Path) -> None:
    (school / "students20260901.txt").touch()
    found = [(each.grade.value, each.text) for each in check_roots(visit(settings(school)))]
    assert [text for grade, text in found if grade == "warning"] == told(school)
