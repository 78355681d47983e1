"""A dataset with the one that it `extends`: what both write, put together before anything is made of it.

1. The other dataset is a folder beside this one (`base`, or `../base` as seen from within this one), else one that is
   found by its name.
2. Files, checks, tolerate and the names of intake: the other's first. What is listed here for the same file, or under
   the same title or name, replaces it; of a file's entry what is not written here stays.
3. Any other key written here replaces the other's whole. Name, title and description are never taken over.
4. `leave_out` takes files and checks of the other away, and what the other says of files that there are none of then:
   the names under which they come loose, that they are waited for, and what is tolerated in them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from watcher.errors import ConfigError
from watcher.model.names import is_zip_name
from watcher.schema.bundled import bundled_folder
from watcher.schema.extending import Sheet, Sheets
from watcher.schema.keywords import hint
from watcher.schema.origins import Merged, Origin, merged
from watcher.schema.places import DATASET_FILE, has_dataset, named_datasets
from watcher.schema.problem import KeyPath, Problem, raise_any, worded
from watcher.schema.setvalues import name_rule
from watcher.yamlfile import Document

_NEVER_TAKEN = ("name", "title", "description")
_LISTS = ("checks", "tolerate", "names")
_OWN = ("extends", "leave_out", "files", "checks", "tolerate")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """A member of a list, as one file writes it."""

    written: Any
    document: Document
    at: KeyPath


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the dataset: its keys with their origins, and where its schema lies."""

    keys: Mapping[str, Any]
    origins: Mapping[KeyPath, Origin]
    sheet: Sheet

    @property
    def name(self) -> str:
        """The file's name, or the pattern of the names that it may have."""
        return str(self.keys.get("match") or self.sheet.file)

    def is_of(self, file: str) -> bool:
        """Whether a file of this name follows it."""
        return fnmatchcase(file, self.name) if "match" in self.keys else file == self.name


@dataclass(frozen=True, slots=True)
class DatasetSheet:
    """What a dataset and those that it extends write. `problems` are those of file schemas, in their final words."""

    document: Document
    keys: Mapping[str, Any]
    origins: Mapping[KeyPath, Origin]
    entries: tuple[Entry, ...]
    lists: Mapping[str, tuple[Piece, ...]]
    folders: tuple[Path, ...]
    problems: tuple[str, ...]

    def whole(self) -> Merged:
        """The dataset as one document."""
        data: dict[str, Any] = {**self.keys, "files": [dict(entry.keys) for entry in self.entries]}
        origins = dict(self.origins)
        for i, entry in enumerate(self.entries):
            origins |= {("files", i, *path): origin for path, origin in entry.origins.items()}
        for name, pieces in self.lists.items():
            written = [piece.written for piece in pieces]
            at: KeyPath = ("intake", name) if name == "names" else (name,)
            if name == "names":
                data["intake"] = {**data.get("intake", {}), name: written}
            else:
                data[name] = written
            origins |= {(*at, i): (piece.document, piece.at) for i, piece in enumerate(pieces)}
        return merged(self.document, data, origins)


@dataclass(frozen=True, slots=True)
class DatasetSheets:
    """Reads datasets. `places` are the folders in which one is looked for by its name, the bundled ones come last."""

    sheets: Sheets
    places: Sequence[Path] = ()

    def sheet(self, folder: Path, trail: tuple[Path, ...] = ()) -> DatasetSheet:
        """What the dataset of this folder and those that it extends write. Raises ConfigError."""
        document = self.sheets.documents.read(folder / DATASET_FILE)
        raise_any(self.sheets.documents.problems(folder / DATASET_FILE, "dataset"))
        if "extends" not in document.data:
            if "leave_out" in document.data:
                raise ConfigError((document.problem(("leave_out",), "says nothing without extends; remove it"),))
            return self._own(document, (folder,))
        base = self._base(folder, document, (*trail, Path(os.path.abspath(folder))))
        own = self._own(document, (folder, *base.folders))
        raise_any(worded(document, _left_out_problems(document, base)))
        return _extended(own, base)

    def _base(self, folder: Path, document: Document, trail: tuple[Path, ...]) -> DatasetSheet:
        wanted = document.data["extends"]
        places = [folder.parent, folder, *self.places, bundled_folder()]
        for place in places:
            found = Path(os.path.normpath(place / wanted))
            if not self.sheets.documents.has(found / DATASET_FILE) or not has_dataset(found):
                continue
            if Path(os.path.abspath(found)) in trail:
                raise ConfigError((document.problem(("extends",), f"{wanted!r} extends this one in the end"),))
            return self.sheet(found, trail)
        names = {name for place in places[2:] for name, _ in named_datasets(place)}
        said = f"{wanted!r}: no such dataset beside this one or by this name{hint(wanted, names)}"
        raise ConfigError((document.problem(("extends",), said),))

    def _own(self, document: Document, folders: tuple[Path, ...]) -> DatasetSheet:
        """What one file writes itself."""
        data = document.data
        entries: list[Entry] = []
        problems: list[str] = []
        for i, written in enumerate(data.get("files", ())):
            try:
                sheet = self.sheets.sheet(self._schema_path(written["schema"], folders))
            except ConfigError as error:
                problems += error.problems
            else:
                at: KeyPath = ("files", i)
                origins: dict[KeyPath, Origin] = {(): (document, at)}
                origins |= {(key,): (document, (*at, key)) for key in written}
                entries.append(Entry(written, origins, sheet))
        intake = data.get("intake", {})
        lists = {name: _pieces(data[name], document, (name,)) for name in ("checks", "tolerate") if name in data}
        if "names" in intake:
            lists["names"] = _pieces(intake["names"], document, ("intake", "names"))
        inner: list[KeyPath] = [(key,) for key in data] + [("intake", key) for key in intake]
        return DatasetSheet(
            document=document,
            keys={key: value for key, value in data.items() if key not in _OWN},
            origins={path: (document, path) for path in inner},
            entries=tuple(entries),
            lists=lists,
            folders=folders,
            problems=tuple(problems),
        )

    def _schema_path(self, name: str, folders: Sequence[Path]) -> Path:
        """Where a file schema lies: beside the dataset, else where those lie that it extends."""
        if len(folders) == 1:
            return folders[0] / name
        return next(
            (folder / name for folder in folders if self.sheets.documents.has(folder / name)), folders[0] / name
        )


def _pieces(written: Sequence[Any], document: Document, at: KeyPath) -> tuple[Piece, ...]:
    return tuple(Piece(each, document, (*at, i)) for i, each in enumerate(written))


def _left_out_problems(document: Document, base: DatasetSheet) -> Iterator[Problem]:
    names = [
        *(entry.name for entry in base.entries),
        *(check.written["title"] for check in base.lists.get("checks", ())),
    ]
    for i, name in enumerate(document.data.get("leave_out", ())):
        if name not in names:
            said = f"{name!r} is neither a file nor the title of a check of {base.document.data['name']}"
            yield Problem(("leave_out", i), said + hint(name, names))


def _extended(own: DatasetSheet, base: DatasetSheet) -> DatasetSheet:
    """The base with what the other one writes put over it."""
    gone = frozenset(own.document.data.get("leave_out", ()))
    kept = [entry for entry in base.entries if entry.name not in gone]
    entries = _overlaid(kept, own.entries, _entry_name, _entry_over)
    left = _Left(gone, entries)
    taken = {key: value for key, value in base.keys.items() if key not in _NEVER_TAKEN}
    if "expect" in taken.get("intake", {}):
        taken["intake"] = {**taken["intake"], "expect": [each for each in taken["intake"]["expect"] if left.has(each)]}
    origins = {path: origin for path, origin in base.origins.items() if path[0] == "intake" or path[0] not in own.keys}
    keys = {**taken, **own.keys}
    if "intake" in taken and "intake" in own.keys:
        keys["intake"] = {**taken["intake"], **own.keys["intake"]}
    return replace(
        own,
        keys=keys,
        origins={**origins, **own.origins},
        entries=entries,
        lists={name: _joined(name, base, own, left) for name in _LISTS if name in {*base.lists, *own.lists}},
        problems=(*base.problems, *own.problems),
    )


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a dataset of which some files and checks are `gone`; `entries` are its files now."""

    gone: frozenset[str]
    entries: tuple[Entry, ...]

    def has(self, file: str) -> bool:
        """Whether what was said of a file of this name still has something to hold for."""
        return not self.gone or any(entry.is_of(file) for entry in self.entries)

    def keeps(self, name: str, written: Any) -> bool:
        """Whether a member of one of the lists stays."""
        match name:
            case "checks":
                return written["title"] not in self.gone
            case "names":
                target = name_rule(written).target
                return is_zip_name(target) or self.has(target)
            case _:  # what is tolerated everywhere is a code alone
                return isinstance(written, str) or "file" not in written or self.has(written["file"])


def _joined(name: str, base: DatasetSheet, own: DatasetSheet, left: _Left) -> tuple[Piece, ...]:
    """The members of both lists; a check or a name of intake that both have is that of the second."""
    before, then = base.lists.get(name, ()), own.lists.get(name, ())
    kept = [piece for piece in before if left.keeps(name, piece.written)]
    if name == "tolerate":
        return (*kept, *then)
    key = "title" if name == "checks" else "name"
    return _overlaid(kept, then, lambda piece: str(piece.written[key]), lambda new, _: new)


def _entry_name(entry: Entry) -> str:
    return entry.name


def _entry_over(entry: Entry, base: Entry) -> Entry:
    """The entry with what it does not say itself from the base's."""
    return Entry({**base.keys, **entry.keys}, {**base.origins, **entry.origins}, entry.sheet)


def _overlaid(
    base: Sequence[T], own: Sequence[T], name: Callable[[T], str], over: Callable[[T, T], T]
) -> tuple[T, ...]:
    """The base's members, those that `own` has too put `over` them, then the others of `own`."""
    result = list(base)
    places = {name(each): i for i, each in enumerate(base)}
    for each in own:
        place = places.pop(name(each), None)  # found once: what stands twice is a mistake that is told later
        if place is None:
            result.append(each)
        else:
            result[place] = over(each, result[place])
    return tuple(result)
