"""Begins a worker's task when it is the root's turn, and counts it in the journal before it begins."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from watcher.failpoints import reach
from watcher.model.records import Record, Step
from watcher.service.context import Context
from watcher.service.intakefindings import arrival_of
from watcher.service.lane import Lane, Work
from watcher.service.rosters import RosterDrop, RosterSource
from watcher.service.tasks import LoadTask, ValidateTask, load_drop, validate_drop


def begin_validation(record: Record, lane: Lane, context: Context) -> None:
    """Have a worker judge the drop; nothing begins while none is free. Raises JournalError."""
    settings = context.settings
    task = ValidateTask(
        envelope=context.folders.envelope(record),
        root=record.root,
        epoch=record.epoch,
        dataset=lane.root.settings.dataset,
        schema_dirs=settings.schema_dirs,
        max_bytes=round(lane.root.settings.max_drop_gb * 1e9),
        workers=settings.workers,
        roster=_roster(lane.root.roster, context),
        arrival=arrival_of(record),
    )
    seconds = settings.validate_timeout_seconds
    submit = partial(context.workers.submit, validate_drop, task, seconds)
    _begin(record, lane, context, Step.VALIDATE, submit=submit)


def _roster(source: RosterSource | None, context: Context) -> RosterDrop | None:
    """The last loaded drop of the root with the students. Raises JournalError."""
    if source is None:
        return None
    (status,) = context.journal.latest((source.root,))
    record = status.newest_loaded
    return RosterDrop(source) if record is None else RosterDrop(source, record.epoch, context.folders.envelope(record))


def begin_load(record: Record, loader_name: str, lane: Lane, context: Context) -> None:
    """Have a worker hand the drop to a loader, likewise."""
    settings = context.settings
    loader = settings.loaders.get(loader_name)
    if loader is None:
        return  # a reload took it away; the next discovery of roots tells the planner
    task = LoadTask(
        envelope=context.folders.envelope(record),
        dataset=lane.root.settings.dataset,
        schema_dirs=settings.schema_dirs,
        loader=loader.name,
        type=loader.type,
        options=dict(loader.options),
    )
    seconds = settings.load_timeout_seconds
    _begin(
        record, lane, context, Step.LOAD, loader_name, submit=lambda: context.workers.submit(load_drop, task, seconds)
    )


def _begin(
    record: Record,
    lane: Lane,
    context: Context,
    step: Step,
    loader: str | None = None,
    *,
    submit: Callable[[], Future[Any]],
) -> None:
    turns = context.turns
    if not turns.take(record.root):
        return
    try:
        attempt = context.journal.begin_attempt(record, step, loader, at=context.clock.utc())
        reach(f"{step}.attempt-counted")
        future = submit()
    except BaseException:
        turns.give_back()
        raise
    lane.work = Work(record, attempt, future)
    future.add_done_callback(lambda _: turns.give_back())
