"""YAML to datasets: what is read, and how each mistake is said, with file, line and key path."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import read_dataset, read_file_schema
from watcher.schema.model import (
    Absent,
    Case,
    Check,
    ColumnType,
    Extra,
    Limits,
    OnError,
    Order,
    Reference,
    RowLimit,
    Tolerated,
)

FULL = r"""
file: users.csv
title: Users
description: Everybody.
dialect: {delimiter: ";", quote: "'", escape: '\', header: true, encoding: windows-1252}
header: {order: strict, case: ignore, extra: error}
columns:
  - {name: id, required: true, type: string, minLength: 1, maxLength: 9, pattern: '^[0-9]+$', example: "1", source: p. 3}
  - {name: org, aliases: [school], references: orgs.id, severity: warning, nulls: ['\N']}
  - {name: born, format: date, formats: ['%m/%d/%Y']}
  - {name: seats, type: integer, minimum: 0, maximum: 40, multipleOf: 2}
  - {name: tags, type: array, separator: "|", items: {type: string, enum: [a, b]}}
  - {match: 'Contact [0-9]+', format: email}
  - {name: kind, oneOf: [{const: a}, {pattern: ^b}], enum: [a, b1], not: {minLength: 3, anyOf: [{const: x}]}, unique: true}
  - {name: on, type: boolean, trueValues: [Y], falseValues: [N, "0"]}
  - {name: parts, type: array, items: {type: integer}, minItems: 1, maxItems: 3, uniqueItems: true}
  - {name: at, references: {to: orgs.id, where: {type: [a, b], kind: c}}}
key: [id]
absent: mark
limits: {record_bytes: 2048, cell_characters: 100}
on_error: skip-rows
max_skipped_rows: 2.5 %
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
    assert (schema.dialect.escape, schema.dialect.encoding, schema.limits) == ("\\", "windows-1252", Limits(2048, 100))
    assert (schema.on_error, schema.max_skipped_rows) == (OnError.SKIP_ROWS, RowLimit(percent=2.5))
    first, org, born, seats, tags, contact, kind, on, parts, at = schema.columns
    assert list(kind.judged_by) == ["type", "oneOf", "enum", "not"]
    assert kind.judged_by["not"] == {"minLength": 3, "anyOf": [{"const": "x"}]}
    assert (kind.unique, first.unique) == (True, False)
    assert (on.true_values, on.false_values) == (("Y",), ("N", "0"))
    assert [parts.judged_by[key] for key in ("minItems", "maxItems", "uniqueItems")] == [1, 3, True]
    assert at.references == Reference("orgs", "id", (("type", ("a", "b")), ("kind", ("c",))))
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
        ("file: a.csv\ndialect: {delimiter: a}\n", "dialect.delimiter: found 'a', expected: the one ASCII character"),
        ('file: a.csv\ndialect: {delimiter: ",\\n"}\n', "dialect.delimiter: must be one character"),
        ('file: a.csv\ndialect: {escape: "\\""}\n', "dialect.escape: must differ from the delimiter and the quote"),
        ("file: a.csv\ndialect: {encoding: latin1}\n", "dialect.encoding: expected one of utf-8"),
        ("file: a.csv\nlimits: {record_bytes: 5}\n", "limits.record_bytes: 5 is less than the minimum of 1024"),
        ("file: a.csv\nmax_skipped_rows: 101 %\n", "max_skipped_rows: found '101 %', expected: for on_error skip-rows"),
        ("file: a.csv\ndialect: {header: false}\ncolumns: [{match: a}]\n", "match: nothing has a name without a header line"),
        ("file: a.csv\nheader: {case: ignore}\ncolumns: [{name: a}, {name: A}]\n", "columns[1].name: 'A' names two columns"),
        ("file: a.csv\ncolumns: [{name: a, trueValues: [Y]}]\n", "trueValues: is only for type boolean"),
        ("file: a.csv\ncolumns: [{name: a, type: boolean, trueValues: ['False']}]\n", "trueValues: 'False' means both true and false"),
        ("file: a.csv\ncolumns: [{name: a, type: boolean, trueValues: [Y], falseValues: [Y]}]\n", "falseValues: 'Y' means both"),
        ("file: a.csv\ncolumns: [{name: a, type: boolean, trueValues: []}]\n", "trueValues: "),
        ("file: a.csv\ncolumns: [{name: a, minItems: 1}]\n", "minItems: says nothing about type string; add type: array"),
        ("file: a.csv\ncolumns: [{name: a, minLength: 3, maxLength: 2}]\n", "maxLength: is less than minLength"),
        ("file: a.csv\ncolumns: [{name: a, anyOf: [{minimum: 1}]}]\n", "anyOf[0].minimum: says nothing about type string"),
        ("file: a.csv\ncolumns: [{name: a, not: {type: integer}}]\n", "not.type: the value is of type string, and never of type integer"),
        ("file: a.csv\ncolumns: [{name: a, not: {pattern: '['}}]\n", "not.pattern: not a regular expression"),
        ("file: a.csv\ncolumns: [{name: a, anyOf: [{title: a year}]}]\n", "anyOf[0].title: says nothing without a rule beside it"),
        ("file: a.csv\ncolumns: [{name: a, not: {patern: a}}]\n", "not.patern: not a known key; did you mean 'pattern'?"),
        ("file: a.csv\ncolumns: [{name: a, enum: ['NULL'], nulls: ['NULL']}]\n", "nulls[0]: 'NULL' is an allowed value too"),
        ("file: a.csv\ncolumns: [{name: a, references: {where: {b: c}}}]\n", "references: 'to' is missing; add it"),
        ("file: a.csv\ncolumns: [{name: a, references: {to: b.c, were: {}}}]\n", "references.were: not a known key"),
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


def test_dataset_checks_tolerance_and_policy_are_read(tmp_path: Path) -> None:
    more = "checks: [{title: c, sql: SELECT 1 AS value, severity: warning, advice: so}]\n"
    more += "tolerate: [column-order, {code: enum, file: a.csv, column: id}]\n"
    listed = "name: d\nfiles:\n- {schema: a.yaml, on_error: skip-rows, max_skipped_rows: 100}\n- {schema: b.yaml}\n"
    schema = "file: {}.csv\non_error: reject-file\ncolumns: [{{name: id}}]\n"
    dataset = read_dataset(folder_of(tmp_path, listed + more, a=schema.format("a"), b=schema.format("b")))
    assert [file.schema.on_error for file in dataset.files] == [OnError.SKIP_ROWS, OnError.REJECT_FILE]
    assert [file.schema.max_skipped_rows for file in dataset.files] == [RowLimit(rows=100), RowLimit()]
    assert dataset.checks == (Check("c", "SELECT 1 AS value", Severity.WARNING, "so"),)
    assert dataset.tolerate == (Tolerated("column-order"), Tolerated("enum", "a.csv", "id"))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("tolerate: [colum-order]", "tolerate[0]: 'colum-order' is not the code of a finding; did you mean 'column-order'?"),
        ("tolerate: [{code: enum, file: aa.csv}]", "tolerate[0].file: 'aa.csv' is not a file of this dataset; did you mean 'a.csv'?"),
        ("tolerate: [{code: enum, column: staus}]", "tolerate[0].column: 'staus' is not a column; did you mean 'status'?"),
        ("tolerate: [misnamed-file]", "tolerate[0]: 'misnamed-file' can't be tolerated: loaders know a file by its name"),
        ("tolerate: [zip-ratio]", "tolerate[0]: 'zip-ratio' can't be tolerated: what is not unpacked can't be used"),
        ("tolerate: [{file: a.csv}]", "tolerate[0]: 'code' is missing; add it"),
        ("checks: [{title: t}]", "checks[0]: 'sql' is missing; add it"),
        ("checks: [{title: t, sql: SELECT nothing FROM a}]", "checks[0]"),
        ("checks: [{title: t, sql: SELECT 1 AS value}, {title: t, sql: SELECT 1 AS value}]", "checks[1]"),
    ],
)  # fmt: skip
def test_dataset_mistake_is_said_with_its_place(tmp_path: Path, more: str, problem: str) -> None:
    folder_of(tmp_path, "name: d\nfiles: [{schema: a.yaml}]\n" + more, a="file: a.csv\ncolumns: [{name: status}]\n")
    with pytest.raises(ConfigError) as caught:
        read_dataset(tmp_path)
    assert any(problem in one for one in caught.value.problems), caught.value.problems


def test_dataset_limit_without_skipped_rows_is_a_mistake(tmp_path: Path) -> None:
    folder_of(tmp_path, "name: d\nfiles:\n- {schema: a.yaml, max_skipped_rows: 3}\n", a="file: a.csv\n")
    with pytest.raises(
        ConfigError, match=r"yaml:3: files\[0\]\.max_skipped_rows: says nothing with on_error reject-epoch"
    ):
        read_dataset(tmp_path)


def test_skip_only_of_a_file_is_read_and_a_dataset_says_otherwise(tmp_path: Path) -> None:
    schema = "file: {}.csv\non_error: skip-rows\nskip_only: [enum, type]\n"
    listed = "files:\n- {schema: a.yaml}\n- {schema: b.yaml, skip_only: [pattern]}\n- {schema: c.yaml, skip_only: []}\n"
    texts = {stem: schema.format(stem) for stem in "abc"}
    dataset = read_dataset(folder_of(tmp_path, f"name: d\n{listed}", **texts))
    assert [file.schema.skip_only for file in dataset.files] == [("enum", "type"), ("pattern",), ()]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("unknown-referense", "'unknown-referense' is not the code of a finding; did you mean 'unknown-reference'?"),
        ("missing-column", "'missing-column' is about no single row, so none is left out for it; remove it"),
        ("enum, enum", "non-unique"),
        ("7", "expected text"),
    ],
)
def test_skip_only_of_what_skips_no_row_is_a_mistake(tmp_path: Path, code: str, problem: str) -> None:
    written = f"on_error: skip-rows\nskip_only: [{code}]\n"
    (tmp_path / "a.yaml").write_text(f"file: a.csv\n{written}")
    with pytest.raises(ConfigError, match=r"a\.yaml:3: skip_only") as caught:
        read_file_schema(tmp_path / "a.yaml")
    assert problem in caught.value.problems[0]
    entry = f"name: d\nfiles:\n- {{schema: a.yaml, on_error: skip-rows, skip_only: [{code}]}}\n"
    folder_of(tmp_path, entry, a="file: a.csv\n")
    with pytest.raises(ConfigError, match=r"dataset\.yaml:3: files\[0\]\.skip_only") as caught:
        read_dataset(tmp_path)
    assert problem in caught.value.problems[0]


@pytest.mark.parametrize("on_error", ["", "on_error: reject-file, "])
def test_dataset_skip_only_without_skipped_rows_is_a_mistake(tmp_path: Path, on_error: str) -> None:
    listed = f"name: d\nfiles:\n- {{schema: a.yaml, {on_error}skip_only: [enum]}}\n"
    with pytest.raises(ConfigError, match=r"yaml:3: files\[0\]\.skip_only: says nothing with on_error reject-"):
        read_dataset(folder_of(tmp_path, listed, a="file: a.csv\n"))


def test_dataset_may_take_skip_only_away_with_the_skipped_rows(tmp_path: Path) -> None:
    listed = "name: d\nfiles:\n- {schema: a.yaml, on_error: reject-epoch, skip_only: []}\n"
    schema = "file: a.csv\non_error: skip-rows\nskip_only: [enum]\n"
    (file,) = read_dataset(folder_of(tmp_path, listed, a=schema)).files
    assert (file.schema.on_error, file.schema.skip_only) == (OnError.REJECT_EPOCH, ())


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("{tipe: x}", "references.where.tipe: 'tipe' is not a column of b.csv; did you mean 'type'?"),
        (
            "{type: scool}",
            "references.where.type: 'scool' is not an allowed value of b.csv, 'type'; did you mean 'school'?",
        ),
    ],
)
def test_dataset_reference_to_rows_that_cannot_be_is_an_error(tmp_path: Path, where: str, problem: str) -> None:
    child = f"file: a.csv\ncolumns: [{{name: x, references: {{to: b.id, where: {where}}}}}]\n"
    folder_of(tmp_path, TWO, a=child, b="file: b.csv\ncolumns: [{name: id}, {name: type, enum: [school, district]}]\n")
    with pytest.raises(ConfigError) as caught:
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


def test_schema_that_skips_rows_skips_few_unless_it_says_how_many(tmp_path: Path) -> None:
    written = "file: a.csv\non_error: skip-rows\n"
    (tmp_path / "few.yaml").write_text(written)
    (tmp_path / "all.yaml").write_text(written + 'max_skipped_rows: "100 %"\n')
    few, every = (read_file_schema(tmp_path / name).max_skipped_rows for name in ("few.yaml", "all.yaml"))
    assert (few.allows(5, 100), few.allows(6, 100), every.allows(100, 100)) == (True, False, True)


def test_pattern_that_may_change_its_meaning_is_a_mistake_however_often_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("file: a.csv\ncolumns: [{name: a, pattern: '[[b]'}]\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="may change its meaning"):
            read_file_schema(tmp_path / "a.yaml")
