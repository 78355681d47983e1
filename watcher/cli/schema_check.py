"""What is legal in a file schema and likely a mistake all the same: the doubts of `epoch-watcher schema check`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watcher.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from watcher.schema import Column, FileSchema
    from watcher.schema.problem import KeyPath

#: Spaces at an end, of another kind or several; characters without width.
_UNSEEN = re.compile(r"^\s|\s$|\s{2}|[^\S ]|[\u00ad\u200b-\u200f\u2060\ufeff]")
#: An escaped character, a set of characters.
_NOT_OUTERMOST = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_GROUP = re.compile(r"\([^()]*\)")


def doubts(path: Path, schema: FileSchema) -> tuple[str, ...]:
    """What may be wrong with the schema in this file, one line each; its place may be in one that it extends."""
    from watcher.schema import read_file_document
    from watcher.schema.problem import Problem, worded

    document = read_file_document(path)
    return tuple(worded(document, (Problem(at, printable(text)) for at, text in _doubts(schema))))


def _doubts(schema: FileSchema) -> Iterator[tuple[KeyPath, str]]:
    yield from _file_name(schema)
    for i, column in enumerate(schema.columns):
        at: KeyPath = ("columns", i)
        yield from _unseen(column, at)
        if "" in (members := column.judged_by.get("enum", ())):
            said = "no value is empty: of an empty cell only required says whether it is right"
            yield (*at, "enum", members.index("")), said
        yield from _example(column, at)
        yield from _members(column.judged_by, at)
        yield from _members(column.judged_by.get("items", {}), (*at, "items"))
        yield from _pattern(column, at)
        if column.match is not None:
            yield from _shadowed(column, schema, (*at, "match"))
    for i, name in enumerate(schema.key):
        key_column = schema.column(name)
        if key_column is not None and not key_column.required:
            yield ("key", i), f"{name!r} may be empty, and then identifies no row; add required: true to the column"
    within = schema.column(schema.absent_within)
    if within is not None and not within.required:
        said = f"{within.name!r} may be empty, and then tells nothing of absent rows; add required: true to the column"
        yield ("absent", "delete-within"), said
    yield from _skipping(schema)


def _file_name(schema: FileSchema) -> Iterator[tuple[KeyPath, str]]:
    """A name that no file of data has."""
    from watcher.model.names import MARKER, is_temporary_name

    if schema.file == MARKER or is_temporary_name(schema.file):
        yield ("file",), f"a file called {schema.file!r} is never taken for data; give it another name"


def _unseen(column: Column, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """A column's name with what nobody sees: a header line that looks the same is wrong then."""
    for key, names in (("name", (column.name,)), ("aliases", column.aliases)):
        for name in names if column.match is None else ():
            if _UNSEEN.search(name):
                yield (
                    (*at, key),
                    f"{name!r} holds spaces or characters that nobody sees; leave them out unless they are sent",
                )


def _skipping(schema: FileSchema) -> Iterator[tuple[KeyPath, str]]:
    """Limits on rows that are left out where none are; rows that are left out and then taken for gone."""
    if schema.on_error.value != "skip-rows":
        said = f"says nothing with on_error {schema.on_error}, unless a dataset makes it skip-rows"
        if str(schema.max_skipped_rows) != "any number":
            yield ("max_skipped_rows",), said
        if schema.skip_only:
            yield ("skip_only",), said
    elif schema.absent.value != "keep" and not schema.skip_only:
        said = "a row that is left out is gone from the drop as well, whatever is wrong with it"
        yield ("absent",), f"{said}; list under skip_only the findings for which that is right"


def _example(column: Column, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """An example that the column's own rules refuse."""
    from watcher.validation.cells.oracle import Oracle

    if not column.example:
        return
    if column.example in column.nulls:
        yield (*at, "example"), "counts as an empty cell; write a value, or remove it from nulls"
        return
    for rule in Oracle(column).broken_rules(column.example):
        yield (*at, "example"), f"the column's own rules refuse it: {rule.message}"


def _members(rules: Mapping[str, Any], at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Values of an enumeration that the other rules refuse, and that no cell can have therefore."""
    from jsonschema import Draft202012Validator

    from watcher.schema.formats import CHECKER

    others = {keyword: value for keyword, value in rules.items() if keyword not in ("enum", "const")}
    validator = Draft202012Validator(others, format_checker=CHECKER)
    for i, value in enumerate(rules.get("enum", ())):
        for error in validator.iter_errors(value):
            yield (*at, "enum", i), f"the column's own {error.validator} refuses {value!r}; change one of them"
    if "const" in rules:
        for error in validator.iter_errors(rules["const"]):
            yield (*at, "const"), f"the column's own {error.validator} refuses it; change one of them"


def _pattern(column: Column, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """A pattern that is likely meant for the whole text."""
    pattern = str(column.judged_by.get("pattern", "^"))
    if not re.search(r"[\^$]|\\[AZbB]", pattern):
        yield (*at, "pattern"), "matches anywhere in the text; write ^ before and $ behind it if the whole is meant"
    elif pattern.startswith("^") and pattern.endswith("$") and "|" in _outermost(pattern):
        said = "^ is for the first of the alternatives alone and $ for the last"
        yield (*at, "pattern"), f"{said}; write ^(?: before and )$ behind them all if the whole text is meant"


def _outermost(pattern: str) -> str:
    """The pattern without what is escaped, or stands in brackets of any kind."""
    rest = _NOT_OUTERMOST.sub("", pattern)
    while (shorter := _GROUP.sub("", rest)) != rest:
        rest = shorter
    return rest


def _shadowed(group: Column, schema: FileSchema, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Named columns that a group's pattern fits as well."""
    for column in schema.columns:
        if column.match is None:
            for name in (column.name, *column.aliases):
                if re.fullmatch(group.match or "", name):
                    yield at, f"fits the column {name!r} too, which goes by its own rules; make the pattern narrower"
