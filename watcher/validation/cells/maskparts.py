"""Puts the masks of a schema's keywords together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

#: The mask of one keyword and what it expects; None if nothing is sure.
KeywordMask = Callable[[str, Any], pl.Expr | None]
EVERYTHING = pl.lit(value=True)
_FEW = 6


def combined(schema: Mapping[str, Any], mask_of: KeywordMask) -> pl.Expr | None:
    """True where a value surely fulfils a schema, with schemas inside `allOf` and `anyOf`; None if nothing is sure."""
    return all_of(_masks(schema, mask_of))


def all_of(masks: Iterable[pl.Expr | None]) -> pl.Expr | None:
    """True where all masks are; None if one of them is not known."""
    known = list(masks)
    sure = [mask for mask in known if mask is not None and mask is not EVERYTHING]
    if len(sure) + sum(mask is EVERYTHING for mask in known) < len(known):
        return None
    match sure:
        case []:
            return EVERYTHING
        case [mask]:
            return mask
        case _:
            return pl.all_horizontal(*sure)


def one_of(cell: pl.Expr, texts: Sequence[str]) -> pl.Expr:
    """True where a cell holds one of the texts; for a few, comparing with each is quicker than a set."""
    if 0 < len(texts) <= _FEW:
        return pl.any_horizontal([cell.eq(text) for text in texts])
    return cell.is_in(list(texts))


def any_of(masks: Iterable[pl.Expr | None]) -> pl.Expr | None:
    """True where one of the known masks is; None if none is known."""
    known = [mask for mask in masks if mask is not None]
    if any(mask is EVERYTHING for mask in known):
        return EVERYTHING
    return pl.any_horizontal(*known) if known else None


def _masks(schema: Mapping[str, Any], mask_of: KeywordMask) -> Iterator[pl.Expr | None]:
    for keyword, expected in schema.items():
        match keyword:
            case "allOf":
                yield all_of(combined(each, mask_of) for each in expected)
            case "anyOf":
                yield any_of(combined(each, mask_of) for each in expected)
            case _:
                yield mask_of(keyword, expected)
