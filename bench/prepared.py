"""The files that the validator is measured with: made when first asked for, in the bench's scratch folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.rosters import DATASET
from bench.rosters.damage import Dose, damage
from bench.rosters.kinds import Mistake
from bench.rosters.tables import District
from bench.rosters.writing import Form, write, write_all
from watcher.schema import read_dataset

_ORGS = 500


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rosters below a folder. `planted` are the errors of each damaged file."""

    folder: Path
    planted: dict[Path, tuple[Mistake, ...]] = field(default_factory=dict)

    def users(self, name: str, rows: int, district: District | None = None, form: Form | None = None) -> Path:
        """A file users.csv in a folder of this name."""
        path = self._place(name) / "users.csv"
        if not path.exists():
            write(path, "users", rows, replace(district or District(), users=rows, orgs=_ORGS), form)
        return path

    def damaged_users(self, name: str, rows: int, dose: Dose) -> Path:
        """The same damaged; names with accents, so that not all text beyond ASCII is wrong."""
        path = self._place(name) / "users.csv"
        if not path.exists():
            source = self.users(f"{name}-before", rows, District(accents=0.02))
            self.planted[path] = damage(source, path, "users", dose)
            source.unlink()
        return path

    def enrollments(self, name: str, rows: int, dose: Dose | None = None) -> Path:
        """A folder of all four tables, a fifth as many users as enrollments, the enrollments damaged if wanted."""
        folder = self._place(name)
        path = folder / "enrollments.csv"
        if not path.exists():
            district = District(users=max(rows // 5, 1), classes=max(rows // 50, 1), orgs=_ORGS)
            write_all(folder, district, rows)
            if dose is not None:
                sound = path.rename(self.folder / f"{name}-before.csv")
                self.planted[path] = damage(sound, path, "enrollments", dose)
                sound.unlink()
        return folder

    def rules(self) -> Path:
        """The rules of users.csv for the peers."""
        path = self.folder / "rules.json"
        schema = read_dataset(DATASET).file_by_stem("users")
        assert schema is not None
        columns = [
            {
                "name": column.name,
                "type": str(column.type),
                "required": column.required,
                "schema": dict(column.judged_by),
                "separator": column.separator,
            }
            for column in schema.columns
            if column.match is None
        ]
        path.write_text(json.dumps({"columns": columns, "key": schema.key[0]}))
        return path

    def _place(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        return place
