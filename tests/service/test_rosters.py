"""Pictures of students against the last loaded roster of another root."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.oneroot import BAD, OneRoot
from tests.service.running import FILES, STUDENT_IDS
from tests.validation.photos import jpeg
from watcher.config import RootSettings, RosterSettings, Settings
from watcher.model.states import State
from watcher.service.datasets import read_intakes
from watcher.service.lane import Lane
from watcher.service.roots import Discovery, Root, discover, policy_of
from watcher.service.rosters import RosterSource

FIRST, SECOND = STUDENT_IDS
ROSTER = RosterSettings(root="lakeview", file="students.csv", column="Student Id")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A dataset of pictures."""
    folder = tmp_path / "schemas" / "photos"
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text('name: photos\nfiles: [{schema: photo.yaml, match: "*.jpg"}]\n')
    (folder / "photo.yaml").write_text("file: photo.jpg\npicture: {}\n")
    return folder


class World(OneRoot):
    """`lakeview` as ever, and a root `photos` whose pictures are compared with its students."""

    def __init__(self, folder: Path, dataset: Path, **source: Any) -> None:
        super().__init__(folder)
        self.students = self.lane
        settings = RootSettings(path=str(folder / "photos"), name="photos", dataset=str(dataset), roster=ROSTER)
        about = {"root": "lakeview", "dataset": "students", "file": "students.csv", "column": "student_id", **source}
        self.photos = Lane(
            Root(
                "photos",
                Path(settings.path),
                settings,
                policy_of(self.settings, settings),
                roster=RosterSource(**about),
            )
        )
        Path(settings.path).mkdir()

    def take_students(self, name: str, files: Any = FILES) -> State:
        self.lane, self.upload = self.students, self.folder / "upload"
        self.drop(name, files)
        self.settle()
        return self.state(name)

    def take_pictures(self, *ids: str) -> dict[str, list[str]]:
        """Code and shown values of what is found of a drop with pictures of these students."""
        self.lane, self.upload = self.photos, self.folder / "photos"
        self.drop("20260905-020000", {f"{one}.jpg": jpeg() for one in ids})
        self.settle()
        record = self.context.journal.history("photos", limit=1)[0]
        assert record.state is State.LOADED
        report = json.loads((self.context.folders.envelope(record) / "report.json").read_text())
        self.messages = [finding["message"] for finding in report["findings"]]
        return {f["code"]: [sample["value"] for sample in f["samples"]] for f in report["findings"]}


def test_pictures_are_compared_with_the_last_loaded_roster(tmp_path: Path, photos: Path) -> None:
    world = World(tmp_path, photos)
    assert world.take_students("20260901-020000") is State.LOADED
    found = world.take_pictures(FIRST, "nobody")
    assert found == {"picture-without-student": ["nobody.jpg"], "student-without-picture": [SECOND]}
    where = "students.csv of the drop 20260901-020000 of lakeview, column student_id"
    assert world.messages[0] == f"the name of the picture is not in {where}, expected that of a student"


def test_pictures_are_not_compared_with_a_rejected_roster(tmp_path: Path, photos: Path) -> None:
    world = World(tmp_path, photos)
    assert world.take_students("20260901-020000") is State.LOADED
    newer = {**BAD, "students.csv": BAD["students.csv"].replace(FIRST.encode(), b"999998")}
    assert world.take_students("20260902-020000", newer) is State.REJECTED
    assert world.take_pictures(FIRST, SECOND) == {}


def test_pictures_are_compared_with_a_newer_roster_once_it_is_loaded(tmp_path: Path, photos: Path) -> None:
    world = World(tmp_path, photos)
    world.take_students("20260901-020000")
    newer = {name: data.replace(FIRST.encode(), b"999998") for name, data in FILES.items()}
    assert world.take_students("20260902-020000", newer) is State.LOADED
    assert world.take_pictures(FIRST, SECOND) == {
        "picture-without-student": [f"{FIRST}.jpg"],
        "student-without-picture": ["999998"],
    }


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"root": "nobody"}, "no drop of nobody was loaded yet"),
        ({"file": "absences.csv"}, "the dataset students of lakeview knows no absences.csv"),
        ({"column": "studentId"}, "it has no column studentId; did you mean student_id?"),
    ],
)
def test_pictures_that_cannot_be_compared_are_accepted_with_a_warning(
    tmp_path: Path, photos: Path, source: dict[str, str], reason: str
) -> None:
    world = World(tmp_path, photos, **source)
    world.take_students("20260901-020000")
    assert world.take_pictures("1") == {"roster-not-compared": []}
    assert world.messages[0].endswith(reason)


def test_pictures_are_accepted_where_the_roster_was_taken_away(tmp_path: Path, photos: Path) -> None:
    world = World(tmp_path, photos)
    world.take_students("20260901-020000")
    (world.context.folders.envelope(world.record()) / "files" / "students.csv").unlink()
    assert world.take_pictures("1") == {"roster-not-compared": []}
    assert "could not be read: No such file" in world.messages[0]


# which root it is


def found(folder: Path, *roots: RootSettings) -> Discovery:
    settings = Settings(work_dir=folder / "work", journal="", roots=roots, source=folder / "config.yaml")
    return discover(settings, read_intakes(settings))


def entry(path: str, **about: Any) -> RootSettings:
    return RootSettings(path=path, **about)


def test_roster_names_a_root(tmp_path: Path, photos: Path) -> None:
    pictures = entry(f"{tmp_path}/b", name="b", dataset=str(photos), roster=ROSTER)
    discovery = found(tmp_path, entry(f"{tmp_path}/a", name="lakeview", dataset="students"), pictures)
    assert discovery.problems == ()
    assert discovery.roots["lakeview"].roster is None
    assert discovery.roots["b"].roster == RosterSource("lakeview", "students", "students.csv", "Student Id")


def test_roster_names_the_folder_beside_it_in_each_district(tmp_path: Path, photos: Path) -> None:
    for district in ("hill", "lake"):
        (tmp_path / district / "users").mkdir(parents=True)
        (tmp_path / district / "photos").mkdir()
    (tmp_path / "new" / "photos").mkdir(parents=True)
    roster = RosterSettings(root="users", file="students.csv", column="Student Id")
    discovery = found(
        tmp_path,
        entry(f"{tmp_path}/*/users", folder="users", dataset="students"),
        entry(f"{tmp_path}/*/photos", folder="photos", dataset=str(photos), roster=roster),
    )
    assert discovery.problems == ()
    sources = {name: root.roster.root for name, root in discovery.roots.items() if root.roster is not None}
    assert sources == {"hill-photos": "hill-users", "lake-photos": "lake-users"}


def test_roster_of_no_root_is_a_problem(tmp_path: Path, photos: Path) -> None:
    pictures = entry(f"{tmp_path}/b", name="b", dataset=str(photos), roster=ROSTER)
    discovery = found(tmp_path, entry(f"{tmp_path}/a", name="lakeviews"), pictures)
    assert discovery.problems == ("b: roster.root: there is no root lakeview; did you mean lakeviews?",)


def test_roster_beside_a_dataset_without_pictures_is_a_problem(tmp_path: Path) -> None:
    lone = entry(f"{tmp_path}/a", name="lakeview", dataset="students", roster=ROSTER)
    [problem] = found(tmp_path, lone).problems
    assert problem == "lakeview: roster: the dataset students has no pictures to compare with students; remove it"


def test_dataset_with_pictures_without_pillow_is_a_problem(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    [problem] = found(tmp_path, entry(f"{tmp_path}/b", name="b", dataset=str(photos))).problems
    assert "pip install 'epoch-watcher[photos]'" in problem
