"""Rules over a row: sound JSON Schema about columns that exist."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import FileSchema, read_file_schema

COLUMNS = """file: a.csv
columns:
- {name: role}
- {name: email}
- {name: seats, type: integer}
- {match: 'Contact [0-9]+'}
rules:
"""


def schema_of(folder: Path, rules: str) -> FileSchema:
    (folder / "a.yaml").write_text(COLUMNS + rules)
    return read_file_schema(folder / "a.yaml")


def problems_of(folder: Path, schema: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        schema_of(folder, f"- {{title: t, schema: {schema}}}\n")
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_rule_is_read_whole(tmp_path: Path) -> None:
    text = "- {title: t, severity: warning, advice: write one, schema: {required: [email]}}\n- {title: u, schema: {}}\n"
    first, second = schema_of(tmp_path, text).rules
    assert (first.title, first.severity, first.advice) == ("t", Severity.WARNING, "write one")
    assert (first.schema, second.severity) == ({"required": ["email"]}, Severity.ERROR)


@pytest.mark.parametrize(
    "schema",
    [
        "{if: {properties: {role: {const: parent}}, required: [role]}, then: {required: [email]}}",
        "{properties: {'Contact 2': {minLength: 1}}}",
        "{properties: {seats: {enum: [1, 2]}}}",
        "{$defs: {p: {required: [email]}}, anyOf: [{$ref: '#/$defs/p'}, {maxProperties: 2}]}",
        "{properties: {email: {$ref: '#/$defs/a~1b'}}, $defs: {a/b: {minLength: 1}}}",
        "{properties: {email: {$ref: '#'}}}",
    ],
)
def test_rule_that_is_sound_is_taken_as_it_is(tmp_path: Path, schema: str) -> None:
    assert schema_of(tmp_path, f"- {{title: t, schema: {schema}}}\n").rules


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ("{requird: [email]}", "a.yaml:8: rules[0].schema.requird: not a keyword that can be used here; did you mean 'required'?"),
        ("{required: [emial]}", "rules[0].schema.required[0]: 'emial' is not a column; did you mean 'email'?"),
        ("{properties: {emial: true}}", "schema.properties.emial: 'emial' is not a column"),
        ("{if: {}, then: {anyOf: [{not: {required: [x]}}]}}", "schema.then.anyOf[0].not.required[0]: 'x' is not a column"),
        ("{dependentRequired: {role: [x]}}", "schema.dependentRequired.role[0]: 'x' is not a column"),
        ("{dependentSchemas: {x: {}}}", "schema.dependentSchemas.x: 'x' is not a column"),
        ("{required: ['Contact x']}", "'Contact x' is not a column"),
        ("{required: email}", "schema.required: expected a list, found 'email'"),
        ("{properties: {email: {minLength: -1}}}", "schema.properties.email.minLength: "),
        ("{properties: {email: {type: text}}}", "schema.properties.email.type: "),
        ("{properties: {email: {format: mail}}}", "properties.email.format: 'mail' cannot be checked here"),
        ("{properties: {email: {pattern: '['}}}", "properties.email.pattern: not a regular expression"),
        ("{patternProperties: {'[': true}}", "schema.patternProperties.[: not a regular expression"),
        ("{then: {required: [email]}}", "schema.then: says nothing without an if beside it"),
        ("{properties: {seats: {const: '1'}}}", "properties.seats.const: '1' is not of type integer"),
        ("{properties: {role: {enum: [1]}}}", "properties.role.enum[0]: 1 is not of type string; put it in quotes"),
        ("{$ref: '#/$defs/x'}", "schema.$ref: '#/$defs/x' is no schema in this rule; write '#/$defs/name'"),
        ("{$defs: {a: {properties: {email: {}}}}, $ref: '#/$defs/a/properties'}", "is no schema in this rule"),
        ("{$ref: '#'}", "schema.$ref: '#' refers to itself in the end"),
        ("{$defs: {a: {allOf: [{$ref: '#/$defs/b'}]}, b: {$ref: '#/$defs/a'}}, $ref: '#/$defs/a'}", "refers to itself in the end"),
        ("{$id: 'http://x'}", "schema.$id: not a keyword that can be used here"),
        ("[1]", "rules[0].schema: expected a mapping"),
    ],
)  # fmt: skip
def test_rule_mistake_is_said_with_its_place(tmp_path: Path, schema: str, problem: str) -> None:
    found = problems_of(tmp_path, schema)
    assert any(problem in one for one in found), found


_LEAVES = st.fixed_dictionaries(
    {}, optional={"$ref": st.sampled_from(["#", "#/not", "#/$defs/a", "#/$defs/b", "#/anyOf/0", "#/properties"]), "minLength": st.just(1)}
)  # fmt: skip
_SCHEMAS = st.recursive(
    _LEAVES | st.booleans(),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "not": inner,
            "if": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "properties": st.dictionaries(st.sampled_from(["role", "email"]), inner, max_size=2),
            "$defs": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "propertyNames": inner,
            "additionalProperties": inner,
        },
    ),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_SCHEMAS.filter(lambda schema: isinstance(schema, dict)))
def test_rule_that_was_accepted_can_judge_any_row(schema: dict[str, object]) -> None:
    """References in circles would take the judge down; one that names no schema would, too."""
    with TemporaryDirectory() as folder:
        try:
            [rule] = schema_of(Path(folder), f"- {{title: t, schema: {json.dumps(schema)}}}\n").rules
        except ConfigError:
            return
    for row in ({}, {"role": "a", "email": "b"}):
        Draft202012Validator(dict(rule.schema)).is_valid(row)


@pytest.mark.parametrize("depth", [50, 400])
def test_rule_nested_beyond_all_measure_is_a_mistake(tmp_path: Path, depth: int) -> None:
    found = problems_of(tmp_path, "{not: " * depth + "{}" + "}" * depth)
    assert any("nested" in one for one in found), found


def test_rules_with_the_same_title_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\[1\]\.title: 't' is there twice"):
        schema_of(tmp_path, "- {title: t, schema: {}}\n- {title: t, schema: {}}\n")
