"""Each column of each bundled dataset is taken out of the header line, or called otherwise, by machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.corpora.breaking import rules_of
from tests.corpora.goods import GoodOf, alone, datasets, identifier, of_file, tables
from tests.corpora.sheets import Sheet
from watcher.model.findings import Severity
from watcher.schema.model import Case, Column, Dataset, FileSchema, Order

FILES = [(dataset, alone(schema)) for dataset in datasets() for schema in tables(dataset)]
WITH_HEADER = [each for each in FILES if each[1].dialect.header]
NAMED = [(*each, column) for each in WITH_HEADER for column in each[1].columns if column.match is None]
#: Without its only column a file has no header line that could be known as one.
REMOVABLE = [each for each in NAMED if len(each[1].columns) > 1]
WITH_ALIAS = [(*each, alias) for each in NAMED for alias in each[2].aliases]
WITH_REQUIRED = [each for each in WITH_HEADER if any(column.required for column in each[1].columns)]

Said = set[tuple[str, str, str | None]]


def ids(cases: Sequence[tuple[Dataset, FileSchema, *tuple[Column | str, ...]]]) -> list[str]:
    """`clever/students.csv/School_id`."""
    return ["/".join((identifier(d, s), *(str(getattr(each, "name", each)) for each in more))) for d, s, *more in cases]


@pytest.mark.parametrize(("dataset", "schema"), FILES, ids=ids(FILES))
def test_full_drop_fills_every_column(good_of: GoodOf, dataset: Dataset, schema: FileSchema) -> None:
    """A column without a value breaks nothing, however wrong its rules. What is blank in the first mode may be."""
    sheet = sheet_of(good_of, dataset, schema)
    blank = dataset.modes[0].blank if dataset.modes else ()
    filled = {column.name for place, column in sheet.columns if any(row[place] for row in sheet.rows)}
    wanted = [c for c in schema.columns if c.match is None or rules_of(c)]
    assert [c.name for c in wanted if c.name not in filled and not c.blank and c.name not in blank] == []
    assert len(sheet.rows) > 1


@pytest.mark.parametrize(("dataset", "schema", "column"), REMOVABLE, ids=ids(REMOVABLE))
def test_column_that_is_missing_is_said(
    good_of: GoodOf, tmp_path: Path, dataset: Dataset, schema: FileSchema, column: Column
) -> None:
    sheet = sheet_of(good_of, dataset, schema)
    place = next(place for place, each in sheet.columns if each.name == column.name)
    missing = schema.header.missing if column.missing is None else column.missing
    severity = column.severity if column.required else missing.severity
    expected = said("missing-column", column.name, severity)
    assert new(sheet.without_column(place), sheet, tmp_path) == expected


@pytest.mark.parametrize("case", WITH_ALIAS, ids=ids(WITH_ALIAS))
def test_column_under_an_alias_is_said(
    good_of: GoodOf, tmp_path: Path, case: tuple[Dataset, FileSchema, Column, str]
) -> None:
    dataset, schema, column, alias = case
    sheet = sheet_of(good_of, dataset, schema)
    place = next(place for place, each in sheet.columns if each.name == column.name)
    named = sheet.with_header(*sheet.header[:place], column.name, *sheet.header[place + 1 :])
    other = sheet.with_header(*sheet.header[:place], alias, *sheet.header[place + 1 :])
    assert new(other, named, tmp_path) == said("misnamed-column", column.name, schema.header.aliases.severity)


@pytest.mark.parametrize(("dataset", "schema"), WITH_HEADER, ids=ids(WITH_HEADER))
def test_column_that_nobody_knows_is_said(
    good_of: GoodOf, tmp_path: Path, dataset: Dataset, schema: FileSchema
) -> None:
    sheet = sheet_of(good_of, dataset, schema)
    wider = replace(sheet, header=(*sheet.header, "zz 0 zz"), rows=tuple((*row, "x") for row in sheet.rows))
    assert new(wider, sheet, tmp_path) == said("extra-column", "zz 0 zz", schema.header.extra.severity)


@pytest.mark.parametrize(("dataset", "schema"), WITH_HEADER, ids=ids(WITH_HEADER))
def test_columns_in_another_order_are_said(
    good_of: GoodOf, tmp_path: Path, dataset: Dataset, schema: FileSchema
) -> None:
    sheet = sheet_of(good_of, dataset, schema)
    turned = replace(sheet, header=turn(sheet.header), rows=tuple(map(turn, sheet.rows)))
    is_strict = schema.header.order is Order.STRICT
    assert new(turned, sheet, tmp_path) == said("column-order", None, Severity.ERROR if is_strict else None)


@pytest.mark.parametrize(("dataset", "schema"), WITH_REQUIRED, ids=ids(WITH_REQUIRED))
def test_column_in_another_case_is_said(good_of: GoodOf, tmp_path: Path, dataset: Dataset, schema: FileSchema) -> None:
    sheet = sheet_of(good_of, dataset, schema)
    place, column = next((place, each) for place, each in sheet.columns if each.match is None and each.required)
    named = sheet.with_header(*sheet.header[:place], column.name, *sheet.header[place + 1 :])
    other = sheet.with_header(*sheet.header[:place], column.name.swapcase(), *sheet.header[place + 1 :])
    severity = column.severity if schema.header.case is Case.STRICT else None
    assert new(other, named, tmp_path) == said("misnamed-column", column.name, severity)


def sheet_of(good_of: GoodOf, dataset: Dataset, schema: FileSchema) -> Sheet:
    """A file of the full drop, to be judged by this schema."""
    return replace(good_of(dataset).sheet(schema.file), schema=schema)


def said(code: str, column: str | None, severity: Severity | None) -> Said:
    return set() if severity is None else {(severity, code, column)}


def turn(cells: tuple[str, ...]) -> tuple[str, ...]:
    """The first two change places."""
    return (cells[1], cells[0], *cells[2:])


def new(changed: Sheet, good: Sheet, folder: Path) -> Said:
    """What is found in one and not in the other."""
    return found_in(changed, folder) - found_in(good, folder)


def found_in(sheet: Sheet, folder: Path) -> Said:
    return {(o.severity, o.code, o.column) for o in of_file(sheet.write(folder), sheet.schema)}
