"""The YAML files of one reading: each is read once, and what was read can be recognised later.

A file is recognised by its modification time, size and inode, taken before it is read: whoever changes it meanwhile
makes it a new one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watcher import yamlfile
from watcher.schema import judge
from watcher.schema.problem import depth_problems
from watcher.yamlfile import Document

#: A file that changed so shortly before it was looked at may change once more without its times telling.
_TOO_YOUNG_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one content of a file from the next without reading it."""

    mtime_ns: int
    size_bytes: int
    inode: int


class Documents:
    """Reads YAML files and remembers which they were, those that were looked for in vain too."""

    def __init__(self) -> None:
        self._read: dict[Path, Document] = {}
        self._identities: dict[str, Identity | None] = {}
        self._problems: dict[tuple[Path, str], tuple[str, ...]] = {}
        self._begun_ns = time.time_ns()

    def read(self, path: Path) -> Document:
        """The document of a file. Raises ConfigError as `yamlfile.read` does."""
        if path not in self._read:
            self._note(path)
            self._read[path] = yamlfile.read(path)
        return self._read[path]

    def problems(self, path: Path, kind: str) -> tuple[str, ...]:
        """What is wrong with the shape of a file of this kind: too deep a nest, else what its meta-schema says.

        Raises ConfigError as `read` does.
        """
        if (path, kind) not in self._problems:
            document = self.read(path)
            self._problems[path, kind] = tuple(depth_problems(document)) or judge.problems(document, kind)
        return self._problems[path, kind]

    def has(self, path: Path) -> bool:
        """Whether there is such a file."""
        self._note(path)
        return self._identities[_key(path)] is not None

    def identities(self) -> Mapping[str, Identity | None] | None:
        """Each file that was looked at, None where there was none; None for all if one of them is too young to tell."""
        newest = max((seen.mtime_ns for seen in self._identities.values() if seen is not None), default=0)
        return dict(self._identities) if newest < self._begun_ns - _TOO_YOUNG_NS else None

    def _note(self, path: Path) -> None:
        self._identities.setdefault(_key(path), identity(_key(path)))


def identity(path: str) -> Identity | None:
    """The identity of a file; None if there is none, or none that can be looked at."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # a NUL or a lone surrogate is in no name on disk
        return None
    return Identity(found.st_mtime_ns, found.st_size, found.st_ino)


def _key(path: Path) -> str:
    return os.path.abspath(path)
