"""Rules over a whole row: JSON Schema, judged by its own meta-schema, and by the columns that it speaks of.

A mistake in JSON Schema is silent by nature: an unknown keyword, a name that no row has, a format without a checker
judge nothing. Here they are mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from watcher.model.findings import Severity
from watcher.schema import judge
from watcher.schema.definitions import Definitions
from watcher.schema.keywords import hint, member_problems, pattern_problem, plain_problems
from watcher.schema.model import Column, ColumnType, RowRule
from watcher.schema.problem import KeyPath, Problem

_ONE = frozenset(
    {"not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems"}
    | {"unevaluatedProperties"}
)
_MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_PLAIN = frozenset(
    {"$ref", "$comment", "type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "format"}
    | {"exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "minContains"}
    | {"maxContains", "required", "dependentRequired", "minProperties", "maxProperties", "title", "description"}
    | {"default", "examples", "deprecated"}
)
_KNOWN = _ONE | _MANY | _NAMED | _PLAIN
#: Those that judge the same value as the schema that they stand in.
_IN_PLACE = frozenset({"not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas"})
_META_VALIDATOR = Draft202012Validator(Draft202012Validator.META_SCHEMA)

Found = tuple[KeyPath, Mapping[str, Any]]


def row_rule(data: Mapping[str, Any]) -> RowRule:
    """The rule of a sound mapping whose references are resolved."""
    return RowRule(data["title"], data["schema"], Severity(data.get("severity", "error")), data.get("advice", ""))


def shape_problems(schema: Any, at: KeyPath) -> Iterator[Problem]:
    """What the meta-schema of JSON Schema finds wrong, and keywords that it does not know."""
    wrong = False
    for error in _META_VALIDATOR.iter_errors(schema):
        wrong = True
        yield from (Problem((*at, *path), text) for path, text in judge.worded(error))
    if wrong:
        return
    for path, part in subschemas(schema, at):
        for key in part:
            if key not in _KNOWN:
                yield Problem((*path, key), f"not a keyword that can be used here{hint(key, _KNOWN) or '; remove it'}")


def expanded(schema: Any, at: KeyPath, definitions: Definitions) -> Any:
    """The schema with references to our files written out; those within the rule stay."""
    if isinstance(schema, list):
        return [expanded(each, (*at, i), definitions) for i, each in enumerate(schema)]
    if not isinstance(schema, dict):
        return schema
    result = {
        key: _expanded_value(key, value, (*at, key), definitions)
        for key, value in schema.items()
        if key != "$ref" or value.startswith("#")
    }
    reference = schema.get("$ref", "#")
    if not reference.startswith("#"):
        definition = definitions.json_schema(reference, (*at, "$ref")) or {}
        if result:
            result["allOf"] = [*result.get("allOf", ()), definition]
        else:
            result = dict(definition)
    return result


def _expanded_value(key: str, value: Any, at: KeyPath, definitions: Definitions) -> Any:
    if key in _NAMED:
        return {name: expanded(inner, (*at, name), definitions) for name, inner in value.items()}
    return expanded(value, at, definitions) if key in _ONE | _MANY else value


def rule_problems(schema: Mapping[str, Any], at: KeyPath, columns: Sequence[Column]) -> Iterator[Problem]:
    """What is wrong with the schema of a rule whose references to files are written out."""
    yield from _loop_problems(schema, at)
    for path, part in subschemas(schema, at):
        yield from plain_problems(part, path)
        for pattern in part.get("patternProperties", ()):
            if problem := pattern_problem(pattern):
                yield Problem((*path, "patternProperties", pattern), problem)
        for keyword in ("then", "else"):
            if keyword in part and "if" not in part:
                yield Problem((*path, keyword), "says nothing without an if beside it; add one or remove it")
        for where, name in _names(part, path):
            if not _is_column(name, columns):
                names = [column.name for column in columns if column.match is None]
                yield Problem(where, f"{name!r} is not a column{hint(name, names)}")
        yield from _type_problems(part, path, columns)


def subschemas(schema: Any, at: KeyPath) -> Iterator[Found]:
    """The schema and all that it is made of, with their key paths."""
    if not isinstance(schema, dict):
        return
    yield at, schema
    for keyword, value in schema.items():
        if keyword in _ONE:
            yield from subschemas(value, (*at, keyword))
        elif keyword in _MANY:
            for i, each in enumerate(value):
                yield from subschemas(each, (*at, keyword, i))
        elif keyword in _NAMED:
            for name, each in value.items():
                yield from subschemas(each, (*at, keyword, name))


def _names(part: Mapping[str, Any], at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """The columns that a schema names, each with its place."""
    for keyword in ("properties", "dependentRequired", "dependentSchemas"):
        yield from (((*at, keyword, name), name) for name in part.get(keyword, ()))
    yield from (((*at, "required", i), name) for i, name in enumerate(part.get("required", ())))
    for name, wanted in part.get("dependentRequired", {}).items():
        yield from (((*at, "dependentRequired", name, i), each) for i, each in enumerate(wanted))


def _is_column(name: str, columns: Sequence[Column]) -> bool:
    return any(c.name == name if c.match is None else re.fullmatch(c.match, name) is not None for c in columns)


def _type_problems(part: Mapping[str, Any], at: KeyPath, columns: Sequence[Column]) -> Iterator[Problem]:
    """A value of `enum` or `const` that the column's cells are never converted to."""
    kinds = {column.name: column.type for column in columns if column.match is None}
    for name, rules in part.get("properties", {}).items():
        kind = kinds.get(name)
        if kind is None or kind is ColumnType.ARRAY or not isinstance(rules, dict):
            continue
        for i, value in enumerate(rules.get("enum", ())):
            yield from member_problems(value, kind, (*at, "properties", name, "enum", i))
        if "const" in rules:
            yield from member_problems(rules["const"], kind, (*at, "properties", name, "const"))


def _loop_problems(schema: Mapping[str, Any], at: KeyPath) -> Iterator[Problem]:
    """References within the rule that lead nowhere, or back to themselves without getting to a cell."""
    for path, part in subschemas(schema, at):
        if "$ref" not in part:
            continue
        if _pointed(schema, part["$ref"]) is None:
            yield Problem((*path, "$ref"), f"{part['$ref']!r} is no schema in this rule; write '#/$defs/name'")
        elif _leads_back(schema, part, part["$ref"], frozenset()):
            yield Problem((*path, "$ref"), f"{part['$ref']!r} refers to itself in the end; break the loop")


def _leads_back(schema: Mapping[str, Any], goal: Mapping[str, Any], reference: str, seen: frozenset[str]) -> bool:
    """Whether judging what a reference points to comes to the goal again, with the same value."""
    if reference in seen:
        return False
    target = _pointed(schema, reference)
    for part in _in_place(target):
        if part is goal or ("$ref" in part and _leads_back(schema, goal, part["$ref"], seen | {reference})):
            return True
    return False


def _in_place(schema: Any) -> Iterator[Mapping[str, Any]]:
    """The schema and those parts of it that judge the same value."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in _IN_PLACE & schema.keys():
        value = schema[keyword]
        parts = value if isinstance(value, list) else value.values() if keyword in _NAMED else [value]
        for each in parts:
            yield from _in_place(each)


def _pointed(schema: Any, reference: str) -> Any:
    """What `#/$defs/name` points to; None if that is no schema, or a mere `true`."""
    if not reference.startswith("#"):
        return None
    found = schema
    for step in reference[1:].split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isascii() and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    parts = (part for _, part in subschemas(schema, ()))
    return found if reference[1:2] in ("", "/") and any(part is found for part in parts) else None
