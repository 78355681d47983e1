"""Performs a plan's actions, one small function for each, and journals what came of it.

Each may be cut off at any point and planned again: what it did on disk it finds there, what it journaled the planner
sees. It returns whether it got somewhere, so that the look goes round once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from loguru import logger

from watcher import fsops
from watcher.failpoints import reach
from watcher.intake import claim
from watcher.intake.bring import Gone, NotYet
from watcher.intake.claim import Taken
from watcher.intake.envelope import discard_empty
from watcher.intake.gather import latest_sensible_name, new_epoch_name
from watcher.intake.original import is_same
from watcher.model.actions import (
    Action,
    Claim,
    Deliver,
    Fail,
    FileAway,
    Finish,
    ForgetNotices,
    ForgetSource,
    Gather,
    Hold,
    Load,
    Reject,
    RemoveTest,
    ResumeClaim,
    Supersede,
    Tell,
    Validate,
)
from watcher.model.facts import Entry, LooseFacts
from watcher.model.names import safe_name
from watcher.model.records import DropKind, Record, Source, SourceEntry
from watcher.model.states import State, folder_of
from watcher.service import delivery, heavy
from watcher.service.context import Context
from watcher.service.droplog import log_of
from watcher.service.lane import Lane
from watcher.text import counted, human_size, some_of

_CLAIM_RETRY_SECONDS = 5
#: Names of loose files that the log tells of one drop.
_NAMES_TOLD = 5
#: So many drops of the past are looked through for older files of a kind.
_OLDER_COUNTED = 1_000


def perform(action: Action, lane: Lane, context: Context) -> bool:
    """Do it; whether it got somewhere. Raises OSError for trouble of our own on disk, JournalError."""
    match action:
        case Claim():
            return _claim(action, lane, context)
        case Gather():
            return _gather(action, lane, context)
        case ResumeClaim():
            return _resume_claim(action.record, lane, context, settle_for_copy=action.settle_for_copy)
        case ForgetSource():
            context.journal.note(action.record, source_left=False)
            return False
        case Validate():
            heavy.begin_validation(action.record, lane, context)
            return False  # its end is told by a hint; until then another round would find nothing to do
        case Load():
            heavy.begin_load(action.record, action.loader, lane, context)
            return False
        case Finish():
            return _finish(action.record, context)
        case Hold():
            return _set_aside(action.record, State.HELD, action.reason, context)
        case Supersede():
            return _supersede(action, context)
        case Reject():
            return _set_aside(action.record, State.REJECTED, action.reason, context)
        case Fail():
            return _set_aside(action.record, State.FAILED, action.reason, context)
        case FileAway():
            return _file_away(action.record, context)
        case Deliver():
            return delivery.deliver(action.record, lane.root, context)
        case Tell():
            _tell(action, context)
            return False
        case ForgetNotices():
            context.journal.drop_notices(lane.root.id, action.gone)
            return False
        case RemoveTest():
            _remove_test(action.entry, lane)
            return False
        case _:
            assert_never(action)


# --- claims -----------------------------------------------------------------------------------------------------------


def _claim(action: Claim, lane: Lane, context: Context) -> bool:
    epoch = action.epoch
    source = Source(epoch.device, epoch.inode, tuple(_source_entry(entry, entry.name) for entry in epoch.entries))
    record = context.journal.intend(lane.root.id, epoch.name, DropKind.EPOCH, source)
    reach("claim.intended")
    return _resume_claim(record, lane, context)


def _gather(action: Gather, lane: Lane, context: Context) -> bool:
    past = context.journal.history(lane.root.id, _OLDER_COUNTED) if action.older else ()
    older = {name: max(count, _count_older(action, name, past)) for name, count in action.older.items()}
    entries = tuple(_gathered_entry(item, older) for item in action.files)
    here = frozenset(lane.sightings)
    now = context.clock.local()
    # The newest of all may be a wrong clock's; hidden behind it, gathers of one second would get one name.
    newest = context.journal.newest_epoch(lane.root.id, latest_sensible_name(now))
    name = new_epoch_name(now, newest, here)
    device = lane.identity[0] if lane.identity else 0
    source = Source(device, 0, entries, missing=action.missing, newer=action.newer, mixed=action.mixed)
    record = context.journal.intend(lane.root.id, name, DropKind.GATHERED, source)
    reach("gather.intended")
    return _resume_claim(record, lane, context)


def _count_older(action: Gather, target: str, past: Iterable[Record]) -> int:
    """How many older files of this kind were set aside for the one that is gathered now, by earlier looks, too.

    Of many that piled up a look takes out a few; what counts is what was taken since the last one that was not older.
    `past` are the root's records, newest first.
    """
    names = {item.entry.name for item in action.files if item.target == target}
    count = 0
    for record in past:
        own = [entry for entry in record.source.entries if entry.target == target]
        if own and not record.source.newer:
            break
        count += len(own) if names.intersection(record.source.newer) else 0
    return count


def _source_entry(entry: Entry, target: str) -> SourceEntry:
    return SourceEntry(entry.name, target, entry.inode, entry.size_bytes, entry.mtime_ns, entry.ctime_ns)


def _gathered_entry(item: LooseFacts, older: Mapping[str, int]) -> SourceEntry:
    target = item.target or item.entry.name
    return replace(_source_entry(item.entry, target), stamp=item.stamp, older=older.get(target, 0))


def _resume_claim(record: Record, lane: Lane, context: Context, *, settle_for_copy: bool = False) -> bool:
    envelope = context.folders.envelope(record)
    outcome = claim.take(record, lane.root.path, envelope, settle_for_copy=settle_for_copy)
    log = log_of(record)
    match outcome:
        case Taken():
            context.journal.move(
                record,
                State.CLAIMED,
                reason=outcome.how,
                at=context.clock.utc(),
                files=outcome.files,
                size_bytes=outcome.size_bytes,
                source_left=outcome.source_left,
                retry_at=None,
            )
            reach("claim.journaled")
            _say_taken(record, outcome)
            return True
        case NotYet():
            retry_at = context.clock.utc() + timedelta(seconds=_CLAIM_RETRY_SECONDS)
            context.journal.note(record, reason=outcome.reason, retry_at=retry_at)
            if outcome.reason != record.reason:
                log.info("the claim waits: {reason}", reason=outcome.reason, event="claim-waits")
            return True
        case Gone():
            context.journal.move(record, State.WITHDRAWN, reason=outcome.reason, at=context.clock.utc())
            discard_empty(envelope)
            log.info("not claimed: {reason}", reason=outcome.reason, event="claim-withdrawn")
            return True
        case _:
            assert_never(outcome)


def _say_taken(record: Record, taken: Taken) -> None:
    log = log_of(record)
    log.info(
        "claimed {files}, {size} ({how}){names}",
        files=counted(taken.files, "file"),
        size=human_size(taken.size_bytes),
        how=taken.how,
        names=f": {some_of(record.came_as, _NAMES_TOLD)}" if record.came_as else "",
        event="claimed",
    )
    if taken.source_left:
        log.warning("the sender's original could not be removed; it is remembered as taken", event="source-left")


# --- ends -------------------------------------------------------------------------------------------------------------


def _finish(record: Record, context: Context) -> bool:
    reason = f"loaded by {', '.join(record.loaded_by)}" if record.loaded_by else "no loader is configured"
    context.journal.move(record, State.LOADED, reason=reason, at=context.clock.utc(), retry_at=None)
    reach("finish.journaled")
    if not record.loaded_by:
        log_of(record).info("accepted; no loader is configured for this root", event="loaded")
    return True


def _set_aside(record: Record, state: State, reason: str, context: Context) -> bool:
    context.journal.move(record, state, reason=reason, at=context.clock.utc(), retry_at=None)
    level = "ERROR" if state is State.FAILED else "WARNING"
    log_of(record).log(level, "{state}: {reason}", state=state.value, reason=reason, event=state.value)
    return True


def _supersede(action: Supersede, context: Context) -> bool:
    record, reason = action.record, action.reason
    context.journal.move(record, State.SUPERSEDED, reason=reason, at=context.clock.utc(), retry_at=None)
    reach("supersede.journaled")
    log_of(record).info(
        "superseded, and kept as {folder}: {reason}",
        folder=f"{folder_of(State.SUPERSEDED)}/{record.root}/{record.folder_name}",
        reason=reason,
        event="superseded",
    )
    return True


def _file_away(record: Record, context: Context) -> bool:
    folder = folder_of(record.state)
    if not context.folders.file_away(record):
        log_of(record).error("its folder in {folder} is gone", folder=record.place.value, event="folder-gone")
    reach("file-away.moved")
    context.journal.note(record, place=folder)
    reach("file-away.journaled")
    return True


# --- what a person should know ----------------------------------------------------------------------------------------


def _tell(action: Tell, context: Context) -> None:
    notice = action.notice
    if context.journal.add_notice(notice, context.clock.utc()):
        level = "INFO" if notice.kind == "connection-test" else "WARNING"
        logger.bind(root=notice.root).log(
            level, "{subject}: {text}", subject=notice.subject, text=notice.text, event=notice.kind
        )


def _remove_test(entry: Entry, lane: Lane) -> None:
    with fsops.open_root(lane.root.path) as fd:
        # Meanwhile the real file may have come under its name.
        if is_same(entry, fd) and fsops.remove(entry.name, fd):
            name = safe_name(entry.name)
            logger.bind(root=lane.root.id).info(
                "removed the connection test {name}", name=name, event="connection-test-removed"
            )
