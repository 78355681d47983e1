"""A draft as YAML, made to be read and edited: one key a line, the reason for a guess behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from watcher.drafting.guessing import Guess
from watcher.schema.model import Dialect
from watcher.text import printable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(?:[ -][A-Za-z0-9_.]+)*")
_PATHS = re.compile(r"[A-Za-z0-9_./#-]+")
#: What some reader of YAML takes for something else than text.
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "none", "nan", "inf"})
_COMMENT_AT = 40


def column_lines(name: str, guesses: Iterable[Guess]) -> Iterator[str]:
    """One column."""
    yield f"  - name: {scalar(name)}"
    for guess in guesses:
        yield _commented(f"    {guess.key}: {_value(guess)}", guess.reason)


def dialect_lines(dialect: Dialect) -> Iterator[str]:
    """The options that are not as usual; nothing if all are."""
    usual = Dialect()
    options = ("delimiter", "quote", "escape", "header", "encoding")
    changed = {name: getattr(dialect, name) for name in options if getattr(dialect, name) != getattr(usual, name)}
    if changed:
        yield f"dialect: {{{', '.join(f'{name}: {scalar(value)}' for name, value in changed.items())}}}"


def key_line(columns: Iterable[str], reason: str) -> str:
    """The key of the file."""
    return _commented(f"key: {_list(columns)}", reason)


def comment(text: str) -> str:
    """A line that is only a comment."""
    return f"# {printable(text)}"


def scalar(value: Any) -> str:
    """A value as every reader of YAML takes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return f"{value}"
    return str(yaml.dump(value, default_style='"', allow_unicode=True, width=10**9)).rstrip()


def _value(guess: Guess) -> str:
    if guess.key == "pattern":
        return f"'{str(guess.value).replace(chr(39), chr(39) * 2)}'"
    if guess.key == "$ref" and _PATHS.fullmatch(guess.value):
        return str(guess.value)
    return _list(guess.value) if isinstance(guess.value, list) else scalar(guess.value)


def _list(values: Iterable[Any]) -> str:
    return f"[{', '.join(map(scalar, values))}]"


def _commented(line: str, reason: str) -> str:
    return f"{line.ljust(_COMMENT_AT)}  # {printable(reason)}" if reason else line
