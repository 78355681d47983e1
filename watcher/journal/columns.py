r"""Column types: each turns one kind of value into what both databases store alike, and back.

Names from disk may hold half characters (surrogates) that PostgreSQL refuses, so free text is escaped: ordinary text
is stored as it is, a backslash, a NUL or a surrogate as `\u005c` and the like.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from watcher.errors import JournalError
from watcher.model.records import Source, SourceEntry

_UNSTORABLE = re.compile("[\\\\\x00\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def escape(text: str) -> str:
    """Text that every database can store; `unescape` gives back the very same."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def unescape(stored: str) -> str:
    """The text that `escape` was given."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), stored) if "\\" in stored else stored


def _not_ours(error: Exception) -> JournalError:
    """What another hand wrote into the database must not pass for a fault of ours."""
    return JournalError(f"the journal holds a value that is not ours: {type(error).__name__}")


_UNREADABLE = (ValueError, TypeError, KeyError)


class FreeText(TypeDecorator[str]):
    """Text that may have come from disk or from a person."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else escape(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else unescape(value)


class Word(TypeDecorator[StrEnum]):
    """One word of an enumeration; a word that this program does not know is an error when read."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        del dialect
        try:
            return None if value is None else self.words(value)
        except _UNREADABLE as error:
            raise _not_ours(error) from error


class UtcTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both sides. SQLite knows no zones: it keeps UTC without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("expected an aware time, found one without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """A list of names, as a JSON array in ASCII."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        del dialect
        return json.dumps(value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:
        del dialect
        try:
            return _names(value)
        except _UNREADABLE as error:
            raise _not_ours(error) from error


class SourceText(TypeDecorator[Source]):
    """What a claim took, as a JSON object in ASCII; text, as PostgreSQL's own JSON type refuses surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Source | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else json.dumps(asdict(value), separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Source:
        del dialect
        try:
            return _source_again(value) if len(value) <= _SHORT_SOURCE else _source(value)
        except _UNREADABLE as error:
            raise _not_ours(error) from error


# A root's open records are read again at each of its looks, five times a drop: with hundreds waiting, reading the same
# JSON again was most of what the service did. What is kept is bounded in number and size.

_SHORT_SOURCE = 4096


@lru_cache(maxsize=256)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _source(text: str) -> Source:
    data = json.loads(text)
    entries = tuple(SourceEntry(**entry) for entry in data["entries"])
    newer, mixed = tuple(data.get("newer", ())), tuple(data.get("mixed", ()))
    return Source(data["device"], data["inode"], entries, tuple(data["missing"]), newer, mixed)


_source_again = lru_cache(maxsize=1024)(_source)
