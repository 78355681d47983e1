"""What is done every so often: on time, never twice at a time, and without holding anything up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import pytest

from tests.service.oneroot import logged
from watcher.errors import JournalError
from watcher.service.upkeep import Upkeep

_PATIENCE_SECONDS = 60.0


class Place:
    """An upkeep with a clock of ours, and the loop's thread played by the test."""

    def __init__(self) -> None:
        self.now = 0.0
        self.messages: queue.Queue[Callable[[], None]] = queue.Queue()
        self.upkeep = Upkeep(self.messages.put, lambda: self.now)

    def hear(self, count: int) -> None:
        """Take so many messages as the loop would: a chore's result, and that it is done."""
        for _ in range(count):
            self.messages.get(timeout=_PATIENCE_SECONDS)()


@pytest.fixture
def place() -> Place:
    return Place()


def test_chore_is_done_at_once_then_every_so_often(place: Place) -> None:
    taken: list[int] = []
    numbers = iter(range(10))
    place.upkeep.every("counting", 5, lambda: next(numbers), taken.append)
    place.upkeep.turn()
    place.hear(2)
    place.now = 4.9
    place.upkeep.turn()
    assert place.messages.empty()
    place.now = 5.0
    place.upkeep.turn()
    place.hear(2)
    assert taken == [0, 1]


def test_chore_that_hangs_is_not_begun_twice_and_holds_no_other_up(place: Place) -> None:
    go_on, began, done = threading.Event(), threading.Semaphore(0), list[str]()

    def hang() -> None:
        began.release()
        go_on.wait(_PATIENCE_SECONDS)

    place.upkeep.every("hanging", 1, hang, lambda _: None)
    place.upkeep.every("quick", 1, lambda: None, lambda _: done.append("quick"))
    for place.now in (0.0, 2.0, 4.0):
        place.upkeep.turn()
        place.hear(2)
    assert done == ["quick"] * 3
    assert began.acquire(timeout=_PATIENCE_SECONDS)
    assert not began.acquire(blocking=False)
    go_on.set()
    place.hear(2)


def test_chore_that_fails_is_said_and_done_again(place: Place) -> None:
    answers = iter([JournalError("the journal is away"), None])

    def work() -> str:
        answer = next(answers)
        if answer is not None:
            raise answer
        return "here"

    taken: list[str] = []
    chore = place.upkeep.every("requests", 1, work, taken.append)
    with logged() as lines:
        place.upkeep.turn()
        place.hear(1)
    assert "requests failed: JournalError: the journal is away" in "".join(lines)
    assert chore.has_run
    place.now = 1.0
    place.upkeep.turn()
    place.hear(2)
    assert taken == ["here"]
