"""Whether one name is nearly another."""

from __future__ import annotations

import re

_SHORT_NAME = 5


def normalised(name: str) -> str:
    """A name without what people get wrong first: case, spaces, underscores, hyphens, points."""
    return re.sub(r"[\s_.\-]+", "", name).casefold()


def is_near(name: str, wanted: str) -> bool:
    """Whether few enough letters differ for a slip of the fingers. Digits never do: `phone2` is not `phone1`."""
    left, right = normalised(name), normalised(wanted)
    if re.sub(r"[^0-9]", "", left) != re.sub(r"[^0-9]", "", right):
        return False
    allowed = 1 if len(right) <= _SHORT_NAME else 2
    return abs(len(left) - len(right)) <= allowed < len(right) and edits(left, right) <= allowed


def edits(left: str, right: str) -> int:
    """How many letters must be put in, taken out, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
