"""Shared definitions: `$ref: common/types.yaml#/guid` takes over what a YAML file says under a name.

1. The file is looked for beside the file that refers to it, then among the bundled ones; `#/name` is the same file.
2. The definition's keys stand under the referring mapping as if written there. A key that stands in both places is a
   mistake, except for `title`, `description`, `example`, `source` and `severity`, where the referring one wins.
3. Inside `items` and sub-schemas only the keywords of JSON Schema are taken over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watcher.errors import ConfigError
from watcher.schema.bundled import bundled_folder
from watcher.schema.columns import own_problems
from watcher.schema.documents import Documents
from watcher.schema.keywords import JUDGED, LISTS, SINGLE, TITLE, hint
from watcher.schema.problem import KeyPath, Problem, worded
from watcher.yamlfile import Document

_OWN_WINS = frozenset({TITLE, "description", "example", "source", "severity"})
_JSON_SCHEMA = JUDGED | {"type", TITLE}


def read_definitions(path: Path) -> tuple[str, ...]:
    """The names that a file of shared definitions defines. Raises ConfigError with every problem that it has."""
    documents = Documents()
    document = documents.read(path)
    problems = [*documents.problems(path, "types")]
    if not problems:
        definitions = Definitions(documents, path, document)
        for name, written in document.data.items():
            result = definitions.expanded(written, (name,))
            definitions.found += own_problems(result, (name,))
        problems = [*worded(document, definitions.found), *definitions.problems]
    if problems:
        raise ConfigError(tuple(dict.fromkeys(problems)))
    return tuple(document.data)


@dataclass(frozen=True, slots=True)
class _Place:
    """A file with definitions, or one that refers to some."""

    path: Path
    document: Document
    folder: Path


@dataclass(slots=True)
class Definitions:
    """Resolves the references of one file. `problems` are those of the files referred to, in their final words."""

    documents: Documents
    path: Path
    document: Document
    problems: list[str] = field(default_factory=list)
    found: list[Problem] = field(default_factory=list)
    _places: dict[Path, _Place | None] = field(default_factory=dict)

    def expanded(self, written: Mapping[str, Any], at: KeyPath) -> dict[str, Any]:
        """A column with all its references resolved. What is wrong with them is added to `found`."""
        here = _Place(self.path, self.document, self.path.parent)
        return self._expanded(written, at, here, (), self.found, inner=False)

    def json_schema(self, reference: str, at: KeyPath) -> Mapping[str, Any] | None:
        """The definition as plain JSON Schema; None, and a problem, if there is none."""
        here = _Place(self.path, self.document, self.path.parent)
        found = self._definition(reference, at, here, (), self.found)
        return None if found is None else {key: value for key, value in found.items() if key in _JSON_SCHEMA}

    def _expanded(
        self,
        written: Mapping[str, Any],
        at: KeyPath,
        here: _Place,
        trail: tuple[tuple[Path, str], ...],
        found: list[Problem],
        *,
        inner: bool = True,
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in written.items():
            path = (*at, key)
            if key == "$ref":
                definition = self._definition(value, path, here, trail, found) or {}
                result |= _taken(definition, written, at, value, found, inner=inner)
            elif key == "items" or key in SINGLE:
                result[key] = self._expanded(value, path, here, trail, found)
            elif key in LISTS:
                result[key] = [self._expanded(v, (*path, i), here, trail, found) for i, v in enumerate(value)]
            else:
                result[key] = value
        return result

    def _definition(
        self, reference: str, at: KeyPath, here: _Place, trail: tuple[tuple[Path, str], ...], found: list[Problem]
    ) -> Mapping[str, Any] | None:
        file, _, name = reference.partition("#/")
        place = self._place(file, at, here, found)
        if place is None:
            return None
        if name not in place.document.data:
            said = f"{reference!r}: no such definition{hint(name, place.document.data)}"
            found.append(Problem(at, said))
            return None
        if (place.path, name) in trail:
            found.append(Problem(at, f"{reference!r} refers to itself in the end; break the loop"))
            return None
        inside: list[Problem] = []
        written = place.document.data[name]
        result = self._expanded(written, (name,), place, (*trail, (place.path, name)), inside, inner=False)
        if not inside:
            inside += own_problems(result, (name,))
        self.problems += worded(place.document, inside)
        return result

    def _place(self, file: str, at: KeyPath, here: _Place, found: list[Problem]) -> _Place | None:
        """The file with definitions that is meant; None, and a problem, if it is none."""
        if not file and (here.path != self.path or not {"file", "extends"} & self.document.data.keys()):
            return here
        for folder in dict.fromkeys((here.folder, bundled_folder())) if file else ():
            if (path := folder / file) in self._places:
                return self._places[path]
            if self.documents.has(path):
                self._places[path] = self._read(path)
                return self._places[path]
        names = [*near_files(self.path.parent, file), *near_files(bundled_folder(), file)]
        said = f"{file!r}: no such file beside this one or among the bundled ones{hint(file, names)}"
        found.append(Problem(at, said if file else "names no file; write it before the #"))
        return None

    def _read(self, path: Path) -> _Place | None:
        try:
            document = self.documents.read(path)
            problems = self.documents.problems(path, "types")
        except ConfigError as error:
            self.problems += error.problems
            return None
        self.problems += problems
        return None if problems else _Place(path, document, path.parent)


def _taken(
    definition: Mapping[str, Any],
    written: Mapping[str, Any],
    at: KeyPath,
    reference: str,
    found: list[Problem],
    *,
    inner: bool,
) -> Iterator[tuple[str, Any]]:
    """The keys that a definition brings."""
    for key, value in definition.items():
        if key in written and key not in _OWN_WINS:
            found.append(Problem((*at, key), f"stands in {reference!r} too; keep one"))
        elif inner and key not in _JSON_SCHEMA and key not in _OWN_WINS:
            found.append(Problem((*at, "$ref"), f"{reference!r} has {key}, which only a whole column can have"))
        elif key not in written and (key in _JSON_SCHEMA or not inner):
            yield key, value


def near_files(folder: Path, file: str) -> list[str]:
    """The YAML files where a file was looked for, called as one would call them."""
    parent = Path(file).parent
    try:
        return [str(parent / found.name) for found in sorted((folder / parent).glob("*.yaml"))]
    except (OSError, ValueError):
        return []
