"""Plans for the loose files of a root: when they are gathered into an epoch, and what they wait for.

Of several files of one kind (one name in the epoch) the newest is gathered: by the date in its name, then by its time
of change, then by its name. The older ones are taken out of the root before it, in gathers of their own that are kept
and not looked into. Where each counts (changes), each is gathered for a drop like any other, and makes no whole list
beside it outdated: of a list, changes and a newer list, all but the first list are taken, the oldest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from watcher.model.actions import Gather, WaitFor, Waiting
from watcher.model.deliveries import stamp_order
from watcher.model.facts import TEST_FILE_BYTES, LooseFacts
from watcher.model.names import safe_name
from watcher.model.records import DropKind
from watcher.model.states import State
from watcher.service.situation import Situation

#: Gathers of older files in one look, so that a root in which they piled up lets others have a turn.
OLDER_PER_LOOK = 10


@dataclass(frozen=True, slots=True)
class _Pile:
    """All files of one kind, newest first, and the one whose place none of them took: None where each counts."""

    files: tuple[LooseFacts, ...]
    whole: LooseFacts | None

    def is_outdated(self, item: LooseFacts) -> bool:
        """Whether a newer one took the place of this one of them."""
        return not item.each and item is not self.whole


def steps(at: Situation) -> Iterator[Gather | Waiting]:
    """One gather of all that have settled, with those of what is older before it, or the reason why each waits."""
    if at.facts.problem:
        return
    taken = {entry.signature for record in at.records.left for entry in record.source.entries}
    files = tuple(i for i in at.facts.loose if i.target is not None and i.entry.signature not in taken)
    if not files or any(r.state is State.CLAIMING and r.kind is DropKind.GATHERED for r in at.records.open):
        return
    needed = {item for pile in _piles(files).values() for item in pile.files if not pile.is_outdated(item)}
    waits = {item: wait for item in files if (wait := _loose_wait(at, item, is_needed=item in needed)) is not None}
    files = tuple(item for item in files if item not in waits)
    yield from waits.values()
    # One file that never comes to rest must not keep the others for ever.
    if waits and not any(item.still.seconds >= at.policy.gather_timeout_seconds for item in files):
        return
    yield from _gathers(at, _piles(files))


def _loose_wait(at: Situation, item: LooseFacts, *, is_needed: bool) -> Waiting | None:
    """Why it waits. What a newer file takes the place of must stand still, and need not be whole."""
    subject = safe_name(item.entry.name)
    return (
        at.still_wait(subject, item.still.seconds, at.policy.gather_settle_seconds)
        or at.writer_wait(subject, item.still)
        or (_end_wait(at, subject, item) if is_needed else None)
    )


def _end_wait(at: Situation, subject: str, item: LooseFacts) -> Waiting | None:
    """A zip is read from its end: one without it is of no use, and may still be growing behind a pause."""
    left = at.policy.gather_timeout_seconds - item.still.seconds
    if not item.lacks_end or left <= 0:
        return None
    reason = f"the zip's end is not there yet; it is taken as it is {_at(at, left)}"
    return Waiting(subject, WaitFor.UPLOAD, reason, left)


def _piles(files: Sequence[LooseFacts]) -> dict[str, _Pile]:
    """The files by their name in the epoch."""
    kinds: dict[str, list[LooseFacts]] = {}
    for item in sorted(files, key=_age, reverse=True):
        kinds.setdefault(str(item.target), []).append(item)
    return {
        name: _Pile(tuple(kind), next((item for item in kind if not item.each), None)) for name, kind in kinds.items()
    }


def _age(item: LooseFacts) -> tuple[bool, tuple[str, int], int, str]:
    """What files of one kind are ordered by; a connection test under the name of a file is never the newest."""
    entry = item.entry
    return entry.size_bytes > TEST_FILE_BYTES, stamp_order(item.stamp), entry.mtime_ns, entry.name


def _gathers(at: Situation, piles: dict[str, _Pile]) -> Iterator[Gather | Waiting]:
    newest = _in_order([pile.files[0] for pile in piles.values()])
    missing = at.policy.missing({item.target for item in newest if item.target is not None})
    waited = min((item.still.seconds for item in newest), default=0.0)
    left = at.policy.gather_timeout_seconds - waited
    if missing and left > 0:
        subject = ", ".join(safe_name(item.entry.name) for item in newest)
        reason = f"waits for {', '.join(missing)}, which belongs with it, and goes on without {_at(at, left)}"
        yield Waiting(subject, WaitFor.FILES, reason, left)
        return
    # What the dataset requires is missed by the validation itself, and that is a reason to reject.
    missing = tuple(name for name in missing if name in at.policy.expect)
    before = list(islice(_before(piles), OLDER_PER_LOOK + 1))
    yield from before[:OLDER_PER_LOOK]
    if newest and len(before) <= OLDER_PER_LOOK:
        yield Gather(newest, missing, older=_older(newest, piles))


def _before(piles: dict[str, _Pile]) -> Iterator[Gather]:
    """What is older than the newest, oldest first, in drops as there would have been, taken in time."""
    deepest = max((len(pile.files) for pile in piles.values()), default=0)
    for depth in range(deepest - 1, 0, -1):
        layer = [(pile, pile.files[depth]) for pile in piles.values() if len(pile.files) > depth]
        outdated = [(pile, item) for pile, item in layer if pile.is_outdated(item)]
        if outdated:
            newer = sorted(pile.whole.entry.name for pile, _ in outdated if pile.whole is not None)
            yield Gather(_in_order([item for _, item in outdated]), newer=tuple(newer))
        if counting := [item for pile, item in layer if not pile.is_outdated(item)]:
            yield Gather(_in_order(counting), older=_older(counting, piles))


def _older(items: Sequence[LooseFacts], piles: dict[str, _Pile]) -> dict[str, int]:
    """How many older ones these took the place of, by the name in the epoch."""
    whole = {str(item.target): piles[str(item.target)] for item in items if not item.each}
    counts = {name: sum(map(pile.is_outdated, pile.files)) for name, pile in whole.items()}
    return {name: count for name, count in counts.items() if count}


def _in_order(items: Sequence[LooseFacts]) -> tuple[LooseFacts, ...]:
    """These in the order in which the root has them."""
    return tuple(sorted(items, key=lambda item: item.entry.name))


def _at(at: Situation, seconds: float) -> str:
    """`at 03:10:00`, in the zone in which times are shown."""
    return f"at {at.now + timedelta(seconds=seconds):%H:%M:%S}"
