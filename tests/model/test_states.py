"""The transition table: what may follow what, and where a drop lies meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watcher.model.records import DropKind, Record, Source
from watcher.model.states import OPEN_STATES, TRANSITIONS, Folder, State, folder_of, may_follow

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def reachable(start: State) -> set[State]:
    found: set[State] = set()
    waiting = [start]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting.extend(TRANSITIONS[state])
    return found


def record(state: State, place: Folder, take: int = 1) -> Record:
    source = Source(1, 2, ())
    return Record(1, "lakeview", "20260901-020000", take, DropKind.EPOCH, state, NOW, NOW, place, source)


def test_every_state_is_in_the_table_and_reachable_from_the_first() -> None:
    assert set(TRANSITIONS) == set(State)
    assert reachable(State.CLAIMING) == set(State)


def test_only_a_withdrawn_drop_is_over_for_good() -> None:
    assert [state for state in State if not TRANSITIONS[state]] == [State.WITHDRAWN]


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_every_open_state_can_end(state: State) -> None:
    """A drop that could never leave the open states would hold up its root for ever."""
    assert reachable(state) - OPEN_STATES
    assert TRANSITIONS[state] - {state}


@pytest.mark.parametrize("state", [s for s in State if s not in OPEN_STATES and s is not State.WITHDRAWN])
def test_every_end_can_be_replayed(state: State) -> None:
    assert may_follow(state, State.CLAIMED)


@pytest.mark.parametrize("before", list(State))
def test_no_step_leads_back_to_the_intent_or_to_itself(before: State) -> None:
    assert not may_follow(before, State.CLAIMING)
    assert not may_follow(before, before)


def test_nothing_is_loaded_that_was_not_accepted() -> None:
    assert {state for state in State if may_follow(state, State.LOADED)} == {State.ACCEPTED, State.DEFERRED}


@pytest.mark.parametrize(
    ("state", "folder"),
    [
        (State.CLAIMING, Folder.STAGE),
        (State.CLAIMED, Folder.STAGE),
        (State.ACCEPTED, Folder.STAGE),
        (State.DEFERRED, Folder.STAGE),
        (State.LOADED, Folder.ARCHIVE),
        (State.SUPERSEDED, Folder.ARCHIVE),
        (State.REJECTED, Folder.REJECTED),
        (State.HELD, Folder.HELD),
        (State.FAILED, Folder.FAILED),
    ],
)
def test_folder_mirrors_the_state(state: State, folder: Folder) -> None:
    assert folder_of(state) is folder
    assert not record(state, folder).is_misplaced
    others = [other for other in Folder if other is not folder]
    assert all(record(state, other).is_misplaced for other in others)


def test_a_withdrawn_drop_has_no_folder_to_be_missed_in() -> None:
    assert not any(record(State.WITHDRAWN, folder).is_misplaced for folder in Folder)


def test_folder_name_bears_the_take_from_the_second_on() -> None:
    names = [record(State.CLAIMED, Folder.STAGE, take).folder_name for take in (1, 2, 11)]
    assert names == ["20260901-020000", "20260901-020000.2", "20260901-020000.11"]
