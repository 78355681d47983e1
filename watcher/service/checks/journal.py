"""The journal: there, sound, writable; and what it says of originals that could not be removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from watcher.errors import JournalError
from watcher.service.checks.result import MAKE_ROOM, Result, ok, problem, warning
from watcher.service.checks.site import Site
from watcher.text import printable

_MOST_SOURCES = 20
#: As SQLite ("database or disk is full") and PostgreSQL ("No space left on device", "disk full") say it.
_FULL = re.compile("disk is full|disk full|no space left|quota", re.IGNORECASE)


def check_journal(site: Site) -> Iterator[Result]:
    """That it can be opened, is sound, and can be written; nothing is left in it."""
    from watcher.journal.checking import check_journal as try_journal  # noqa: PLC0415 (a heavy import)

    url = site.settings.journal
    if _is_not_there_yet(url):
        yield ok("journal", "is not there yet; the service makes it at its first start")
        return
    try:
        version = try_journal(url)
    except JournalError as error:
        text = printable(str(error), 500)
        usual = "without its journal the service takes no drop: mend the database, or bring back the last copy"
        yield problem("journal", text, MAKE_ROOM if _FULL.search(text) else usual)
    else:
        yield ok("journal", f"version {version}, sound, can be written")


def _is_not_there_yet(url: str) -> bool:
    parsed = make_url(url)
    return parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists()


def check_sources(site: Site) -> Iterator[Result]:
    """Originals that were taken as a copy and still lie in their root, where they take room and confuse people."""
    from watcher.journal import open_journal  # noqa: PLC0415 (a heavy import)

    try:
        with open_journal(site.settings.journal, read_only=True) as journal:
            left = journal.sources_left()
    except JournalError:
        return  # told by the check of the journal
    for record in left[:_MOST_SOURCES]:
        text = f"{record.epoch} was taken as a copy; its original can't be removed by us"
        yield warning("source-left", text, "remove it by hand, and mend the folder's mode", root=record.root)
    if len(left) > _MOST_SOURCES:
        rest = len(left) - _MOST_SOURCES
        yield warning("source-left", f"{rest:,} more originals can't be removed", "`status -v` lists them all")
