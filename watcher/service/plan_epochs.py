"""Plans for the epochs that lie in a root: which are claimed now, and why the others wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from watcher.model.actions import Claim, WaitFor, Waiting
from watcher.model.facts import EpochFacts
from watcher.model.names import MARKER, is_near_marker, is_temporary_name, is_uploading_name, safe_name
from watcher.model.states import State
from watcher.service.situation import Situation
from watcher.text import quoted

#: Claims in one look, so that a root with hundreds of epochs lets others have a turn.
CLAIMS_PER_LOOK = 10

_ABOUT_TO_SETTLE = frozenset({WaitFor.SETTLE, WaitFor.UPLOAD, WaitFor.FILES, WaitFor.WRITER, WaitFor.TURN})


def steps(at: Situation) -> Iterator[Claim | Waiting]:
    """Each epoch is claimed or waits, in the order of their names."""
    if at.facts.problem:
        yield Waiting(at.facts.root, WaitFor.ACCESS, f"the root is unavailable: {at.facts.problem}")
        return
    claiming = {record.epoch for record in at.records.open if record.state is State.CLAIMING}
    claims = 0
    earlier: str | None = None
    for epoch in sorted(at.facts.epochs, key=lambda item: item.name):
        if epoch.name in claiming or at.is_taken_epoch(epoch):
            continue
        wait = _epoch_wait(at, epoch)
        if wait is None and earlier is not None:
            wait = Waiting(epoch.name, WaitFor.TURN, f"waits for {earlier}, which is complete and comes first", 1.0)
        if wait is None and claims >= CLAIMS_PER_LOOK:
            wait = Waiting(epoch.name, WaitFor.TURN, "waits for the epochs before it to be claimed", 0.0)
        if wait is not None:
            if wait.waits_for in _ABOUT_TO_SETTLE and not at.is_stale(epoch):
                earlier = earlier or epoch.name
            yield wait
            continue
        claims += 1
        yield Claim(epoch)


def _epoch_wait(at: Situation, epoch: EpochFacts) -> Waiting | None:
    if epoch.problem:
        return Waiting(epoch.name, WaitFor.ACCESS, epoch.problem, at.policy.rescan_seconds)
    if not epoch.has_marker:
        return _marker_wait(at, epoch)
    return (
        at.still_wait(epoch.name, epoch.still.seconds, at.policy.settle_seconds)
        or _upload_wait(at, epoch)
        or _files_wait(at, epoch)
        or at.writer_wait(epoch.name, epoch.still)
    )


def _marker_wait(at: Situation, epoch: EpochFacts) -> Waiting:
    changed = datetime.fromtimestamp(epoch.changed_ns / 1e9, tz=at.now.tzinfo)
    near = sorted(safe_name(name) for name in epoch.names if is_near_marker(name))
    hint = f" (found {quoted(near[0])}: the name is {MARKER}, in capitals, without an ending)" if near else ""
    reason = f"waiting for {MARKER} since {changed:%Y-%m-%d %H:%M:%S}{hint}"
    # A fresh upload is looked at often, an abandoned one hardly ever.
    seconds = min(max(at.seconds_since(epoch.changed_ns) / 4, 1.0), at.policy.rescan_seconds)
    return Waiting(epoch.name, WaitFor.MARKER, reason, seconds)


def _upload_wait(at: Situation, epoch: EpochFacts) -> Waiting | None:
    uploading = sorted(safe_name(name) for name in epoch.names if is_uploading_name(name))
    needed = max(at.policy.gather_settle_seconds, at.policy.settle_seconds)
    if not uploading or epoch.still.seconds >= needed:
        return None
    reason = f"{uploading[0]} is still being uploaded under a temporary name"
    return Waiting(epoch.name, WaitFor.UPLOAD, reason, needed - epoch.still.seconds)


def _files_wait(at: Situation, epoch: EpochFacts) -> Waiting | None:
    """COMPLETE is not last in every upload: a drop that lacks what belongs in it gets a little longer."""
    missing = at.policy.missing(epoch.names)
    if not missing and not any(name != MARKER and not is_temporary_name(name) for name in epoch.names):
        missing = ("any data file",)
    needed = max(at.policy.gather_settle_seconds, at.policy.settle_seconds)
    if not missing or epoch.still.seconds >= needed:
        return None
    reason = f"{MARKER} is there but not yet {', '.join(missing)}"
    return Waiting(epoch.name, WaitFor.FILES, reason, needed - epoch.still.seconds)
