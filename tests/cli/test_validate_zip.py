"""`validate` on zips and on directories with zips: the report of the files in them, and of the zips themselves."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import watcher
from tests.needs import needs
from tests.service.running import FILES
from watcher.cli import main
from watcher.errors import WatcherError
from watcher.schema import find_dataset
from watcher.validation.zips import has_zips

Capture = pytest.CaptureFixture[str]


def zipped(path: Path, folder: str = "", **files: bytes) -> str:
    """A zip of the drop's files, or of these, `_` in their names for the dot."""
    contents = {name.replace("_", "."): content for name, content in files.items()} or FILES
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(f"{folder}{name}", content)
    return str(path)


def found(capsys: Capture, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["validate", *arguments, "--dataset", "students", "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, report


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is unpacked; nothing may be left there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_validate_zip_reports_its_files_by_name(tmp_path: Path, capsys: Capture, temporary: Path) -> None:
    code, report = found(capsys, zipped(tmp_path / "set.zip", "export/"))
    assert code == 0
    assert [file["name"] for file in report["files"]] == ["guardians.csv", "students.csv"]
    assert [(each["code"], each["file"]) for each in report["findings"]] == [("zip-folder", "set.zip")]
    assert list(temporary.iterdir()) == []


def test_validate_zip_that_is_bad_is_rejected_for_it(tmp_path: Path, capsys: Capture, temporary: Path) -> None:
    path = Path(zipped(tmp_path / "set.zip"))
    path.write_bytes(path.read_bytes()[:-5])
    code, report = found(capsys, str(path))
    assert code == 1
    assert [(each["code"], each["file"]) for each in report["findings"]] == [("zip-truncated", "set.zip")]
    assert list(temporary.iterdir()) == []


def test_validate_zip_with_bad_names_of_several_kinds_says_of_each_what_is_bad(tmp_path: Path, capsys: Capture) -> None:
    """The first kind's words stood over the names of all."""
    _, report = found(capsys, zipped(tmp_path / "set.zip", con_csv=b"", aux_csv=b"", users_=b""))
    told = {each["message"].partition(",")[0]: [s["value"] for s in each["samples"]] for each in report["findings"]}
    assert told == {
        "names of members are kept for devices by Windows": ["con.csv", "aux.csv"],
        "names of members end in a space or a dot": ["users."],
    }


def test_validate_directory_with_a_zip_is_judged_as_one_drop(tmp_path: Path, capsys: Capture) -> None:
    epoch = tmp_path / "20260901-020000"
    epoch.mkdir()
    zipped(epoch / "set.zip", students_csv=FILES["students.csv"])
    (epoch / "guardians.csv").write_bytes(FILES["guardians.csv"].replace(b"100235", b"9"))
    (epoch / "folder").mkdir()
    (epoch / "link.csv").symlink_to("guardians.csv")
    (epoch / "COMPLETE").touch()
    code, report = found(capsys, str(epoch))
    assert code == 1
    assert {(each["code"], each["file"]) for each in report["findings"]} == {
        ("directory-in-epoch", "folder"),
        ("not-a-regular-file", "link.csv"),
        ("unknown-reference", "guardians.csv"),
    }
    assert {file["name"] for file in report["files"]} == set(FILES)


def test_validate_zip_writes_every_single_finding(tmp_path: Path, capsys: Capture) -> None:
    path = zipped(tmp_path / "set.zip", "../")
    assert main(["validate", path, "--dataset", "students", "--format", "csv"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ['"zip-unsafe-name"'] * 2


def test_validate_zip_skipped_rows_are_those_of_its_files(tmp_path: Path, capsys: Capture) -> None:
    """The folder in which it is unpacked must still be there when they are written."""
    dataset = tmp_path / "set"
    dataset.mkdir()
    (dataset / "dataset.yaml").write_text("name: set\nfiles: [{schema: a.yaml, on_error: skip-rows}]\n")
    (dataset / "a.yaml").write_text("file: a.csv\ncolumns: [{name: n, type: integer}]\n")
    path = zipped(tmp_path / "set.zip", a_csv=b"n\n" + b"1\n" * 40 + b"x\n")
    assert main(["validate", path, "--dataset", str(dataset), "--skipped", str(tmp_path / "skipped")]) == 0
    (skipped,) = (tmp_path / "skipped").iterdir()
    assert "x" in skipped.read_text().splitlines()[-1]
    assert capsys.readouterr().out.startswith("ACCEPTED")


def test_validate_zip_skipped_rows_of_an_earlier_time_are_no_part_of_the_drop(tmp_path: Path, capsys: Capture) -> None:
    """The list is called by the file in the zip, of which the folder knows nothing."""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "dataset.yaml").write_text(
        "name: set\nextra_files: error\nfiles: [{schema: a.yaml, on_error: skip-rows}]\n"
    )
    (tmp_path / "set" / "a.yaml").write_text("file: a.csv\ncolumns: [{name: n, type: integer}]\n")
    (tmp_path / "data").mkdir()
    zipped(tmp_path / "data" / "all.zip", a_csv=b"n\n" + b"1\n" * 40 + b"x\n")
    command = ["validate", str(tmp_path / "data"), "--dataset", str(tmp_path / "set")]
    for _ in range(2):
        assert main([*command, "--skipped", str(tmp_path / "data")]) == 0, capsys.readouterr().out
    assert sorted(os.listdir(tmp_path / "data")) == ["all.zip", "skipped-a.csv"]


def test_validate_zip_as_a_library_returns_the_report(tmp_path: Path, temporary: Path) -> None:
    dataset = find_dataset("students", ())
    report = watcher.validate_zip(zipped(tmp_path / "set.zip"), dataset)
    assert (report.verdict, report.rows) == ("accepted", 4)
    assert list(temporary.iterdir()) == []
    with pytest.raises(WatcherError, match=r"none\.zip: No such file"):
        watcher.validate_zip(tmp_path / "none.zip", dataset)


def test_validate_zip_waits_for_no_disk_member_by_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 15,000 pictures each was synced into a folder that is thrown away: half a minute."""
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)
    path = zipped(tmp_path / "many.zip", "", **{f"a{number}_csv": b"id\n1\n" for number in range(50)})
    assert len(watcher.validate_zip(path, find_dataset("plain", ())).files) == 50
    assert len(calls) < 25


def test_validate_zip_without_a_folder_for_temporary_files_says_so(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it named a temporary folder that nobody knows, and neither the zip nor what to do."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert main(["validate", zipped(tmp_path / "set.zip"), "--dataset", "students"]) == 1
    assert "set.zip: there is no folder to unpack it to: No such file" in capsys.readouterr().err


def test_has_zips_of_a_directory_that_may_not_be_listed_raises_as_validate_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may list anything, so the refusal is made up."""

    def refuse(_: object) -> list[str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(WatcherError, match="Permission denied"):
        has_zips(tmp_path, find_dataset("students", ()))


def test_validate_zip_sink_that_raises_ends_it_with_that(tmp_path: Path) -> None:
    def stop(_: object) -> None:
        raise BrokenPipeError

    (tmp_path / "set.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(BrokenPipeError):
        watcher.validate_zip(tmp_path / "set.zip", find_dataset("students", ()), sink=stop)


@needs("mount", "umount", root=True)
def test_validate_zip_without_room_says_where_it_is_unpacked(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    path = zipped(tmp_path / "set.zip", students_csv=bytes(range(256)) * 10_000)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], check=True)
    try:
        monkeypatch.setattr(tempfile, "tempdir", str(small))
        assert main(["validate", path, "--dataset", "students"]) == 1
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert f"set.zip: No space left on device; it is unpacked to {small}, set TMPDIR" in capsys.readouterr().err
