"""Whose turn it is at a worker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.service.turns import Turns


def test_turns_are_given_while_places_are_free() -> None:
    turns = Turns(2, lambda _: None)
    assert turns.take("a")
    assert turns.take("b")
    assert not turns.take("c")


def test_turns_place_given_back_is_kept_for_who_waits_longest() -> None:
    called: list[str] = []
    turns = Turns(1, called.append)
    assert turns.take("a")
    assert not turns.take("b")
    assert not turns.take("c")
    turns.give_back()
    assert called == ["b"]
    assert not turns.take("d")  # free, but b's
    assert turns.take("b")


def test_turns_declined_place_goes_to_the_next() -> None:
    called: list[str] = []
    turns = Turns(1, called.append)
    turns.take("a")
    turns.take("b")
    turns.take("c")
    turns.give_back()
    assert turns.was_called("b")
    turns.decline("b")
    assert called == ["b", "c"]
    assert turns.take("c")


def test_turns_root_that_declines_while_it_waits_is_not_called() -> None:
    called: list[str] = []
    turns = Turns(1, called.append)
    turns.take("a")
    turns.take("b")
    turns.decline("b")
    turns.give_back()
    assert called == []
    assert turns.take("c")


@given(st.lists(st.tuples(st.sampled_from(["take", "back", "decline"]), st.sampled_from("abcde")), max_size=60))
def test_turns_never_give_more_places_than_there_are_nor_lose_one(steps: list[tuple[str, str]]) -> None:
    called: list[str] = []
    turns, taken = Turns(2, called.append), 0
    for what, root in steps:
        if what == "take" and turns.take(root):
            taken += 1
        elif what == "back" and taken:
            turns.give_back()
            taken -= 1
        elif what == "decline":
            turns.decline(root)
        assert taken <= 2
    for root in "abcde":
        turns.decline(root)
    for _ in range(taken):
        turns.give_back()
    assert [turns.take(root) for root in ("x", "y", "z")] == [True, True, False]
