"""The command `schema`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from watcher.cli import main
from watcher.schema import bundled_folder

Capture = pytest.CaptureFixture[str]


def test_schema_list_names_the_bundled_datasets(capsys: Capture) -> None:
    assert main(["schema", "list"]) == 0
    assert "students" in capsys.readouterr().out
    assert main(["schema", "list", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["students"]["files"] == ["students.csv", "guardians.csv"]
    assert listed["plain"]["files"] == ["*.csv"]


def test_schema_show_has_every_column(capsys: Capture) -> None:
    assert main(["schema", "show", "students"]) == 0
    text = capsys.readouterr().out
    assert "guardians.csv (optional)" in text
    assert "date_of_birth" in text
    assert main(["schema", "show", "students", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    columns = {column["name"]: column for column in shown["files"][1]["columns"]}
    assert columns["student_id"]["references"] == "students.student_id"
    assert columns["is_primary"]["schema"] == {"type": "boolean"}


def test_schema_check_sound_folders_end_with_0(capsys: Capture) -> None:
    assert main(["schema", "check", *(str(bundled_folder() / name) for name in ("plain", "students"))]) == 0
    assert capsys.readouterr().out.count("is sound") == 2


def test_schema_check_says_every_problem_with_its_place_and_ends_with_2(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "dataset.yaml").write_text("name: d\nfiles:\n- {schema: a.yaml, requird: true}\n")
    assert main(["schema", "check", str(bundled_folder() / "plain"), str(tmp_path)]) == 2
    assert "dataset.yaml:3: files[0].requird: not a known key; did you mean 'required'?" in capsys.readouterr().err


def test_schema_export_prints_sound_json_schemas(capsys: Capture) -> None:
    assert main(["schema", "export", "--meta"]) == 0
    for schema in json.loads(capsys.readouterr().out).values():
        Draft202012Validator.check_schema(schema)
    assert main(["schema", "export", "--meta", "--kind", "file"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Epoch Watcher file schema"
