"""The command `validate`, as a person calls it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from watcher.cli import main

Capture = pytest.CaptureFixture[str]
GOOD = "student_id,first_name,last_name,date_of_birth,grade\n1,A,B,2012-02-29,07\n"
BAD = GOOD + "1,A,B,2013-02-29,7\n"


def drop(folder: Path, students: str) -> str:
    epoch = folder / "20260901-020000"
    epoch.mkdir()
    (epoch / "students.csv").write_text(students)
    (epoch / "COMPLETE").touch()
    return str(epoch)


def test_validate_accepted_drop_ends_with_0(tmp_path: Path, capsys: Capture) -> None:
    assert main(["validate", drop(tmp_path, GOOD), "--dataset", "students"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("ACCEPTED")
    assert err == ""


def test_validate_rejected_drop_ends_with_1_and_json_holds_the_report(tmp_path: Path, capsys: Capture) -> None:
    assert main(["validate", drop(tmp_path, BAD), "--dataset", "students", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["dataset"], report["files"][0]["rows"]) == ("rejected", "students", 2)
    places = {(f["severity"], f["code"], f["file"], f["line"], f["column"]) for f in report["findings"]}
    assert places == {
        ("error", "duplicate-key", "students.csv", 3, "student_id"),
        ("error", "format", "students.csv", 3, "date_of_birth"),
        ("error", "enum", "students.csv", 3, "grade"),
    }
    assert all(f["message"] and f["count"] == 1 and f["samples"] for f in report["findings"])


def test_validate_csv_has_a_row_for_every_single_finding(tmp_path: Path, capsys: Capture) -> None:
    rows = "".join(f"{i},A,B,2012-02-29,x\n" for i in range(2, 102))
    assert main(["validate", drop(tmp_path, GOOD + rows), "--dataset", "students", "--format", "csv"]) == 1
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["line"] for row in found] == [str(line) for line in range(3, 103)]
    assert {(row["severity"], row["code"], row["file"], row["column"]) for row in found} == {
        ("error", "enum", "students.csv", "grade")
    }


def test_validate_output_goes_to_the_file_alone(tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "report.html"
    argv = ["validate", drop(tmp_path, BAD), "--dataset", "students", "--format", "html", "--output", str(target)]
    assert main(argv) == 1
    assert capsys.readouterr().out == ""
    assert target.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_validate_one_file_against_a_schema_of_its_own(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "s.yaml").write_text("file: any.csv\ncolumns: [{name: a, type: integer}]\n")
    (tmp_path / "x.txt").write_text("a\nb\n")
    assert main(["validate", str(tmp_path / "x.txt"), "--schema", str(tmp_path / "s.yaml")]) == 1
    assert "not a whole number" in capsys.readouterr().out


def test_validate_schema_dir_is_looked_at_first(tmp_path: Path) -> None:
    own = tmp_path / "own" / "students"
    own.mkdir(parents=True)
    (own / "dataset.yaml").write_text("name: students\nfiles: [{schema: a.yaml}]\n")
    (own / "a.yaml").write_text("file: students.csv\n")
    where = drop(tmp_path, BAD)
    assert main(["validate", where, "--dataset", "students", "--schema-dir", str(tmp_path / "own")]) == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["{drop}"], "give either --dataset or --schema"),
        (["{drop}", "--dataset", "studnts"], "did you mean 'students'?"),
        (["{drop}/nothing", "--dataset", "students"], "does not exist"),
        (["{drop}/COMPLETE", "--dataset", "students"], "has only students.csv, guardians.csv"),
        (["{drop}", "--dataset", "students", "--format", "xml"], "'xml' is not one of"),
        (["{drop}", "--schema", "{drop}/students.csv"], "for a directory give --dataset"),
    ],
)
def test_validate_called_wrongly_ends_with_2_and_prints_no_report(
    tmp_path: Path, capsys: Capture, argv: list[str], said: str
) -> None:
    where = drop(tmp_path, GOOD)
    assert main(["validate", *(word.replace("{drop}", where) for word in argv)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
