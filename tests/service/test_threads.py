"""A few threads that run jobs in order, of which none is lost to one that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.service.oneroot import wait_for
from watcher.service.threads import Threads

DEADLINE = 60.0


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Jobs that hang wait for it; it opens when the test ends, so that no thread stays."""
    event = threading.Event()
    yield event
    event.set()


def finished(threads: Threads, *runs: Callable[[], None]) -> None:
    """Submit all and wait for the last."""
    done = threading.Event()
    for run in runs:
        threads.submit("job", run)
    threads.submit("last", done.set)
    assert done.wait(DEADLINE)


def test_threads_run_jobs_in_their_order() -> None:
    threads, ran = Threads(1), list[int]()
    finished(threads, *(lambda number=number: ran.append(number) for number in range(200)))
    assert ran == list(range(200))
    assert threads.close(DEADLINE)


def test_threads_run_no_more_at_once_than_their_count(gate: threading.Event) -> None:
    threads, lock, most, now = Threads(3), threading.Lock(), [0], [0]
    all_in = threading.Barrier(4)

    def job() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        all_in.wait(DEADLINE)
        gate.wait(DEADLINE)
        with lock:
            now[0] -= 1

    for _ in range(3):
        threads.submit("job", job)
    fourth = threading.Event()
    threads.submit("fourth", fourth.set)
    all_in.wait(DEADLINE)  # three are in
    assert not fourth.is_set()
    gate.set()
    assert fourth.wait(DEADLINE)
    assert most[0] == 3


def test_threads_are_started_as_there_is_work() -> None:
    before = threading.active_count()
    threads = Threads(16)
    assert threading.active_count() == before
    finished(threads)
    assert threading.active_count() - before <= 2
    threads.close(DEADLINE)
    wait_for(lambda: threading.active_count() <= before, "the threads to end")


def test_threads_fifty_lives_leave_no_thread() -> None:
    """Camel: FileConsumerRestartNotLeakThreadTest."""
    before = threading.active_count()
    for _ in range(50):
        threads = Threads(4)
        finished(threads, *[lambda: None] * 8)
        assert threads.close(DEADLINE)
    wait_for(lambda: threading.active_count() <= before, "the threads to end")


def test_relieve_gives_the_place_of_a_stuck_job_to_another_thread(clock: Clock, gate: threading.Event) -> None:
    threads, began, ran = Threads(1, clock), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        gate.wait(DEADLINE)

    threads.submit("root hanging", hang)
    threads.submit("root next", ran.set)
    assert began.wait(DEADLINE)
    clock.now = 19.9
    assert threads.relieve(20) == ()
    assert not ran.is_set()
    clock.now = 20.0
    assert [job.label for job in threads.relieve(20)] == ["root hanging"]
    assert ran.wait(DEADLINE)
    clock.now = 100.0
    assert threads.relieve(20) == ()  # said once


def test_relieve_a_stuck_job_that_comes_back_gives_no_thread_too_many(clock: Clock, gate: threading.Event) -> None:
    threads, began = Threads(1, clock), threading.Event()

    def hang() -> None:
        began.set()
        gate.wait(DEADLINE)

    job = threads.submit("root hanging", hang)
    assert began.wait(DEADLINE)
    clock.now = 20.0
    threads.relieve(20)
    finished(threads)
    gate.set()
    wait_for(lambda: job not in threads._running, "the job to come back")
    wait_for(lambda: threads._threads == 1, "its thread to end")
    finished(threads)
    assert threads.close(DEADLINE)


def test_relieve_has_an_end_at_so_many_stuck_jobs(clock: Clock, gate: threading.Event) -> None:
    threads, began = Threads(1, clock, most_stuck=2), threading.Semaphore(0)

    def hang() -> None:
        began.release()
        gate.wait(DEADLINE)

    for number in range(4):
        threads.submit(f"root {number}", hang)
    relieved = []
    for _ in range(3):
        assert began.acquire(timeout=DEADLINE)
        clock.now += 20
        relieved += [job.label for job in threads.relieve(20)]
    assert relieved == ["root 0", "root 1"]
    assert not began.acquire(blocking=False)


def test_close_drops_queued_jobs_and_waits_for_running_ones(gate: threading.Event) -> None:
    threads, began, ran = Threads(1), threading.Event(), list[str]()

    def slow() -> None:
        began.set()
        gate.wait(DEADLINE)
        ran.append("slow")

    threads.submit("slow", slow)
    threads.submit("queued", lambda: ran.append("queued"))
    assert began.wait(DEADLINE)
    closing: list[bool] = []
    closer = threading.Thread(target=lambda: closing.append(threads.close(DEADLINE)))
    closer.start()
    wait_for(lambda: threads._closed, "closing to begin")
    gate.set()
    closer.join(DEADLINE)
    assert (closing, ran) == ([True], ["slow"])


def test_close_does_not_wait_longer_than_its_patience(gate: threading.Event) -> None:
    threads, began = Threads(1), threading.Event()

    def hang() -> None:
        began.set()
        gate.wait(DEADLINE)

    threads.submit("hang", hang)
    assert began.wait(DEADLINE)
    assert not threads.close(0.05)


def test_close_does_not_wait_for_a_stuck_job(clock: Clock, gate: threading.Event) -> None:
    threads, began = Threads(1, clock), threading.Event()

    def hang() -> None:
        began.set()
        gate.wait(DEADLINE)

    threads.submit("hang", hang)
    assert began.wait(DEADLINE)
    clock.now = 20.0
    threads.relieve(20)
    assert threads.close(0)
