"""Says how a file is meant, where its manifest and its rows may say different things.

A file of changes that is taken for the whole list has everything else removed. So, with W for a mode in which a file is
the whole list, and C for one that brings changes only (`references: ignore`):

1. What the rows show counts, and the manifest where they show nothing.
2. The manifest says W and the rows show C: loaders get C, so that nothing is removed for not being there. What the
   file refers to and needs is judged as for W: who breaks more rules is not let off lighter.
3. The manifest says C and the rows show W: it stays C. That the columns are empty is told once and not for each row.
4. The manifest says neither. Loaders get C where it lists the file as absent, where it calls nothing the whole list,
   or where some of the first rows are filled as in C and others not. The rest is judged as W.
5. Where nothing at all tells, it is the first mode of the dataset.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.schema.model import Dataset, Mode
from watcher.validation.sets.manifest import Listing, Stated
from watcher.validation.sets.modes import Shown, mode_of


@dataclass(frozen=True, slots=True)
class Conflict:
    """The manifest says one mode and the rows show another; references are judged as in `linked`. Names of modes."""

    stated: Stated
    shown: str
    linked: str


@dataclass(frozen=True, slots=True)
class Meant:
    """How a file is meant: `name` is the mode that loaders get, `judged_as` says how columns and references are judged.

    `conflict` is None where manifest and rows agree, or one of them says nothing.
    """

    name: str
    judged_as: Mode
    conflict: Conflict | None = None


def meant(dataset: Dataset, listing: Listing | None, stem: str, shown: Shown) -> Meant:
    """How a file is meant, by a dataset with modes. `stem` is how others call the file, `shown` what its rows show."""
    stated = None if listing is None else listing.stated.get(stem)
    said = None if stated is None else mode_of(dataset, stated.mode)
    if said is None or stated is None:
        return _unsaid(dataset, is_cautious=stated is not None or _calls_nothing_whole(dataset, listing), shown=shown)
    if shown.mode in (None, said):
        return Meant(said.name, said)
    return _conflicting(stated, said, shown.mode)


def _conflicting(stated: Stated, said: Mode, shown: Mode) -> Meant:
    if shown.brings_changes and not said.brings_changes:
        return Meant(shown.name, _filled_as(shown, said), Conflict(stated, shown.name, said.name))
    if said.brings_changes and not shown.brings_changes:
        return Meant(said.name, replace(said, blank=(), required=()), Conflict(stated, shown.name, said.name))
    return Meant(shown.name, shown, Conflict(stated, shown.name, shown.name))


def _unsaid(dataset: Dataset, *, is_cautious: bool, shown: Shown) -> Meant:
    """How a file is meant of which the manifest says no mode, or where there is none."""
    judged_as = dataset.modes[0] if shown.mode is None else shown.mode
    changes = next((mode for mode in dataset.modes if mode.brings_changes), None) if is_cautious else shown.partly
    if changes is None or judged_as.brings_changes:
        return Meant(judged_as.name, judged_as)
    return Meant(changes.name, judged_as if shown.mode is not None else _filled_as(changes, judged_as))


def _calls_nothing_whole(dataset: Dataset, listing: Listing | None) -> bool:
    """Whether there is a manifest that tells of files, and none of them is the whole list by it."""
    if listing is None or not listing.stated:
        return False
    modes = [mode_of(dataset, each.mode) for each in listing.stated.values()]
    return all(mode is None or mode.brings_changes for mode in modes)


def _filled_as(filled: Mode, linked: Mode) -> Mode:
    """The columns of one mode, and what another says of references and of a header line without rows."""
    return replace(linked, name=filled.name, blank=filled.blank, required=filled.required)
