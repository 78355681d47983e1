"""What a mode makes of a file schema, and which modes the rows of a file fit."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import polars as pl

from watcher.schema.model import Column, Dataset, FileSchema, Mode, References
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
    is_ignored = mode is not None and mode.references is References.IGNORE
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


def fitting(frame: pl.DataFrame, bound: tuple[BoundColumn, ...], schema: FileSchema, dataset: Dataset) -> list[Mode]:
    """The modes that some rows of a file fit: what must be blank is always empty, what is required always filled.

    `bound` are the columns that the file has; one of the schema that it lacks is empty.
    """
    filled = {each.column.name: frame.height - frame[each.key].null_count() for each in bound}
    known = {column.name for column in schema.columns}
    return [
        mode
        for mode in dataset.modes
        if all(filled.get(name, 0) == 0 for name in mode.blank)
        and all(filled.get(name, 0) == frame.height for name in mode.required if name in known)
    ]
