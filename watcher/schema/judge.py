"""Judges a YAML document by one of our published meta-schemas and words each problem for the person who wrote it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from watcher.text import nearest, printable
from watcher.yamlfile import Document

#: Keys of a file schema that can't be taken away from the one that it extends.
NEVER_NULL = ("file", "extends", "without")
#: The published meta-schemas by the word that `schema export` uses.
META_SCHEMAS = {"dataset": "dataset.schema.json", "file": "file.schema.json"}
_TYPES_DESCRIPTION = "Definitions that columns share: a name, and what a column takes over when it refers to it."
_SHOWN = 80


@cache
def meta_schema(kind: str) -> dict[str, Any]:
    """The meta-schema of a `dataset`, a `file`, or the shared `types`, as JSON values."""
    if kind == "types":
        return _types_schema()
    text = resources.files("watcher.schema").joinpath(META_SCHEMAS[kind]).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def published(kind: str) -> dict[str, Any]:
    """The meta-schema for editors and other tools, which see one file only.

    In a file schema that extends another null takes a key away; here any key may be null, as the tools can't know.
    """
    schema = copy.deepcopy(meta_schema(kind))
    if kind == "file":
        column = schema["$defs"]["column"]["properties"]
        for keys, never in ((schema["properties"], NEVER_NULL), (column, ("name", "match"))):
            keys |= {key: {"anyOf": [rules, {"type": "null"}]} for key, rules in keys.items() if key not in never}
    return schema


def _types_schema() -> dict[str, Any]:
    """Made of the definitions in that of a file."""
    whole = meta_schema("file")
    return {
        "$schema": whole["$schema"],
        "title": "Epoch Watcher shared definitions",
        "description": _TYPES_DESCRIPTION,
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/definition"},
        "$defs": whole["$defs"],
    }


def problems(document: Document, kind: str) -> tuple[str, ...]:
    """Everything that the meta-schema finds wrong, one line each, in the order of the file."""
    validator = Draft202012Validator(meta_schema(kind))
    found: dict[tuple[int, str], None] = {}
    for error in validator.iter_errors(document.data):
        for path, text in worded(error):
            found[document.line(path), document.problem(path, text)] = None
    return tuple(text for _, text in sorted(found))


def worded(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The problem or problems that one error stands for, each with the key path it is about."""
    path = tuple(error.absolute_path)
    wanted: Any = error.validator_value
    # A file that is none of ours, which somebody's `$ref` names, may be a roster: nothing of it is shown.
    found = printable(repr(error.instance), _SHOWN) if path else _found(error.instance)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, path)
        case "required":
            # The library reports each missing key by itself, but names it in its message only.
            instance: Any = error.instance
            yield from ((path, f"{key!r} is missing; add it") for key in wanted if key not in instance)
        case "type":
            yield path, f"expected {_kind(wanted)}, found {found}"
        case "enum":
            allowed = [str(value) for value in wanted]
            hint = nearest(str(error.instance), allowed)
            yield path, f"expected one of {', '.join(allowed)}, found {found}" + (f"; write {hint}" if hint else "")
        case "oneOf":
            # The only one in the meta-schemas; its own message would print the whole column.
            yield path, "expected either a name or a match; write exactly one of them"
        case "pattern":
            schema: Any = error.schema
            about = str(schema.get("description", f"text that matches {wanted}")).partition(". ")[0].rstrip(".")
            yield path, f"found {found}, expected: {about[:1].lower()}{about[1:]}"
        case _:
            yield path, printable(error.message, 200)


def _unknown_keys(error: ValidationError, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    schema: Any = error.schema
    written: Any = error.instance
    known = schema["properties"]
    for key in written:
        if key not in known:
            hint = nearest(key, known)
            yield (*path, key), f"not a known key; {f'did you mean {hint!r}?' if hint else 'remove it'}"


_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text (put it in quotes)",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def _found(value: Any) -> str:
    """What a value is, without a word of it."""
    return next((noun for kind, noun in _FOUND.items() if isinstance(value, kind)), "nothing")


#: Booleans first: they are integers too.
_FOUND = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}


def _kind(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(_KINDS[name] for name in names)
