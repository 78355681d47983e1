"""Knows where a configuration may hold a password: to keep it out of messages, and to tell that it is in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from watcher.text import printable

_SECRET_KEY = re.compile(r"(?i)(?:^|[_-])(?:password|passwd|passphrase|secret|token|api_?key)$")
_URL_PASSWORD = re.compile(r"(?P<before>://[^/@:\s]*:)(?P<secret>[^@\s]+)(?=@)")
_QUERY_PASSWORD = re.compile(r"(?i)(?P<before>\b(?:password|passwd|secret|token|api_?key)=)(?P<secret>[^&\s]+)")
_DEFAULT = re.compile(r"(?<=:-)[^}]+(?=\})")
_WHOLLY_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(?::-)?\}")


def shown(path: tuple[str | int, ...], value: Any) -> str:
    """A value as the file has it (variables unfilled), fit for a message: `'5m'`, `a list`, `nothing`."""
    if any(is_secret_key(part) for part in path):
        return "a value that is kept back"
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return f"'{printable(_masked(value), 80)}'"
        case list():
            return "a list"
        case _:
            return "a mapping"


def is_secret_key(part: str | int) -> bool:
    """Whether a key of this name holds a secret: `password`, `db_token`, but not `token_url` or `secret_file`."""
    return isinstance(part, str) and _SECRET_KEY.search(part) is not None


def holds_secret(data: Any) -> bool:
    """Whether a password stands in these values, as the file has them, rather than behind a `${NAME}`."""
    return any(_is_literal_secret(path, value) for path, value in _scalars(data, ()))


def _is_literal_secret(path: tuple[str | int, ...], value: Any) -> bool:
    if any(is_secret_key(part) for part in path):
        return not isinstance(value, bool) and value not in (None, "") and not _is_variable(str(value))
    found = (*_URL_PASSWORD.finditer(str(value)), *_QUERY_PASSWORD.finditer(str(value)))
    return any(not _is_variable(match["secret"]) for match in found)


def _is_variable(text: str) -> bool:
    return _WHOLLY_VARIABLE.fullmatch(text) is not None


def _masked(text: str) -> str:
    for pattern in (_URL_PASSWORD, _QUERY_PASSWORD):
        text = pattern.sub(lambda m: m[0] if _is_variable(m["secret"]) else m["before"] + "***", text)
    return _DEFAULT.sub("***", text)


def _scalars(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _scalars(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _scalars(value, (*path, index))
    else:
        yield path, data
