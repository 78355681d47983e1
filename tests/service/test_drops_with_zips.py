"""Drops with zips on their whole road: unpacked, judged, loaded, archived; refused with what a technician understands."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.service.oneroot import BAD, GOOD, OneRoot
from watcher.intake.unzip import unpack_drop
from watcher.model.states import State
from watcher.schema.model import Dataset, Tolerated
from watcher.service.intakefindings import Arrival
from watcher.service.tasks import ValidateTask, validate_drop
from watcher.validation.zips import validate_unpacked

EPOCH = "20260901-020000"


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{folder}{name}", content)
    return buffer.getvalue()


def sent(folder: Path, files: Mapping[str, bytes], **options: Any) -> OneRoot:
    world = OneRoot(folder, **options)
    world.drop(EPOCH, files)
    world.settle()
    return world


def report(world: OneRoot, folder: str) -> dict[str, Any]:
    (path,) = (world.settings.work_dir / folder).rglob("report.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def found(world: OneRoot, folder: str) -> list[tuple[str, str, str | None]]:
    return [(each["severity"], each["code"], each["file"]) for each in report(world, folder)["findings"]]


def test_drop_of_a_zip_is_loaded_as_its_files(tmp_path: Path) -> None:
    content = zipped(GOOD)
    world = sent(tmp_path, {"set.ZIP": content})
    assert world.state() is State.LOADED
    assert world.loaded() == {EPOCH: dict(GOOD)}
    assert world.kept("archive")[EPOCH] == {**GOOD, "COMPLETE": b""}
    archived = world.settings.work_dir / "archive" / "lakeview" / EPOCH
    assert (archived / "received" / "set.ZIP").read_bytes() == content
    assert {file["name"] for file in report(world, "archive")["files"]} == set(GOOD)


def test_drop_of_a_zip_has_the_key_of_its_files(tmp_path: Path) -> None:
    """A loader knows it again, however it comes."""
    keys = []
    for name, files in (("a", GOOD), ("b", {"set.zip": zipped(GOOD)})):
        (tmp_path / name).mkdir()
        keys.append(sent(tmp_path / name, files).record().key)
    assert keys[0] == keys[1]


def test_drop_of_a_zip_with_wrong_files_is_rejected_for_them_by_name(tmp_path: Path) -> None:
    world = sent(tmp_path, {"set.zip": zipped(BAD)})
    assert world.state() is State.REJECTED
    assert {file for _, _, file in found(world, "rejected")} == {"students.csv", "guardians.csv"}


def test_drop_of_a_zipped_folder_is_loaded_with_a_warning(tmp_path: Path) -> None:
    world = sent(tmp_path, {"set.zip": zipped(GOOD, "export/")})
    assert world.state() is State.LOADED
    assert found(world, "archive") == [("warning", "zip-folder", "set.zip")]


def test_drop_of_a_bad_zip_is_rejected_for_it_alone(tmp_path: Path) -> None:
    """What is missing because of it is not told again, file by file."""
    world = sent(tmp_path, {"set.zip": zipped(GOOD)[:-10]})
    assert world.state() is State.REJECTED
    assert found(world, "rejected") == [("error", "zip-truncated", "set.zip")]
    assert all("zip-truncated" in text for text in world.results().values())


def test_drop_with_a_bad_zip_has_its_other_files_judged_each_by_itself(tmp_path: Path) -> None:
    world = sent(tmp_path, {"set.zip": b"\x1f\x8b", "guardians.csv": BAD["guardians.csv"].replace(b"G-2", b"")})
    assert set(found(world, "rejected")) == {
        ("error", "zip-not-a-zip", "set.zip"),
        ("error", "required", "guardians.csv"),
    }


def test_drop_of_a_bad_zip_is_rejected_whatever_the_dataset_tolerates(tmp_path: Path) -> None:
    """Made by hand: a dataset that is read from a file can't say so."""
    dataset = Dataset("any", (), tolerate=(Tolerated("zip-not-a-zip"),))
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "set.zip").write_bytes(b"\x1f\x8b")
    zips = unpack_drop(tmp_path, dataset, 10**9)
    assert validate_unpacked(tmp_path / "files", dataset, zips).verdict == "rejected"
    (tmp_path / "files" / "more.csv").write_bytes(b"x\n")
    assert validate_unpacked(tmp_path / "files", dataset, zips).verdict == "rejected"


def test_drop_may_not_be_larger_unpacked_than_the_roots_limit(tmp_path: Path) -> None:
    files = {"students.csv": GOOD["students.csv"], "more.csv": b"x\n" * 5000}
    world = sent(tmp_path, {"set.zip": zipped(files)}, max_drop_gb=5e-6)
    assert found(world, "rejected") == [("error", "zip-too-large", "set.zip")]


def test_drop_rejected_for_a_limit_is_replayed_with_a_higher_one(tmp_path: Path) -> None:
    world = sent(tmp_path, {"set.zip": zipped(GOOD)}, max_drop_gb=3.5e-7)
    assert world.state() is State.REJECTED
    world.change(max_drop_gb=1.0)
    world.replay(world.record())
    world.work()
    assert world.state() is State.LOADED
    assert world.loaded() == {EPOCH: dict(GOOD)}


def test_drop_that_is_unpacked_is_replayed_to_the_same_end(tmp_path: Path) -> None:
    world = sent(tmp_path, {"set.zip": zipped(BAD, "export/")})
    before = found(world, "rejected")
    world.replay(world.record())
    world.work()
    assert world.state() is State.REJECTED
    assert found(world, "rejected") == before
    assert ("warning", "zip-folder", "set.zip") in before


def test_expected_file_that_came_in_a_zip_is_not_missed(tmp_path: Path) -> None:
    """What is expected beside a loose file is known only when the zip is unpacked."""
    envelope = tmp_path / "envelope"
    (envelope / "files").mkdir(parents=True)
    (envelope / "files" / "set.zip").write_bytes(zipped(GOOD))
    arrival = Arrival(missing=("students.csv", "classes.csv"))
    task = ValidateTask(envelope, "lakeview", EPOCH, "students", (), max_bytes=10**9, arrival=arrival)
    assert validate_drop(task).warnings == 1
    (finding,) = json.loads((envelope / "report.json").read_text())["findings"]
    assert (finding["code"], finding["file"]) == ("expected-file-missing", "classes.csv")
