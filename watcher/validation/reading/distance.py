"""Whether one name is nearly another."""

from __future__ import annotations

import re
import unicodedata

_SHORT_NAME = 5
#: Longer names are no slips of the fingers.
_LONGEST_NAME = 100
#: All that is neither letter nor digit: spaces of all kinds, punctuation, marks and joiners that nobody sees.
_NOISE = re.compile(r"[\W_]+")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]+")
_NOT_A_DIGIT = re.compile(r"[^0-9]")


def normalised(name: str) -> str:
    """A name without what people get wrong first: case, spaces, punctuation, unseen characters, other forms of letters.

    One without any letter or digit stays as it is but for outer spaces: `%` is not `#`.
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", name)).casefold() or name.strip()


def differs_in_noise(name: str, wanted: str) -> bool:
    """Whether the names differ at most in what `normalised` takes off."""
    return normalised(name) == normalised(wanted)


def differs_unseen(name: str, wanted: str) -> bool:
    """Whether the names look the same: they differ in unseen characters or in the kind of a space only."""
    return name != wanted and _visible(name) == _visible(wanted)


def is_near(name: str, wanted: str) -> bool:
    """Whether few enough letters differ for a slip of the fingers. Digits never do: `phone2` is not `phone1`."""
    if len(name) > _LONGEST_NAME:
        return False
    left, right = normalised(name), normalised(wanted)
    allowed = 1 if len(right) <= _SHORT_NAME else 2
    if abs(len(left) - len(right)) > allowed or len(right) <= allowed:
        return False
    return _NOT_A_DIGIT.sub("", left) == _NOT_A_DIGIT.sub("", right) and edits(left, right, allowed) <= allowed


def edits(left: str, right: str, most: int | None = None) -> int:
    """How many letters must be put in, taken out, changed or swapped with their neighbour.

    With `most` the result is right up to it, and above it for any greater one: only letters that stand near each
    other are compared.
    """
    far = len(left) + len(right) + 1
    width = far if most is None else most
    before: list[int] = []
    row = [j if j <= width else far for j in range(len(right) + 1)]
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [far] * (len(right) + 1)
        row[0] = i
        for j in range(max(1, i - width), min(len(right), i + width) + 1):
            b = right[j - 1]
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row[j] = cost
    return row[-1]


def _visible(name: str) -> str:
    return " ".join(_UNSEEN.sub("", name).split())
