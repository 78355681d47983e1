"""Known texts change nothing but how long a verdict takes."""

from __future__ import annotations

import polars as pl

from tests.validation.worlds import column
from watcher.schema.model import Column
from watcher.validation.cells.known import KnownTexts
from watcher.validation.cells.masks import accept_mask

COLUMN = column("c", pattern="^[a-z][0-9]+$")
ROWS = 5_000


def known_of(judged: Column = COLUMN) -> KnownTexts:
    mask = accept_mask(judged, "0")
    assert mask is not None
    return KnownTexts(judged, "0", mask)


def cells(*texts: str | None) -> pl.Series:
    """The texts over and over."""
    return pl.Series("0", list(texts) * (ROWS // len(texts)), dtype=pl.String)


def judged(known: KnownTexts, texts: pl.Series) -> list[bool]:
    """Which cells are right, as the cells' rules ask it."""
    frame = texts.to_frame()
    lookup = known.expression(len(texts))
    if lookup is not None:
        found = frame.select(lookup)["0"]
        return (found if found.all() else known.completed(texts, found)).to_list()
    sure = frame.select(accept_mask(COLUMN, "0"))["0"]
    known.learn(texts, sure)
    return sure.to_list()


def test_known_texts_are_looked_up_from_the_second_chunk_on() -> None:
    known = known_of()
    assert known.expression(ROWS) is None
    assert judged(known, cells("a1", None)) == [True, True] * (ROWS // 2)
    assert known.expression(ROWS) is not None
    assert known.expression(100) is None
    assert judged(known, cells("a1", None, "a1", "b2")) == [True] * ROWS


def test_known_texts_never_hold_one_that_the_mask_refuses() -> None:
    known = known_of()
    first = cells("a1", "b2", "c3", "wrong", None)
    for _ in range(3):
        assert judged(known, first) == [True, True, True, False, True] * (ROWS // 5)
    second = cells("a1", "b2", "c3", "d4", "other")
    for _ in range(3):
        assert judged(known, second) == [True, True, True, True, False] * (ROWS // 5)


def test_known_texts_are_given_up_where_none_comes_again() -> None:
    known = known_of()
    judged(known, pl.Series("0", [f"a{i}" for i in range(ROWS)]))
    assert known.expression(ROWS) is None


def test_known_texts_are_given_up_where_others_come_later() -> None:
    known = known_of()
    judged(known, cells("a1"))
    assert judged(known, pl.Series("0", [f"a{i}" for i in range(ROWS)])) == [True] * ROWS
    assert known.expression(ROWS) is None


def test_known_texts_are_not_kept_where_looking_at_them_is_as_quick() -> None:
    listed = column("c", enum=["a1"])
    known = known_of(listed)
    known.learn(cells("a1"), pl.Series([True] * ROWS))
    assert known.expression(ROWS) is None
