"""Shared definitions: what `$ref` takes over, and what is said when it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher import yamlfile
from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import FileSchema, bundled_folder, read_dataset, read_file_schema
from watcher.schema.columns import column
from watcher.schema.model import Column

TYPES = """
id: {pattern: '^[0-9]+$', maxLength: 9, description: An id., example: "1", severity: warning}
short: {$ref: '#/id', description: A short one.}
ids: {type: array, separator: ";", items: {$ref: '#/id'}}
day: {format: date, formats: ['%m/%d/%Y']}
flag: {type: boolean, trueValues: [Y], falseValues: [N]}
bad: {pattern: '['}
a: {$ref: '#/b'}
b: {$ref: '#/a'}
"""


def schema_of(folder: Path, columns: str, more: str = "") -> FileSchema:
    (folder / "types.yaml").write_text(TYPES)
    (folder / "x.yaml").write_text(f"file: x.csv\ncolumns:\n{columns}\n{more}")
    return read_file_schema(folder / "x.yaml")


def first(folder: Path, columns: str) -> Column:
    return schema_of(folder, columns).columns[0]


def problems_of(folder: Path, columns: str, more: str = "") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        schema_of(folder, columns, more)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_definition_stands_in_the_column_as_if_written_there(tmp_path: Path) -> None:
    found = first(tmp_path, "- {name: a, required: true, $ref: types.yaml#/id, enum: ['1']}")
    assert list(found.judged_by.items()) == [
        ("type", "string"),
        ("pattern", "^[0-9]+$"),
        ("maxLength", 9),
        ("enum", ["1"]),
    ]
    assert (found.description, found.example, found.severity, found.required) == ("An id.", "1", Severity.WARNING, True)


def test_definition_gives_way_in_what_is_for_people_and_in_severity(tmp_path: Path) -> None:
    found = first(tmp_path, "- {name: a, $ref: types.yaml#/id, description: Mine., severity: error}")
    assert (found.description, found.severity, found.example) == ("Mine.", Severity.ERROR, "1")


def test_definition_that_refers_to_another_is_followed(tmp_path: Path) -> None:
    found = first(tmp_path, "- {name: a, $ref: types.yaml#/short}")
    assert (found.judged_by["maxLength"], found.description) == (9, "A short one.")


def test_definition_is_taken_over_in_items_and_sub_schemas_without_what_is_for_people(tmp_path: Path) -> None:
    found = first(tmp_path, "- {name: a, anyOf: [{$ref: types.yaml#/id}, {const: none}], not: {$ref: types.yaml#/id}}")
    rules = {"pattern": "^[0-9]+$", "maxLength": 9}
    assert found.judged_by == {"type": "string", "anyOf": [rules, {"const": "none"}], "not": rules}
    listed = first(tmp_path, "- {name: a, $ref: types.yaml#/ids}")
    assert (listed.separator, listed.judged_by["items"]) == (";", {"type": "string", **rules})


def test_definition_brings_its_title_along_and_gives_way_in_it(tmp_path: Path) -> None:
    """It is no rule, but words of the rules that it stands beside."""
    (tmp_path / "more.yaml").write_text("year: {title: a year, pattern: '^[0-9]{4}$', description: A year.}\n")
    columns = (
        "- {name: a, anyOf: [{$ref: more.yaml#/year}, {const: x}]}\n- {name: b, $ref: more.yaml#/year, title: its own}"
    )
    in_branch, of_own = schema_of(tmp_path, columns).columns
    assert in_branch.judged_by["anyOf"][0] == {"title": "a year", "pattern": "^[0-9]{4}$"}
    assert of_own.judged_by["title"] == "its own"


def test_definition_of_the_bundled_ones_is_found_from_anywhere(tmp_path: Path) -> None:
    assert first(tmp_path, "- {name: a, $ref: common/types.yaml#/email}").format == "email"


def test_definition_beside_the_schema_comes_before_the_bundled(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common/types.yaml").write_text("email: {const: mine}\n")
    assert first(tmp_path, "- {name: a, $ref: common/types.yaml#/email}").judged_by["const"] == "mine"


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ("- {name: a, $ref: types.yaml#/idd}", "x.yaml:3: columns[0].$ref: 'types.yaml#/idd': no such definition; did you mean 'id'?"),
        ("- {name: a, $ref: tipes.yaml#/id}", "'tipes.yaml': no such file beside this one or among the bundled ones; did you mean 'types.yaml'?"),
        ("- {name: a, $ref: common/type.yaml#/id}", "did you mean 'common/types.yaml'?"),
        ("- {name: a, $ref: '#/id'}", "columns[0].$ref: names no file; write it before the #"),
        ("- {name: a, $ref: types.yaml}", "columns[0].$ref: found 'types.yaml', expected: takes over a shared definition"),
        ("- name: a\n  $ref: types.yaml#/id\n  maxLength: 3", "x.yaml:5: columns[0].maxLength: stands in 'types.yaml#/id' too; keep one"),
        ("- {name: a, $ref: types.yaml#/a}", "types.yaml:9: b.$ref: '#/a' refers to itself in the end; break the loop"),
        ("- {name: a, $ref: types.yaml#/bad}", "types.yaml:7: bad.pattern: not a regular expression"),
        ("- {name: a, type: integer, $ref: types.yaml#/id}", "columns[0].pattern: says nothing about type integer"),
        ("- {name: a, anyOf: [{$ref: types.yaml#/day}]}", "anyOf[0].$ref: 'types.yaml#/day' has formats, which only a whole column can have"),
        ("- {name: a, type: array, items: {$ref: types.yaml#/idd}}", "columns[0].items.$ref: 'types.yaml#/idd': no such definition"),
    ],
)  # fmt: skip
def test_definition_mistake_is_said_with_its_place(tmp_path: Path, columns: str, problem: str) -> None:
    found = problems_of(tmp_path, columns)
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("text", "found"),
    [("Santos,2012-03-30\n", "text"), ("- Santos\n", "a list"), ("1\n", "a number"), ("true\n", "true or false"), ("", "nothing")],
)  # fmt: skip
def test_definition_file_that_is_no_mapping_is_not_quoted(tmp_path: Path, text: str, found: str) -> None:
    """It may be any file of the machine, a roster too."""
    (tmp_path / "other.yaml").write_text(text)
    problems = problems_of(tmp_path, "- {name: a, $ref: other.yaml#/id}")
    assert problems == [f"other.yaml:1: expected a mapping, found {found}"]


def test_definition_file_with_mistakes_is_told_once_with_its_own_lines(tmp_path: Path) -> None:
    folder = tmp_path
    (folder / "t.yaml").write_text("id: {pattern: a}\nother: {patern: a}\n")
    (folder / "dataset.yaml").write_text("name: d\nfiles: [{schema: a.yaml}, {schema: b.yaml}]\n")
    for stem in "ab":
        (folder / f"{stem}.yaml").write_text(f"file: {stem}.csv\ncolumns: [{{name: x, $ref: t.yaml#/id}}]\n")
    with pytest.raises(ConfigError) as caught:
        read_dataset(folder)
    assert [problem.replace(f"{folder}/", "") for problem in caught.value.problems] == [
        "t.yaml:2: other.patern: not a known key; did you mean 'pattern'?"
    ]


def test_definition_in_a_rule_is_written_out(tmp_path: Path) -> None:
    rule = "rules: [{title: t, schema: {properties: {a: {$ref: types.yaml#/id}, b: {$ref: types.yaml#/id, minLength: 2}}}}]"
    [found] = schema_of(tmp_path, "- {name: a}\n- {name: b}", rule).rules
    rules = {"pattern": "^[0-9]+$", "maxLength": 9}
    assert found.schema == {"properties": {"a": rules, "b": {"minLength": 2, "allOf": [rules]}}}


def test_definition_in_a_rule_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    rule = "rules: [{title: t, schema: {properties: {a: {$ref: types.yaml#/idd}}}}]"
    assert problems_of(tmp_path, "- {name: a}", rule) == [
        "x.yaml:4: rules[0].schema.properties.a.$ref: 'types.yaml#/idd': no such definition; did you mean 'id'?"
    ]


BUNDLED = yamlfile.read(bundled_folder() / "common/types.yaml").data


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_definition_explains_itself_and_accepts_its_example(name: str, tmp_path: Path) -> None:
    from watcher.validation.cells.oracle import Oracle

    found = schema_of(tmp_path, f"- {{name: a, $ref: common/types.yaml#/{name}}}").columns[0]
    assert found.description
    assert found.source
    assert Oracle(found).broken_rules(found.example) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("guid", "a b"), ("guid", "x" * 256), ("us-date", "4/23/2012"), ("date-time", "2012-04-23T18:25:43+01:00"),
        ("grade", "7"), ("email", "a@b"), ("email", "a@b.c@d.e"), ("phone", "call me"), ("year", "26"), ("boolean", "TRUE"),
    ],
)  # fmt: skip
def test_bundled_definition_refuses(name: str, text: str) -> None:
    from watcher.validation.cells.oracle import Oracle

    assert Oracle(column({"name": "a", **BUNDLED[name]})).broken_rules(text)
