"""Matches patterns of schemas as Python's `re` does, but never for ever.

A pattern and a text that are surely judged at once are judged here; anything else in a process of its own, which is
ended after a second. What could not be judged is neither found nor not found, and must be reported so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from watcher.validation.cells.costs import safe_length
from watcher.validation.cells.matcher import found_in_process

#: Processor time that one text may take.
TEXT_SECONDS = 1.0
#: Once so much time was lost on texts that could not be judged, no more of them are tried.
LOST_SECONDS = 10.0
_REMEMBERED = 20_000


class _Unknown:
    """The one value of this class: of a text nothing is known yet, which None does not say."""


_UNKNOWN: Final = _Unknown()


class NotMatchedInTimeError(Exception):
    """A text could not be judged by this pattern in time."""

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern


class Matcher:
    """One pattern. `full`: it must match the whole text; otherwise it may be found anywhere.

    Raises re.error for a pattern that is none.
    """

    def __init__(self, pattern: str, *, full: bool = False) -> None:
        compiled = re.compile(pattern)
        self._pattern = pattern
        self._full = full
        self._match = compiled.fullmatch if full else compiled.search
        self._safe_length = safe_length(pattern)
        self._lost_seconds = 0.0
        self._known: dict[str, bool | None] = {}

    def found(self, text: str) -> bool | None:
        """Whether the text matches; None if that could not be said in time. Raises WatcherError (no process)."""
        if len(text) <= self._safe_length:
            return self._match(text) is not None
        # Asked once: another thread may make it forget meanwhile.
        known = self._known.get(text, _UNKNOWN)
        return self._learned([text])[text] if isinstance(known, _Unknown) else known

    def found_all(self, texts: Sequence[str]) -> list[bool | None]:
        """The same for many texts, quicker."""
        limit, match = self._safe_length, self._match
        unsure = {text for text in texts if len(text) > limit}
        if not unsure:
            return [match(text) is not None for text in texts]
        learned = self._learned([text for text in texts if text in unsure])
        return [learned[text] if text in unsure else match(text) is not None for text in texts]

    def _learned(self, texts: list[str]) -> dict[str, bool | None]:
        """What the process says of the texts, as long as there is time to lose. None for the others."""
        asked = {text: self._known.get(text, _UNKNOWN) for text in texts}
        found = {text: known for text, known in asked.items() if not isinstance(known, _Unknown)}
        left = [text for text in dict.fromkeys(texts) if text not in found]
        while left and self._lost_seconds < LOST_SECONDS:
            answers = found_in_process(self._pattern, left, full=self._full, seconds=TEXT_SECONDS)
            found.update(zip(left, answers, strict=False))
            left = left[len(answers) :]
            if None in answers:
                self._lost_seconds += TEXT_SECONDS
        found.update(dict.fromkeys(left))
        if len(self._known) + len(found) > _REMEMBERED:
            self._known.clear()
        self._known.update(found)
        return found
