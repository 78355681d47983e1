"""YAML to `Dataset` and `FileSchema`: the meta-schema judges the shape first, then what no meta-schema can say."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watcher import yamlfile
from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import judge
from watcher.schema.dates import problem_with_format
from watcher.schema.formats import is_checked, known_formats
from watcher.schema.model import (
    Absent,
    Case,
    Column,
    ColumnType,
    Dataset,
    DatasetFile,
    Dialect,
    Extra,
    FileSchema,
    HeaderRules,
    Order,
    Reference,
)
from watcher.text import nearest, printable
from watcher.yamlfile import Document

DATASET_FILE = "dataset.yaml"

_JUDGED = (
    "enum",
    "const",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "format",
)
_FOR_TEXT = frozenset({"pattern", "minLength", "maxLength", "format"})
_FOR_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Problem:
    """Something wrong at one key path of one document."""

    path: KeyPath
    text: str


def read_file_schema(path: Path) -> FileSchema:
    """The schema of one file. Raises ConfigError with every problem that it has."""
    document = yamlfile.read(path)
    _judge(document, "file", lambda: _file_problems(document.data))
    return _file_schema(document.data)


def read_dataset(folder: Path) -> Dataset:
    """The dataset of a folder with its `dataset.yaml`. Raises ConfigError with the problems of all its files."""
    document = yamlfile.read(folder / DATASET_FILE)
    _judge(document, "dataset", lambda: ())
    files: list[DatasetFile] = []
    problems: list[str] = []
    for entry in document.data["files"]:
        try:
            schema = read_file_schema(folder / entry["schema"])
        except ConfigError as error:
            problems += error.problems
        else:
            files.append(DatasetFile(schema, entry.get("required", False), entry.get("match")))
    dataset = _dataset(document.data, tuple(files), folder)
    if not problems:
        problems = [document.problem(p.path, printable(p.text)) for p in _dataset_problems(dataset)]
    if problems:
        raise ConfigError(tuple(problems))
    return dataset


def _judge(document: Document, kind: str, more: Callable[[], Iterable[_Problem]]) -> None:
    """Raises ConfigError for what the meta-schema finds; only if that is nothing, for what `more` finds."""
    problems = judge.problems(document, kind)
    if not problems:
        problems = tuple(document.problem(p.path, printable(p.text)) for p in more())
    if problems:
        raise ConfigError(problems)


def _dataset(data: dict[str, Any], files: tuple[DatasetFile, ...], folder: Path) -> Dataset:
    return Dataset(
        name=data["name"],
        files=files,
        title=data.get("title", ""),
        description=data.get("description", ""),
        extra_files=Extra(data.get("extra_files", "warn")),
        folder=folder,
    )


def _file_schema(data: dict[str, Any]) -> FileSchema:
    header = data.get("header", {})
    return FileSchema(
        file=data["file"],
        columns=tuple(_column(column) for column in data.get("columns", ())),
        dialect=Dialect(**data.get("dialect", {})),
        header=HeaderRules(
            Order(header.get("order", "any")), Case(header.get("case", "strict")), Extra(header.get("extra", "warn"))
        ),
        key=tuple(data.get("key", ())),
        absent=Absent(data.get("absent", "keep")),
        title=data.get("title", ""),
        description=data.get("description", ""),
    )


def _column(data: dict[str, Any]) -> Column:
    return Column(
        name=data.get("name") or data["match"],
        judged_by=_judged_by(data),
        type=ColumnType(data.get("type", "string")),
        required=data.get("required", False),
        match=data.get("match"),
        aliases=tuple(data.get("aliases", ())),
        separator=data.get("separator", ","),
        severity=Severity(data.get("severity", "error")),
        formats=tuple(data.get("formats", ())),
        references=_reference(data.get("references")),
        nulls=tuple(data.get("nulls", ())),
        description=data.get("description", ""),
        example=data.get("example", ""),
        source=data.get("source", ""),
    )


def _judged_by(data: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a converted cell."""
    schema: dict[str, Any] = {"type": data.get("type", "string")}
    schema |= {keyword: data[keyword] for keyword in _JUDGED if keyword in data}
    if "items" in data:
        schema["items"] = _judged_by(data["items"])
    return schema


def _reference(text: str | None) -> Reference | None:
    if text is None:
        return None
    file, _, column = text.partition(".")
    return Reference(file, column)


def _file_problems(data: dict[str, Any]) -> Iterator[_Problem]:
    seen: set[str] = set()
    for i, column in enumerate(data.get("columns", ())):
        at: KeyPath = ("columns", i)
        for name in (column["name"], *column.get("aliases", ())) if "name" in column else ():
            if name in seen:
                yield _Problem((*at, "name"), f"{name!r} names two columns; keep one")
            seen.add(name)
        yield from _column_problems(column, at)
    names = [column["name"] for column in data.get("columns", ()) if "name" in column]
    for i, name in enumerate(data.get("key", ())):
        if name not in names:
            yield _Problem(("key", i), f"{name!r} is not a column" + _hint(name, names))
    dialect = data.get("dialect", {})
    for option in ("delimiter", "quote"):
        if len(dialect.get(option) or "x") != 1:
            yield _Problem(("dialect", option), "must be one character")
    if dialect.get("delimiter", ",") == dialect.get("quote", '"'):
        yield _Problem(("dialect", "quote"), "must differ from the delimiter")


def _column_problems(column: dict[str, Any], at: KeyPath) -> Iterator[_Problem]:
    is_array = column.get("type") == "array"
    for keyword in ("items", "separator"):
        if keyword in column and not is_array:
            yield _Problem((*at, keyword), "is only for type array; add type: array or remove it")
    if "formats" in column and column.get("format") != "date":
        yield _Problem((*at, "formats"), "is only for format date; add format: date or remove it")
    for i, pattern in enumerate(column.get("formats", ())):
        if problem := problem_with_format(pattern):
            yield _Problem((*at, "formats", i), problem)
    if problem := _pattern_problem(column.get("match")):
        yield _Problem((*at, "match"), problem)
    yield from _value_problems(column, at, array=is_array)
    if "items" in column:
        yield from _value_problems(column["items"], (*at, "items"))


def _value_problems(rules: dict[str, Any], at: KeyPath, *, array: bool = False) -> Iterator[_Problem]:
    kind = rules.get("type", "string")
    for keyword in _JUDGED:
        if keyword in rules and _is_useless(keyword, kind):
            where = "put it under items" if array else "change the type or remove it"
            yield _Problem((*at, keyword), f"says nothing about type {kind}; {where}")
    if problem := _pattern_problem(rules.get("pattern")):
        yield _Problem((*at, "pattern"), problem)
    if "format" in rules and not is_checked(rules["format"]):
        hint = _hint(rules["format"], known_formats())
        yield _Problem((*at, "format"), f"{rules['format']!r} cannot be checked here{hint}")
    for i, value in enumerate(rules.get("enum", ())):
        yield from _member_problem(value, kind, (*at, "enum", i))
    if "const" in rules:
        yield from _member_problem(rules["const"], kind, (*at, "const"))


def _is_useless(keyword: str, kind: str) -> bool:
    if keyword in _FOR_TEXT:
        return kind != "string"
    if keyword in _FOR_NUMBERS:
        return kind not in ("integer", "number")
    return kind == "array"


def _member_problem(value: Any, kind: str, at: KeyPath) -> Iterator[_Problem]:
    """JSON Schema would never match a value of another type, in silence."""
    expected = _PYTHON_TYPES.get(kind, ())
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean")):
        advice = "put it in quotes" if kind == "string" else f"write a value of type {kind}"
        yield _Problem(at, f"{value!r} is not of type {kind}; {advice}")


def _pattern_problem(pattern: str | None) -> str | None:
    if pattern is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except re.error as error:
        return f"not a regular expression: {error.msg} at position {error.pos}"
    except (OverflowError, RecursionError):
        return "not a regular expression: it repeats or nests more than can be; make it simpler"
    except Warning as warning:
        return f"a regular expression that may change its meaning: {str(warning).lower()}; put a backslash before it"
    return None


def _dataset_problems(dataset: Dataset) -> Iterator[_Problem]:
    names: set[str] = set()
    for i, file in enumerate(dataset.files):
        if file.match is None and file.schema.stem in names:
            yield _Problem(("files", i), f"{file.schema.file!r} is there twice; keep one")
        if file.match is None:
            names.add(file.schema.stem)
        yield from _reference_problems(dataset, i, file.schema)


def _reference_problems(dataset: Dataset, i: int, schema: FileSchema) -> Iterator[_Problem]:
    stems = [file.schema.stem for file in dataset.named_files()]
    for column in schema.columns:
        if (reference := column.references) is None:
            continue
        target = dataset.file_by_stem(reference.file)
        said = f"{schema.file}, column {column.name!r}, references {str(reference)!r}"
        if target is None:
            yield _Problem(("files", i), f"{said}: no such file in this dataset{_hint(reference.file, stems)}")
        elif target.column(reference.column) is None:
            names = [known.name for known in target.columns]
            yield _Problem(("files", i), f"{said}: no such column{_hint(reference.column, names)}")


def _hint(word: str, candidates: Iterable[str]) -> str:
    found = nearest(word, candidates)
    return f"; did you mean {found!r}?" if found else ""
