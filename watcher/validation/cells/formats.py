"""The format checkers, made safe for cells that a stranger wrote.

Their verdicts are left as they are, but for two things: what makes a checker fail with an exception of its own does not
have the format, and a text too long for a checker that takes ever more time is not checked and reported so.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable

from jsonschema import FormatChecker

from watcher.schema.formats import CHECKER as PLAIN_CHECKER
from watcher.schema.formats import is_beyond_calendar

__all__ = ["CHECKER", "LONGEST", "is_beyond_calendar", "is_too_long"]

#: Characters that a checker surely judges in milliseconds. The others take time in proportion to the text.
LONGEST = {
    "iri": 200,
    "iri-reference": 200,
    "regex": 1_000,
    "uri-template": 2_000,
    "duration": 1_000,
    "relative-json-pointer": 1_000,
}
#: What no IRI holds; its checker is too slow to be asked about it.
_NEVER_IN_IRI = re.compile(r'[\x00-\x20\x7f<>"{}|\\^`]')
_WARNINGS = threading.Lock()


def is_too_long(text: str, name: str) -> bool:
    """Whether a text is too long to be checked for a format."""
    return len(text) > LONGEST.get(name, len(text))


def _safe(name: str, check: Callable[[object], bool]) -> Callable[[object], bool]:
    limit = LONGEST.get(name)

    def checked(instance: object) -> bool:
        if limit is not None and isinstance(instance, str) and len(instance) > limit:
            return False
        try:
            return bool(check(instance))
        except Exception:  # noqa: BLE001 (each checker has exceptions of its own, and not all are declared)
            return False

    return checked


def _is_iri(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda instance: not (isinstance(instance, str) and _NEVER_IN_IRI.search(instance)) and check(instance)


def _is_regex(check: Callable[[object], bool]) -> Callable[[object], bool]:
    """`re.compile` warns of odd patterns; a cell is no code of ours."""

    def checked(instance: object) -> bool:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return check(instance)

    return checked


_QUICKER = {"iri": _is_iri, "iri-reference": _is_iri, "regex": _is_regex}


def _checker() -> FormatChecker:
    safe = FormatChecker(formats=())
    for name, (check, _) in PLAIN_CHECKER.checkers.items():
        quicker = _QUICKER.get(name)
        safe.checkers[name] = (_safe(name, quicker(check) if quicker else check), ())
    return safe


#: The checker for cells.
CHECKER = _checker()
