"""YAML to datasets: what is read, and how each mistake is said, with file, line and key path."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import read_dataset, read_file_schema
from watcher.schema.model import Absent, Case, ColumnType, Extra, Order, Reference

FULL = r"""
file: users.csv
title: Users
description: Everybody.
dialect: {delimiter: ";", quote: "'", header: true, encoding: utf-8}
header: {order: strict, case: ignore, extra: error}
columns:
  - {name: id, required: true, type: string, minLength: 1, maxLength: 9, pattern: '^[0-9]+$', example: "1", source: p. 3}
  - {name: org, aliases: [school], references: orgs.id, severity: warning, nulls: ['\N']}
  - {name: born, format: date, formats: ['%m/%d/%Y']}
  - {name: seats, type: integer, minimum: 0, maximum: 40, multipleOf: 2}
  - {name: tags, type: array, separator: "|", items: {type: string, enum: [a, b]}}
  - {match: 'Contact [0-9]+', format: email}
key: [id]
absent: mark
"""


def schema_of(folder: Path, text: str) -> object:
    path = folder / "x.yaml"
    path.write_text(text)
    return read_file_schema(path)


def problems_of(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        schema_of(folder, text)
    return tuple(problem.replace(f"{folder}/", "") for problem in caught.value.problems)


def test_parse_every_keyword_is_read(tmp_path: Path) -> None:
    path = tmp_path / "users.yaml"
    path.write_text(FULL)
    schema = read_file_schema(path)
    assert (schema.file, schema.stem, schema.key, schema.absent) == ("users.csv", "users", ("id",), Absent.MARK)
    assert (schema.dialect.delimiter, schema.dialect.quote) == (";", "'")
    assert (schema.header.order, schema.header.case, schema.header.extra) == (Order.STRICT, Case.IGNORE, Extra.ERROR)
    first, org, born, seats, tags, contact = schema.columns
    assert first.judged_by == {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^[0-9]+$"}
    assert (first.required, first.example, first.source) == (True, "1", "p. 3")
    assert (org.aliases, org.references, org.severity) == (("school",), Reference("orgs", "id"), Severity.WARNING)
    assert (org.nulls, born.formats, born.format) == ((r"\N",), ("%m/%d/%Y",), "date")
    assert seats.judged_by == {"type": "integer", "minimum": 0, "maximum": 40, "multipleOf": 2}
    assert (tags.type, tags.separator, tags.judged_by["items"]["enum"]) == (ColumnType.ARRAY, "|", ["a", "b"])
    assert contact.match == "Contact [0-9]+"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("file: a.csv\nkolumns: []\n", "x.yaml:2: kolumns: not a known key; did you mean 'columns'?"),
        ("title: A\n", "x.yaml:1: 'file' is missing; add it"),
        ("file: a.csv\nabsent: drop\n", "x.yaml:2: absent: expected one of keep, mark, delete, found 'drop'"),
        ("file: a.csv\ncolumns: [{name: a, requird: true}]\n", "columns[0].requird: not a known key; did you mean 'required'?"),
        ("file: a.csv\ncolumns:\n- name: 1\n", "x.yaml:3: columns[0].name: expected text (put it in quotes), found 1"),
        ("file: a.csv\ncolumns: [{required: true}]\n", "columns[0]: expected either a name or a match"),
        ("file: a.csv\ncolumns: [{name: a, format: dat}]\n", "format: 'dat' cannot be checked here; did you mean 'date'?"),
        ("file: a.csv\ncolumns: [{name: a, pattern: '['}]\n", "pattern: not a regular expression"),
        ("file: a.csv\ncolumns: [{name: a, pattern: '[[a]'}]\n", "pattern: a regular expression that may change"),
        ("file: a.csv\ncolumns: [{name: a, enum: [1]}]\n", "enum[0]: 1 is not of type string; put it in quotes"),
        ("file: a.csv\ncolumns: [{name: a, type: integer, enum: ['1']}]\n", "enum[0]: '1' is not of type integer"),
        ("file: a.csv\ncolumns: [{name: a, minimum: 1}]\n", "minimum: says nothing about type string"),
        ("file: a.csv\ncolumns: [{name: a, type: array, pattern: a}]\n", "pattern: says nothing about type array; put it under items"),
        ("file: a.csv\ncolumns: [{name: a, separator: a}]\n", "separator: is only for type array"),
        ("file: a.csv\ncolumns: [{name: a, formats: ['%Y-%m-%d']}]\n", "formats: is only for format date"),
        ("file: a.csv\ncolumns: [{name: a, format: date, formats: ['%Y-%q-%d']}]\n", "formats[0]: '%q' is not known here"),
        ("file: a.csv\ncolumns: [{name: a, format: date, formats: ['%Y-%m']}]\n", "formats[0]: '%Y-%m' must name year, month and day"),
        ("file: a.csv\ncolumns: [{name: a}, {name: b, aliases: [a]}]\n", "columns[1].name: 'a' names two columns"),
        ("file: a.csv\ncolumns: [{name: code}]\nkey: [cod]\n", "x.yaml:3: key[0]: 'cod' is not a column; did you mean 'code'?"),
        ("file: a.csv\ndialect: {delimiter: ab}\n", "dialect.delimiter: "),
        ("file: a.csv\ndialect: {delimiter: \"'\", quote: \"'\"}\n", "dialect.quote: must differ"),
        ("file: a/b.csv\n", "file: "),
        ("- 1\n", "x.yaml:1: expected a mapping"),
        ("", "x.yaml:1: expected a mapping"),
    ],
)  # fmt: skip
def test_parse_mistake_is_said_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    assert any(problem in found for found in problems_of(tmp_path, text)), problems_of(tmp_path, text)


def test_parse_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, "file: a.csv\nx: 1\ny: 2\nabsent: z\n")) == 3


def folder_of(folder: Path, dataset: str, **schemas: str) -> Path:
    (folder / "dataset.yaml").write_text(dataset)
    for stem, text in schemas.items():
        (folder / f"{stem}.yaml").write_text(text)
    return folder


TWO = "name: d\nfiles:\n- {schema: a.yaml, required: true}\n- {schema: b.yaml}\n"


def test_dataset_is_read_with_its_files(tmp_path: Path) -> None:
    folder_of(tmp_path, TWO + "extra_files: error\n", a="file: a.csv\n", b="file: b.csv\n")
    dataset = read_dataset(tmp_path)
    assert [(file.schema.file, file.required) for file in dataset.files] == [("a.csv", True), ("b.csv", False)]
    assert (dataset.name, dataset.extra_files, dataset.folder) == ("d", Extra.ERROR, tmp_path)
    assert dataset.schema_for("b.csv") is dataset.files[1].schema
    assert dataset.schema_for("B.csv") is None


def test_dataset_pattern_takes_what_no_name_takes(tmp_path: Path) -> None:
    listed = "name: d\nfiles:\n- {schema: any.yaml, match: '*.csv'}\n- {schema: a.yaml}\n"
    dataset = read_dataset(folder_of(tmp_path, listed, any="file: any.csv\n", a="file: a.csv\n"))
    assert [schema and schema.file for schema in map(dataset.schema_for, ("a.csv", "z.csv", "z.CSV"))] == [
        "a.csv",
        "any.csv",
        None,
    ]


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("bb.id", "columns[0].references: 'bb.id': no such file in this dataset; did you mean 'b'?"),
        ("b.ids", "columns[0].references: 'b.ids': no such column; did you mean 'id'?"),
    ],
)
def test_dataset_reference_into_nothing_is_an_error(tmp_path: Path, reference: str, problem: str) -> None:
    child = f"file: a.csv\ncolumns: [{{name: x, references: {reference}}}]\n"
    folder_of(tmp_path, TWO, a=child, b="file: b.csv\ncolumns: [{name: id}]\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:2: columns") as caught:
        read_dataset(tmp_path)
    assert problem in caught.value.problems[0]


def test_dataset_problems_of_all_its_files_are_said_at_once(tmp_path: Path) -> None:
    folder_of(tmp_path, TWO, a="file: a.csv\nx: 1\n", b="file: b.csv\ny: 1\n")
    with pytest.raises(ConfigError) as caught:
        read_dataset(tmp_path)
    assert [problem.split("/")[-1].split(":")[0] for problem in caught.value.problems] == ["a.yaml", "b.yaml"]


def test_dataset_same_file_twice_is_an_error(tmp_path: Path) -> None:
    folder_of(tmp_path, TWO, a="file: a.csv\n", b="file: a.csv\n")
    with pytest.raises(ConfigError, match="is there twice"):
        read_dataset(tmp_path)
