"""What the intake found out about a drop before its files are judged: findings like any other in the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from watcher.intake.envelope import FILES, HARD_LINK, UNREADABLE, claim_notes
from watcher.model.codes import CODES
from watcher.model.facts import Kind
from watcher.model.findings import Level, Occurrence, Severity
from watcher.model.names import has_possible_time, is_temporary_name
from watcher.text import counted


def intake_findings(
    envelope: Path, epoch: str, missing: tuple[str, ...], older: tuple[tuple[str, str, int], ...]
) -> Iterator[Occurrence]:
    """What is to stand in the report beside what the files themselves say, their zips unpacked.

    `missing` did not come in time; of `older` each is a file's name in the drop, the name that it came under, and how
    many older ones of its kind lay beside it.
    """
    if not has_possible_time(epoch):
        yield Occurrence(
            "impossible-epoch-time",
            Severity.WARNING,
            Level.EPOCH,
            f"the epoch's name {epoch} is no possible date and time",
            advice=CODES["impossible-epoch-time"].advice,
        )
    for name in missing:
        if (envelope / FILES / name).exists():  # it came in a zip
            continue
        yield Occurrence(
            "expected-file-missing",
            Severity.WARNING,
            Level.FILE,
            f"{name} was expected together with the others and did not come in time",
            file=name,
            advice=f"upload {name} at the same time as the other files",
        )
    for name, came_as, count in older:
        yield Occurrence(
            "older-files-set-aside",
            Severity.WARNING,
            Level.FILE,
            f"{came_as} was taken as the newest; {counted(count, 'older file')} of its kind beside it not looked at",
            file=name,
            advice=CODES["older-files-set-aside"].advice,
        )
    for name, kind in claim_notes(envelope):
        if not is_temporary_name(name):
            yield _noted_finding(name, kind)


def _noted_finding(name: str, kind: str) -> Occurrence:
    """What the validation says of such an entry where it finds it: a drop's verdict is the same, renamed or copied."""
    if kind == Kind.DIRECTORY.value:
        code, severity, message = (
            "directory-in-epoch",
            Severity.WARNING,
            "it is a folder, and folders are not looked into",
        )
    elif kind == UNREADABLE:
        code, severity, message = "unreadable-file", Severity.ERROR, "the file could not be read when it was taken"
    elif kind == HARD_LINK:
        code, severity, message = (
            "hard-link",
            Severity.WARNING,
            "it has another name elsewhere, expected one of its own",
        )
    else:
        code, severity, message = "not-a-regular-file", Severity.ERROR, f"it is a {kind}, expected an ordinary file"
    return Occurrence(code, severity, Level.FILE, message, file=name, advice=CODES[code].advice)
