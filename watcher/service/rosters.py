"""Where the students are that the pictures of a root are compared with: in the last loaded drop of another root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.intake.envelope import FILES
from watcher.model.findings import Occurrence
from watcher.text import printable

if TYPE_CHECKING:
    from watcher.validation.roster import Roster

#: With whom pictures were to be compared where there is no file of students.
_NOBODY = "any students"


@dataclass(frozen=True, slots=True)
class RosterSource:
    """A column of a file of the root with this id; `dataset` is what that root's files are judged by."""

    root: str
    dataset: str
    file: str
    column: str


@dataclass(frozen=True, slots=True)
class RosterDrop:
    """The last drop that was loaded from there; `envelope` None if none ever was."""

    source: RosterSource
    epoch: str = ""
    envelope: Path | None = None


def roster_of(drop: RosterDrop, schema_dirs: tuple[Path, ...]) -> Roster | Occurrence:
    """The students of a drop, or what is to be said where nobody can tell who they are. Raises ConfigError."""
    from watcher.schema import find_dataset  # noqa: PLC0415 (the service itself never needs polars)
    from watcher.validation.roster import Roster, not_compared  # noqa: PLC0415

    source = drop.source
    if drop.envelope is None:
        return not_compared(f"no drop of {source.root} was loaded yet", _NOBODY)
    dataset = find_dataset(source.dataset, schema_dirs)
    schema = dataset.schema_for(source.file)
    file = printable(source.file, 120)
    if schema is None:
        return not_compared(f"the dataset {dataset.name} of {source.root} knows no {file}", _NOBODY)
    told = f"{file} of the drop {drop.epoch} of {source.root}"
    return Roster(drop.envelope / FILES / source.file, schema, source.column, told)
