"""Plans for the reports that their senders have not got yet: which are delivered now, and why the others wait.

A report that could not be put into `results/` is tried again later, after longer and longer waits; at once where what
kept it out was a matter of the folder's name or rights, and these have changed. What kept it out is a notice of the
journal, whose identity is made here.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from dataclasses import replace

from watcher.model.actions import Deliver, WaitFor, Waiting
from watcher.model.records import Notice, Record
from watcher.model.states import State
from watcher.service.situation import Situation

#: The kind of the notice of a report that could not be delivered; its subject is the drop's folder name.
RESULTS_FAILED = "results-failed"
_REPORTED = frozenset({State.LOADED, State.REJECTED, State.HELD, State.FAILED})
#: What the root's owner can mend, and what nothing else mends.
_OF_THE_ROOT = frozenset(
    {errno.ENOTDIR, errno.ELOOP, errno.EEXIST, errno.EISDIR, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG}
)


def awaits_its_report(record: Record) -> bool:
    """Whether the drop has ended, lies in its place, and its sender was not told yet."""
    return record.state in _REPORTED and not record.delivered and not record.is_misplaced


def step(at: Situation, record: Record) -> Deliver | Waiting:
    """What to do about the report of a drop that awaits it."""
    if at.facts.problem:
        return Waiting(record.epoch, WaitFor.ACCESS, "the report is ready, the root is unavailable")
    trouble = at.records.report_troubles.get(record.folder_name)
    wait = at.retry_wait(record, WaitFor.RETRY)
    if wait is None or trouble is None or not _may_stand(trouble, at.facts.way_to_results):
        return Deliver(record)
    return replace(wait, reason=f"{trouble.text}; next try at {at.shown(record.retry_at)}")


def notices(at: Situation) -> Iterator[Notice]:
    """What keeps reports from their senders; it stays said until they are delivered."""
    for record in at.records.open:
        trouble = at.records.report_troubles.get(record.folder_name)
        if trouble is not None and awaits_its_report(record):
            yield trouble


def identity_of(code: int, way: str) -> str:
    """The identity of the notice of such trouble: the errno, and where it is the root's, what the way was like."""
    return f"{code}:{way}" if code in _OF_THE_ROOT else f"{code}:"


def troubles(said: Iterable[Notice]) -> dict[str, Notice]:
    """What keeps each report from its sender, by the drop's folder name; of several what was said last."""
    return {notice.subject: notice for notice in said if notice.kind == RESULTS_FAILED}


def _may_stand(trouble: Notice, way: str) -> bool:
    _, _, before = trouble.identity.partition(":")
    return not before or before == way
