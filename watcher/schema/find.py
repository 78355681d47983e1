"""Finds datasets: the bundled ones, those in folders of one's own, or any folder by its path."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watcher.errors import ConfigError
from watcher.schema.bundled import bundled_folder
from watcher.schema.documents import Documents, Identity, identity
from watcher.schema.model import Dataset
from watcher.schema.parse import read_dataset
from watcher.schema.places import DATASET_FILE, PATH_CHARACTERS, has_dataset, named_datasets
from watcher.text import nearest, printable

#: So many datasets are remembered at once.
_REMEMBERED = 64


@dataclass(slots=True)
class _Cache:
    """Datasets that were read, by folder and the places in which what they extend is looked for.

    One is read again as soon as any of its files, or of those that it extends, is another one.
    """

    _datasets: dict[tuple[str, ...], tuple[Mapping[str, Identity | None], Dataset]] = field(default_factory=dict)

    def dataset(self, folder: Path, places: Sequence[Path] = ()) -> Dataset:
        """The dataset of a folder. Raises ConfigError; a mistake is not remembered."""
        key = (str(folder), os.path.abspath(folder), *map(os.path.abspath, places))
        remembered = self._datasets.get(key)
        if remembered is not None and all(identity(path) == seen for path, seen in remembered[0].items()):
            return remembered[1]
        documents = Documents()
        dataset = read_dataset(folder, documents, places)
        if (identities := documents.identities()) is not None:
            while len(self._datasets) >= _REMEMBERED:
                self._datasets.pop(next(iter(self._datasets)), None)
            self._datasets[key] = (identities, dataset)
        return dataset


_CACHE = _Cache()


def bundled_datasets() -> tuple[Dataset, ...]:
    """Every bundled dataset, by name. Raises ConfigError if one is unsound."""
    return tuple(_CACHE.dataset(folder) for _, folder in sorted(named_datasets(bundled_folder())))


def find_dataset(name_or_path: str | Path, extra_dirs: Sequence[str | Path] = ()) -> Dataset:
    """The dataset of this name, or in this folder.

    A name is looked for in `extra_dirs`, in their order, then among the bundled ones (`oneroster/1.1` for one version
    of a family); anything else must be a path to a folder with a `dataset.yaml`. What is written as a path of here,
    `./lunches` or `lunches/`, is that folder where there is one, whatever has the name elsewhere. A dataset whose files
    are as they were is not read again. Raises ConfigError.
    """
    path = Path(name_or_path)
    own_places = tuple(map(Path, extra_dirs))
    places = [*own_places, bundled_folder()]
    if _is_written_as_path(str(name_or_path)) and has_dataset(path):
        return _CACHE.dataset(path, own_places)
    if not path.is_absolute() and ".." not in path.parts:
        for place in places:
            if has_dataset(place / path):
                return _CACHE.dataset(place / path, own_places)
    if has_dataset(path):
        return _CACHE.dataset(path, own_places)
    raise ConfigError((_not_found(str(name_or_path), places),))


def _is_written_as_path(name: str) -> bool:
    """Whether nobody writes a name like that; shells end a folder's name with the slash."""
    return name.startswith("./") or name.endswith("/")


def dataset_names(extra_dirs: Sequence[str | Path] = ()) -> tuple[str, ...]:
    """The names that `find_dataset` knows."""
    places = [*map(Path, extra_dirs), bundled_folder()]
    return tuple(dict.fromkeys(name for place in places for name, _ in sorted(named_datasets(place))))


def _not_found(name: str, places: Sequence[Path]) -> str:
    path = Path(name)
    if path.name == DATASET_FILE and has_dataset(path.parent):
        return f"{printable(name, PATH_CHARACTERS)}: give its folder, {printable(str(path.parent), PATH_CHARACTERS)}"
    names = [known for place in places for known, _ in named_datasets(place)]
    hint = nearest(name, names)
    known = f"; did you mean {hint!r}?" if hint else f"; known: {', '.join(sorted(set(names)))}, or give a folder"
    return f"dataset {printable(name, 120)!r}: no such dataset, and no folder with a {DATASET_FILE}{known}"
