"""Gives the sender the report of his drop: a copy in `results/` of his root.

It is a courtesy: where the root does not let us, that is said once in the log and the drop's road does not change.
"""

from __future__ import annotations

import html
from pathlib import Path

from loguru import logger

from watcher.failpoints import reach
from watcher.intake.results import put_results
from watcher.logs import summary
from watcher.model.records import Record
from watcher.model.states import State
from watcher.service.context import Context
from watcher.service.reportfiles import REPORT_FILES, SKIPPED_PREFIX
from watcher.service.roots import Root


def deliver(record: Record, root: Root, context: Context) -> None:
    """Put the report of an ended drop where its sender finds it, and note that this was seen to."""
    if root.settings.results:
        try:
            files = contents(record, context.folders.envelope(record))
            put_results(root.path, files, instead_of=_skipped_rows_of(record))
        except OSError as error:
            logger.bind(root=record.root, epoch=record.epoch).warning(
                "the report could not be put into results/: {error}", error=summary(error), event="results-failed"
            )
    reach("deliver.written")
    context.journal.note(record, delivered=True)
    reach("deliver.journaled")


def contents(record: Record, envelope: Path) -> dict[str, bytes | Path]:
    """The files for the sender, by name: the report with a first line that says what became of the drop.

    Beside it the lists of the rows that were left out, as the files that hold them.
    """
    headline = _headline(record)
    text = _read(envelope / REPORT_FILES["text"])
    page = _read(envelope / REPORT_FILES["html"])
    lists = envelope.glob(f"{SKIPPED_PREFIX}*")
    begins = _skipped_rows_of(record)
    files: dict[str, bytes | Path] = {f"{begins}{path.name.removeprefix(SKIPPED_PREFIX)}": path for path in lists}
    files |= {f"{record.epoch}.txt": "\n\n".join(part for part in (headline, text) if part).encode()}
    if page:
        note = f"<body><p><strong>{html.escape(headline)}</strong></p>" if headline else "<body>"
        files[f"{record.epoch}.html"] = page.replace("<body>", note, 1).encode()
    return files


def _skipped_rows_of(record: Record) -> str:
    """What the names begin with, in `results/`, of the lists of rows that were left out of a drop."""
    return f"{record.epoch}.{SKIPPED_PREFIX}"


def _headline(record: Record) -> str:
    """What the report itself can't know, because it was decided after the files were judged."""
    match record.state:
        case State.HELD:
            return f"This drop is on hold: {record.reason}. A person on the receiving side decides."
        case State.REJECTED if not record.errors:
            return f"This drop was not loaded: {record.reason}."
        case State.FAILED:
            return (
                "This drop could not be processed, for a reason on the receiving side. "
                "There is nothing for you to do: the files are kept, and somebody there has been told."
            )
        case _:
            return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
