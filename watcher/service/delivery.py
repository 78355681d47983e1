"""Gives the sender the report of his drop: a copy in `results/` of his root.

It is a courtesy, so it holds nothing else up; and it is tried again until it is done. Where the root does not let us,
that is said once in the log, and is a notice until the report is there.
"""

from __future__ import annotations

import html
import os
import stat
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from watcher import fsops
from watcher.failpoints import reach
from watcher.intake.results import put_results, way_to_results
from watcher.logs import summary
from watcher.model.names import RESULTS_FOLDER, safe_name
from watcher.model.records import Notice, Record
from watcher.model.states import State
from watcher.service import plan_reports
from watcher.service.context import Context
from watcher.service.droplog import log_of
from watcher.service.reportfiles import REPORT_FILES, SKIPPED_PREFIX
from watcher.service.roots import Root

#: Between two tries of one report: as long as its sender has waited for it already, within these bounds.
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
#: A root that lets no report in for so long has nobody who reads them.
_GIVEN_UP_AFTER = timedelta(days=30)


def deliver(record: Record, root: Root, context: Context) -> bool:
    """Put the report of an ended drop where its sender finds it; whether there is more to plan: a wait, a notice gone.

    Trouble with it is journaled, with the time of the next try. Raises JournalError.
    """
    if root.settings.results:
        try:
            files = contents(record, context.folders.envelope(record))
            put_results(root.path, files, instead_of=_skipped_rows_of(record))
        except OSError as error:
            _put_off(record, root, error, context)
            return True
    reach("deliver.written")
    context.journal.note(record, delivered=True, retry_at=None)
    reach("deliver.journaled")
    return record.retry_at is not None


def hurry(records: Iterable[Record], context: Context) -> bool:
    """Have the reports that wait for a later try tried at once. Whether there were any."""
    waiting = [r for r in records if plan_reports.awaits_its_report(r) and r.retry_at is not None]
    for record in waiting:
        context.journal.note(record, retry_at=context.clock.utc())
    return bool(waiting)


def _put_off(record: Record, root: Root, error: OSError, context: Context) -> None:
    """Note what kept the report out and when it is tried again; after a month nobody waits for it any more."""
    now, log = context.clock.utc(), log_of(record)
    waited = max(now - record.since, timedelta(0))
    if record.retry_at is not None and waited >= _GIVEN_UP_AFTER:
        context.journal.note(record, delivered=True, retry_at=None)
        log.warning("the report is not delivered any more: {error}", error=summary(error), event="results-given-up")
        return
    way, what = _obstacle(root, error)
    text = f"the report could not be put into {RESULTS_FOLDER}/: {what}"
    identity = plan_reports.identity_of(error.errno or 0, way)
    # First, so that a time for the next try never stands without its reason.
    is_news = context.journal.add_notice(
        Notice(record.root, plan_reports.RESULTS_FAILED, record.folder_name, identity, text), now
    )
    context.journal.note(record, retry_at=_next_try(now, waited))
    if is_news:
        log.warning("{text}; it is tried again", text=text, event=plan_reports.RESULTS_FAILED)


def _next_try(now: datetime, waited: timedelta) -> datetime:
    return now + min(max(waited, _SHORTEST_WAIT), _LONGEST_WAIT)


def _obstacle(root: Root, error: OSError) -> tuple[str, str]:
    """What the way to `results/` is like, and what stands in it, in words."""
    try:
        with fsops.open_root(root.path) as fd:
            return way_to_results(fd), _in_the_way(fd) or _told(error)
    except OSError:
        return "", _told(error)


def _told(error: OSError) -> str:
    """`Is a directory: 20260901-020000.txt`."""
    path = error.filename2 or error.filename
    name = os.path.basename(path) if isinstance(path, str) else ""
    where = f": {safe_name(name)}" if name not in ("", RESULTS_FOLDER) else ""
    return f"{error.strerror or type(error).__name__}{where}"


def _in_the_way(root: int) -> str:
    try:
        mode = os.stat(RESULTS_FOLDER, follow_symlinks=False, dir_fd=root).st_mode
    except FileNotFoundError:
        return ""
    if stat.S_ISDIR(mode):
        return ""
    return f"a {'link' if stat.S_ISLNK(mode) else 'file'} has that name, which is the sender's to remove"


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
