"""Says of whole columns at once which cells are surely right.

A mask is *sound*: it accepts only what the `jsonschema` library accepts. What it does not accept may still be right;
the library decides. So a mask may be as narrow as it likes, and a rule without one has None: then every distinct
value is judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

import polars as pl

from watcher.schema.keywords import untitled
from watcher.schema.model import Column, ColumnType
from watcher.validation.cells.convert import booleans
from watcher.validation.cells.dateforms import date_form
from watcher.validation.cells.listmasks import list_mask
from watcher.validation.cells.maskparts import one_of
from watcher.validation.cells.numbermasks import number_mask
from watcher.validation.cells.oracle import Oracle
from watcher.validation.cells.textmasks import pattern_mask, text_mask

_ISO = "%Y-%m-%d"


def accept_mask(column: Column, name: str) -> pl.Expr | None:
    """True where a cell of the text column `name` is surely right or empty; None if nothing is sure."""
    cell = pl.col(name)
    column = replace(column, judged_by=untitled(column.judged_by))
    match column.type:
        case ColumnType.STRING:
            mask = _dates(column, cell) if column.formats else text_mask(column.judged_by, cell)
        case ColumnType.INTEGER | ColumnType.NUMBER:
            mask = number_mask(column.judged_by, cell, column.type)
        case ColumnType.BOOLEAN:
            mask = _booleans(column, cell)
        case ColumnType.ARRAY:
            mask = list_mask(column, cell)
        case _:
            assert_never(column.type)
    return None if mask is None else mask.fill_null(value=True)


def _booleans(column: Column, cell: pl.Expr) -> pl.Expr:
    """There are only so many texts: each is judged beforehand."""
    oracle = Oracle(column)
    return one_of(cell, [text for text in booleans(column) if not oracle.broken_rules(text)])


def _dates(column: Column, cell: pl.Expr) -> pl.Expr | None:
    """With formats of its own a column is judged by the ISO date that was read."""
    if set(column.judged_by) <= {"type", "format"} and column.format == "date":
        return pattern_mask(date_form(column.formats), cell)
    # What reads as an ISO date first of all is itself what is judged.
    return text_mask(column.judged_by, cell) if column.formats[0] == _ISO and column.format == "date" else None
