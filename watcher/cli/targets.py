"""What `validate` writes, held against what it reads: nothing that is read is overwritten, nothing written is judged.

A report may lie in the very folder that is checked, for that is where people stand when they check it. There it is no
part of the drop, unless the dataset would take it for one: then the command is refused before anything is written.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from watcher.schema.model import Dataset

_STANDARD_INPUT = 0
#: What `reporting.wording.skipped_file_name` makes of any name.
_LISTS = "skipped-*.csv"
#: A file of which nothing but that it is a CSV is known, as those in a zip are.
_ANY_FILE = "x.csv"


@dataclass(frozen=True, slots=True)
class Targets:
    """The files of `--output` and `--findings` and the folder of `--skipped`; None for one that is not wanted."""

    output: Path | None = None
    findings: Path | None = None
    skipped: Path | None = None

    def files(self) -> Iterator[tuple[str, Path]]:
        """Each file by its option. A device or a pipe is none: nothing in it is overwritten."""
        for option, target in (("--output", self.output), ("--findings", self.findings)):
            if target is not None and (target.is_file() or not target.exists()):
                yield option, target


def refuse_overwriting(targets: Targets, *read: Path | None) -> None:
    """Raises UsageError where one of these files, or standard input, would be overwritten, or one by the other."""
    files = list(targets.files())
    for option, target in files:
        for other in filter(None, read):
            if _is_same(target, other):
                raise click.UsageError(f"{option} would overwrite {other}, which is read; give another file")
        if _is_standard_input(target):
            raise click.UsageError(f"{option} would overwrite what standard input is read from; give another file")
    if len(files) > 1 and _is_same(files[0][1], files[1][1]):
        raise click.UsageError("--output and --findings are the same file; give each its own")


def refuse_list_over(targets: Targets, only_file: str | None, *read: Path | None) -> None:
    """Raises UsageError where a list of rows left out would take the place of what is read, or is written besides.

    `only_file` is what the file is called that is checked; None where there are several, of whatever names.
    """
    if targets.skipped is None:
        return
    for other in filter(None, read):
        if _is_list(other, targets.skipped, only_file):
            raise click.UsageError(f"--skipped would overwrite {other}, which is read; give another folder")
    if only_file is not None and _is_standard_input(targets.skipped / _list_of(only_file)):
        raise click.UsageError("--skipped would overwrite what standard input is read from; give another folder")
    for option, target in targets.files():
        if _is_list(target, targets.skipped, only_file):
            raise click.UsageError(f"--skipped would overwrite what {option} writes; give another folder")


def names_of(targets: Targets, folder: Path, dataset: Dataset) -> frozenset[str]:
    """The names in a folder that are ours, not of the drop: reports, those of an earlier time too, or folders of them.

    Raises UsageError for one that the dataset would take for a part of the drop.
    """
    ours: set[str] = set()
    for option, target in targets.files():
        names = _within(folder, target)
        _refuse_parts_of_a_drop(option, names, folder, dataset)
        ours |= names
    if targets.skipped is not None:
        ours |= _names_of_lists(targets.skipped, folder, dataset)
    return frozenset(ours)


def _names_of_lists(skipped: Path, folder: Path, dataset: Dataset) -> set[str]:
    if _is_same(skipped, folder):
        return _lists_in(folder, dataset)
    names = _within(folder, skipped)
    _refuse_parts_of_a_drop("--skipped", names, folder, dataset)
    return names


def _within(folder: Path, target: Path) -> set[str]:
    """The name in the folder by which a target is reached: as it is written, and where links lead."""
    home = os.path.realpath(folder)
    as_written = os.path.join(os.path.realpath(target.parent), target.name)
    below = (Path(place) for place in (as_written, os.path.realpath(target)))
    return {place.relative_to(home).parts[0] for place in below if Path(home) in place.parents}


def _lists_in(folder: Path, dataset: Dataset) -> set[str]:
    """The lists of rows left out that lie in the folder, whichever file they are of: it may be in a zip.

    Raises UsageError where the dataset would take one for a part of the drop, also one that is not there yet.
    """
    from watcher.model.names import shown_names

    present = _names_in(folder)
    of_dataset = {re.sub(r"[*?]", "x", file.name) for file in dataset.files}
    to_write = {_list_of(name) for name in {*shown_names(present).values(), *of_dataset, _ANY_FILE}}
    known = _known(present | to_write, dataset)
    if taken := sorted(to_write & known):
        raise click.UsageError(_part_of_a_drop("--skipped", taken[0], "give another folder"))
    return {name for name in present - known if fnmatchcase(name, _LISTS)}


def _list_of(name: str) -> str:
    """What the list of the rows left out of a file is called."""
    from watcher.model.names import safe_name
    from watcher.reporting.wording import skipped_file_name

    return skipped_file_name(safe_name(name))


def _is_list(place: Path, folder: Path, only_file: str | None) -> bool:
    """Whether a list that is written into the folder would be this file."""
    if only_file is not None:
        return _is_same(folder / _list_of(only_file), place)
    reached = (place, Path(os.path.realpath(place)))
    return any(fnmatchcase(each.name, _LISTS) and _is_same(folder, each.parent) for each in reached)


def _refuse_parts_of_a_drop(option: str, names: set[str], folder: Path, dataset: Dataset) -> None:
    from watcher.intake.unzip import is_unpacked
    from watcher.model.names import MARKER

    known = _known(_names_in(folder) | names, dataset)
    for name in sorted(names):
        if name in known or name == MARKER or is_unpacked(name, dataset):
            raise click.UsageError(_part_of_a_drop(option, name, "give another name, or another folder"))


def _part_of_a_drop(option: str, name: str, advice: str) -> str:
    from watcher.text import quoted

    return f"{option}: {quoted(name)} would be part of the drop that is checked; {advice}"


def _names_in(folder: Path) -> set[str]:
    """The names in a folder that may be data."""
    from watcher.model.names import MARKER, is_temporary_name

    return {name for name in os.listdir(folder) if name != MARKER and not is_temporary_name(name)}


def _known(names: set[str], dataset: Dataset) -> set[str]:
    """Those of the names that the dataset takes for its files, near misses too."""
    from watcher.validation.entries import match_entries

    entries, _ = match_entries(tuple(sorted(names)), dataset)
    return {entry.name for entry in entries if entry.schema is not None}


def _is_same(target: Path, other: Path) -> bool:
    """Whether both are one file, also through links; it need not be there."""
    if os.path.realpath(target) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(target, other)
    except OSError:
        return False


def _is_standard_input(target: Path) -> bool:
    try:
        read = os.fstat(_STANDARD_INPUT)
        return stat.S_ISREG(read.st_mode) and os.path.samestat(read, target.stat())
    except OSError:
        return False
