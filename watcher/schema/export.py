"""A file schema as plain JSON Schema (Draft 2020-12) of one row: an object of column names and converted values.

An empty cell is an absent property. What JSON Schema has no word for stands under keys that begin with `x-`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from watcher.schema.columns import FALSE_VALUES, TRUE_VALUES
from watcher.schema.dates import read_date
from watcher.schema.model import Column, ColumnType, Extra, FileSchema, Picture, Reference, RowRule
from watcher.schema.rules import subschemas


def row_schema(schema: FileSchema) -> dict[str, Any]:
    """The JSON Schema of a row of this file."""
    named = [column for column in schema.columns if column.match is None]
    groups = {_group_pattern(column, named): _property(column) for column in schema.columns if column.match is not None}
    return _without_nothing(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": schema.title or schema.file,
            "description": schema.description,
            "type": "object",
            "properties": {column.name: _property(column) for column in named},
            "patternProperties": groups,
            "required": [column.name for column in named if column.required],
            "additionalProperties": False if schema.columns and schema.header.extra is Extra.ERROR else None,
            "allOf": [_rule(i, rule) for i, rule in enumerate(schema.rules)],
            **_file_keys(schema),
        }
    )


def file_facts(schema: FileSchema) -> dict[str, Any]:
    """Everything that a file schema says beside its columns and rules, as JSON values."""
    dialect, header, limits = schema.dialect, schema.header, schema.limits
    return {
        "file": schema.file,
        "dialect": {
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "escape": dialect.escape,
            "header": dialect.header,
            "encoding": dialect.encoding,
        },
        "header": {
            "order": header.order.value,
            "case": header.case.value,
            "extra": header.extra.value,
            "missing": header.missing.value,
            "aliases": header.aliases.value,
        },
        "limits": {"record_bytes": limits.record_bytes, "cell_characters": limits.cell_characters},
        "key": list(schema.key),
        "on_error": schema.on_error.value,
        "max_skipped_rows": str(schema.max_skipped_rows),
        "skip_only": list(schema.skip_only),
        "absent": {schema.absent.value: schema.absent_within} if schema.absent_within else schema.absent.value,
        "header_only": schema.header_only.value,
        "picture": None if schema.picture is None else _picture(schema.picture),
    }


def reference_json(reference: Reference | None) -> dict[str, Any] | None:
    """`{"to": "orgs.sourcedId", "where": {"type": ["school"]}}`."""
    if reference is None:
        return None
    return {"to": str(reference), "where": {name: list(texts) for name, texts in reference.where}}


def _file_keys(schema: FileSchema) -> dict[str, Any]:
    return {f"x-{key.replace('_', '-')}": value for key, value in file_facts(schema).items()}


def _picture(picture: Picture) -> dict[str, Any]:
    return {**asdict(picture), "formats": list(picture.formats)}


def _property(column: Column) -> dict[str, Any]:
    example = _example(column)
    booleans = {"x-trueValues": list(column.true_values), "x-falseValues": list(column.false_values)}
    return _without_nothing(
        {
            **column.judged_by,
            "description": column.description,
            "examples": None if example is None else [example],
            "x-aliases": list(column.aliases),
            "x-severity": None if column.severity.value == "error" else column.severity.value,
            "x-separator": column.separator if column.type is ColumnType.ARRAY else None,
            "x-inner-separator": column.inner_separator if column.is_nested else None,
            "x-formats": list(column.formats),
            "x-nulls": list(column.nulls),
            **booleans,
            "x-unique": column.unique or None,
            "x-missing": None if column.missing is None else column.missing.value,
            **({"not": True, "x-blank": True} if column.blank else {}),
            "x-references": reference_json(column.references),
            "x-source": column.source,
        }
    )


def _group_pattern(group: Column, named: list[Column]) -> str:
    """A pattern for the names of a group: whole ones, and none that a column of its own has."""
    taken = [re.escape(column.name) for column in named if re.fullmatch(group.match or "", column.name)]
    return f"^{f'(?!(?:{chr(124).join(taken)})$)' if taken else ''}(?:{_scoped(group.match or '')})$"


def _scoped(pattern: str) -> str:
    """The pattern as a part of another: flags at its beginning (`(?i)`) may stand at the beginning of a whole only."""
    flags = re.match(r"\(\?([a-z]+)\)", pattern)
    return pattern if flags is None else f"(?{flags[1]}:{pattern[flags.end() :]})"


def _rule(i: int, rule: RowRule) -> dict[str, Any]:
    """A rule as a part of the whole. References within it need a root of their own."""
    refers = any("$ref" in part for _, part in subschemas(rule.schema, ()))
    about = {
        "$id": f"urn:epoch-watcher:rule:{i + 1}" if refers else None,
        "title": rule.title,
        "description": rule.advice,
        "x-severity": None if rule.severity.value == "error" else rule.severity.value,
    }
    return {**_without_nothing(about), **rule.schema}


def _example(column: Column) -> Any:
    """The example as a row's property would hold it; None for none, or one that is of another type."""
    if not column.example:
        return None
    if column.formats:
        found = read_date(column.example, column.formats)
        return None if found is None else found.isoformat()
    if column.type is ColumnType.ARRAY:
        items = [_item(text, column) for text in column.example.split(column.separator)]
        return None if None in items else items
    return _scalar(column.example, column.type, column)


def _item(text: str, column: Column) -> Any:
    """An item of a list; of a list of lists a list, empty for an empty text. None if a value is of another type."""
    if not column.is_nested:
        return _scalar(text, column.item_type, column)
    values = [_scalar(value, column.value_type, column) for value in text.split(column.inner_separator) if text]
    return None if None in values else values


def _scalar(text: str, kind: ColumnType, column: Column) -> Any:
    try:
        match kind:
            case ColumnType.INTEGER:
                return int(text)
            case ColumnType.NUMBER:
                return float(text)
            case ColumnType.BOOLEAN:
                true, false = column.true_values or TRUE_VALUES, column.false_values or FALSE_VALUES
                return True if text in true else False if text in false else None
            case _:
                return text
    except ValueError:
        return None


def _without_nothing(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping without the keys that say nothing."""
    return {key: value for key, value in mapping.items() if value is not None and value not in ("", [], {})}
