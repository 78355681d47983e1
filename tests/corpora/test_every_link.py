"""Each reference, key and mode of each bundled dataset is broken by itself, by machine, and each file is left out once.

All references of a dataset are broken in one copy of its good drop, a row for each; so are its keys, and what each mode
wants. A test looks at its own row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.corpora.goods import Good, GoodOf, across, datasets, identifier, in_mode, of_drop, tables, without_keys
from tests.corpora.sheets import Sheet
from tests.validation.library import Library
from watcher.model.findings import Occurrence, Severity
from watcher.schema.model import Column, Dataset, FileSchema, Mode, Reference

DATASETS = tuple(across(dataset) for dataset in datasets())
FILES = [(dataset, schema) for dataset in DATASETS for schema in tables(dataset)]
REFERENCES = [(*each, column) for each in FILES for column in each[1].columns if column.references is not None]
CONDITIONS = [each for each in REFERENCES if each[2].references is not None and each[2].references.where]
WITH_HEADER = [each for each in FILES if each[1].dialect.header]
WITH_KEY = [each for each in FILES if each[1].key]
REQUIRED = [(d, file.schema) for d in DATASETS for file in d.files if file.required and file.match is None]
MODES = [
    (mode, (dataset, schema, column))
    for dataset, schema in FILES
    for mode in dataset.modes
    for column in schema.columns
    if column.name in (*mode.blank, *mode.required)
]
_SAY_TWICE = {"duplicate-key", "duplicate-value", "manifest-duplicate-property"}
_STRANGERS = ("no-such-id", "987654321", "no.such@example.org", "X9")

#: The rows that are added to each file, with what each breaks: a column, and its name in the header line; or `key`.
Added = dict[str, list[tuple[str, str, tuple[str, ...]]]]
#: What was found on each added row, by the file and what it breaks: `error enum`, in another column `error enum in x`.
Found = dict[tuple[str, str], set[str]]
Case = tuple[Dataset, FileSchema, Column]


def ids(cases: Iterable[Sequence[Dataset | FileSchema | Column]]) -> list[str]:
    return [identifier(*case) for case in cases]  # type: ignore[arg-type]  # each is (dataset, schema[, column])


@pytest.fixture(scope="module")
def found_in(good_of: GoodOf, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Found]:
    """What is found on the rows that a function adds to a good drop; each drop is judged once."""
    known: dict[tuple[str, str], Found] = {}

    def found(dataset: Dataset, kind: str, add: Callable[[Good], Added], mode: Mode | None = None) -> Found:
        if (dataset.name, kind) not in known:
            folder = tmp_path_factory.mktemp("link")
            good = good_of(dataset) if mode is None else in_mode(good_of(dataset), mode, folder / "good")
            known[dataset.name, kind] = _judged(good, add, folder)
        return known[dataset.name, kind]

    return found


@pytest.mark.parametrize(("dataset", "schema", "column"), REFERENCES, ids=ids(REFERENCES))
def test_reference_to_nothing_is_found(
    found_in: Callable[..., Found], dataset: Dataset, schema: FileSchema, column: Column
) -> None:
    found = found_in(without_keys(dataset), "references", _strangers)
    assert found[schema.file, column.name] == {f"{column.severity} unknown-reference"}


@pytest.mark.parametrize(("dataset", "schema", "column"), CONDITIONS, ids=ids(CONDITIONS))
def test_reference_to_a_row_of_another_kind_is_found(
    found_in: Callable[..., Found], dataset: Dataset, schema: FileSchema, column: Column
) -> None:
    found = found_in(without_keys(dataset), "conditions", _of_another_kind)
    assert found[schema.file, column.name] == {f"{column.severity} unknown-reference"}


@pytest.mark.parametrize(("dataset", "schema"), WITH_KEY, ids=ids(WITH_KEY))
def test_row_whose_key_stands_twice_is_found(
    found_in: Callable[..., Found], dataset: Dataset, schema: FileSchema
) -> None:
    found = found_in(dataset, "keys", _twice)
    assert any(each.startswith("error duplicate-key") for each in found[schema.file, "key"])
    assert {each.split()[1] for each in found[schema.file, "key"]} <= _SAY_TWICE


@pytest.mark.parametrize(("mode", "case"), MODES, ids=[identifier(*case, mode.name) for mode, case in MODES])
def test_what_a_mode_wants_of_a_column_is_found(found_in: Callable[..., Found], mode: Mode, case: Case) -> None:
    dataset, schema, column = case
    of_mode = None if mode is dataset.modes[0] else mode
    found = found_in(without_keys(dataset), mode.name, lambda good: _against(good, mode), of_mode)
    code = "must-be-blank" if column.name in mode.blank else "required"
    assert found[schema.file, column.name] == {f"{column.severity} {code}"}


@pytest.mark.parametrize(("dataset", "schema"), REQUIRED, ids=ids(REQUIRED))
def test_required_file_that_is_missing_is_found(
    good_of: GoodOf, tmp_path: Path, dataset: Dataset, schema: FileSchema
) -> None:
    drop = good_of(dataset).copy(tmp_path / "drop", ())
    (drop / schema.file).unlink()
    found = {(each.code, each.file, each.severity) for each in of_drop(drop, dataset)}
    assert ("missing-file", schema.file, Severity.ERROR) in found


@pytest.mark.parametrize(("dataset", "schema"), WITH_HEADER, ids=ids(WITH_HEADER))
def test_header_line_without_rows_is_said(
    good_of: GoodOf, tmp_path: Path, dataset: Dataset, schema: FileSchema
) -> None:
    sheet = replace(good_of(dataset).sheet(schema.file), rows=())
    found = of_drop(good_of(dataset).copy(tmp_path / "drop", (sheet,)), dataset)
    is_manifest = dataset.manifest is not None and dataset.manifest.file == schema.file
    of_mode = dataset.modes[0].header_only if dataset.modes and not is_manifest else None
    severity = (schema.header_only if of_mode is None else of_mode).severity
    said = {each.severity for each in found if (each.code, each.file) == ("header-only", sheet.name)}
    assert said == (set() if severity is None else {severity})


def _judged(good: Good, add: Callable[[Good], Added], folder: Path) -> Found:
    added = add(good)
    sheets = {file: good.sheet(file) for file in added}
    longer = [replace(s, rows=(*s.rows, *(row for *_, row in added[file]))) for file, s in sheets.items()]
    found = of_drop(good.copy(folder / "drop", longer), good.dataset)
    return {
        (file, what): _at(found, sheets[file], i, column)
        for file, rows in added.items()
        for i, (what, column, _) in enumerate(rows, 1)
    }


def _at(found: list[Occurrence], sheet: Sheet, added: int, column: str) -> set[str]:
    """What was found on the row that was added so many rows behind the last one."""
    here = [each for each in found if each.file == sheet.name and each.record == len(sheet.rows) + added]
    return {f"{each.severity} {each.code}" + ("" if each.column == column else f" in {each.column}") for each in here}


def _strangers(good: Good) -> Added:
    """A row for each reference, which leads to nothing."""
    added: Added = defaultdict(list)
    for schema in tables(good.dataset):
        sheet = good.sheet(schema.file)
        for place, column in sheet.columns:
            if column.references is not None:
                value = next((each for each in _STRANGERS if not Library(column).codes(each)), None)
                assert value is not None, f"{schema.file}, {column.name}: add a value that it takes"
                added[schema.file].append((column.name, sheet.name_of(place), sheet.with_cell(place, value)))
    return added


def _of_another_kind(good: Good) -> Added:
    """A row for each reference with a condition, which leads to a row that does not fulfil it."""
    added: Added = defaultdict(list)
    for schema in tables(good.dataset):
        sheet = good.sheet(schema.file)
        for place, column in sheet.columns:
            if column.references is not None and column.references.where:
                added[schema.file].append(
                    (column.name, sheet.name_of(place), sheet.with_cell(place, _wrong(good, column.references)))
                )
    return added


def _wrong(good: Good, reference: Reference) -> str:
    """A value of the column that is referred to, on a row that does not count."""
    file = good.dataset.file_by_stem(reference.file)
    assert file is not None
    sheet = good.sheet(file.file)
    places = {column.name: place for place, column in sheet.columns}
    counting = {
        row[places[reference.column]]
        for row in sheet.rows
        if all(row[places[name]] in texts for name, texts in reference.where)
    }
    others = [row[places[reference.column]] for row in sheet.rows if row[places[reference.column]] not in counting]
    assert others, f"the full drop has only rows of {file.file} that {reference} may lead to"
    return others[0]


def _twice(good: Good) -> Added:
    """The first row of each file once more."""
    return {schema.file: [("key", "key", good.sheet(schema.file).rows[0])] for schema in tables(good.dataset)}


def _against(good: Good, mode: Mode) -> Added:
    """A row for each column of which the mode wants something, which goes against it."""
    added: Added = defaultdict(list)
    for schema in tables(good.dataset):
        sheet = good.sheet(schema.file)
        for place, column in sheet.columns:
            if column.name in mode.blank:
                added[schema.file].append((column.name, sheet.name_of(place), sheet.with_cell(place, column.example)))
            elif column.name in mode.required:
                added[schema.file].append((column.name, sheet.name_of(place), sheet.with_cell(place, "")))
    return added
