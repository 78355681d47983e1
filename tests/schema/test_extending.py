"""File schemas that extend another: what is taken over, what wins, and where each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import FileSchema, read_file_document, read_file_schema
from watcher.schema.judge import published
from watcher.schema.model import Absent, Case, Extra, Order

BASE = """
file: users.csv
title: Users
header: {order: strict, extra: error}
dialect: {delimiter: ";"}
limits: {cell_characters: 9}
absent: mark
columns:
- {name: id, required: true, $ref: types.yaml#/guid}
- {name: role, enum: [a, b], description: What they do.}
- {name: org, maxLength: 3}
- {match: '^x-.+$', format: email}
key: [id]
rules:
- {title: r1, schema: {required: [role]}}
- {title: r2, schema: {required: [id]}}
"""
TYPES = "guid: {pattern: '^[0-9]+$', maxLength: 5, source: p. 3}\n"


def extended(folder: Path, text: str, base: str = BASE) -> FileSchema:
    """The schema of a file that extends `base/users.yaml`, from beside that folder."""
    return read_file_schema(written(folder, text, base))


def written(folder: Path, text: str, base: str = BASE) -> Path:
    for place in (folder / "base", folder / "mine"):
        place.mkdir(exist_ok=True)
    (folder / "base/users.yaml").write_text(base)
    (folder / "base/types.yaml").write_text(TYPES)
    (folder / "mine/users.yaml").write_text(f"extends: ../base/users.yaml\n{text}")
    return folder / "mine/users.yaml"


def problems_of(folder: Path, text: str, base: str = BASE) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        extended(folder, text, base)
    return tuple(problem.replace(f"{folder}/", "") for problem in caught.value.problems)


def test_extending_nothing_more_is_the_same_schema(tmp_path: Path) -> None:
    schema = extended(tmp_path, "")
    assert schema == read_file_schema(tmp_path / "base/users.yaml")
    assert (schema.title, schema.absent, schema.key) == ("Users", Absent.MARK, ("id",))


def test_extending_mappings_are_merged_key_by_key_and_others_win_whole(tmp_path: Path) -> None:
    text = "header: {order: any, case: ignore}\ndialect: {quote: null}\nlimits: {record_bytes: 2048}\nkey: [org]\ntitle: Mine\n"
    schema = extended(tmp_path, text)
    assert (schema.header.order, schema.header.case, schema.header.extra) == (Order.ANY, Case.IGNORE, Extra.ERROR)
    assert (schema.dialect.delimiter, schema.dialect.quote) == (";", None)
    assert (schema.limits.record_bytes, schema.limits.cell_characters) == (2048, 9)
    assert (schema.key, schema.title) == (("org",), "Mine")


@pytest.mark.parametrize(
    ("more", "codes"),
    [("", ("enum",)), ("skip_only: [type]\n", ("type",)), ("skip_only: null\n", ()), ("skip_only: []\n", ())],
)
def test_extending_skip_only_is_taken_over_replaced_or_taken_away(
    tmp_path: Path, more: str, codes: tuple[str, ...]
) -> None:
    assert extended(tmp_path, more, f"{BASE}on_error: skip-rows\nskip_only: [enum]\n").skip_only == codes


def test_extending_column_is_changed_in_place(tmp_path: Path) -> None:
    schema = extended(
        tmp_path, "columns:\n- {name: role, enum: [a, c], aliases: [job], severity: warning}\n- {name: new}\n"
    )
    assert [column.name for column in schema.columns] == ["id", "role", "org", "^x-.+$", "new"]
    role = schema.columns[1]
    assert (role.judged_by["enum"], role.aliases, role.severity) == (["a", "c"], ("job",), Severity.WARNING)
    assert role.description == "What they do."


def test_extending_group_is_changed_by_its_pattern(tmp_path: Path) -> None:
    schema = extended(tmp_path, "columns: [{match: '^x-.+$', format: uri}]\n")
    assert [column.format for column in schema.columns if column.match is not None] == ["uri"]


def test_extending_null_takes_a_key_away_wherever_it_came_from(tmp_path: Path) -> None:
    schema = extended(tmp_path, "key: null\ncolumns: [{name: id, maxLength: null}, {name: role, enum: null}]\n")
    assert schema.key == ()
    assert schema.columns[0].judged_by == {"type": "string", "pattern": "^[0-9]+$"}
    assert schema.columns[1].judged_by == {"type": "string"}


def test_extending_null_takes_a_whole_list_away(tmp_path: Path) -> None:
    schema = extended(tmp_path, "rules: null\n")
    assert (schema.rules, len(schema.columns)) == ((), 4)
    schema = extended(tmp_path, "columns: null\nkey: null\nrules: null\n")
    assert (schema.rules, schema.columns) == ((), ())


def test_extending_null_is_no_mistake_to_an_editor() -> None:
    validator = Draft202012Validator(published("file"))
    assert validator.is_valid({"extends": "a.yaml", "key": None, "columns": [{"name": "a", "enum": None}]})
    assert not validator.is_valid({"extends": "a.yaml", "columns": [{"name": None}]})
    assert not validator.is_valid({"extends": None})


def test_extending_definitions_are_found_from_where_each_file_lies(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/types.yaml").write_text("guid: {minLength: 2}\nshort: {maxLength: 2}\n")
    schema = extended(tmp_path, "columns: [{name: org, $ref: types.yaml#/short}]\n")
    assert schema.columns[0].judged_by["pattern"] == "^[0-9]+$"
    assert schema.columns[2].judged_by["maxLength"] == 2


def test_extending_own_reference_replaces_that_of_the_base(tmp_path: Path) -> None:
    schema = extended(tmp_path, "columns: [{name: id, $ref: common/types.yaml#/year}]\n")
    assert "maxLength" not in schema.columns[0].judged_by
    assert schema.columns[0].judged_by["pattern"] != "^[0-9]+$"
    schema = extended(tmp_path, "columns: [{name: id, $ref: null}]\n")
    assert schema.columns[0].judged_by == {"type": "string"}
    assert schema.columns[0].required


def test_extending_rules_are_added_and_replaced_by_title(tmp_path: Path) -> None:
    text = (
        "rules:\n- {title: r1, severity: warning, schema: {required: [org]}}\n- {title: r3, schema: {required: [id]}}\n"
    )
    schema = extended(tmp_path, text)
    assert [(rule.title, rule.severity) for rule in schema.rules] == [
        ("r1", Severity.WARNING),
        ("r2", Severity.ERROR),
        ("r3", Severity.ERROR),
    ]


def test_extending_without_takes_columns_away(tmp_path: Path) -> None:
    schema = extended(tmp_path, "without: [org, '^x-.+$']\n")
    assert [column.name for column in schema.columns] == ["id", "role"]


def test_extending_over_two_steps(tmp_path: Path) -> None:
    path = written(tmp_path, "columns: [{name: role, enum: [c]}, {name: new}]\n")
    (tmp_path / "third.yaml").write_text(
        "extends: mine/users.yaml\ncolumns: [{name: new, maxLength: 1}, {name: org, maxLength: null}]\n"
    )
    schema = read_file_schema(tmp_path / "third.yaml")
    assert [column.name for column in schema.columns] == [column.name for column in read_file_schema(path).columns]
    assert [column.judged_by for column in schema.columns[1:3]] == [
        {"type": "string", "enum": ["c"]},
        {"type": "string"},
    ]
    assert schema.columns[-1].judged_by["maxLength"] == 1


def test_extending_a_bundled_file_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: students/students.yaml\ncolumns: [{name: bus}]\n")
    assert [column.name for column in read_file_schema(tmp_path / "mine.yaml").columns][:1] == ["student_id"]


# mistakes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("columns:\n- {name: id, pattern: '['}\n", "mine/users.yaml:3: columns[0].pattern: not a regular expression"),
        ("\ncolumns:\n- {name: org, maxLength: a}\n", "mine/users.yaml:4: columns[0].maxLength: expected a whole number"),
        ("columns: [{name: org, maxLengt: 1}]\n", "columns[0].maxLengt: not a known key; did you mean 'maxLength'?"),
        ("columns: [{name: org, maxLengt: null}]\n", "mine/users.yaml:2: columns[0].maxLengt: there is nothing to take away; did you mean 'maxLength'?"),
        ("columns: [{name: new, required: null}]\n", "columns[0].required: there is nothing to take away"),
        ("file: null\n", "mine/users.yaml:2: file: expected text (put it in quotes), found None"),
        ("without: null\n", "mine/users.yaml:2: without: expected a list, found None"),
        ("header: {order: null}\n", "mine/users.yaml:2: header.order: expected one of any, strict, found None"),
        ("columns: [{name: null}]\n", "columns[0].name: expected text"),
        ("columns: [null, 3]\n", "columns[0]: expected a mapping, found None"),
        ("columns: null\n", "base/users.yaml:13: key[0]: 'id' is not a column"),
        ("keys: null\n", "mine/users.yaml:2: keys: there is nothing to take away; did you mean 'key'?"),
        ("columns: [{name: org, maxLength: null, minimum: 3}]\n", "mine/users.yaml:2: columns[0].minimum: says nothing about type string"),
        ("columns: [{name: id, minLength: 7}, {name: org, minLength: 7}]\n", "base/users.yaml:11: columns[2].maxLength: is less than minLength"),
        ("columns: [{name: org}, {name: org}]\n", "mine/users.yaml:2: columns[1]: 'org' is there twice among these columns"),
        ("columns: [{name: new, aliases: [org]}]\n", "mine/users.yaml:2: columns[0].name: 'org' names two columns"),
        ("rules: [{title: r1, schema: {required: [id]}}, {title: r1, schema: {required: [id]}}]\n", "rules[1]: 'r1' is there twice among these rules"),
        ("without: [id]\n", "base/users.yaml:13: key[0]: 'id' is not a column"),
        ("without: [role]\nkey: [id]\n", "base/users.yaml:15: rules[0].schema.required[0]: 'role' is not a column"),
        ("without: [rolle]\n", "mine/users.yaml:2: without[0]: 'rolle' is not a column of the file that this one extends; did you mean 'role'?"),
        ("dialect: {quote: ';'}\n", "mine/users.yaml:2: dialect.quote: must differ from the delimiter"),
        ("header: {case: ignore}\ncolumns: [{name: ID}]\n", "mine/users.yaml:3: columns[0].name: 'ID' names two columns"),
        ("columns: [{name: id, $ref: '#/guid'}]\n", "columns[0].$ref: names no file; write it before the #"),
        ("columns: [{name: id, $ref: types.yaml#/gid}]\n", "mine/users.yaml:2: columns[0].$ref: 'types.yaml'"),
    ],
)  # fmt: skip
def test_extending_mistake_is_told_where_it_is_written(tmp_path: Path, text: str, problem: str) -> None:
    found = problems_of(tmp_path, text)
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("maxLength: 3", "base/users.yaml:11: columns[2].maxlength: not a known key; did you mean 'maxLength'?"),
        (
            "format: email",
            "base/users.yaml:12: columns[3].format: 'emil' cannot be checked here; did you mean 'email'?",
        ),
        ("types.yaml#/guid", "base/users.yaml:9: columns[0].$ref: 'types.yaml#/gud': no such definition"),
    ],
)
def test_extending_a_mistake_in_the_base_is_told_with_its_place(tmp_path: Path, change: str, problem: str) -> None:
    wrong = {"maxLength: 3": "maxlength: 3", "format: email": "format: emil", "types.yaml#/guid": "types.yaml#/gud"}
    found = problems_of(tmp_path, "columns: [{name: new}]\n", BASE.replace(change, wrong[change]))
    assert any(problem in one for one in found), found


def test_extending_what_is_not_there_says_what_is_near(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_text("extends: ../base/usrs.yaml\n")
    with pytest.raises(
        ConfigError,
        match=r"users\.yaml:1: extends: '../base/usrs.yaml': no such file .*did you mean '../base/users.yaml'",
    ):
        read_file_schema(path)


def test_extending_in_a_circle_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("title: B\nextends: a.yaml\n")
    with pytest.raises(ConfigError, match=r"b\.yaml:2: extends: 'a.yaml' extends this one in the end"):
        read_file_schema(tmp_path / "a.yaml")
    (tmp_path / "c.yaml").write_text("extends: c.yaml\n")
    with pytest.raises(ConfigError, match="extends this one in the end"):
        read_file_schema(tmp_path / "c.yaml")


def test_extending_nothing_null_is_a_mistake_and_so_is_without(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("file: a.csv\ncolumns: [{name: id, maxLength: null}]\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:2: columns\[0\]\.maxLength: expected a whole number"):
        read_file_schema(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").write_text("extends: null\nfile: a.csv\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:1: extends: expected text"):
        read_file_schema(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").write_text("file: a.csv\nwithout: [id]\n")
    with pytest.raises(ConfigError, match="without: says nothing without extends"):
        read_file_schema(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("at", "place"),
    [
        (("columns", 1), "mine/users.yaml:3: columns[0]: x"),
        (("columns", 1, "enum", 0), "mine/users.yaml:3: columns[0].enum[0]: x"),
        (("columns", 1, "description"), "base/users.yaml:10: columns[1].description: x"),
        (("columns", 2), "base/users.yaml:11: columns[2]: x"),
        ((), "mine/users.yaml:1: x"),
    ],
)
def test_extending_document_knows_where_each_value_stands(
    tmp_path: Path, at: tuple[str | int, ...], place: str
) -> None:
    document = read_file_document(written(tmp_path, "columns:\n- {name: role, enum: [c]}\n"))
    assert document.problem(at, "x").replace(f"{tmp_path}/", "") == place
