"""The command `schema` on what a dataset says of a drop as a whole, and on datasets that extend another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from watcher.cli import main

Capture = pytest.CaptureFixture[str]

DATASET = r"""
name: base
title: Base
modes:
  bulk: {blank: [status], header_only: error, references: complete}
  delta: {required: [status], references: ignore}
manifest:
  file: m.csv
  property: name
  value: value
  mode: 'file.{stem}'
  properties: [{name: version, required: true, const: "1.1", aliases: [verson]}]
intake:
  names: [{name: 'pupils{date}.txt', as: users.csv}, {name: 'all{date}.zip'}]
  expect: [users.csv]
  quiet_seconds: 60
  latest_seconds: 3600
zips: {folder: error, max_members: 3, max_gb: 1.5}
files:
- {schema: users.yaml, required: true, needs: [m.csv], advice: send it}
- {schema: m.yaml}
- {schema: photo.yaml, match: '*.jpg'}
"""
USERS = r"""
file: users.csv
header: {order: strict, case: ignore, extra: error, missing: warn, aliases: warn}
header_only: ignore
absent: {delete-within: id}
columns:
- {name: id, required: true, example: "1"}
- {name: status, missing: ignore}
- {name: gone, blank: true}
- {name: lists, type: array, separator: ;, items: {type: array, items: {maxLength: 3}}}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A dataset with all keys that concern a drop as a whole."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base/dataset.yaml").write_text(DATASET)
    (tmp_path / "base/users.yaml").write_text(USERS)
    (tmp_path / "base/m.yaml").write_text("file: m.csv\ncolumns: [{name: name}, {name: value}]\n")
    (tmp_path / "base/photo.yaml").write_text("file: photo.jpg\npicture: {max_bytes: 900, name: '^[0-9]+'}\n")
    return tmp_path / "base"


def test_schema_show_tells_of_a_drop_in_words(base: Path, capsys: Capture) -> None:
    assert main(["schema", "show", str(base)]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for wanted in (
        "files that are not listed: one is a warning",
        (
            "mode bulk: assumed where nothing tells; status must be empty; a file without rows is an error; "
            "the files that values refer to must come, too"
        ),
        "mode delta: status must be filled; no reference is checked",
        "manifest: m.csv, names in name, values in value; the mode of a file in file.{stem}",
        "property version: must be there, is '1.1', may be called verson",
        "loose file: pupils{date}.txt, called users.csv in the drop",
        "loose file: all{date}.zip",
        "loose files that wait for each other: users.csv",
        "loose files are gathered once nothing has changed for 60 seconds",
        "loose files wait for others for 3600 seconds at most",
        "zips are unpacked; one folder around all members is an error",
        "a zip holds 3 members at most, 20 GB each, 1.5 GB in all, 200 times its own size",
        "must come with: m.csv",
        "a row gone from a full drop: is deleted where the drop has its id",
        "gone string must be empty",
        "status string may be left out",
        "lists string list of lists each value at most 3 characters; separated by ';', then by ','",
        "a picture: jpeg, 100 to 900 bytes, at most 25000000 pixels, called /^[0-9]+/",
        (
            "written: utf-8, delimiter ',', quote \", header line, columns in strict order, upper and lower case are the "
            "same, another column is an error, a missing column is a warning, a column under another of its names is a "
            "warning, no rows is allowed"
        ),
    ):
        assert wanted in lines, wanted


def test_schema_show_json_tells_of_a_drop(base: Path, capsys: Capture) -> None:
    assert main(["schema", "show", str(base), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["modes"][0] == {
        "name": "bulk", "blank": ["status"], "required": [], "header_only": "error", "references": "complete",
    }  # fmt: skip
    assert shown["manifest"]["properties"][0]["aliases"] == ["verson"]
    assert shown["intake"]["names"][0] == {"name": "pupils{date}.txt", "as": "users.csv", "each": False}
    assert (shown["zips"]["folder"], shown["zips"]["max_bytes"]) == ("error", 1_500_000_000)
    users, _, photo = shown["files"]
    assert (users["needs"], users["advice"], users["header_only"]) == (["m.csv"], "send it", "ignore")
    assert (users["header"]["missing"], users["absent"]) == ("warn", {"delete-within": "id"})
    assert [(c["missing"], c["blank"], c["inner_separator"]) for c in users["columns"]] == [
        (None, False, None), ("ignore", False, None), (None, True, None), (None, False, ","),
    ]  # fmt: skip
    assert photo["picture"]["max_bytes"] == 900


def test_schema_export_says_that_a_blank_column_is_never_there(base: Path, capsys: Capture) -> None:
    assert main(["schema", "export", "--json-schema", str(base), "--file", "users.csv"]) == 0
    exported = json.loads(capsys.readouterr().out)
    validator = Draft202012Validator(exported)
    assert validator.is_valid({"id": "1"})
    assert not validator.is_valid({"id": "1", "gone": "x"})
    assert exported["x-absent"] == {"delete-within": "id"}
    assert exported["properties"]["status"]["x-missing"] == "ignore"


def test_schema_check_follows_what_a_dataset_extends(base: Path, capsys: Capture) -> None:
    mine = base.parent / "mine"
    mine.mkdir()
    (mine / "dataset.yaml").write_text("name: mine\nextends: base\nfiles: [{schema: mine.yaml}]\n")
    (mine / "mine.yaml").write_text("extends: ../base/users.yaml\ncolumns: [{name: id, required: null, pattern: a}]\n")
    assert main(["schema", "check", str(mine)]) == 0
    caught = capsys.readouterr()
    assert caught.out == f"{mine} is sound: dataset mine\n"
    doubts = [line.replace(f"doubt: {base.parent}/", "").partition(";")[0] for line in caught.err.splitlines()]
    assert doubts == [
        "mine/mine.yaml:2: columns[0].pattern: matches anywhere in the text",
        "base/users.yaml:5: absent.delete-within: 'id' may be empty, and then tells nothing of absent rows",
        (
            "base/users.yaml:7: columns[0].example: the column's own rules refuse it: "
            "the value is not of the expected form, pattern 'a'"
        ),
    ]


def test_schema_check_tells_a_mistake_in_what_is_extended(base: Path, capsys: Capture) -> None:
    (base / "users.yaml").write_text(USERS.replace("missing: ignore", "mising: ignore"))
    (base.parent / "mine.yaml").write_text("extends: base/users.yaml\n")
    assert main(["schema", "check", str(base.parent / "mine.yaml")]) == 2
    assert (
        f"{base}/users.yaml:8: columns[1].mising: not a known key; did you mean 'missing'?" in capsys.readouterr().err
    )
