"""The command `validate`, as a person calls it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs.console import ROOT
from tests.processes import open_files
from tests.validation.photos import jpeg
from watcher.cli import main
from watcher.cli.outputs import written

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
        ("error", "duplicate-key", "students.csv", 2, "student_id"),
        ("error", "format", "students.csv", 3, "date_of_birth"),
        ("error", "enum", "students.csv", 3, "grade"),
    }
    assert all(f["message"] and f["count"] and f["samples"] for f in report["findings"])


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
    ("name", "more"),
    [
        ("students_auto.csv", []),
        ("students_auto_20260901.csv", []),
        ("export of today.dat", ["--as", "students.csv"]),
    ],
)
def test_validate_file_as_it_came_is_known_by_its_loose_name_or_by_as(
    tmp_path: Path, capsys: Capture, name: str, more: list[str]
) -> None:
    """What a district sent is checked by hand as it lies there, without being renamed first."""
    (tmp_path / name).write_text(BAD)
    assert main(["validate", str(tmp_path / name), "--dataset", "students", *more]) == 1
    out, err = capsys.readouterr()
    assert (out.startswith("REJECTED: 4 errors"), err) == (True, "")
    assert "students.csv: 4 errors in 2 rows" in out


def test_validate_vendors_extract_with_its_date(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "students20260901020000.txt").write_text("Student Number\tFirst Name\n")
    assert main(["validate", str(tmp_path / "students20260901020000.txt"), "--dataset", "appazur-contacts"]) == 1
    assert "students.txt: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["{drop}"], "give either --dataset or --schema"),
        (["{drop}", "--dataset", "studnts"], "did you mean 'students'?"),
        (["{drop}/nothing", "--dataset", "students"], "does not exist"),
        (["{drop}/COMPLETE", "--dataset", "students"], "has only students.csv, guardians.csv"),
        (["{drop}/../sets/student.cvs", "--dataset", "students"], "guardians.csv; did you mean students.csv?"),
        (["{drop}", "--dataset", "{drop}/../sets/dataset.yaml"], "give its folder, "),
        (["{drop}", "--dataset", "students", "--format", "xml"], "'xml' is not one of"),
        (["{drop}", "--schema", "{drop}/students.csv"], "for a directory give --dataset"),
        (["{drop}", "--dataset", "students", "--as", "students.csv"], "--as is for one file"),
        (["-", "--dataset", "students"], "say which file of the dataset standard input is: --as"),
        (["{drop}", "--dataset", "students", "--jobs", "0"], "0 is not in the range"),
    ],
)
def test_validate_called_wrongly_ends_with_2_and_prints_no_report(
    tmp_path: Path, capsys: Capture, argv: list[str], said: str
) -> None:
    where = drop(tmp_path, GOOD)
    (tmp_path / "sets").mkdir()
    for name in ("dataset.yaml", "student.cvs"):
        (tmp_path / "sets" / name).touch()
    assert main(["validate", *(word.replace("{drop}", where) for word in argv)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_validate_output_into_no_folder_is_told_by_the_name_that_was_given(tmp_path: Path, capsys: Capture) -> None:
    where = tmp_path / "none" / "report.txt"
    assert main(["validate", drop(tmp_path, GOOD), "--dataset", "students", "--output", str(where)]) == 1
    assert capsys.readouterr().err == f"epoch-watcher: No such file or directory: {where}\n"


SKIPPING = "file: a.csv\non_error: skip-rows\nmax_skipped_rows: 100 %\ncolumns: [{name: a, type: integer}]\n"


def test_validate_writes_all_findings_and_the_skipped_rows_besides(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "s.yaml").write_text(SKIPPING)
    (tmp_path / "a.csv").write_text("a\n" + "x\n" * 30 + "7\n")
    wanted = ["--findings", str(tmp_path / "f.csv"), "--skipped", str(tmp_path / "new" / "out")]
    assert main(["validate", str(tmp_path / "a.csv"), "--schema", str(tmp_path / "s.yaml"), *wanted]) == 0
    assert "30" in capsys.readouterr().out
    found = list(csv.DictReader((tmp_path / "f.csv").read_text().splitlines()))
    assert [(row["severity"], row["line"]) for row in found] == [("skipped", str(line)) for line in range(2, 32)]
    [skipped] = (tmp_path / "new" / "out").iterdir()
    assert len(skipped.read_text().splitlines()) == 31


def test_validate_all_findings_can_go_to_the_output_and_a_file(tmp_path: Path, capsys: Capture) -> None:
    argv = ["validate", drop(tmp_path, BAD), "--dataset", "students", "--format", "csv"]
    assert main([*argv, "--findings", str(tmp_path / "f.csv")]) == 1
    assert capsys.readouterr().out == (tmp_path / "f.csv").read_text()


def test_validate_jobs_change_nothing(tmp_path: Path, capsys: Capture) -> None:
    where = drop(tmp_path, BAD)
    said = []
    for jobs in ("1", "3"):
        assert main(["validate", where, "--dataset", "students", "--jobs", jobs]) == 1
        said.append(capsys.readouterr())
    assert said[0] == said[1]


def test_validate_output_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "nothing").mkdir()
    argv = ["validate", "--dataset", "students", "--output", str(tmp_path / "link")]
    assert main([*argv, str(tmp_path)]) == 1
    assert (target.read_text()[:8], target.stat().st_mode & 0o777) == ("REJECTED", 0o666 & ~umask())
    assert (tmp_path / "link").is_symlink()
    with pytest.raises(ZeroDivisionError), written(target) as stream:
        stream.write("new" * (10_000 // len(os.listdir(tmp_path / "nothing"))))
    assert target.read_text()[:8] == "REJECTED"
    assert sorted(os.listdir(tmp_path)) == ["link", "nothing", "report"]
    with written(Path("/dev/null")) as stream:
        stream.write("x")
    assert Path("/dev/null").is_char_device()


def umask() -> int:
    os.umask(now := os.umask(0o022))
    return now


# Standard input, terminals, signals: the command as a process of its own


def started(*argv: str, **about: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "watcher", "validate", *argv]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | about
    return subprocess.Popen(command, cwd=ROOT, **streams)  # type: ignore[call-overload, no-any-return]


def test_validate_standard_input_through_a_pipe_is_a_file_of_the_dataset() -> None:
    process = started("-", "--dataset", "students", "--as", "students.csv", "--format", "json")
    out, err = process.communicate(BAD.encode(), timeout=60)
    report = json.loads(out)
    assert (process.returncode, err) == (1, b"")
    assert [(file["name"], file["rows"]) for file in report["files"]] == [("students.csv", 2)]
    assert "duplicate-key" in {f["code"] for f in report["findings"]}


def test_validate_standard_input_from_a_file_is_read_in_place(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SKIPPING)
    (tmp_path / "x").write_text("a\nb\n")
    with (tmp_path / "x").open("rb") as stdin:
        options = ["--schema", str(tmp_path / "s.yaml"), "--skipped", str(tmp_path / "out")]
        process = started("-", *options, stdin=stdin.fileno())
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"standard input" in out
    [skipped] = (tmp_path / "out").iterdir()
    assert skipped.read_text().splitlines()[1].startswith('"2"')


def test_validate_standard_input_is_kept_without_a_name_and_not_in_memory(tmp_path: Path) -> None:
    """The process is looked at when all has come and the pipe is still open."""
    size = 200 * 1024 * 1024
    process = started("-", "--dataset", "students", "--as", "students.csv")
    assert process.stdin is not None
    for _ in range(200):
        process.stdin.write(b"x" * (1024 * 1024))
    process.stdin.flush()
    files = open_files(process.pid)
    memory = Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")[1].split()[0]
    process.kill()
    process.communicate()
    [(name, status)] = [(name, status) for name, status in files if "(deleted)" in name]
    assert size - 2 * 1024 * 1024 <= status.st_size <= size
    assert (status.st_nlink, status.st_mode & 0o077) == (0, 0)
    assert not name.startswith("/dev/shm")
    assert int(memory) < 150_000


def test_validate_shows_how_far_it_is_on_a_terminal_alone(tmp_path: Path) -> None:
    where = drop(tmp_path, GOOD)
    for options, is_shown in (((), True), (("--quiet",), False)):
        ours, theirs = pty.openpty()
        process = started(where, "--dataset", "students", *options, stderr=theirs)
        os.close(theirs)
        out = process.communicate(timeout=60)[0]
        err = drained(ours)
        assert out.startswith(b"ACCEPTED")
        assert (b"students.csv" in err and b"1 rows" in err) is is_shown
        assert bool(err) is is_shown


def drained(terminal: int) -> bytes:
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except OSError:  # how a terminal says that nobody is at the other end
        pass
    os.close(terminal)
    return said


def test_validate_whose_reader_left_ends_quietly(tmp_path: Path) -> None:
    rows = "".join(f"{i},A,B,2012-02-29,x\n" for i in range(20_000))
    process = started(drop(tmp_path, GOOD + rows), "--dataset", "students", "--format", "csv")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b'"severity"')
    process.stdout.close()
    process.stdout = None
    err = process.communicate(timeout=60)[1]
    assert (process.returncode, err) == (141, b"")


#: Ctrl-C in the middle of the findings, of which the first ones lie in a file of the folder by then.
INTERRUPTED_WHILE_IT_WRITES = """
import os, signal
from watcher.reporting.csvfile import OccurrenceWriter
write, told = OccurrenceWriter.__call__, []

def interrupted(self, occurrence):
    write(self, occurrence)
    told.append(1)
    if len(told) == 5_000:
        assert [entry.stat().st_size > 0 for entry in os.scandir({folder!r})] == [True]
        os.kill(os.getpid(), signal.SIGINT)

OccurrenceWriter.__call__ = interrupted
from watcher.cli import program
program()
"""


def test_validate_interrupted_ends_quietly_and_leaves_no_file(tmp_path: Path) -> None:
    rows = "".join(f"{i},A,B,2012-02-29,x\n" for i in range(10_000))
    where, out = drop(tmp_path, GOOD + rows), tmp_path / "out"
    out.mkdir()
    code = INTERRUPTED_WHILE_IT_WRITES.format(folder=str(out))
    argv = ["validate", where, "--dataset", "students", "--format", "csv", "--output", str(out / "f.csv")]
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
    assert os.listdir(out) == []


#: Ctrl-C just after the main thread has taken the lock that a Future and its worker share; Python never gives it back.
INTERRUPTED_AT_A_LOCK = """
import os, signal, sys, threading
main, calls = threading.get_ident(), []

class Condition(threading.Condition):
    def __enter__(self):
        got = super().__enter__()
        if threading.get_ident() == main and sys._getframe(1).f_code.co_name == "{function}":
            calls.append(1)
            if len(calls) == {call}:
                os.kill(os.getpid(), signal.SIGINT)
        return got

threading.Condition = Condition
from watcher.cli import program
program()
"""


@pytest.mark.parametrize(("function", "call"), [("wait", 1), ("acquire", 2), ("result", 3)])
def test_validate_interrupted_between_taking_a_lock_and_knowing_of_it_ends(
    tmp_path: Path, function: str, call: int
) -> None:
    rows = "".join(f"{i},A,B,2012-02-29,x\n" for i in range(200_000))
    code = INTERRUPTED_AT_A_LOCK.format(function=function, call=call)
    argv = [sys.executable, "-c", code, "validate", drop(tmp_path, GOOD + rows), "--dataset", "students", "--jobs", "2"]
    done = subprocess.run(argv, capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_validate_imports_only_what_it_needs(tmp_path: Path) -> None:
    code = "import sys; from watcher.cli import main; main(sys.argv[1:]); print(*sorted(sys.modules), file=sys.stderr)"
    argv = [sys.executable, "-c", code, "validate", drop(tmp_path, GOOD), "--dataset", "students"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    loaded = set(done.stderr.split())
    assert "polars" in loaded
    assert set() == loaded & {"jinja2", "lark", "rich", "sqlalchemy", "alembic", "loguru", "watchdog"}


def photos(folder: Path, *ids: str) -> tuple[str, str]:
    """A drop of pictures and the dataset for it."""
    epoch, dataset = folder / "20260901-020000", folder / "photos"
    for place in (epoch, dataset):
        place.mkdir()
    for one in ids:
        (epoch / f"{one}.jpg").write_bytes(jpeg())
    (dataset / "dataset.yaml").write_text('name: photos\nfiles: [{schema: photo.yaml, match: "*.jpg"}]\n')
    (dataset / "photo.yaml").write_text("file: photo.jpg\npicture: {}\n")
    return str(epoch), str(dataset)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_validate_compares_pictures_with_a_roster(tmp_path: Path, capsys: Capture, delimiter: str) -> None:
    epoch, dataset = photos(tmp_path, "07", "8")
    roster = tmp_path / "odd:name.csv"
    roster.write_text(f"name{delimiter}personID\nA{delimiter}07\nB{delimiter}9\n")
    assert main(["validate", epoch, "--dataset", dataset, "--roster", f"{roster}:personID", "--format", "json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["severity"], f["code"], f["samples"][0]["value"]) for f in findings] == [
        ("warning", "picture-without-student", "8.jpg"),
        ("warning", "student-without-picture", "9"),
    ]


def test_validate_compares_pictures_of_a_zip_with_a_roster(tmp_path: Path, capsys: Capture) -> None:
    epoch, dataset = photos(tmp_path, "7")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.write(f"{epoch}/7.jpg", "7.jpg")
    (tmp_path / "students.csv").write_text("personID\n8\n")
    roster = f"{tmp_path}/students.csv:personID"
    assert (
        main(["validate", f"{tmp_path}/photos.zip", "--dataset", dataset, "--roster", roster, "--format", "json"]) == 0
    )
    assert {f["code"] for f in json.loads(capsys.readouterr().out)["findings"]} == {
        "picture-without-student",
        "student-without-picture",
    }


@pytest.mark.parametrize(
    ("roster", "dataset", "told"),
    [
        ("nowhere.csv:personID", None, "needs a file that is there"),
        ("students.csv", None, "needs a file that is there"),
        ("{0}/students.csv:id", "students", "is for a dataset with pictures"),
    ],
)
def test_validate_roster_that_does_not_fit_ends_with_2(
    tmp_path: Path, capsys: Capture, roster: str, dataset: str | None, told: str
) -> None:
    epoch, own = photos(tmp_path, "7")
    (tmp_path / "students.csv").write_text("id\n7\n")
    assert main(["validate", epoch, "--dataset", dataset or own, "--roster", roster.format(tmp_path)]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "csv"])
def test_validate_reports_in_the_folder_itself_are_no_part_of_the_drop(tmp_path: Path, form: str) -> None:
    """The file that a report grows in was judged as an unknown one; so was the report of an earlier time."""
    epoch = Path(drop(tmp_path, GOOD))
    command = ["validate", str(epoch), "--dataset", "students", "--format", form]
    command += ["--findings", str(epoch / "f.csv"), "--output", str(epoch / "out.txt"), "--skipped", str(epoch)]
    for _ in range(2):
        assert main(command) == 0
        assert "out.txt" not in (epoch / "out.txt").read_text()
    assert sorted(os.listdir(epoch)) == ["COMPLETE", "f.csv", "out.txt", "students.csv"]


def test_validate_reports_beside_a_zip_or_in_a_folder_within_are_no_part_of_the_drop(
    tmp_path: Path, capsys: Capture
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("students.csv", GOOD)
    (tmp_path / "told").mkdir()
    command = ["validate", str(tmp_path), "--dataset", "students"]
    for _ in range(2):
        assert main([*command, "--findings", str(tmp_path / "f.csv")]) == 0
    (tmp_path / "f.csv").unlink()
    assert main([*command, "--output", str(tmp_path / "told" / "report")]) == 0
    assert capsys.readouterr().out.count("ACCEPTED") == 2


@pytest.mark.parametrize(("folder", "made"), [(".", "skipped-a.csv"), ("skipped", "skipped")])
def test_validate_rows_left_out_of_an_earlier_time_are_no_part_of_the_drop(
    tmp_path: Path, capsys: Capture, folder: str, made: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a\nb\n1\n")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "dataset.yaml").write_text(
        "name: made\ndescription: one file\nfiles: [{schema: a.yaml}]\nextra_files: error\n"
    )
    (tmp_path / "made" / "a.yaml").write_text(SKIPPING)
    command = ["validate", str(tmp_path / "data"), "--dataset", str(tmp_path / "made")]
    for _ in range(2):
        assert main([*command, "--skipped", str(tmp_path / "data" / folder)]) == 0, capsys.readouterr().out
    assert sorted(os.listdir(tmp_path / "data")) == ["a.csv", made]


def skipping(folder: Path, entry: str = "{schema: a.yaml}") -> str:
    """A dataset of a file a.csv, or of all that the entry fits, of which rows are skipped, and a second, other.csv."""
    folder.mkdir()
    (folder / "dataset.yaml").write_text(f"name: made\nfiles: [{entry}, {{schema: other.yaml}}]\nextra_files: error\n")
    (folder / "a.yaml").write_text(SKIPPING)
    (folder / "other.yaml").write_text("file: other.csv\n")
    return str(folder)


@pytest.mark.parametrize(
    ("match", "file"), [("*.csv", "a.csv"), ("*.[cC][sS][vV]", "a.csv"), ("*-a.csv", "no-a.csv"), ("*a.csv", "all.zip")]
)
def test_validate_rows_left_out_that_would_be_part_of_the_drop_are_refused(
    tmp_path: Path, capsys: Capture, match: str, file: str
) -> None:
    """The first time there is no list yet; the second time it was judged, or stood in the way."""
    dataset = skipping(tmp_path / "made", f"{{schema: a.yaml, match: '{match}'}}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / file).write_bytes(b"a\nb\n1\n")
    command = ["validate", str(tmp_path / "data"), "--dataset", dataset, "--skipped", str(tmp_path / "data")]
    assert main(command) == 2
    assert "would be part of the drop that is checked; give another folder" in " ".join(capsys.readouterr().err.split())
    assert os.listdir(tmp_path / "data") == [file]


def test_validate_list_of_a_file_of_the_dataset_that_is_one_too_is_refused(tmp_path: Path, capsys: Capture) -> None:
    dataset = skipping(tmp_path / "made")
    (tmp_path / "made" / "other.yaml").write_text("file: skipped-a.csv\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "skipped-a.csv").write_text("mine\n1\n")
    command = ["validate", str(tmp_path / "data"), "--dataset", dataset, "--skipped", str(tmp_path / "data")]
    assert main(command) == 2
    assert "--skipped: 'skipped-a.csv' would be part of the drop" in capsys.readouterr().err


def test_validate_file_of_the_drop_that_is_called_as_a_list_is_judged(tmp_path: Path, capsys: Capture) -> None:
    dataset = skipping(tmp_path / "made")
    (tmp_path / "made" / "other.yaml").write_text("file: skipped-lunches.csv\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a\nb\n1\n")
    (tmp_path / "data" / "skipped-lunches.csv").write_text("n\n1\n")
    command = ["validate", str(tmp_path / "data"), "--dataset", dataset, "--format", "json"]
    for _ in range(2):
        assert main([*command, "--skipped", str(tmp_path / "data")]) == 0
        files = json.loads(capsys.readouterr().out)["files"]
        assert [file["name"] for file in files] == ["a.csv", "skipped-lunches.csv"]


@pytest.mark.parametrize("called", ["skipped-a.csv", "link.csv"])
def test_validate_rows_left_out_never_overwrite_the_file_that_is_read(
    tmp_path: Path, capsys: Capture, called: str
) -> None:
    (tmp_path / "skipped-a.csv").write_text("a\nb\n1\n")
    os.link(tmp_path / "skipped-a.csv", tmp_path / "link.csv")
    command = ["validate", str(tmp_path / called), "--dataset", skipping(tmp_path / "made"), "--as", "a.csv"]
    assert main([*command, "--skipped", str(tmp_path)]) == 2
    assert "--skipped would overwrite" in capsys.readouterr().err
    assert (tmp_path / "skipped-a.csv").read_text() == "a\nb\n1\n"
    assert main([*command, "--skipped", str(tmp_path / "elsewhere")]) == 0


def test_validate_list_that_is_called_otherwise_may_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "skipped-a.csv").write_text("a\nb\n1\n")
    (tmp_path / "s.yaml").write_text(SKIPPING)
    command = ["validate", str(tmp_path / "skipped-a.csv"), "--schema", str(tmp_path / "s.yaml")]
    assert main([*command, "--skipped", str(tmp_path)]) == 0
    assert (tmp_path / "skipped-a.csv").read_text() == "a\nb\n1\n"
    assert (tmp_path / "skipped-skipped-a.csv").exists()


def test_validate_rows_left_out_never_overwrite_the_schema(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.csv").write_text("a\nb\n1\n")
    (tmp_path / "skipped-a.csv").write_text(SKIPPING)
    command = ["validate", str(tmp_path / "a.csv"), "--schema", str(tmp_path / "skipped-a.csv")]
    assert main([*command, "--skipped", str(tmp_path)]) == 2
    assert "--skipped would overwrite" in capsys.readouterr().err
    assert (tmp_path / "skipped-a.csv").read_text() == SKIPPING


@pytest.mark.parametrize("called", ["skipped-students.csv", "roster.csv"])
def test_validate_rows_left_out_never_overwrite_the_roster(tmp_path: Path, capsys: Capture, called: str) -> None:
    _, folder = photos(tmp_path, "1")
    students = tmp_path / "skipped-students.csv"
    students.write_text("id\n1\n")
    if called != students.name:
        (tmp_path / called).symlink_to(students)
    command = ["validate", folder, "--dataset", "infinite-campus-photos", "--roster", f"{tmp_path / called}:id"]
    assert main([*command, "--skipped", str(tmp_path)]) == 2
    assert "--skipped would overwrite" in capsys.readouterr().err
    assert students.read_text() == "id\n1\n"


@pytest.mark.parametrize("option", ["--output", "--findings"])
@pytest.mark.parametrize("checked", ["a.csv", "."])
def test_validate_rows_left_out_and_a_report_are_two_files(
    tmp_path: Path, capsys: Capture, option: str, checked: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a\nb\n1\n")
    command = ["validate", str(tmp_path / "data" / checked), "--dataset", skipping(tmp_path / "made")]
    command += [option, str(tmp_path / "skipped-a.csv"), "--skipped", str(tmp_path)]
    assert main(command) == 2
    assert f"--skipped would overwrite what {option} writes" in capsys.readouterr().err
    assert not (tmp_path / "skipped-a.csv").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--output", "students.csv"], "--output: 'students.csv' would be part of the drop"),
        (["--findings", "Students.csv"], "--findings: 'Students.csv' would be part of the drop"),
        (["--output", "COMPLETE"], "--output: 'COMPLETE' would be part of the drop"),
        (["--output", "report.zip"], "--output: 'report.zip' would be part of the drop"),
        (["--output", "o.csv", "--findings", "o.csv"], "the same file"),
        (["--output", "o.csv", "--findings", "../20260901-020000/o.csv"], "the same file"),
    ],
)
def test_validate_output_that_would_be_part_of_the_drop_is_refused(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    epoch = Path(drop(tmp_path, BAD))
    if options[1] == "Students.csv":
        (epoch / "students.csv").unlink()
    before = {name: (epoch / name).read_bytes() for name in os.listdir(epoch)}
    monkeypatch.chdir(epoch)
    assert main(["validate", ".", "--dataset", "students", *options]) == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert before == {name: (epoch / name).read_bytes() for name in os.listdir(epoch)}


@pytest.mark.parametrize("option", ["--output", "--findings"])
@pytest.mark.parametrize("target", ["x.csv", "s.yaml", "link", "hard"])
def test_validate_never_overwrites_what_it_reads(tmp_path: Path, capsys: Capture, option: str, target: str) -> None:
    (tmp_path / "x.csv").write_text("a\nb\n")
    (tmp_path / "s.yaml").write_text(SKIPPING)
    (tmp_path / "link").symlink_to(tmp_path / "x.csv")
    os.link(tmp_path / "s.yaml", tmp_path / "hard")
    command = ["validate", str(tmp_path / "x.csv"), "--schema", str(tmp_path / "s.yaml")]
    assert main([*command, option, str(tmp_path / target)]) == 2
    assert f"{option} would overwrite" in capsys.readouterr().err
    assert (tmp_path / "x.csv").read_text() == "a\nb\n"
    assert (tmp_path / "s.yaml").read_text() == SKIPPING


def test_validate_never_overwrites_its_dataset_or_the_roster(tmp_path: Path, capsys: Capture) -> None:
    students = tmp_path / "students.csv"
    students.write_text("id\n1\n")
    photos = ["validate", str(tmp_path), "--dataset", "infinite-campus-photos", "--roster", f"{students}:id"]
    assert main([*photos, "--output", str(students)]) == 2
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "dataset.yaml").write_text("name: own\n")
    own = ["validate", str(students), "--dataset", str(tmp_path / "own")]
    assert main([*own, "--output", str(tmp_path / "own" / "dataset.yaml")]) == 2
    assert capsys.readouterr().err.count("--output would overwrite") == 2
    assert students.read_text() == "id\n1\n"


def test_validate_standard_input_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(GOOD)
    options = ["-", "--dataset", "students", "--as", "students.csv", "--output", str(tmp_path / "x.csv")]
    with (tmp_path / "x.csv").open("rb") as stdin:
        process = started(*options, stdin=stdin.fileno())
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"standard input" in err
    assert (tmp_path / "x.csv").read_text() == GOOD


def test_validate_standard_input_is_not_overwritten_by_the_rows_left_out(tmp_path: Path) -> None:
    (tmp_path / "skipped-students.csv").write_text(GOOD)
    options = ["-", "--dataset", "students", "--as", "students.csv", "--skipped", str(tmp_path)]
    with (tmp_path / "skipped-students.csv").open("rb") as stdin:
        process = started(*options, stdin=stdin.fileno())
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"--skipped would overwrite what standard input" in err


def test_validate_standard_input_that_is_closed_is_a_usage_error() -> None:
    words = f"{sys.executable} -m watcher validate - --dataset students --as students.csv <&-"
    done = subprocess.run(["/bin/sh", "-c", words], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"standard input is closed" in done.stderr


def test_validate_devices_may_be_written_to_together(tmp_path: Path) -> None:
    command = ["validate", drop(tmp_path, GOOD), "--dataset", "students"]
    assert main([*command, "--output", "/dev/null", "--findings", "/dev/null"]) == 0
