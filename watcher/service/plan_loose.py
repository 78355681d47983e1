"""Plans for the loose files of a root: when they are gathered into an epoch, and what they wait for."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.model.actions import Gather, WaitFor, Waiting
from watcher.model.facts import LooseFacts
from watcher.model.names import safe_name
from watcher.model.records import DropKind
from watcher.model.states import State
from watcher.service.situation import Situation


def steps(at: Situation) -> Iterator[Gather | Waiting]:
    """One gather of all that have settled, or the reason why each waits."""
    if at.facts.problem:
        return
    taken = {entry.signature for record in at.records.left for entry in record.source.entries}
    files = tuple(i for i in at.facts.loose if i.target is not None and i.entry.signature not in taken)
    if not files or any(r.state is State.CLAIMING and r.kind is DropKind.GATHERED for r in at.records.open):
        return
    waits = {item: wait for item in files if (wait := _loose_wait(at, item)) is not None}
    files = tuple(item for item in files if item not in waits)
    yield from waits.values()
    # One file that never comes to rest must not keep the others for ever.
    if waits and not any(item.still.seconds >= at.policy.gather_timeout_seconds for item in files):
        return
    missing = tuple(name for name in at.policy.expect if name not in {item.target for item in files})
    waited = min(item.still.seconds for item in files)
    if missing and waited < at.policy.gather_timeout_seconds:
        subject = ", ".join(safe_name(item.entry.name) for item in files)
        reason = f"waits for {', '.join(missing)}, which belongs with it"
        yield Waiting(subject, WaitFor.FILES, reason, at.policy.gather_timeout_seconds - waited)
        return
    yield Gather(files, missing)


def _loose_wait(at: Situation, item: LooseFacts) -> Waiting | None:
    subject = safe_name(item.entry.name)
    needed = at.policy.gather_settle_seconds
    return at.still_wait(subject, item.still.seconds, needed) or at.writer_wait(subject, item.still)
