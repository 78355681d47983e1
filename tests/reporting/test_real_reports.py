"""What the validation really finds, in every form."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from watcher.model.report import Report
from watcher.reporting import render
from watcher.reporting.csvfile import HEADER, OccurrenceWriter
from watcher.reporting.jsonform import schema
from watcher.schema import find_dataset
from watcher.validation import validate


@pytest.fixture
def nasty_drop(tmp_path: Path) -> Path:
    """Wrong in most ways that a drop can be: names, links, pipes, bytes, cells."""
    drop = tmp_path / "20260901-020000"
    drop.mkdir()
    (drop / "COMPLETE").touch()
    (drop / "students.csv").write_bytes(
        b"\xef\xbb\xbfstudent_id,first_name,last_name,Date Of Birth,grade,=cmd|x\r\n"
        b'1,<b>Ann</b>,"O\nNeill",2012-13-45,99,x\r\n'
        b"1,\x1b[31mBob,Caf\xe9,2011-01-01,07,x\r\n"
        b"3,short\r\n\r\n"
        b'4,"open,x,y,z\r\n'
        b"5,=1+1,Zo\xc3\xab,2011-01-01,=HYPERLINK(1),x"
    )
    (drop / "guardians.csv").write_text("guardian_id,student_id,name\nG-1,nobody,Ann\n")
    (drop / os.fsdecode(b"evil\xff\n<script>.csv")).write_text("a\n1\n")
    (drop / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(drop / "pipe.csv")
    (drop / "folder").mkdir()
    return drop


def judged(drop: Path, stream: io.StringIO) -> Report:
    return validate(drop, find_dataset("students"), sink=OccurrenceWriter(stream), root="lakeview", epoch=drop.name)


def test_json_of_a_nasty_drop_keeps_its_schema_and_counts(nasty_drop: Path) -> None:
    report = judged(nasty_drop, io.StringIO())
    said = json.loads(render(report, "json").encode())
    Draft202012Validator(schema()).validate(said)
    assert said["verdict"] == "rejected"
    assert said["totals"]["errors"] == sum(f["count"] for f in said["findings"] if f["severity"] == "error")


def test_text_and_page_of_a_nasty_drop_hold_no_control_and_no_markup(nasty_drop: Path) -> None:
    report = judged(nasty_drop, io.StringIO())
    assert render(report, "text").replace("\n", "").isprintable()
    page = render(report, "html")
    assert "<script" not in page
    assert "<b>Ann" not in page
    page.encode()


def test_csv_of_a_nasty_drop_has_as_many_rows_as_the_report_counts(nasty_drop: Path) -> None:
    stream = io.StringIO()
    report = judged(nasty_drop, stream)
    header, *rows = csv.reader(io.StringIO(stream.getvalue(), newline=""))
    assert header == list(HEADER)
    assert len(rows) == report.errors + report.warnings
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
