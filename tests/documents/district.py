"""A district whose drops come as a vendor's document says, into roots configured as an operator would.

    world = District(tmp_path, "roots: [{path: upload, dataset: samegoal}]")
    world.put("upload/students_auto.csv", STUDENTS)
    world.go_on()                                  # all that happens until only senders could bring anything new

Real files, configuration, datasets, journal and validation; the clock is ours, and no process is started.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.crash.inline import Steps, begin
from watcher.journal import open_journal
from watcher.model.actions import Waiting
from watcher.model.records import Record

_GOOD = Path(__file__).parents[1] / "corpora"


def good(dataset: str, drop: str) -> dict[str, bytes]:
    """The files of a drop of the golden corpora that is as it should be."""
    folder = _GOOD / dataset / "good" / drop
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "case.yaml"}
    assert files, f"{folder} has no files of its own"
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, all at its top; the same bytes whenever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(zipfile.ZipInfo(name, (2026, 9, 1, 2, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


class District:
    """A folder with a configuration; the roots lie in it, accepted drops are laid in `laid/`."""

    def __init__(self, folder: Path, roots: str) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.steps = Steps()
        (folder / "laid").mkdir()
        self.config.write_text(
            "work_dir: work\n"
            f"loaders: {{laid: {{type: files, folder: {folder / 'laid'}}}}}\n"
            "defaults: {loaders: [laid]}\n"
            f"{roots}\n",
            encoding="utf-8",
        )

    def put(self, path: str, content: bytes = b"") -> None:
        """A file as the sender's client leaves it."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def go_on(self) -> None:
        """Look, and let the time pass that is waited for, until only senders could bring anything new."""
        with begin(self.config, self.steps) as service:
            service.finish()

    def after(self, seconds: float) -> dict[str, tuple[Waiting, ...]]:
        """Look, let so many seconds pass, look: what each root then waits for."""
        with begin(self.config, self.steps) as service:
            service.look()
            self.steps.advance(seconds)
            return {root: looked.plan.waits for root, looked in service.look().items()}

    def records(self) -> list[Record]:
        """Oldest first."""
        with open_journal(f"sqlite:///{self.folder}/work/journal.db", read_only=True) as journal:
            return list(reversed(journal.history()))

    def states(self) -> list[tuple[str, str]]:
        """Root and state of each drop, oldest first."""
        return [(record.root, record.state.value) for record in self.records()]

    def laid(self, record: Record) -> set[str]:
        """The names of the files that the loader got."""
        names = {path.name for path in (self.folder / "laid" / record.root / record.folder_name).iterdir()}
        return names - {"manifest.json"}

    def modes(self, record: Record) -> dict[str, str | None]:
        """The way in which each file is meant, as the loader was told."""
        path = self.folder / "laid" / record.root / record.folder_name / "manifest.json"
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {file["name"]: file.get("mode") for file in files}

    def findings(self, record: Record) -> list[tuple[str, str, str | None]]:
        """Severity, code and file of each finding of a drop's report."""
        path = self.folder / "work" / record.place / record.root / record.folder_name / "report.json"
        report = json.loads(path.read_text(encoding="utf-8"))
        return [(each["severity"], each["code"], each["file"]) for each in report["findings"]]

    def notices(self) -> dict[str, tuple[str, str]]:
        """What was said of things that are no drops: kind and text by name."""
        with open_journal(f"sqlite:///{self.folder}/work/journal.db", read_only=True) as journal:
            return {notice.subject: (notice.kind, notice.text) for notice in journal.notices()}

    def left(self, folder: str) -> set[str]:
        """What lies in a folder, reports apart."""
        return {path.name for path in (self.folder / folder).iterdir()} - {"results"}
