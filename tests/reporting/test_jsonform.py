"""The JSON form against its published schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.reporting.builders import HOSTILE, a_file, a_finding, a_report, a_report_with_gaps, hostile_report
from watcher.model.findings import Level, Sample, Severity
from watcher.reporting import render
from watcher.reporting.jsonform import schema

FULL = a_report(
    a_finding("missing-file", level=Level.FILE, file="guardians.csv", line=None, column=None),
    a_finding("near-miss", Severity.WARNING, level=Level.EPOCH, file=None, line=None, column=None, advice=""),
    a_finding(count=7, samples=(Sample(3, 2, "13", 6), Sample(None, None, None))),
    files=(a_file(), a_file("notes.txt", schema=None, sha256="")),
)


def test_schema_is_a_sound_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_json_keeps_its_schema() -> None:
    Draft202012Validator(schema()).validate(json.loads(render(FULL, "json")))


@pytest.mark.parametrize("path", ["", "totals", "files/0", "findings/2", "findings/2/samples/0"])
def test_json_has_exactly_the_keys_that_the_schema_describes(path: str) -> None:
    """The schema leaves room for new keys, so that readers do; this keeps it complete."""
    value, described = json.loads(render(FULL, "json")), schema()
    for part in filter(None, path.split("/")):
        value = value[int(part)] if part.isdigit() else value[part]
        described = described["items"] if part.isdigit() else described["properties"][part]
        described = _resolved(described)
    assert list(value) == described["required"]
    assert set(value) == set(described["properties"])


def _resolved(described: dict[str, Any]) -> dict[str, Any]:
    reference = described.get("$ref", "").removeprefix("#/$defs/")
    resolved: dict[str, Any] = schema()["$defs"][reference] if reference else described
    return resolved


def test_json_says_what_the_report_says() -> None:
    said = json.loads(render(FULL, "json"))
    assert said["verdict"] == "rejected"
    assert said["totals"] == {
        "files": 2, "rows": 2400, "errors": 8, "warnings": 1, "skipped_rows": 0, "skipped_files": 0, "skipped_errors": 0
    }  # fmt: skip
    assert [finding["code"] for finding in said["findings"]] == ["near-miss", "missing-file", "enum"]
    assert said["findings"][2]["samples"][0] == {"line": 3, "record": 2, "value": "13", "count": 6}


def test_report_says_in_which_mode_a_file_was_judged() -> None:
    report = a_report(files=(a_file(mode="delta"), a_file("b.csv")))
    assert [file["mode"] for file in json.loads(render(report, "json"))["files"]] == ["delta", None]
    assert render(report, "text").count("no errors (delta)") == 1
    assert render(report, "html").count("no errors (delta)") == 1


def test_json_without_root_and_epoch_has_nulls() -> None:
    said = json.loads(render(type(FULL)("plain", (), ()), "json"))
    assert (said["root"], said["epoch"], said["verdict"]) == (None, None, "accepted")
    Draft202012Validator(schema()).validate(said)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_with_hostile_text_is_sound_utf8_without_controls(text: str) -> None:
    encoded = render(hostile_report(text), "json").encode("utf-8")
    said = json.loads(encoded)
    assert said["files"][0]["name"].isprintable()
    assert said["findings"][0]["samples"][0]["value"].isprintable()


def test_json_tells_what_is_left_out() -> None:
    said = json.loads(render(a_report_with_gaps(), "json"))
    Draft202012Validator(schema()).validate(said)
    totals = {name: said["totals"][name] for name in ("skipped_rows", "skipped_files", "skipped_errors")}
    assert (said["verdict"], totals) == ("accepted", {"skipped_rows": 3, "skipped_files": 1, "skipped_errors": 6})
    assert [(file["skipped_rows"], file["is_left_out"]) for file in said["files"]] == [(0, True), (3, False)]
    assert [finding["severity"] for finding in said["findings"]] == ["skipped", "skipped", "warning"]
