"""Collects everything that is wrong with a configuration, so that it is all said at once, in the file's order."""

from __future__ import annotations

from typing import Any

from watcher.config.secrets import shown
from watcher.errors import ConfigError
from watcher.text import printable
from watcher.yamlfile import Document

KeyPath = tuple[str | int, ...]


class Problems:
    """The problems of one document; each has the key path of the value that it is about."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[tuple[KeyPath, str], None] = {}

    def add(self, path: KeyPath, text: str) -> None:
        """`text` is for a person and holds nothing that was filled in from the environment."""
        self._found[path, text] = None

    def touch(self, path: KeyPath) -> bool:
        """Whether the value at this path, or a part of it, is already known to be wrong."""
        return any(at[: len(path)] == path for at, _ in self._found)

    def shown(self, path: KeyPath) -> str:
        """The value at the path as the file has it, variables unfilled, fit for a message."""
        return shown(path, self.written(path))

    def written(self, path: KeyPath) -> Any:
        """The value at the path as the file has it, variables unfilled."""
        value = self.document.data
        for part in path:
            value = value[part]
        return value

    def raise_any(self) -> None:
        """Raises ConfigError with all of them, if there are any."""
        ordered = sorted(
            self._found, key=lambda problem: (self.document.line(problem[0]), [str(p) for p in problem[0]])
        )
        if ordered:
            raise ConfigError(tuple(printable(self.document.problem(*problem)) for problem in ordered))
