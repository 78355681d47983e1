"""What is remembered: records, attempts, notices, requests; SQLite by default, PostgreSQL by URL.

Each question asked of the journal is one named function that returns values, never rows. What a record means is
decided by the planner, not here; the journal only refuses steps that the transition table does not know.
"""

from __future__ import annotations

from watcher.journal.errors import ForbiddenMove, NoSuchRecord, StaleRecord
from watcher.journal.journal import Journal
from watcher.journal.listings import RootStatus
from watcher.journal.opening import open_journal
from watcher.journal.records import Changes

__all__ = [
    "Changes",
    "ForbiddenMove",
    "Journal",
    "NoSuchRecord",
    "RootStatus",
    "StaleRecord",
    "open_journal",
]
