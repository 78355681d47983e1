"""What a mode makes of a file schema, and which modes the rows of a file fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import and_

import polars as pl

from watcher.schema.model import Column, Dataset, FileSchema, Mode
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.same import Same


def mode_of(dataset: Dataset, name: str | None) -> Mode | None:
    """The mode of this name."""
    return next((mode for mode in dataset.modes if mode.name == name), None)


def in_mode(schema: FileSchema, mode: Mode | None, changing: frozenset[str] = frozenset()) -> FileSchema:
    """The schema as files in a mode are judged: its columns blank or required, its references judged or not.

    `changing` are the stems of the files of which only changed rows came: no reference into them is judged.
    """
    return schema if mode is None and not changing else _in_mode(Same(schema), mode, changing)


@lru_cache(maxsize=256)
def _in_mode(same: Same[FileSchema], mode: Mode | None, changing: frozenset[str]) -> FileSchema:
    """Kept, since what is prepared for a column is kept with it."""
    schema = same.value
    columns = tuple(_column(column, mode, changing) for column in schema.columns)
    header_only = None if mode is None else mode.header_only
    return replace(schema, columns=columns, header_only=schema.header_only if header_only is None else header_only)


def _column(column: Column, mode: Mode | None, changing: frozenset[str]) -> Column:
    """One column; the very same where the mode changes nothing of it."""
    is_ignored = mode is not None and mode.brings_changes
    if column.references is not None and (is_ignored or column.references.file in changing):
        column = replace(column, references=None)
    if mode is not None and column.name in mode.blank:
        return replace(column, blank=True, required=False, mode=mode.name)
    if mode is not None and column.name in mode.required:
        return replace(column, blank=False, required=True, mode=mode.name)
    return column


def is_told_apart(schema: FileSchema, dataset: Dataset) -> bool:
    """Whether rows of this file can show its mode: it has columns that are blank or required in one."""
    told = {name for mode in dataset.modes for name in (*mode.blank, *mode.required)}
    return len(dataset.modes) > 1 and any(column.name in told for column in schema.columns)


@dataclass(frozen=True, slots=True)
class Shown:
    """What some rows show of the mode of their file: `mode` is the one that they fit, None if none or several do.

    `partly`: where none fits, a mode of changes that at least one of the rows is filled for.
    """

    mode: Mode | None = None
    partly: Mode | None = None


def shown_by(frame: pl.DataFrame, bound: tuple[BoundColumn, ...], schema: FileSchema, dataset: Dataset) -> Shown:
    """What these rows show: what must be blank in a mode is always empty, what is required always filled.

    `bound` are the columns that the file has; one of the schema that it lacks is empty.
    """
    filled = {each.column.name: frame[each.key].is_not_null() for each in bound}
    fit = [mode for mode in dataset.modes if _fits(mode, frame.height, filled, schema)]
    if fit:
        return Shown(fit[0]) if len(fit) == 1 else Shown()
    changes = [mode for mode in dataset.modes if mode.brings_changes]
    return Shown(partly=next((mode for mode in changes if _fits_a_row(mode, filled, schema)), None))


def _fits(mode: Mode, rows: int, filled: Mapping[str, pl.Series], schema: FileSchema) -> bool:
    counts = {name: int(each.sum()) for name, each in filled.items()}
    return all(counts.get(name, 0) == 0 for name in mode.blank) and all(
        counts.get(name, 0) == rows for name in _required(mode, schema)
    )


def _fits_a_row(mode: Mode, filled: Mapping[str, pl.Series], schema: FileSchema) -> bool:
    """Whether a row has all that the mode requires of this file, and it requires anything."""
    required = _required(mode, schema)
    if not required or not all(name in filled for name in required):
        return False
    return bool(reduce(and_, (filled[name] for name in required)).any())


def _required(mode: Mode, schema: FileSchema) -> list[str]:
    """The columns that must be filled in a mode, of those that the file may have."""
    known = {column.name for column in schema.columns}
    return [name for name in mode.required if name in known]
