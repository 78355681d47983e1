"""Where datasets lie: folders with a `dataset.yaml`, under the names by which they are found."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from watcher.errors import ConfigError
from watcher.text import printable

DATASET_FILE = "dataset.yaml"
PATH_CHARACTERS = 500


def has_dataset(folder: Path) -> bool:
    """Whether there is such a folder with its `dataset.yaml`. Raises ConfigError where that can't be told."""
    file = folder / DATASET_FILE
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL or a lone surrogate is in no name on disk
        return False
    except OSError as error:
        raise _unreadable(file, error) from error


def named_datasets(place: Path) -> Iterator[tuple[str, Path]]:
    """Each dataset folder under a place, one or two levels deep, with its name; a folder closed to us has none."""
    try:
        for pattern in (f"*/{DATASET_FILE}", f"*/*/{DATASET_FILE}"):
            for file in place.glob(pattern):
                yield file.parent.relative_to(place).as_posix(), file.parent
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError((f"{printable(str(path), PATH_CHARACTERS)}: {error.strerror}",))
