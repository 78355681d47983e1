"""Each rule of a cell of each bundled dataset is broken by itself, by machine, and exactly that is found.

The drop that is broken is the dataset's `good/full`. All rules of a file are broken in one copy of it, a row for each; a
test looks at its own row. The header line: `test_every_header.py`; what spans rows and files: `test_every_link.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.corpora.breaking import Break, breaking, rules_of
from tests.corpora.goods import GoodOf, alone, datasets, identifier, of_file, tables
from tests.corpora.sheets import Sheet
from watcher.model.findings import Occurrence
from watcher.schema.model import Column, Dataset, FileSchema

DATASETS = tuple(datasets())
COLUMNS = [(dataset, schema, column) for dataset in DATASETS for schema in tables(dataset) for column in schema.columns]
CELLS = [(*each, code) for each in COLUMNS for code in ("required", "must-be-blank", *rules_of(each[2]))]
CELLS = [each for each in CELLS if each[3] != "required" or each[2].required]
CELLS = [each for each in CELLS if each[3] != "must-be-blank" or each[2].blank]

#: By dataset and file: the rows that break a rule, and the codes that were found in the cell of each.
Judged = dict[tuple[str, str], tuple[Break | None, set[str]]]
JudgedFiles = Callable[[Dataset, FileSchema], Judged]


@pytest.fixture(scope="module")
def judged_file(good_of: GoodOf, tmp_path_factory: pytest.TempPathFactory) -> JudgedFiles:
    """What is found in a file of which each row but the first breaks one rule; each file is judged once."""
    known: dict[str, Judged] = {}

    def judged(dataset: Dataset, schema: FileSchema) -> Judged:
        name = identifier(dataset, schema)
        if name not in known:
            known[name] = _judged(good_of(dataset).sheet(schema.file), tmp_path_factory.mktemp("cells"))
        return known[name]

    return judged


@pytest.mark.parametrize(("dataset", "schema", "column", "code"), CELLS, ids=[identifier(*case) for case in CELLS])
def test_rule_of_a_cell_is_broken(
    judged_file: JudgedFiles, dataset: Dataset, schema: FileSchema, column: Column, code: str
) -> None:
    broken, found = judged_file(dataset, schema)[column.name, code]
    assert broken is not None, (
        f"no value was found that breaks it: teach tests/corpora/breaking.py one ({column.judged_by})"
    )
    assert found == {f"{column.severity} {each}" for each in broken.codes}


def _judged(good: Sheet, folder: Path) -> Judged:
    breaks = [(place, column, code) for place, column in good.columns for code in _codes(column)]
    values = [_break(column, code, good.rows[0][place]) for place, column, code in breaks]
    rows = [
        good.rows[0] if value is None else good.with_cell(place, value.value)
        for (place, _, _), value in zip(breaks, values, strict=True)
    ]
    found = of_file(replace(good, rows=(good.rows[0], *rows)).write(folder), alone(good.schema))
    return {
        (column.name, code): (value, _at(found, record, good.name_of(place)))
        for record, ((place, column, code), value) in enumerate(zip(breaks, values, strict=True), 2)
    }


def _codes(column: Column) -> tuple[str, ...]:
    return (*(["required"] * column.required), *(["must-be-blank"] * column.blank), *rules_of(column))


def _break(column: Column, code: str, cell: str) -> Break | None:
    if code == "required":
        return Break("", frozenset({code}))
    return Break("x", frozenset({code})) if code == "must-be-blank" else breaking(column, code, cell)


def _at(found: list[Occurrence], record: int, column: str) -> set[str]:
    """What was found on a row, elsewhere than in this column too."""
    here = [each for each in found if each.record == record]
    return {f"{each.severity} {each.code}" + ("" if each.column == column else f" in {each.column}") for each in here}
