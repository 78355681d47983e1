"""The names of epochs that are made of loose files: always new, always the newest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.intake.gather import new_epoch_name
from watcher.model.names import has_possible_time, is_epoch_name

NOW = datetime(2026, 9, 1, 2, 10, 5, 999_999, tzinfo=UTC)
NOTHING: frozenset[str] = frozenset()


def test_new_epoch_name_is_the_local_time_in_whole_seconds() -> None:
    assert new_epoch_name(NOW, None, NOTHING) == "20260901-021005"
    assert new_epoch_name(NOW.astimezone(ZoneInfo("America/Chicago")), None, NOTHING) == "20260831-211005"


@pytest.mark.parametrize(
    ("newest", "name"),
    [
        (None, "20260901-021005"),
        ("20260901-021004", "20260901-021005"),
        ("20260901-021005", "20260901-021006"),  # two gatherings within one second
        ("20260901-021059", "20260901-021100"),
        ("20260901-031004", "20260901-031005"),
        ("20260903-021000", "20260903-021001"),  # nearly two days ahead: stepped past
        ("20260903-021006", "20260901-021005"),  # further: somebody's wrong clock
        ("99991231-235959", "20260901-021005"),  # no moment comes after it
        ("20260230-000000", "20260901-021005"),  # no moment at all
        ("00000000-000000", "20260901-021005"),
    ],
)
def test_new_epoch_name_comes_after_the_newest(newest: str | None, name: str) -> None:
    assert new_epoch_name(NOW, newest, NOTHING) == name


def test_new_epoch_name_passes_by_names_that_stand_in_the_root() -> None:
    taken = frozenset({"20260901-021005", "20260901-021006", "20260901-021008"})
    assert new_epoch_name(NOW, None, taken) == "20260901-021007"
    assert new_epoch_name(NOW, "20260901-021007", taken) == "20260901-021009"


def test_new_epoch_name_keeps_the_order_when_clocks_are_put_back() -> None:
    """1 November 2026, 01:30 comes twice in Chicago; the second must not come out as the earlier drop."""
    zone = ZoneInfo("America/Chicago")
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC).astimezone(zone)
    second = first.astimezone(UTC) + timedelta(minutes=45)
    one = new_epoch_name(first, None, NOTHING)
    two = new_epoch_name(second.astimezone(zone), one, NOTHING)
    assert (one, two) == ("20261101-013000", "20261101-013001")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 (bounds have no zone)
    st.lists(st.integers(-5, 5), max_size=20),
)
def test_new_epoch_name_twenty_gatherings_come_out_in_their_order(start: datetime, steps: list[int]) -> None:
    """Whatever the clock does within seconds, each gathering is newer than the one before."""
    newest, now, names = None, start.replace(tzinfo=UTC), []
    for step in steps:
        now += timedelta(seconds=step)
        newest = new_epoch_name(now, newest, NOTHING)
        names.append(newest)
    assert names == sorted(set(names))
    assert all(is_epoch_name(name) and has_possible_time(name) for name in names)
