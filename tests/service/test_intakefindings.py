"""What the intake found is told like what the validation finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watcher.intake.envelope import CLAIM_NOTES, FILES, HARD_LINK, UNREADABLE
from watcher.model.facts import Kind
from watcher.model.findings import Severity
from watcher.service.intakefindings import intake_findings

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
    (found,) = intake_findings(tmp_path, EPOCH, (), ())
    assert (found.code, found.severity, found.file) == (code, severity, r"a\nb.csv")


def test_older_files_are_told_by_a_printable_name(tmp_path: Path) -> None:
    """Once a newline in the name stood in the log, where the first finding of a drop is told."""
    (found,) = intake_findings(tmp_path, EPOCH, (), (("a\nb.csv", "a_auto.csv", 2),))
    assert (found.code, found.file) == ("older-files-set-aside", r"a\nb.csv")
    assert "2 older files" in found.message


def test_expected_file_that_came_in_a_zip_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / FILES).mkdir()
    (tmp_path / FILES / "users.csv").touch()
    (found,) = intake_findings(tmp_path, EPOCH, ("users.csv", "orgs.csv"), ())
    assert (found.code, found.file) == ("expected-file-missing", "orgs.csv")
