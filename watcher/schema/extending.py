"""A file schema with the one that it `extends`: what both write, put together before anything is made of it.

1. The other file is looked for beside the one that extends it, then among the bundled ones.
2. A key written here wins. `header`, `dialect` and `limits` are merged key by key. A key written null is taken away.
3. A column with the name (or `match`) of one of the other file is changed in place, key by key; others come behind.
4. A rule with the title of one of the other file replaces it; others come behind. `without` takes columns away.
5. Shared definitions are looked for from the file that refers to them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from watcher.errors import ConfigError
from watcher.schema.bundled import bundled_folder
from watcher.schema.definitions import Definitions, near_files
from watcher.schema.documents import Documents
from watcher.schema.keywords import hint
from watcher.schema.origins import Merged, Origin, merged
from watcher.schema.problem import KeyPath, Problem, raise_any, worded
from watcher.schema.rules import expanded
from watcher.schema.shape import raise_shape
from watcher.yamlfile import Document

_LISTS = ("columns", "rules")
_BY_KEY = ("header", "dialect", "limits")
_OWN = ("extends", "without")


@dataclass(frozen=True, slots=True)
class Part:
    """A column or a rule as one file writes it."""

    written: Mapping[str, Any]
    at: KeyPath
    source: Definitions

    @property
    def id(self) -> str:
        """What tells it from the others of its list."""
        return next(str(self.written[key]) for key in ("name", "match", "title") if key in self.written)


@dataclass(slots=True)
class Sheet:
    """What a file schema and those that it extends write. A column has a part for each file that speaks of it."""

    source: Definitions
    keys: dict[str, Any]
    origins: dict[KeyPath, Origin]
    columns: list[tuple[Part, ...]]
    rules: list[Part]

    @property
    def path(self) -> Path:
        """The file that was asked for."""
        return self.source.path

    @property
    def file(self) -> str:
        """The name of the file that it is about."""
        return str(self.keys.get("file", ""))

    def with_defaults(self, document: Document, data: Mapping[str, Any]) -> Sheet:
        """The sheet with the `header` and `dialect` that a dataset writes for all its files; a picture has none."""
        result = replace(self, keys=dict(self.keys), origins=dict(self.origins))
        for key in () if "picture" in self.keys else _BY_KEY:
            if key in data:
                _merge_key(result, document, key, data[key])
        return result


@dataclass(slots=True)
class Sheets:
    """Reads file schemas, each once."""

    documents: Documents
    _read: dict[Path, Sheet] = field(default_factory=dict)

    def sheet(self, path: Path, trail: tuple[Path, ...] = ()) -> Sheet:
        """What this file and those that it extends write. Raises ConfigError with what no later check could bear."""
        path = Path(os.path.normpath(path))
        if path not in self._read:
            self._read[path] = self._sheet(path, trail)
        return self._read[path]

    def _sheet(self, path: Path, trail: tuple[Path, ...]) -> Sheet:
        document = self.documents.read(path)
        raise_shape(document)
        own = _own(Definitions(self.documents, path, document))
        if "extends" not in document.data:
            return own
        base = self._base(path, document, (*trail, path))
        raise_any(worded(document, _patch_problems(own, base)))
        return _patched(own, base)

    def _base(self, path: Path, document: Document, trail: tuple[Path, ...]) -> Sheet:
        wanted = document.data["extends"]
        for folder in (path.parent, bundled_folder()):
            found = Path(os.path.normpath(folder / wanted))
            if found in trail:
                raise ConfigError((document.problem(("extends",), f"{wanted!r} extends this one in the end"),))
            if self.documents.has(found):
                return self.sheet(found, trail)
        names = [*near_files(path.parent, wanted), *near_files(bundled_folder(), wanted)]
        said = f"{wanted!r}: no such file beside this one or among the bundled ones{hint(wanted, names)}"
        raise ConfigError((document.problem(("extends",), said),))


def resolved(sheet: Sheet) -> tuple[Merged, list[str]]:
    """The file schema as one document with its references resolved, and what is wrong with these, in final words."""
    origins = dict(sheet.origins)
    columns = []
    for i, parts in enumerate(sheet.columns):
        columns.append(_column(parts))
        origins |= _part_origins(parts, ("columns", i))
    rules = []
    for i, rule in enumerate(sheet.rules):
        schema = expanded(rule.written["schema"], (*rule.at, "schema"), rule.source)
        rules.append({**rule.written, "schema": schema})
        origins[("rules", i)] = (rule.source.document, rule.at)
    document = merged(sheet.source.document, {**sheet.keys, "columns": columns, "rules": rules}, origins)
    parts_used = [*(part for parts in sheet.columns for part in parts), *sheet.rules]
    sources = list({id(part.source): part.source for part in parts_used}.values())
    problems = [text for source in sources for text in worded(source.document, source.found)]
    return document, [*problems, *(text for source in sources for text in source.problems)]


def _own(source: Definitions) -> Sheet:
    """What one file writes itself."""
    data = source.document.data
    parts = {name: [Part(each, (name, i), source) for i, each in enumerate(data.get(name) or ())] for name in _LISTS}
    keys = {key: value for key, value in data.items() if key not in (*_LISTS, *_OWN)}
    origins: dict[KeyPath, Origin] = {(key,): (source.document, (key,)) for key in (*keys, *_LISTS)}
    return Sheet(source, keys, origins, [(part,) for part in parts["columns"]], parts["rules"])


def _patch_problems(own: Sheet, base: Sheet) -> Iterator[Problem]:
    """What is wrong with a patch as such."""
    names = [parts[0].id for parts in base.columns]
    for i, name in enumerate(own.source.document.data.get("without", ())):
        if name not in names:
            yield Problem(
                ("without", i), f"{name!r} is not a column of the file that this one extends{hint(name, names)}"
            )
    for key, value in own.keys.items():
        if value is None and key not in base.keys:
            yield Problem((key,), f"there is nothing to take away{hint(key, base.keys)}")
    for kind, parts in (("columns", [p for (p,) in own.columns]), ("rules", own.rules)):
        seen: set[str] = set()
        for part in parts:
            if part.id in seen:
                yield Problem(part.at, f"{part.id!r} is there twice among these {kind}; keep one")
            seen.add(part.id)


def _patched(own: Sheet, base: Sheet) -> Sheet:
    """The base with what the other one writes put over it."""
    document = own.source.document
    gone = set(document.data.get("without", ()))
    bare = {name for name in _LISTS if document.data.get(name, ()) is None}
    columns = [] if "columns" in bare else [parts for parts in base.columns if parts[0].id not in gone]
    result = Sheet(
        source=own.source,
        keys=dict(base.keys),
        origins=dict(base.origins),
        columns=_columns(columns, own.columns),
        rules=_rules([] if "rules" in bare else base.rules, own.rules),
    )
    for key, value in own.keys.items():
        if value is None:
            result.keys.pop(key)
        elif key in _BY_KEY:
            _merge_key(result, document, key, value)
        else:
            result.keys[key] = value
            result.origins[(key,)] = (document, (key,))
    return result


def _columns(base: Sequence[tuple[Part, ...]], own: Sequence[tuple[Part, ...]]) -> list[tuple[Part, ...]]:
    places = {parts[0].id: i for i, parts in enumerate(base)}
    result = list(base)
    for parts in own:
        place = places.get(parts[0].id)
        if place is None:
            result.append(parts)
        else:
            result[place] += parts
    return result


def _rules(base: Sequence[Part], own: Sequence[Part]) -> list[Part]:
    written = {rule.id: rule for rule in own}
    known = {rule.id for rule in base}
    return [*(written.get(rule.id, rule) for rule in base), *(rule for rule in own if rule.id not in known)]


def _merge_key(sheet: Sheet, document: Document, key: str, value: Mapping[str, Any]) -> None:
    """Put the mapping over the one that the sheet has under this key."""
    sheet.keys[key] = {**sheet.keys.get(key, {}), **value}
    sheet.origins |= {(key, inner): (document, (key, inner)) for inner in value}


def _column(parts: Sequence[Part]) -> dict[str, Any]:
    """The column with its references resolved: each file's from where it lies, a later one's keys over an earlier's."""
    result: dict[str, Any] = {}
    written: set[str] = set()
    for i, part in enumerate(parts):
        later = {key for each in parts[i + 1 :] for key in each.written if key not in ("name", "match")}
        part.source.found += [
            Problem((*part.at, key), f"there is nothing to take away{hint(key, {*result, *written})}")
            for key, value in part.written.items()
            if value is None and key not in result and key not in written
        ]
        own = {key: value for key, value in part.written.items() if value is not None and key not in later}
        result = {key: value for key, value in result.items() if key not in part.written}
        result |= part.source.expanded(own, part.at)
        written |= part.written.keys()
    return result


def _part_origins(parts: Sequence[Part], at: KeyPath) -> Iterator[tuple[KeyPath, Origin]]:
    """Where the column as such, and each of its keys, was written last."""
    for part in parts:
        yield at, (part.source.document, part.at)
        yield from (((*at, key), (part.source.document, (*part.at, key))) for key in part.written)
