"""Drops as districts make them, of invented people; the same every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

_FIRST = datetime(2026, 9, 1, 2, tzinfo=UTC)


def epoch_name(number: int) -> str:
    """The name of the so-manieth epoch of a root, in order."""
    return f"{_FIRST + timedelta(minutes=number):%Y%m%d-%H%M%S}"


def students_and_guardians(random: Random) -> dict[str, str]:
    """The two files of the dataset `students`, 3 to 50 rows each."""
    numbers = range(100_000, 100_000 + random.randint(3, 50))
    students = [f"{n},First{n},Last{n},2012-03-{n % 28 + 1:02},07,s{n}@example.org,B-12" for n in numbers]
    guardians = [f"G-{n},{n},Name of {n},mother,g{n}@example.org,555-0134,true" for n in numbers]
    return {
        "students.csv": _file("student_id,first_name,last_name,date_of_birth,grade,email,homeroom", students),
        "guardians.csv": _file("guardian_id,student_id,name,relation,email,phone,is_primary", guardians),
    }


def five_files(random: Random) -> dict[str, str]:
    """Five files of any columns, 3 to 20 rows each."""
    return {f"{name}.csv": _any_file(name, random) for name in ("orgs", "users", "courses", "classes", "enrollments")}


def put(folder: Path, files: dict[str, str]) -> None:
    """As an upload script does it: the directory, the files, the marker last."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "COMPLETE").touch()


def _any_file(name: str, random: Random) -> str:
    rows = [f"{name}-{n},title {n},active,2026-08-{n % 28 + 1:02}" for n in range(random.randint(3, 20))]
    return _file("sourcedId,title,status,dateLastModified", rows)


def _file(header: str, rows: list[str]) -> str:
    return "".join(f"{line}\n" for line in (header, *rows))
