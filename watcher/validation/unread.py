"""What is said of an entry of a drop that could not be read, or not in peace."""

from __future__ import annotations

from watcher.model.findings import Occurrence, Severity
from watcher.validation.entries import Entry
from watcher.validation.findings.occurrences import occurrence
from watcher.validation.reading.source import NotRegularError


def not_regular(entry: Entry, error: NotRegularError) -> Occurrence:
    """It is a folder, a link or something else that is no ordinary file."""
    if error.is_directory:
        message = "it is a folder, and folders are not looked into"
        return occurrence("directory-in-epoch", message, file=entry.shown, severity=Severity.WARNING)
    return occurrence("not-a-regular-file", f"it is {error.kind}, expected an ordinary file", file=entry.shown)


def unreadable(entry: Entry, error: OSError) -> Occurrence:
    """The system would not read it."""
    return occurrence("unreadable-file", f"the file could not be read: {error.strerror}", file=entry.shown)


def changed(entry: Entry) -> Occurrence:
    """It was not left alone while it was read."""
    message = "the file was written to while it was read, expected it to be complete"
    return occurrence("file-changed", message, file=entry.shown)
