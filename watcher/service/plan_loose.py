"""Plans for the loose files of a root: when they are gathered into an epoch, and what they wait for.

Of several files of one kind the newest is gathered (`watcher.service.piles` says which that is). The older ones are
taken out of the root before it, in gathers of their own that are kept and not looked into. Where each counts (changes),
each is gathered for a drop like any other, and makes no whole list beside it outdated: of a list, changes and a newer
list, all but the first list are taken, the oldest first.

A file that belongs with the others and is of an earlier day than the newest of them has not come yet: what is there is
yesterday's. When the time is over it is taken all the same, and the report tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice

from watcher.model.actions import Gather, WaitFor, Waiting
from watcher.model.facts import LooseFacts
from watcher.model.names import safe_name
from watcher.service.piles import Pile, behind, latest_day, mixed, piles_of
from watcher.service.situation import Situation

#: Gathers of older files in one look, so that a root in which they piled up lets others have a turn.
OLDER_PER_LOOK = 10


def steps(at: Situation) -> Iterator[Gather | Waiting]:
    """One gather of all that have settled, with those of what is older before it, or the reason why each waits."""
    if at.facts.problem:
        return
    files = at.files_to_gather()
    if not files or files == at.named_tests():
        return
    needed = {item for pile in _piles(at, files).values() for item in pile.files if not pile.is_outdated(item)}
    waits = {item: wait for item in files if (wait := _loose_wait(at, item, is_needed=item in needed)) is not None}
    files = tuple(item for item in files if item not in waits)
    yield from waits.values()
    # One file that never comes to rest must not keep the others for ever.
    if waits and not any(item.still.seconds >= at.policy.gather_timeout_seconds for item in files):
        return
    yield from _gathers(at, _piles(at, files))


def _piles(at: Situation, files: Sequence[LooseFacts]) -> dict[str, Pile]:
    return piles_of(files, at.now.tzinfo)


def _loose_wait(at: Situation, item: LooseFacts, *, is_needed: bool) -> Waiting | None:
    """Why it waits. What a newer file takes the place of must stand still, and need not be whole."""
    return at.rest_wait(item) or (_end_wait(at, item) if is_needed else None)


def _end_wait(at: Situation, item: LooseFacts) -> Waiting | None:
    """A zip is read from its end: one without it is of no use, and may still be growing behind a pause."""
    left = at.policy.gather_timeout_seconds - item.still.seconds
    if not item.lacks_end or left <= 0:
        return None
    reason = f"the zip's end is not there yet; it is taken as it is {_at(at, left)}"
    return Waiting(safe_name(item.entry.name), WaitFor.UPLOAD, reason, left)


def _gathers(at: Situation, piles: Mapping[str, Pile]) -> Iterator[Gather | Waiting]:
    newest = _in_order([pile.files[0] for pile in piles.values()])
    waited = min((item.still.seconds for item in newest), default=0.0)
    left = at.policy.gather_timeout_seconds - waited
    reason = _why_not_all(at, newest, left)
    if reason and left > 0:
        subject = ", ".join(safe_name(item.entry.name) for item in newest)
        yield Waiting(subject, WaitFor.FILES, reason, left)
        return
    before = list(islice(_before(piles), OLDER_PER_LOOK + 1))
    yield from before[:OLDER_PER_LOOK]
    if newest and len(before) <= OLDER_PER_LOOK:
        # What the dataset requires is missed by the validation itself, and that is a reason to reject.
        missing = tuple(name for name in at.policy.missing(_targets(newest)) if name in at.policy.expect)
        yield Gather(newest, missing, older=_older(newest, piles), mixed=mixed(newest))


def _why_not_all(at: Situation, newest: Sequence[LooseFacts], left: float) -> str:
    """What is waited for: files that did not come at all, and those of which only an earlier day's did."""
    day = latest_day(newest)
    here, old = _targets(newest), _targets(item for item in behind(newest, day) if item.target in at.policy.awaited)
    missing = at.policy.missing(here - old)
    if not missing:
        return ""
    names = ", ".join(f"{name} of {day}" if name in old else name for name in missing)
    return f"waits for {names}, which belongs with it, and goes on {_without(missing, old)} {_at(at, left)}"


def _without(missing: Iterable[str], old: frozenset[str]) -> str:
    if old.issuperset(missing):
        return "with that of an earlier day"
    return "with what is there" if old.intersection(missing) else "without"


def _targets(items: Iterable[LooseFacts]) -> frozenset[str]:
    return frozenset(str(item.target) for item in items)


def _before(piles: Mapping[str, Pile]) -> Iterator[Gather]:
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


def _older(items: Sequence[LooseFacts], piles: Mapping[str, Pile]) -> dict[str, int]:
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
