"""How long a text may be that a regular expression surely judges at once.

`re` goes back over a text in every way that a pattern leaves open: `(a+)+$` takes years over forty characters, and
nothing can interrupt it. The number of ways is bounded here from the parsed pattern, on the safe side: a pattern that
nests one open repeat in another, or looks back at a group, is never sure, though many such patterns are harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

#: Steps of the engine that take some ten milliseconds.
_STEPS = 2_000_000
#: No text of a file is longer.
_LONGEST = 1 << 30
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_LOOKS = (codes.ASSERT, codes.ASSERT_NOT)
_ONE_CHARACTER = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT)
_STARTS = (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING)


class _UnsureError(Exception):
    """The pattern's ways can't be bounded."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """At most `factor * n ** degree` ways to match at one place of a text of n characters; `width` of its own."""

    factor: int = 1
    degree: int = 0
    width: int = 0

    @property
    def is_one(self) -> bool:
        return self.factor == 1 and self.degree == 0

    def then(self, other: _Ways) -> _Ways:
        return _Ways(self.factor * other.factor, self.degree + other.degree, self.width + other.width)

    def either(self, other: _Ways) -> _Ways:
        return _Ways(self.factor + other.factor, max(self.degree, other.degree), max(self.width, other.width))


@lru_cache(maxsize=1024)
def safe_length(pattern: str) -> int:
    """The length in characters up to which any text is surely judged at once; 0 if that is not sure of any."""
    try:
        parsed = parser.parse(pattern)
        ways = _sequence(parsed)
    except (_UnsureError, RecursionError, OverflowError, re.error):
        return 0
    starts = 0 if _is_anchored(parsed) else 1
    steps = _STEPS // (ways.factor * (ways.width + 1))
    degree = max(ways.degree + starts, 1)
    return min(_LONGEST, int(steps ** (1 / degree)))


def _is_anchored(parsed: Any) -> bool:
    if parsed.state.flags & re.MULTILINE or not len(parsed):
        return False
    code, argument = parsed[0]
    return code is codes.AT and argument in _STARTS


def _sequence(nodes: Iterable[tuple[Any, Any]]) -> _Ways:
    ways = _Ways()
    for code, argument in nodes:
        ways = ways.then(_node(code, argument))
    return ways


def _node(code: Any, argument: Any) -> _Ways:
    if code in _ONE_CHARACTER:
        return _Ways(width=1)
    if code in _REPEATS:
        return _repeat(*argument)
    if code is codes.SUBPATTERN:
        return _sequence(argument[3])
    if code is codes.ATOMIC_GROUP:
        return _sequence(argument)
    if code in _LOOKS:
        return _sequence(argument[1])
    if code is codes.BRANCH:
        return _branch(argument[1])
    raise _UnsureError


def _branch(branches: Iterable[Any]) -> _Ways:
    first, *more = [_sequence(branch) for branch in branches]
    for ways in more:
        first = first.either(ways)
    return first


def _repeat(least: Any, most: Any, nodes: Any) -> _Ways:
    """A repeat of what matches in one way only leaves open how often; of anything else it must be an option."""
    inner = _sequence(nodes)
    if most == 1:
        return _Ways(inner.factor + (least == 0), inner.degree, inner.width)
    if not inner.is_one:
        raise _UnsureError
    if most is codes.MAXREPEAT:
        return _Ways(1, 1, inner.width * (least + 1))
    return _Ways(most - least + 1, 0, inner.width * most)
