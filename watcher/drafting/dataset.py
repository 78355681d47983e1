"""Drafts a dataset from a folder with samples of each of its files: their schemas, and how they refer to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from watcher.drafting import names, writing
from watcher.drafting.draft import Draft, Drafting, drafting, file_name, is_own
from watcher.drafting.guessing import Guess
from watcher.drafting.sampling import are_all_among
from watcher.errors import WatcherError
from watcher.text import counted, printable, quoted

_SUFFIXES = (".csv", ".dat", ".tsv", ".txt")


def draft_dataset(folder: Path, name: str | None = None) -> tuple[str, tuple[Draft, ...]]:
    """The `dataset.yaml` of a folder with samples of each file, and the schemas that it names. Raises WatcherError.

    `name`: what the dataset is called; by default like the folder.
    """
    files = [drafting(tuple(paths), file=file) for file, paths in _by_file(folder).items()]
    for child, parent in permutations(files, 2):
        _refer(child, parent)
    drafts = tuple(file.proved() for file in files)
    lines = [
        writing.comment("Drafted from samples: guesses, to be checked and edited."),
        f"name: {_dataset_name(name or folder.resolve().name)}",
        "files:",
        *(f"  - {{schema: {writing.scalar(draft.schema_name)}, required: true}}" for draft in drafts),
    ]
    return "\n".join(lines) + "\n", drafts


def _by_file(folder: Path) -> dict[str, list[Path]]:
    """The samples by the name of their file. Raises WatcherError if there are none, or two files have one stem."""
    where = printable(str(folder), 500)
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            found.setdefault(file_name(path), []).append(path)
    if not found:
        raise WatcherError(f"{where}: no .csv, .dat, .tsv or .txt file in it, expected samples of each file")
    stems: dict[str, str] = {}
    for file in found:
        other = stems.setdefault(Draft(file, "").schema_name, file)
        if other != file:
            both = f"{quoted(other, 120)} and {quoted(file, 120)}"
            raise WatcherError(f"{where}: the schemas of {both} would have one name; draft them apart")
    return found


def _refer(child: Drafting, parent: Drafting) -> None:
    """Adds a reference to each column of the child that names the parent's key and has no value beyond it."""
    if parent.key is None or len(parent.key.columns) > 1 or "." in parent.stem:
        return
    [key] = parent.key.columns
    if not is_own(key, parent.file):
        return
    for name in _named_after(child, parent, key):
        if are_all_among(child.sample, name, parent.sample, key):
            rows = counted(child.sample.profiles[name].filled, "value")
            child.columns[name].append(Guess("references", f"{parent.stem}.{key}", f"all {rows} are there"))


def _named_after(child: Drafting, parent: Drafting, key: str) -> Iterator[str]:
    """The child's columns that may refer to the key by name: `student_id`, or `orgSourcedId` to orgs' sourcedId."""
    stem, words = names.words(parent.stem), names.words(key)
    singular = tuple(word.removesuffix("s") for word in stem)
    is_specific = words[:1] == singular[:1]
    for name, profile in child.sample.profiles.items():
        found = names.words(name)
        means_key = found == words if is_specific else found in ((*singular, *words), (*stem, *words))
        taken = any(guess.key == "references" for guess in child.columns[name])
        if means_key and profile.filled and not taken:
            yield name


def _dataset_name(text: str) -> str:
    return writing.scalar(re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._") or "dataset")
