"""What `validate` writes, held against what it reads: nothing that is read is overwritten, nothing written is judged.

A report may lie in the very folder that is checked, for that is where people stand when they check it. There it is no
part of the drop, unless the dataset would take it for one: then the command is refused before anything is written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from watcher.schema.model import Dataset

_STANDARD_INPUT = 0


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
        is_here = _is_same(targets.skipped, folder)
        names = _skipped_names(folder) if is_here else _within(folder, targets.skipped)
        _refuse_parts_of_a_drop("--skipped", names, folder, dataset)
        ours |= names
    return frozenset(ours)


def _within(folder: Path, target: Path) -> set[str]:
    """The name in the folder by which a target is reached: as it is written, and where links lead."""
    home = os.path.realpath(folder)
    as_written = os.path.join(os.path.realpath(target.parent), target.name)
    below = (Path(place) for place in (as_written, os.path.realpath(target)))
    return {place.relative_to(home).parts[0] for place in below if Path(home) in place.parents}


def _skipped_names(folder: Path) -> set[str]:
    """The lists of rows left out that lie in the folder."""
    from watcher.model.names import shown_names
    from watcher.reporting.wording import skipped_file_name

    present = set(os.listdir(folder))
    return present & {skipped_file_name(name) for name in shown_names(present).values()}


def _refuse_parts_of_a_drop(option: str, names: set[str], folder: Path, dataset: Dataset) -> None:
    from watcher.intake.unzip import is_unpacked
    from watcher.model.names import MARKER, is_temporary_name
    from watcher.text import quoted
    from watcher.validation.entries import match_entries

    present = {name for name in os.listdir(folder) if name != MARKER and not is_temporary_name(name)}
    entries, _ = match_entries(tuple(sorted(present | names)), dataset)
    known = {entry.name for entry in entries if entry.schema is not None}
    for name in sorted(names):
        if name in known or name == MARKER or is_unpacked(name, dataset):
            message = f"{quoted(name)} would be part of the drop that is checked; give another name, or another folder"
            raise click.UsageError(f"{option}: {message}")


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
