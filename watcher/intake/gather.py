"""Names the epoch that is made of loose files."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

_FORM = "%Y%m%d-%H%M%S"
#: A newest epoch that is further ahead than this is somebody's wrong clock, not ours; it is not stepped past.
_MOST_AHEAD = timedelta(days=2)


def latest_sensible_name(now: datetime) -> str:
    """The greatest epoch name that is not somebody's wrong clock."""
    return (now.replace(tzinfo=None) + _MOST_AHEAD).strftime(_FORM)


def new_epoch_name(now: datetime, newest: str | None, taken: AbstractSet[str]) -> str:
    """The name of an epoch gathered now: the local time, moved on by seconds until it is new and the newest.

    `newest` is the root's newest known epoch: where clocks are put back (daylight saving), two gatherings would else
    come out in the wrong order. `taken` are names that stand in the root.
    """
    moment = now.replace(microsecond=0, tzinfo=None)
    if newest is not None:
        moment = max(moment, _just_after(newest, moment))
    while moment.strftime(_FORM) in taken:
        moment += timedelta(seconds=1)
    return moment.strftime(_FORM)


def _just_after(newest: str, moment: datetime) -> datetime:
    try:
        after = datetime.strptime(newest, _FORM) + timedelta(seconds=1)  # noqa: DTZ007 (names have no zone)
    except (ValueError, OverflowError):
        return moment
    return after if after - moment <= _MOST_AHEAD else moment
