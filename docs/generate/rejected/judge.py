"""Judges the drop of an example as the service does, and cuts out of the letter what is said of a code."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from docs.generate.rejected.contents import write
from docs.generate.rejected.examples import Drop, Example
from watcher import fsops
from watcher.intake.envelope import FILES, UNREADABLE, note_entries
from watcher.reporting import render
from watcher.schema import find_dataset
from watcher.service.intakefindings import Arrival
from watcher.service.reportfiles import REPORT_FILES
from watcher.service.rosters import RosterDrop, RosterSource
from watcher.service.tasks import ValidateTask, validate_drop
from watcher.validation import validate

_ROSTER = ("students.csv", "personID")
_PARAGRAPH = r"^(?:ERROR|SKIPPED|WARNING) {code}(?::.*)?$(?:\n.+)*"


@dataclass(frozen=True, slots=True)
class Said:
    """What the letter says of a drop with the code in it, and of the drop put right."""

    words: str
    letter: str
    letter_when_fixed: str


def said(example: Example) -> Said:
    """Raises ValueError if the drop does not have the code, or something is found in the corrected one."""
    letter, fixed = letter_of(example.drop), letter_of(example.fixed)
    found = re.search(_PARAGRAPH.format(code=re.escape(example.code)), letter, re.MULTILINE)
    if found is None:
        raise ValueError(f"the example of {example.code} does not have it:\n{letter}")
    if not fixed.startswith("ACCEPTED: no errors\n"):
        raise ValueError(f"the corrected example of {example.code} is not sound:\n{fixed}")
    return Said(found[0], letter, fixed)


def letter_of(drop: Drop) -> str:
    """The text report on a drop."""
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-page-") as folder:
        place = Path(folder)
        _write_dataset(place / "example", drop)
        envelope = place / "envelope"
        (envelope / FILES).mkdir(parents=True)
        for name, content in drop.sent.items():
            write(envelope / FILES / name, content)
        if drop.changes:
            return _while_changing(envelope / FILES, place / "example")
        with fsops.open_root(envelope) as home:
            note_entries(drop.notes.items(), home)
        if UNREADABLE in drop.notes.values():
            _remove(envelope / FILES, drop)
        validate_drop(_task(drop, envelope, place))
        return (envelope / REPORT_FILES["text"]).read_text(encoding="utf-8")


def _remove(files: Path, drop: Drop) -> None:
    """What could not be read when it was taken is not there to be judged."""
    for name, kind in drop.notes.items():
        if kind == UNREADABLE:
            (files / name).unlink()


def _task(drop: Drop, envelope: Path, place: Path) -> ValidateTask:
    return ValidateTask(
        envelope=envelope,
        root="lakeview",
        epoch=drop.epoch,
        dataset=str(place / "example"),
        schema_dirs=(place,),
        max_bytes=drop.max_bytes,
        arrival=Arrival(drop.missing, drop.older, drop.days),
        roster=None if drop.roster is None else _roster(drop.roster, place),
    )


def _roster(files: Any, place: Path) -> RosterDrop:
    """The last drop of another root, with the students; or none."""
    source = RosterSource("lakeview-roster", "plain", *_ROSTER)
    if not files:
        return RosterDrop(source)
    envelope = place / "roster"
    (envelope / FILES).mkdir(parents=True)
    for name, content in files.items():
        write(envelope / FILES / name, content)
    return RosterDrop(source, "20260831-020000", envelope)


def _write_dataset(folder: Path, drop: Drop) -> None:
    folder.mkdir()
    listed = []
    for number, (name, schema) in enumerate(drop.expected.items()):
        (folder / f"{number}.yaml").write_text(yaml.safe_dump({"file": name, **schema}, sort_keys=False))
        about: dict[str, Any] = {"schema": f"{number}.yaml", "required": name in drop.required}
        listed.append(about | ({"match": drop.match[name]} if name in drop.match else {}))
    more = {key: getattr(drop, key) for key in ("modes", "manifest", "zips") if getattr(drop, key)}
    document = {"name": "example", "files": listed, "checks": list(drop.checks), **more}
    (folder / "dataset.yaml").write_text(yaml.safe_dump(document, sort_keys=False))


def _while_changing(files: Path, dataset: Path) -> str:
    """The letter on a drop whose first file grows while it is read."""
    first = min(files.iterdir())

    def grow(*_progress: object) -> None:
        with first.open("a") as stream:
            stream.write("\n")

    return render(validate(files, find_dataset(str(dataset)), progress=grow), "text")
