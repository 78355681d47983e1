r"""Translates a regular expression of a schema for the engine of polars, if it surely means no more there.

`jsonschema` judges patterns with Python's `re.search`; polars has Rust's engine. The two differ in classes (`\d` is
all of Unicode), in `$`, in what they know. A translation may accept less, since what it does not accept is judged by
`jsonschema` anyway; it must never accept more. So the parsed pattern is written anew, classes cut down to ASCII, and
what looks around, back or at word boundaries gives None. Nothing that is written can turn less into more.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from itertools import takewhile
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

#: Not re.ASCII: with it the characters from 0x1c to 0x1f are no spaces.
_FLAGS = re.UNICODE | re.IGNORECASE | re.DOTALL | re.VERBOSE
_LAST = 0x10FFFF
_LAST_ASCII = 0x7F
_SURROGATES = (0xD800, 0xDFFF)

Range = tuple[int, int]
_DIGITS: tuple[Range, ...] = ((0x30, 0x39),)
_WORDS: tuple[Range, ...] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACES: tuple[Range, ...] = ((0x09, 0x0D), (0x1C, 0x20))


def _others(ranges: Iterable[Range], last: int) -> tuple[Range, ...]:
    """All characters up to the last that are in none of the ranges."""
    found, at = [], 0
    for low, high in sorted(ranges):
        if low > at:
            found.append((at, low - 1))
        at = max(at, high + 1)
    return (*found, (at, last)) if at <= last else tuple(found)


#: The ASCII characters of each class, as Python has them.
_CLASSES = {
    codes.CATEGORY_DIGIT: _DIGITS,
    codes.CATEGORY_WORD: _WORDS,
    codes.CATEGORY_SPACE: _SPACES,
    codes.CATEGORY_NOT_DIGIT: _others(_DIGITS, _LAST_ASCII),
    codes.CATEGORY_NOT_WORD: _others(_WORDS, _LAST_ASCII),
    codes.CATEGORY_NOT_SPACE: _others(_SPACES, _LAST_ASCII),
}
_PLACES = {
    codes.AT_BEGINNING: r"\A",
    codes.AT_BEGINNING_STRING: r"\A",
    # Before a last newline too, in Python.
    codes.AT_END: r"\z",
    codes.AT_END_STRING: r"\z",
}


class _UnknownError(Exception):
    """Something that is not translated."""


def translate(pattern: str) -> str | None:
    """A pattern that accepts, in Rust's engine, only what this one finds in Python's; None if that is not sure."""
    try:
        parsed = _parsed(pattern)
        return _Translation(parsed.state.flags).of(parsed)
    except (_UnknownError, re.error, RecursionError, OverflowError):
        return None


def translate_exactly(pattern: str) -> str | None:
    """A pattern that finds, in an ASCII text without a line end, just what this one does; None if that is not sure.

    There the classes mean the same, and `$` is the end of the text. Only case is folded onto ASCII from beyond it.
    """
    try:
        parsed = _parsed(pattern)
        return None if parsed.state.flags & re.IGNORECASE else _Translation(parsed.state.flags).of(parsed)
    except (_UnknownError, re.error, RecursionError, OverflowError):
        return None


def translate_item(pattern: str, separator: str) -> str | None:
    """The same for a pattern from `^` to `$`, without these, cut down so that it never takes in the separator.

    So an item's pattern can be repeated over all of a list.
    """
    try:
        parsed = _parsed(pattern)
        nodes = list(parsed)
        ends = [argument for code, argument in (nodes[:1] + nodes[-1:]) if code is codes.AT]
        if len(ends) != 2 or ends[0] not in _PLACES or ends[1] not in _PLACES:  # noqa: PLR2004 (two ends)
            return None
        if _PLACES[ends[0]] != r"\A" or _PLACES[ends[1]] != r"\z":
            return None
        return _Translation(parsed.state.flags, ord(separator)).of(nodes[1:-1])
    except (_UnknownError, re.error, RecursionError, OverflowError):
        return None


def literal_start(pattern: str) -> str:
    """What every text that matches begins with, to the letter: `ext:` of `^ext:[a-z]+$`; empty if that is not sure."""
    try:
        parsed = _parsed(pattern)
    except (_UnknownError, re.error, RecursionError, OverflowError):
        return ""
    nodes = list(parsed)
    if parsed.state.flags & ~re.UNICODE or nodes[:1] != [(codes.AT, codes.AT_BEGINNING)]:
        return ""
    letters = takewhile(lambda node: node[0] is codes.LITERAL, nodes[1:])
    return "".join(chr(code) for _, code in letters)


def literal(text: str) -> str:
    """A pattern for the text itself."""
    return "".join(map(_character, map(ord, text)))


def _parsed(pattern: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return parser.parse(pattern)
        except Warning as warning:
            raise _UnknownError from warning


class _Translation:
    """Writes nodes of a parsed pattern anew. `without`: a character that no set may take in."""

    def __init__(self, flags: int, without: int | None = None) -> None:
        if flags & ~_FLAGS:
            raise _UnknownError
        self._any_case = bool(flags & re.IGNORECASE)
        self._dot_is_all = bool(flags & re.DOTALL)
        self._without = () if without is None else ((without, without),)

    def of(self, nodes: Iterable[tuple[Any, Any]]) -> str:
        return "".join(self._node(code, argument) for code, argument in nodes)

    def _node(self, code: Any, argument: Any) -> str:
        if code is codes.LITERAL:
            return self._set(((argument, argument),))
        if code is codes.NOT_LITERAL:
            return self._inverse(((argument, argument),))
        if code is codes.ANY:
            return self._inverse(() if self._dot_is_all else ((0x0A, 0x0A),))
        if code is codes.IN:
            return self._in(argument)
        if code is codes.BRANCH:
            return f"(?:{'|'.join(self.of(branch) for branch in argument[1])})"
        if code is codes.SUBPATTERN and not argument[1] and not argument[2]:
            return f"(?:{self.of(argument[3])})"
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            return self._repeat(*argument)
        if code is codes.AT and argument in _PLACES:
            return _PLACES[argument]
        raise _UnknownError

    def _repeat(self, least: int, most: Any, nodes: Any) -> str:
        upper = "" if most is codes.MAXREPEAT else str(most)
        return f"(?:{self.of(nodes)}){{{least},{upper}}}"

    def _in(self, members: Iterable[tuple[Any, Any]]) -> str:
        members = list(members)
        negated = members[0][0] is codes.NEGATE
        ranges = [found for code, argument in members[negated:] for found in self._member(code, argument)]
        if not negated:
            return self._set(ranges)
        if any(code is codes.CATEGORY for code, _ in members):
            ranges.append((_LAST_ASCII + 1, _LAST))
        return self._inverse(ranges)

    def _member(self, code: Any, argument: Any) -> Iterator[Range]:
        if code is codes.LITERAL:
            yield argument, argument
        elif code is codes.RANGE:
            yield argument
        elif code is codes.CATEGORY and argument in _CLASSES:
            yield from _CLASSES[argument]
        else:
            raise _UnknownError

    def _inverse(self, ranges: Iterable[Range]) -> str:
        """Beyond ASCII case folds in ways of its own, so where it is ignored nothing is said of all but a set."""
        if self._any_case and ranges:
            raise _UnknownError
        return self._set(_others(ranges, _LAST))

    def _set(self, ranges: Iterable[Range]) -> str:
        if self._any_case:
            ranges = [*ranges, *_other_case(ranges)]
        allowed = _others((*_others(ranges, _LAST), *self._without, _SURROGATES), _LAST)
        if not allowed:
            raise _UnknownError
        if len(allowed) == 1 and allowed[0][0] == allowed[0][1]:
            return _character(allowed[0][0])
        return f"[{''.join(f'{_character(low)}-{_character(high)}' for low, high in allowed)}]"


def _other_case(ranges: Iterable[Range]) -> Iterator[Range]:
    """The ASCII letters of the ranges in their other case."""
    for low, high in ranges:
        for code in range(low, min(high, _LAST_ASCII) + 1):
            if chr(code).isalpha():
                yield code ^ 0x20, code ^ 0x20


def _character(code: int) -> str:
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\x{{{code:x}}}"
