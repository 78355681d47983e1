"""Trouble of our own that a look meets on disk: a line in the log, a notice for `explain` and `status`, a wait."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from loguru import logger

from watcher.errors import JournalError
from watcher.logs import summary
from watcher.model.actions import Action
from watcher.model.facts import EpochFacts
from watcher.model.records import Notice, Record
from watcher.service.context import Context
from watcher.service.lane import Lane

#: The kind of the notice of what the last look met.
KIND = "trouble"
#: A full disk is tried again soon at first, later seldom: each try is a line in the log.
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 5.0, 300.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """An action that could not be done, and why."""

    action: Action
    error: OSError

    @property
    def epoch(self) -> str:
        """The name of the drop that it is about, or nothing."""
        record, epoch = getattr(self.action, "record", None), getattr(self.action, "epoch", None)
        if isinstance(record, Record):
            return record.epoch
        return epoch.name if isinstance(epoch, EpochFacts) else ""

    @property
    def text(self) -> str:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self.action).__name__).lower()
        return f"could not {words}: {summary(self.error)}"


def say(met: Trouble, lane: Lane) -> None:
    """Log it."""
    log = logger.bind(root=lane.root.id)
    if met.epoch:
        log = log.bind(epoch=met.epoch)
    log.error("{text}; tried again in {seconds:g} s", text=met.text, seconds=_wait(lane), event="action-failed")


def put_off(met: Trouble, lane: Lane, context: Context) -> float:
    """The seconds until the next look; the notice takes the place of the one before."""
    wait, now = _wait(lane), context.clock.local()
    then = now + timedelta(seconds=wait)
    text = f"at the last try, {now:%Y-%m-%d %H:%M:%S}: {met.text}; next try at {then:%Y-%m-%d %H:%M:%S}"
    lane.troubles += 1
    before, lane.trouble = lane.trouble, Notice(lane.root.id, KIND, met.epoch or lane.root.id, now.isoformat(), text)
    # On a full disk there may be no room for it either; the log has it.
    with suppress(JournalError):
        if before is not None:
            context.journal.drop_notices(lane.root.id, {before.key})
        context.journal.add_notice(lane.trouble, context.clock.utc())
    return wait


def _wait(lane: Lane) -> float:
    return min(_FIRST_WAIT_SECONDS * 2.0 ** min(lane.troubles, 10), _LONGEST_WAIT_SECONDS)
