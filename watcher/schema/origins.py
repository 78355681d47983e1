"""A document put together from several, which still knows in which file and on which line each of its values stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from watcher.schema.problem import KeyPath
from watcher.yamlfile import Document

#: A value's document, and its key path there.
Origin = tuple[Document, KeyPath]


@dataclass(frozen=True, slots=True)
class Merged(Document):
    """`origins` says of key paths where they come from; what is below one comes from below its origin.

    The empty path always has an origin: the document that was asked for.
    """

    origins: Mapping[KeyPath, Origin] = field(repr=False)

    def origin(self, path: Sequence[str | int]) -> Origin:
        """The document and the key path that a value was written in."""
        at = tuple(path)
        while at not in self.origins:
            at = at[:-1]
        document, start = self.origins[at]
        return document, (*start, *path[len(at) :])

    def line(self, path: Sequence[str | int]) -> int:
        document, at = self.origin(path)
        return document.line(at)

    def problem(self, path: Sequence[str | int], text: str) -> str:
        document, at = self.origin(path)
        return document.problem(at, text)


def merged(document: Document, data: Mapping[str, Any], origins: Mapping[KeyPath, Origin]) -> Merged:
    """The values with their origins, under the name of the document that was asked for."""
    return Merged(document.name, data, document.lines, {(): (document, ()), **origins})
