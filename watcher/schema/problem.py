"""Something wrong in a YAML file, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watcher.errors import ConfigError
from watcher.text import printable
from watcher.yamlfile import Document

KeyPath = tuple[str | int, ...]
#: Steps of a key path.
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at one key path of one document."""

    path: KeyPath
    text: str


def worded(document: Document, problems: Iterable[Problem]) -> list[str]:
    """One line each, with file, line and key path, in the order of the file; nothing is said twice."""
    found = {(document.line(p.path), document.problem(p.path, printable(p.text))): None for p in problems}
    return [text for _, text in sorted(found)]


def depth_problems(document: Document) -> list[str]:
    """Rules within rules without end: judging them, or by them, would exhaust the stack."""
    deepest = max(document.lines, key=len, default=())
    if len(deepest) <= _DEEPEST:
        return []
    return [document.problem(deepest[:_DEEPEST], f"nested more than {_DEEPEST} deep; make it simpler")]


def raise_any(problems: Iterable[str]) -> None:
    """Raises ConfigError with the problems, each said once, if there are any."""
    if found := tuple(dict.fromkeys(problems)):
        raise ConfigError(found)
