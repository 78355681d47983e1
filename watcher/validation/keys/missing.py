"""Why values count as missing in what they refer to, in words: of one place, and of all places of a finding.

A value that is nowhere, one on a row that is left out, one on a row of another kind and an empty one in a list are four
different mistakes. Each place is told its own; the finding tells of all, the value that is nowhere first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from watcher.model.codes import CODES
from watcher.schema.model import Reference
from watcher.validation.findings.occurrences import shown
from watcher.validation.keys.hashes import NO_HASHES, Hashes

CODE = "unknown-reference"
_LISTED = 6


@dataclass(frozen=True, slots=True)
class Why:
    """Why a value counts as missing.

    `message` is that of one place. `of_one` and `of_several` go on after "1 of 3 values" and "2 of 3 values". `advice`
    is for where it is the only reason, None for that of the code; `besides` for where it is one more, None for no more.
    """

    message: str
    of_one: str
    of_several: str
    advice: str | None = None
    besides: str | None = None
    #: the cause is another row: with that it comes right
    is_consequence: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """The hashes of one reference that its target lacks: sorted, by the reason for it, each under one.

    `spelt` knows better advice for some values that are nowhere, None if it does not.
    """

    parts: tuple[tuple[Why, Hashes], ...]
    spelt: Callable[[Sequence[str]], str | None] = lambda _: None

    @property
    def hashes(self) -> Hashes:
        """All of them, sorted."""
        return np.sort(np.concatenate([NO_HASHES, *(hashes for _, hashes in self.parts)]))

    @property
    def consequences(self) -> Hashes:
        """Those that come right with another row, sorted."""
        return np.sort(np.concatenate([NO_HASHES, *(hashes for why, hashes in self.parts if why.is_consequence)]))


@dataclass(frozen=True, slots=True)
class Count:
    """How many different values, and how many places."""

    values: int
    places: int

    def plus(self, other: Count) -> Count:
        return Count(self.values + other.values, self.places + other.places)


def nowhere(reference: Reference, unread: str | None = None) -> Why:
    """The value is on no row. `unread`: the file referred to, if some of its rows could not be read."""
    message = f"the value is not in {where_met(reference)}, expected one that is"
    advice = None if unread is None else f"correct the rows of {unread} that could not be read first"
    return Why(message, "is nowhere", "are nowhere", advice)


def left_out(reference: Reference, file: str) -> Why:
    """The value is on rows only that are left out of the file."""
    return Why(
        _is_there(reference, "its row is left out"),
        f"is in {reference}, but its row is left out",
        f"are in {reference}, but their rows are left out",
        advice=f"correct the rows of {file} that are left out first",
        besides=f"where rows of {file} are left out, correct those first",
        is_consequence=True,
    )


def unmet(reference: Reference) -> Why:
    """The value is on rows only that don't meet the conditions of the reference: `its type is not school`."""
    if len(reference.where) > 1:
        rows = f"one of {where_met(reference)}"
        one, several = f"its row is not {rows}", f"their rows are not {rows}"
    else:
        [(name, texts)] = reference.where
        is_not = f"{name} is not {_listed(texts)}"
        one, several = f"its {is_not}", f"their {is_not}"
    return Why(_is_there(reference, one), f"is in {reference}, but {one}", f"are in {reference}, but {several}")


def empty_value(reference: Reference) -> Why:
    """A list has nothing between two separators, or at its end."""
    return Why(
        f"a value in the list is empty, expected one that is in {where_met(reference)}",
        "is empty",
        "are empty",
        advice="remove the surplus separator",
        besides="where a value in a list is empty, remove the surplus separator",
    )


def summary(reference: Reference, counts: Mapping[Why, Count]) -> str:
    """The finding's message: the reason that all values share, or how many of them have which."""
    if len(counts) == 1:
        return next(iter(counts)).message
    total = sum(count.values for count in counts.values())
    plain = nowhere(reference).message
    parts = [_counted(why, count, total) for why, count in counts.items() if why.message != plain]
    return "; ".join([plain, *parts])


def advice(counts: Mapping[Why, Count]) -> str:
    """What to do about all of the reasons, of which there is at least one."""
    first, *others = counts
    usual = CODES[CODE].advice if first.advice is None else first.advice
    return "; ".join([usual, *(why.besides for why in others if why.besides is not None)])


def _counted(why: Why, count: Count, total: int) -> str:
    """`1 of 3 values, found 40 times, is in orgs.id, but its row is left out`."""
    times = "" if count.places == count.values else f", found {count.places:,} times,"
    if count.values == 1:
        return f"1 of {total:,} values{times} {why.of_one}"
    return f"{count.values:,} of {total:,} values{times} {why.of_several}"


def where_met(reference: Reference) -> str:
    """`orgs.sourcedId where type is school or district`."""
    conditions = " and ".join(f"{name} is {_listed(texts)}" for name, texts in reference.where)
    return f"{reference} where {conditions}" if conditions else str(reference)


def _is_there(reference: Reference, but: str) -> str:
    return f"the value is in {reference}, but {but}, expected one of {where_met(reference)}"


def _listed(texts: tuple[str, ...]) -> str:
    """`school, district or 3 others`."""
    shown_texts = [shown(text) or "empty" for text in texts[:_LISTED]]
    more = len(texts) - len(shown_texts)
    last = f"{more} others" if more else shown_texts.pop()
    return f"{', '.join(shown_texts)} or {last}" if shown_texts else last
