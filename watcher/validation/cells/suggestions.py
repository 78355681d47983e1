"""Which of a column's allowed values was most likely meant. Cheap enough to be asked for each distinct wrong value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from watcher.validation.cells.patterns import literal_start
from watcher.validation.reading.distance import is_near

#: What people don't see or don't mean: spaces of all kinds, joiners and marks without width, quotes, `_`, `-` and `.`.
_NOISE = re.compile(r"[\s_.\-'\"\u00ad\u200b-\u200f\u2060\ufeff]+")
#: Longer texts are no slips of the fingers.
_LONGEST = 64


def allowed_texts(schema: Mapping[str, Any]) -> Iterator[str]:
    """The texts that a schema allows by name, inside alternatives and items too."""
    yield from (value for value in schema.get("enum", ()) if isinstance(value, str))
    if isinstance(const := schema.get("const"), str):
        yield const
    for keyword in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(keyword, ()):
            yield from allowed_texts(inner)
    if "items" in schema:
        yield from allowed_texts(schema["items"])


def open_starts(schema: Mapping[str, Any]) -> Iterator[str]:
    """What words of a sender's own begin with, where a schema has them beside words that it lists: `ext:`."""
    for inner in schema.get("anyOf", ()):
        if len(start := literal_start(str(inner.get("pattern", "")))) > 1:
            yield start
    if "items" in schema:
        yield from open_starts(schema["items"])


def meant_start(text: str, starts: Iterable[str]) -> str | None:
    """The start that a text nearly has: in another case, or with spaces and such before what follows."""
    plain = _plain(text[:_LONGEST])
    return next((start for start in starts if plain.startswith(_plain(start))), None)


class Suggestions:
    """Finds the nearest of some allowed texts."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._plain: dict[str, str] = {}
        self._near: dict[str, list[str]] = {}
        self._numbers: dict[str, list[str]] = {}
        for text in allowed:
            self._plain.setdefault(_plain(text), text)
        for plain, text in self._plain.items():
            if plain.isdigit():
                self._numbers.setdefault(plain.lstrip("0"), []).append(text)
            for part in _with_one_less(plain):
                self._near.setdefault(part, []).append(plain)

    def nearest(self, text: str) -> str | None:
        """The allowed text that differs in case, spaces or unseen characters only, else by a slip; None if none.

        So does the one number that differs in zeros at its beginning: spreadsheets take them away.
        """
        if len(text) > _LONGEST or not self._plain:
            return None
        plain = _plain(text)
        if plain in self._plain:
            return self._plain[plain]
        if plain.isdigit():
            same = self._numbers.get(plain.lstrip("0"), ())
            return same[0] if len(same) == 1 else None
        candidates = {near for part in _with_one_less(plain) for near in self._near.get(part, ())}
        found = sorted(near for near in candidates if is_near(plain, near))
        return self._plain[found[0]] if len(found) == 1 else None


def _plain(text: str) -> str:
    """The text without what people get wrong first: case, accents, spaces, unseen characters."""
    apart = unicodedata.normalize("NFKD", text)
    return _NOISE.sub("", "".join(c for c in apart if not unicodedata.combining(c))).casefold()


def _with_one_less(text: str) -> set[str]:
    """The text, and the text without each of its characters: two texts a slip apart have one of these in common."""
    if len(text) > _LONGEST:
        return {text}
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}
