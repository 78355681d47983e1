"""Whole drops: which entries are files, what is missing, keys and references across files."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.validation.worlds import check, codes, column, dataset, drop, file_schema, only
from watcher.errors import ConfigError, WatcherError
from watcher.model.findings import Level, Occurrence, Severity
from watcher.model.report import Verdict
from watcher.schema.model import Dataset, DatasetFile, Extra, FileSchema, Limits
from watcher.validation import validate, validate_file
from watcher.validation.reading import blocks as reading
from watcher.validation.reading.source import Source

ID = column("id")
STUDENTS = file_schema("students.csv", column("id", required=True), key=("id",))
GUARDIANS = file_schema("guardians.csv", column("id"), column("student", references="students.id"))
BOTH = dataset(STUDENTS, GUARDIANS)


def test_validate_sound_drop_is_accepted(tmp_path: Path) -> None:
    where = drop(tmp_path, students="id\n1\n2\n", guardians="id,student\nA,1\nB,2\n")
    report = validate(where, BOTH, root="r", epoch="e")
    assert (report.verdict, report.findings, report.rows) == (Verdict.ACCEPTED, (), 4)
    assert (report.root, report.epoch, report.dataset) == ("r", "e", "test")


def test_validate_file_report_has_size_digest_and_rows(tmp_path: Path) -> None:
    data = b"id\n1\n\n2\n"
    [file] = validate(drop(tmp_path, students=data), BOTH).files
    assert (file.name, file.schema, file.size_bytes, file.rows) == ("students.csv", "students.csv", len(data), 2)
    assert (file.sha256, file.errors, file.warnings) == (hashlib.sha256(data).hexdigest(), 0, 1)


def test_validate_missing_file_is_said_with_the_name_that_looks_like_it(tmp_path: Path) -> None:
    report = validate(drop(tmp_path, student_list="id\n1\n"), dataset(STUDENTS, required=True))
    assert "student_list.csv" in only(report, "missing-file").advice
    assert "students.csv" in only(report, "unknown-file").advice


@pytest.mark.parametrize("name", ["students.xlsx", "students.csv.gz", "Students.PDF", "students.csv.pgp"])
def test_validate_file_of_another_kind_is_not_to_be_renamed(tmp_path: Path, name: str) -> None:
    where = drop(tmp_path)
    (where / name).write_bytes(b"PK")
    report = validate(where, dataset(STUDENTS, required=True))
    for code in ("missing-file", "unknown-file"):
        advice = only(report, code).advice
        assert ("send students.csv as plain CSV" in advice, "rename" in advice) == (True, False)


@pytest.mark.parametrize("name", ["students.CSV", "Students.csv", "stu dents.csv"])
def test_validate_file_named_nearly_right_is_one_error_and_is_judged(tmp_path: Path, name: str) -> None:
    where = drop(tmp_path)
    (where / name).write_text("id\n1\n1\n")
    report = validate(where, dataset(STUDENTS, required=True))
    assert codes(report) == ["misnamed-file", "duplicate-key"]
    assert report.files[0].schema == "students.csv"


@pytest.mark.parametrize(("extra", "errors"), [(Extra.IGNORE, 0), (Extra.WARN, 0), (Extra.ERROR, 1)])
def test_validate_unknown_file_is_digested_and_said_as_wanted(tmp_path: Path, extra: Extra, errors: int) -> None:
    report = validate(drop(tmp_path, students="id\n1\n", zebra=b"\0\xff"), dataset(STUDENTS, extra_files=extra))
    zebra = next(file for file in report.files if file.name == "zebra.csv")
    assert (zebra.schema, report.errors) == (None, errors)
    assert zebra.sha256 == hashlib.sha256(b"\0\xff").hexdigest()


@pytest.mark.parametrize("extra", [Extra.IGNORE, Extra.WARN])
def test_validate_drop_of_unknown_files_only_is_rejected(tmp_path: Path, extra: Extra) -> None:
    report = validate(drop(tmp_path, zebra="id\n1\n", yak="id\n1\n"), dataset(STUDENTS, extra_files=extra))
    found = next(finding for finding in report.findings if finding.code == "empty-epoch")
    assert found.message == "the dataset test knows none of the 2 files that came, expected at least one"
    assert report.verdict is Verdict.REJECTED


def test_validate_empty_drop_is_rejected(tmp_path: Path) -> None:
    assert codes(validate(drop(tmp_path), BOTH)) == ["empty-epoch"]


def test_validate_droppings_and_temporary_names_are_not_looked_at(tmp_path: Path) -> None:
    where = drop(tmp_path, students="id\n1\n")
    for name in (".DS_Store", "._students.csv", "Thumbs.db", "desktop.ini", "guardians.csv.filepart"):
        (where / name).write_bytes(b"\0")
    (where / "__MACOSX").mkdir()
    assert codes(validate(where, BOTH)) == []


def test_validate_what_is_no_file_is_said_and_never_followed(tmp_path: Path) -> None:
    where = drop(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("id\nsecret\n")
    (where / "students.csv").symlink_to(secret)
    os.mkfifo(where / "guardians.csv")
    (where / "folder.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(where / "s.csv"))
        report = validate(where, BOTH)
    kinds = {finding.file: finding.code for finding in report.findings}
    assert kinds == {
        "students.csv": "not-a-regular-file",
        "guardians.csv": "not-a-regular-file",
        "s.csv": "not-a-regular-file",
        "folder.csv": "directory-in-epoch",
    }
    assert report.files == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_validate_unreadable_file_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = drop(tmp_path, students="id\n1\n")
    (where / "students.csv").chmod(0)
    where.chmod(0o755)
    monkeypatch.chdir(where)  # the folders above are closed to others
    os.seteuid(65534)
    try:
        report = validate(Path(), BOTH)
    finally:
        os.seteuid(0)
    assert codes(report) == ["unreadable-file"]


def test_validate_file_written_to_while_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = drop(tmp_path, students="id\n1\n")
    read = Source.read

    def read_and_append(self: Source, offset: int, length: int) -> bytes:
        with (where / "students.csv").open("ab") as file:
            file.write(b"2\n")
        monkeypatch.setattr(Source, "read", read)
        return read(self, offset, length)

    monkeypatch.setattr(Source, "read", read_and_append)
    assert "file-changed" in codes(validate(where, BOTH))


def test_validate_hostile_name_is_an_error_and_made_printable(tmp_path: Path) -> None:
    where = drop(tmp_path)
    with open(os.fsencode(where) + b"/a\n\xff{x}[b].csv", "wb") as file:
        file.write(b"id\n1\n")
    plain = Dataset("plain", (DatasetFile(FileSchema("any.csv"), match="*.csv"),))
    assert only(validate(where, plain), "bad-file-name").file == "a\\n\\xff{x}[b].csv"


def test_validate_long_names_are_told_as_such_and_apart(tmp_path: Path) -> None:
    """Two names that begin alike became one file with the counts of both."""
    where = drop(tmp_path)
    for number in "12":
        (where / f"{'s' * 130}{number}.csv").write_text("id\n" + "1\n" * int(number))
    plain = Dataset("plain", (DatasetFile(FileSchema("any.csv"), match="*.csv"),))
    report = validate(where, plain)
    assert [(f.file, f.message, f.count) for f in report.findings] == [
        ("s" * 119 + "…", "the name has 135 characters, expected at most 120", 1),
        ("s" * 117 + "…2", "the name has 135 characters, expected at most 120", 1),
    ]
    assert [(file.name[-2:], file.rows, file.errors) for file in report.files] == [("s…", 1, 1), ("…2", 2, 1)]


def test_validate_path_that_is_not_there_raises(tmp_path: Path) -> None:
    with pytest.raises(WatcherError, match="No such file"):
        validate(tmp_path / "nowhere", BOTH)


def test_validate_one_file_needs_no_others(tmp_path: Path) -> None:
    where = drop(tmp_path, guardians="id,student\nA,9\n")
    assert codes(validate(where / "guardians.csv", dataset(STUDENTS, GUARDIANS, required=True))) == []
    with pytest.raises(ConfigError, match=r"has only students\.csv"):
        validate(where / "COMPLETE", BOTH)


def test_validate_file_against_a_schema_of_another_name(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("id\n1\n1\n")
    report = validate_file(path, STUDENTS)
    assert codes(report) == ["duplicate-key"]
    with pytest.raises(WatcherError, match="No such file"):
        validate_file(tmp_path / "y", STUDENTS)


def test_validate_findings_of_intake_stand_in_the_report_and_go_to_the_sink(tmp_path: Path) -> None:
    found = Occurrence("late", Severity.WARNING, Level.EPOCH, "it came late")
    seen: list[Occurrence] = []
    report = validate(drop(tmp_path, students="id\n1\n1\n"), BOTH, extra=(found,), sink=seen.append)
    assert codes(report) == ["late", "duplicate-key"]
    assert [occurrence.code for occurrence in seen] == ["late", "duplicate-key", "duplicate-key"]


def test_validate_progress_never_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the text turns out to be in another encoding, so that some of it is read twice."""
    monkeypatch.setattr(reading, "BLOCK_BYTES", 100)
    seen: list[int] = []
    data = b"id\n" + b"\xc3\xa9\n" * 50 + b"\xe9\n" * 50 + b"1\n" * 50
    schema = file_schema("students.csv", column("id"), limits=Limits(record_bytes=50))
    where = drop(tmp_path, students=data)
    report = validate(where, dataset(schema), progress=lambda _, end, __, ___: seen.append(end))
    assert "wrong-encoding" in codes(report)
    assert seen == sorted(seen)
    assert seen[-1] == len(data)


def test_validate_progress_ends_with_the_size(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int, int]] = []
    validate(drop(tmp_path, students="id\n1\n"), BOTH, progress=lambda *at: seen.append(at))
    assert seen[-1] == ("students.csv", 5, 5, 1)


def test_validate_header_alone_and_cut_off_file_are_warnings(tmp_path: Path) -> None:
    report = check(tmp_path, "id", ID)
    assert sorted(codes(report)) == ["header-only", "no-final-newline"]
    assert report.verdict is Verdict.ACCEPTED


def test_validate_open_file_that_has_no_name_any_more(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"id\n1\n1\n")
    with path.open("rb") as file:
        path.unlink()
        file.seek(3)
        report = validate(file.fileno(), BOTH, name="students.csv")
        alone = validate_file(file.fileno(), STUDENTS)
        assert file.read() == b"1\n1\n"
    assert (report.files[0].name, codes(report)) == ("students.csv", ["duplicate-key"])
    assert (alone.files[0].rows, codes(alone)) == (2, ["duplicate-key"])
    with pytest.raises(WatcherError, match="Bad file descriptor"):
        validate_file(12345, STUDENTS)


@pytest.mark.parametrize("is_gone", [False, True])
def test_validate_file_replaced_between_two_readings_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_gone: bool
) -> None:
    """The other file's lines would be told as those of the first one."""
    where = drop(tmp_path, students="id\n1\n1\n")
    digest = Source.sha256

    def replace_and_digest(self: Source) -> str:
        (where / "other").write_text("id\n1\n0\n1\n")
        (where / "other").rename(where / ("gone.csv" if is_gone else "students.csv"))
        if is_gone:
            (where / "students.csv").unlink(missing_ok=True)
        return digest(self)

    monkeypatch.setattr(Source, "sha256", replace_and_digest)
    assert codes(validate(where, BOTH)) == ["file-changed"]


@pytest.mark.parametrize("argument", ["sink", "progress"])
def test_validate_error_of_a_listener_comes_out_and_is_no_finding(tmp_path: Path, argument: str) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError

    where = drop(tmp_path, students="id\n1\n1\n")
    listener: dict[str, Any] = {argument: fail}
    with pytest.raises(BrokenPipeError):
        validate(where, BOTH, **listener)
    with pytest.raises(BrokenPipeError):
        validate_file(where / "students.csv", STUDENTS, **listener)
