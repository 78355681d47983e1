"""Values that are missing only because they are written in another way: the advice that says so.

A spreadsheet takes zeros away, another export adds them, or spaces: then every row of a file refers to nothing, and no
row is missing. Whether a value is there in another way is asked of the hashes, for the few values that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from watcher.schema.model import Reference

#: Whether one of some texts is in what is referred to.
IsThere = Callable[[Sequence[str]], bool]

#: So many zeros may be lost.
_MOST_ZEROS = 12


def spelling_advice(texts: Sequence[str], reference: Reference, is_there: IsThere) -> str | None:
    """The advice where all of these missing values are there in the same other way; None elsewhere.

    It speaks of no more values than these: of those that are not shown some may be missing indeed.
    """
    for how, ways in _WAYS.items():
        if texts and all(is_there(list(ways(text))) for text in texts):
            return f"the values shown are in {reference}, but {how}; write them in the same way in both files"
    return None


def _with_zeros(text: str) -> Iterator[str]:
    if text.isascii() and text.isdigit():
        yield from ("0" * zeros + text for zeros in range(1, _MOST_ZEROS + 1))


def _without_zeros(text: str) -> Iterator[str]:
    if text.startswith("0") and text.isdigit():
        yield text.lstrip("0")


def _without_spaces(text: str) -> Iterator[str]:
    if text != text.strip():
        yield text.strip()


def _in_other_case(text: str) -> Iterator[str]:
    yield from {text.upper(), text.lower()} - {text}


def _without_formula(text: str) -> Iterator[str]:
    if text.startswith('="') and text.endswith('"'):
        yield text[2:-1]


def _without_decimals(text: str) -> Iterator[str]:
    if text.endswith(".0"):
        yield text.removesuffix(".0")


#: How the values are there -> the ways in which that may be, for one of them.
_WAYS: dict[str, Callable[[str], Iterator[str]]] = {
    "with zeros at the beginning": _with_zeros,
    "without zeros at the beginning": _without_zeros,
    "without spaces before or behind": _without_spaces,
    "in upper or lower case": _in_other_case,
    "without = and quotes around them": _without_formula,
    "without .0 at the end": _without_decimals,
}
