"""Where drops lie in the work directory: `<folder>/<root>/<epoch>[.take]/files/`, one envelope for each drop.

stage/     claimed and being worked on
archive/   loaded
rejected/  refused for what is in them
held/      waiting for a person
failed/    given up on by us
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from watcher import fsops
from watcher.model.records import Record
from watcher.model.states import Folder, folder_of


@dataclass(frozen=True, slots=True)
class WorkFolders:
    """The paths of one work directory."""

    work_dir: Path

    @property
    def lock_file(self) -> Path:
        return self.work_dir / "lock"

    @property
    def canary(self) -> Path:
        return self.work_dir / "canary"

    def envelope(self, record: Record, folder: Folder | None = None) -> Path:
        """The drop's envelope in a folder; by default in the one where the journal has it."""
        return self.work_dir / (folder or record.place) / record.root / record.folder_name

    def make(self) -> None:
        """Make what a new work directory needs. Raises OSError."""
        for folder in (*Folder, "canary"):
            fsops.make_path(self.work_dir / folder)

    def file_away(self, record: Record) -> bool:
        """Move the envelope to where the record's state says; False if it is in neither place.

        May be called again after a crash: an envelope that is there already is fine.
        """
        target = self.envelope(record, folder_of(record.state))
        source = self.envelope(record)
        if not source.is_dir():
            return target.is_dir()
        fsops.make_path(target.parent)
        with fsops.open_root(source.parent) as old, fsops.open_root(target.parent) as new:
            fsops.move(source.name, old, target.name, new)
        return True
