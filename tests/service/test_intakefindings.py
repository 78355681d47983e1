"""What the intake found is told like what the validation finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watcher.intake.envelope import CLAIM_NOTES, FILES, HARD_LINK, UNREADABLE
from watcher.model.facts import Kind
from watcher.model.findings import Severity
from watcher.service.intakefindings import Arrival, intake_findings

EPOCH = "20260901-020000"


@pytest.mark.parametrize(
    ("kind", "code", "severity"),
    [
        (Kind.DIRECTORY.value, "directory-in-epoch", Severity.WARNING),
        (Kind.FIFO.value, "not-a-regular-file", Severity.ERROR),
        (UNREADABLE, "unreadable-file", Severity.ERROR),
        (HARD_LINK, "hard-link", Severity.WARNING),
    ],
)
def test_odd_entry_is_told_by_its_printable_name(tmp_path: Path, kind: str, code: str, severity: Severity) -> None:
    entries = {"entries": [{"name": r"a\nb.csv", "kind": kind}, {"name": ".DS_Store", "kind": kind}]}
    (tmp_path / CLAIM_NOTES).write_text(json.dumps(entries))
    (found,) = intake_findings(tmp_path, EPOCH, Arrival())
    assert (found.code, found.severity, found.file) == (code, severity, r"a\nb.csv")


def test_older_files_are_told_by_a_printable_name(tmp_path: Path) -> None:
    """Once a newline in the name stood in the log, where the first finding of a drop is told."""
    (found,) = intake_findings(tmp_path, EPOCH, Arrival(older=(("a\nb.csv", "a_auto.csv", 2),)))
    assert (found.code, found.file) == ("older-files-set-aside", r"a\nb.csv")
    assert "2 older files" in found.message


def test_files_of_different_days_are_told_in_one_finding_the_earliest_day_first(tmp_path: Path) -> None:
    days = (("users2.csv", "20260902"), ("orgs2.csv", "20260902"), ("enrollments1.csv", "20260901"))
    (found,) = intake_findings(tmp_path, EPOCH, Arrival(days=days))
    assert (found.code, found.severity, found.file) == ("files-of-different-days", Severity.WARNING, None)
    said = "the files are of different days: enrollments1.csv of 20260901; orgs2.csv, users2.csv of 20260902"
    assert found.message == said


def test_files_of_many_different_days_are_told_in_one_line(tmp_path: Path) -> None:
    days = tuple((f"{name:02}.csv", f"202609{name % 25:02}") for name in range(1_000))
    (found,) = intake_findings(tmp_path, EPOCH, Arrival(days=days))
    assert "00.csv, 100.csv, 125.csv, 150.csv, 175.csv and 35 more of 20260900; 01.csv" in found.message
    assert found.message.endswith("of 20260903; and more of 21 other days")
    assert len(found.message) < 500


def test_expected_file_that_came_in_a_zip_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / FILES).mkdir()
    (tmp_path / FILES / "users.csv").touch()
    (found,) = intake_findings(tmp_path, EPOCH, Arrival(missing=("users.csv", "orgs.csv")))
    assert (found.code, found.file) == ("expected-file-missing", "orgs.csv")
