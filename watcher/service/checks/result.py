"""What a check says."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_MOST_NAMES = 3
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
MAKE_ROOM = "make room on its file system, or raise the quota; what waits for it is tried again"


class Grade(StrEnum):
    """How a check came out."""

    #: nothing to do
    OK = "ok"
    #: it works, but worse than it could, or not for long
    WARNING = "warning"
    #: drops are not taken, are lost sight of, or are open to others
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Result:
    """One line: `check` is a stable word, `root` the root's id or empty, `text` what was found, `advice` what to do."""

    check: str
    grade: Grade
    text: str
    advice: str = ""
    root: str = ""


def advice_on(code: int | None, usual: str) -> str:
    """What to do about a call that ended with this errno: no right helps where there is no room."""
    return MAKE_ROOM if code in _NO_ROOM else usual


def some(names: Sequence[str]) -> str:
    """The first few of many: `a, b, c and 9 more`."""
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown} and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else shown


def ok(check: str, text: str, *, root: str = "") -> Result:
    """Nothing to do."""
    return Result(check, Grade.OK, text, root=root)


def warning(check: str, text: str, advice: str, *, root: str = "") -> Result:
    """It works, but."""
    return Result(check, Grade.WARNING, text, advice, root)


def problem(check: str, text: str, advice: str, *, root: str = "") -> Result:
    """It does not work."""
    return Result(check, Grade.PROBLEM, text, advice, root)
