"""The command `schema`."""

from __future__ import annotations

import json
import re
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


SCHEMA = r"""
file: users.csv
columns:
- {name: id, pattern: '[0-9]+', example: "12"}
- {name: kind, enum: [ab, c], maxLength: 1, example: d}
- {name: seats, type: integer, minimum: 3, example: "2"}
- {name: Contact 1, nulls: ['-'], example: '-'}
- {match: 'Contact .*', example: x}
- {name: tags, type: array, items: {enum: [aa, b], maxLength: 1}}
key: [id]
max_skipped_rows: 3
skip_only: [enum]
"""


def test_schema_check_says_what_is_likely_wrong_and_ends_with_0(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "users.yaml").write_text(SCHEMA)
    assert main(["schema", "check", str(tmp_path / "users.yaml")]) == 0
    caught = capsys.readouterr()
    assert caught.out.endswith("users.yaml is sound: file schema of users.csv\n")
    doubts = [line.replace(f"doubt: {tmp_path}/users.yaml:", "") for line in caught.err.splitlines()]
    assert [doubt.partition(";")[0] for doubt in doubts] == [
        "4: columns[0].pattern: matches anywhere in the text",
        "5: columns[1].enum[0]: the column's own maxLength refuses 'ab'",
        "5: columns[1].example: the column's own rules refuse it: the value is not one of the allowed values, expected ab, c",
        "6: columns[2].example: the column's own rules refuse it: the value is less than 3",
        "7: columns[3].example: counts as an empty cell",
        "8: columns[4].match: fits the column 'Contact 1' too, which goes by its own rules",
        "9: columns[5].items.enum[0]: the column's own maxLength refuses 'aa'",
        "10: key[0]: 'id' may be empty, and then identifies no row",
        "11: max_skipped_rows: says nothing with on_error reject-epoch, unless a dataset makes it skip-rows",
        "12: skip_only: says nothing with on_error reject-epoch, unless a dataset makes it skip-rows",
    ]


def test_schema_check_doubts_names_and_patterns_that_look_right(tmp_path: Path, capsys: Capture) -> None:
    lines = [
        "file: COMPLETE",
        "columns:",
        "- {name: 'id '}",
        '- {name: home, aliases: ["home\\u200broom", Home]}',
        "- {name: grade, enum: [a, '']}",
        "- {name: a, pattern: '^a|b$'}",
        r"- {name: b, pattern: '^(?:a|b)[|(]\|$'}",
        "- {name: First Name, aliases: [Prénom]}",
        "- {name: list, type: array, items: {enum: ['', x]}}",
    ]
    (tmp_path / "a.yaml").write_text("\n".join(lines))
    assert main(["schema", "check", str(tmp_path / "a.yaml")]) == 0
    found = [line.replace(f"doubt: {tmp_path}/a.yaml:", "") for line in capsys.readouterr().err.splitlines()]
    assert [doubt.partition(" ")[0] for doubt in found] == ["1:", "3:", "4:", "5:", "6:"]
    assert [doubt.split(": ")[1] for doubt in found] == [
        "file", "columns[0].name", "columns[1].aliases", "columns[2].enum[1]", "columns[3].pattern",
    ]  # fmt: skip


@pytest.mark.parametrize("absent", ["mark", "delete", "{delete-within: id}"])
def test_schema_check_doubts_rows_that_are_left_out_and_taken_for_gone(
    tmp_path: Path, capsys: Capture, absent: str
) -> None:
    path = tmp_path / "users.yaml"
    text = f"file: users.csv\ncolumns: [{{name: id, required: true}}]\non_error: skip-rows\nabsent: {absent}\n"
    for more, doubt in (("", "users.yaml:4: absent: a row that is left out is gone"), ("skip_only: [enum]\n", "")):
        path.write_text(text + more)
        assert main(["schema", "check", str(path)]) == 0
        assert doubt in (caught := capsys.readouterr().err)
        assert caught.count("doubt: ") == bool(doubt)


def test_schema_check_looks_into_each_file_of_a_dataset(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "users.yaml").write_text(SCHEMA)
    (tmp_path / "dataset.yaml").write_text("name: d\nfiles: [{schema: users.yaml}]\n")
    assert main(["schema", "check", str(tmp_path)]) == 0
    assert capsys.readouterr().err.count("doubt: ") == 10


def test_schema_check_looks_into_shared_definitions(tmp_path: Path, capsys: Capture) -> None:
    types = bundled_folder() / "common/types.yaml"
    count = len(re.findall(r"^[\w-]+:", types.read_text(), re.MULTILINE))
    assert main(["schema", "check", str(types)]) == 0
    assert f"types.yaml is sound: {count} shared definitions" in capsys.readouterr().out
    (tmp_path / "t.yaml").write_text("a: {$ref: '#/b'}\nb: {pattern: '['}\nc: {$ref: '#/c'}\nd: {minimum: 1}\n")
    assert main(["schema", "check", str(tmp_path / "t.yaml")]) == 2
    lines = capsys.readouterr().err.replace(f"{tmp_path}/", "").splitlines()
    assert [line.partition(";")[0].partition(": unt")[0] for line in lines] == [
        "t.yaml:1: a.pattern: not a regular expression",
        "t.yaml:2: b.pattern: not a regular expression",
        "t.yaml:4: d.minimum: says nothing about type string",
        "t.yaml:3: c.$ref: '#/c' refers to itself in the end",
    ]


@pytest.mark.parametrize("folder", sorted(path.parent for path in bundled_folder().rglob("dataset.yaml")))
def test_schema_check_has_no_doubt_about_the_bundled_datasets(folder: Path, capsys: Capture) -> None:
    assert main(["schema", "check", str(folder)]) == 0
    assert capsys.readouterr().err == ""


def test_schema_check_file_with_mistakes_ends_with_2(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.yaml").write_text("file: a.csv\ncolums: []\n")
    assert main(["schema", "check", str(tmp_path / "a.yaml")]) == 2
    assert "a.yaml:2: colums: not a known key; did you mean 'columns'?" in capsys.readouterr().err


FULL = r"""
name: full
title: "Full \e[31m"
checks: [{title: classes end, sql: SELECT 1 AS value, severity: warning}]
tolerate: [{code: enum, file: users.csv}, column-order]
files:
- {schema: users.yaml, required: true, on_error: skip-rows, max_skipped_rows: 2 %, skip_only: [enum, type]}
- {schema: orgs.yaml}
"""
USERS = r"""
file: users.csv
dialect: {delimiter: "\t", quote: null, escape: '\'}
columns:
- {name: id, required: true, unique: true, maxLength: 255}
- {name: role, enum: [a, b], severity: warning, aliases: [kind]}
- {name: on, type: boolean, trueValues: [Y], falseValues: [N]}
- {name: orgs, type: array, separator: ";", items: {maxLength: 3}, minItems: 1, references: {to: orgs.id, where: {type: [x, y]}}}
- {name: born, format: date, formats: ['%m/%d/%Y'], nulls: ['NULL'], example: 01/02/2012}
- {match: 'Contact [0-9]+', anyOf: [{const: q}, {minLength: 4}]}
key: [id]
rules: [{title: parents have orgs, advice: fill them, schema: {dependentRequired: {role: [orgs]}}}]
"""


@pytest.fixture
def full(tmp_path: Path) -> str:
    texts = {"dataset": FULL, "users": USERS, "orgs": "file: orgs.csv\ncolumns: [{name: id}, {name: type}]\n"}
    for stem, text in texts.items():
        (tmp_path / f"{stem}.yaml").write_text(text)
    return str(tmp_path)


def test_schema_show_says_everything_in_words(full: str, capsys: Capture) -> None:
    assert main(["schema", "show", full]) == 0
    text = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for wanted in (
        r"full: Full \x1b[31m",
        "users.csv (required)",
        "COLUMN REQUIRED TYPE RULES REFERENCES EXAMPLE",
        "id yes string at most 255 characters; no value on two rows",
        "role string one of a, b; may be called kind; a breach is a warning",
        "on boolean true is Y, false is N",
        "orgs string list each at most 3 characters; at least 1 values; separated by ';' orgs.id where type is x or y",
        "born string a date as MM/DD/YYYY; NULL count as empty 01/02/2012",
        "/Contact [0-9]+/ string 'q', or at least 4 characters",
        "key: id",
        "rule: parents have orgs (error); fill them",
        "on error: skip-rows, at most 2 % of the rows, for enum or type only",
        r"written: utf-8, delimiter '\t', no quotes, escape \, header line, columns in any order",
        "orgs.csv (optional)",
        "check: classes end (warning)",
        "tolerated: enum in users.csv",
        "tolerated: column-order",
    ):
        assert wanted in lines, wanted


def test_schema_show_one_file(full: str, capsys: Capture) -> None:
    for name in ("orgs", "orgs.csv"):
        assert main(["schema", "show", full, name]) == 0
        text = capsys.readouterr().out
        assert "orgs.csv" in text
        assert "users.csv" not in text
    assert main(["schema", "show", full, "org"]) == 2
    assert "did you mean orgs.csv?" in capsys.readouterr().err


def test_schema_show_json_has_all_that_was_read(full: str, capsys: Capture) -> None:
    assert main(["schema", "show", full, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    users = shown["files"][0]
    assert (users["on_error"], users["max_skipped_rows"], users["skip_only"], users["rules"][0]["title"]) == (
        "skip-rows", "2 %", ["enum", "type"], "parents have orgs",
    )  # fmt: skip
    assert (shown["checks"][0]["sql"], shown["tolerate"][1]["code"]) == ("SELECT 1 AS value", "column-order")
    orgs = users["columns"][3]
    assert (orgs["references"], orgs["references_where"], orgs["separator"]) == ("orgs.id", {"type": ["x", "y"]}, ";")


def test_schema_show_on_a_terminal_is_a_table_that_fits(
    full: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["schema", "show", full]) == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "at most 255" in text
    assert max(map(len, text.splitlines())) <= 100


def test_schema_export_json_schema_judges_rows_as_we_do(full: str, capsys: Capture) -> None:
    assert main(["schema", "export", "--json-schema", full, "--file", "users.csv"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert validator.is_valid({"id": "1", "role": "a", "orgs": ["x"], "born": "2012-01-02", "Contact 1": "long"})
    for row in (
        {},
        {"id": "1", "role": "a"},
        {"id": "1", "Contact 1": "b"},
        {"id": "1", "born": "01/02/2012"},
        {"id": "1", "orgs": []},
    ):
        assert not validator.is_valid(row), row
    assert schema["properties"]["born"]["examples"] == ["2012-01-02"]
    assert (schema["x-key"], schema["properties"]["id"]["x-unique"]) == (["id"], True)
    assert schema["properties"]["orgs"]["x-references"] == {"to": "orgs.id", "where": {"type": ["x", "y"]}}


def test_schema_export_json_schema_of_a_list_of_lists_has_an_example_as_we_read_it(
    tmp_path: Path, capsys: Capture
) -> None:
    inner = "items: {type: array, separator: '|', items: {type: integer}}"
    (tmp_path / "a.yaml").write_text(
        f"file: a.csv\ncolumns: [{{name: a, type: array, separator: ';', {inner}, example: '1|2;;3'}}]\n"
    )
    assert main(["schema", "export", "--json-schema", str(tmp_path / "a.yaml")]) == 0
    schema = json.loads(capsys.readouterr().out)["properties"]["a"]
    assert schema["examples"] == [[[1, 2], [], [3]]]
    assert (schema["x-separator"], schema["x-inner-separator"]) == (";", "|")
    Draft202012Validator(schema).validate(schema["examples"][0])


def test_schema_export_json_schema_of_a_file_keeps_references_within_rules(tmp_path: Path, capsys: Capture) -> None:
    rules = "rules: [{title: t, schema: {$defs: {p: {required: [a]}}, $ref: '#/$defs/p'}}]\n"
    groups = "columns: [{name: a}, {name: ab, const: '1'}, {match: 'a.*', const: '2'}]\n"
    (tmp_path / "a.yaml").write_text("file: a.csv\nheader: {extra: error}\n" + groups + rules)
    assert main(["schema", "export", "--json-schema", str(tmp_path / "a.yaml")]) == 0
    validator = Draft202012Validator(json.loads(capsys.readouterr().out))
    for row, is_valid in (
        ({"a": "x"}, True),
        ({}, False),
        ({"a": "x", "ab": "1"}, True),
        ({"a": "x", "ac": "1"}, False),
        ({"a": "x", "b": "1"}, False),
    ):
        assert validator.is_valid(row) is is_valid, row


@pytest.mark.parametrize("options", [[], ["--meta", "--json-schema"], ["--json-schema"], ["--json-schema", "students"]])
def test_schema_export_without_what_it_needs_says_so(options: list[str], capsys: Capture) -> None:
    assert main(["schema", "export", *options]) == 2
    assert "give" in (err := capsys.readouterr().err) or "needs" in err


def test_schema_export_prints_sound_json_schemas(capsys: Capture) -> None:
    assert main(["schema", "export", "--meta"]) == 0
    for schema in json.loads(capsys.readouterr().out).values():
        Draft202012Validator.check_schema(schema)
    assert main(["schema", "export", "--meta", "--kind", "file"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Epoch Watcher file schema"
