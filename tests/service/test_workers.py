"""Heavy work in processes of its own: whatever becomes of one task, the service and the other tasks go on."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path

import pytest

from tests.processes import is_running
from tests.service import chores
from tests.service.oneroot import wait_for
from watcher.errors import ConfigError
from watcher.service.workers import ProcessWorkers, WorkerDied

GIGABYTE = 1024**3
LONG = 60.0


@pytest.fixture(scope="module")
def shared() -> Iterator[ProcessWorkers]:
    """Two workers for the tests that leave them whole or that show how they are replaced."""
    workers = ProcessWorkers(2, GIGABYTE)
    yield workers
    workers.close(5)


def read_pid(told: Path) -> int:
    wait_for(told.exists, "the task to begin")
    return int(told.read_text())


def test_workers_run_in_another_process(shared: ProcessWorkers) -> None:
    assert shared.submit(chores.double, 21, LONG).result(LONG) == 42
    assert shared.submit(chores.process_id, None, LONG).result(LONG) != os.getpid()


def test_workers_bring_back_what_a_task_raised(shared: ProcessWorkers) -> None:
    with pytest.raises(ConfigError) as caught:
        shared.submit(chores.misconfigured, None, LONG).result(LONG)
    assert caught.value.problems == ("config.yaml:3: no such dataset",)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_workers_death_of_one_ends_one_task(shared: ProcessWorkers, tmp_path: Path, number: signal.Signals) -> None:
    beside = shared.submit(chores.hang, tmp_path / "pid", LONG)
    read_pid(tmp_path / "pid")
    with pytest.raises(WorkerDied) as caught:
        shared.submit(chores.die, number, LONG).result(LONG)
    assert caught.value.exitcode == -number
    assert not beside.done()
    assert shared.submit(chores.double, 4, LONG).result(LONG) == 8
    beside.cancel()


def test_workers_killed_from_outside_ends_one_task(shared: ProcessWorkers, tmp_path: Path) -> None:
    """As the kernel's OOM killer does it."""
    future = shared.submit(chores.hang, tmp_path / "pid", LONG)
    os.kill(read_pid(tmp_path / "pid"), signal.SIGKILL)
    with pytest.raises(WorkerDied):
        future.result(LONG)
    assert shared.submit(chores.double, 4, LONG).result(LONG) == 8


def test_workers_task_that_leaves_the_process_ends_one_task(shared: ProcessWorkers) -> None:
    with pytest.raises(WorkerDied):
        shared.submit(chores.leave, 3, LONG).result(LONG)
    assert shared.submit(chores.double, 4, LONG).result(LONG) == 8


def test_workers_task_that_takes_too_long_is_ended(shared: ProcessWorkers, tmp_path: Path) -> None:
    future = shared.submit(chores.hang, tmp_path / "pid", 1.0)
    process = read_pid(tmp_path / "pid")
    with pytest.raises(FutureTimeoutError):
        future.result(LONG)
    wait_for(lambda: not is_running(process), "the worker to be ended")
    assert shared.submit(chores.double, 4, LONG).result(LONG) == 8


def test_workers_task_that_eats_too_much_gets_a_memory_error(shared: ProcessWorkers) -> None:
    with pytest.raises(MemoryError):
        shared.submit(chores.eat, 2 * GIGABYTE, LONG).result(LONG)
    assert shared.submit(chores.eat, 1000, LONG).result(LONG) == 1000
    assert shared.submit(chores.limits, None, LONG).result(LONG)[0] == GIGABYTE


def test_workers_cancelled_task_is_ended(shared: ProcessWorkers, tmp_path: Path) -> None:
    """What the service does with tasks that outlast its patience when it stops."""
    future = shared.submit(chores.hang, tmp_path / "pid", LONG)
    process = read_pid(tmp_path / "pid")
    assert future.cancel()
    wait_for(lambda: not is_running(process), "the worker to be ended")


def test_workers_obey_the_right_signals(shared: ProcessWorkers) -> None:
    """SIGINT of a terminal is the service's to handle; SIGIO of a broken lease must not end a worker."""
    assert shared.submit(chores.signals, None, LONG).result(LONG) == {"SIGIO": True, "SIGINT": True, "SIGTERM": False}


def test_workers_close_ends_what_outlasts_its_patience(tmp_path: Path) -> None:
    workers = ProcessWorkers(1, GIGABYTE)
    workers.submit(chores.hang, tmp_path / "pid", LONG)
    process = read_pid(tmp_path / "pid")
    began = time.monotonic()
    workers.close(0.2)
    assert time.monotonic() - began < 20
    wait_for(lambda: not is_running(process), "the worker to be ended")


_PARENT = """
import sys
from pathlib import Path
from tests.service import chores
from watcher.service.workers import ProcessWorkers
if __name__ == "__main__":
    workers = ProcessWorkers(1, 2**30)
    workers.submit(chores.hang, Path(sys.argv[1]), 600.0)
    sys.stdin.read()
"""


def test_workers_die_with_a_service_that_is_killed(tmp_path: Path) -> None:
    """A load must not go on beside the one that a restarted service begins."""
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    checkout = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "pid")],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": checkout},
    )
    try:
        worker = read_pid(tmp_path / "pid")
        assert is_running(worker)
    finally:
        parent.kill()
        parent.wait(LONG)
        assert parent.stdin is not None
        parent.stdin.close()
    wait_for(lambda: not is_running(worker), "the worker to die with its parent")


def test_workers_are_prepared_before_their_first_task() -> None:
    workers = ProcessWorkers(1, GIGABYTE, chores.prepare)
    assert workers.submit(chores.prepared, None, LONG).result(LONG)
    workers.close(5)


def test_workers_start_is_not_counted_to_the_time_of_a_task() -> None:
    """A short limit ended tasks that had not begun, and told of them that they took too long."""
    workers = ProcessWorkers(1, GIGABYTE, chores.prepare_for_a_while)
    assert workers.submit(chores.double, 21, 1.0).result(LONG) == 42
    workers.close(5)


def test_workers_that_never_start_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.service.workers._START_SECONDS", 0.1)
    workers = ProcessWorkers(1, GIGABYTE, functools.partial(chores.hang, tmp_path / "pid"))
    process = read_pid(tmp_path / "pid")
    with pytest.raises(FutureTimeoutError):
        workers.submit(chores.double, 21, 0.1).result(LONG)
    wait_for(lambda: not is_running(process), "the worker to be ended")
    workers.close(0)


def test_workers_that_can_not_be_prepared_work_all_the_same() -> None:
    workers = ProcessWorkers(1, GIGABYTE, chores.prepare_in_vain)
    assert workers.submit(chores.double, 21, LONG).result(LONG) == 42
    workers.close(5)


def test_workers_that_have_done_their_share_are_replaced_before_the_next_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watcher.service.workers._TASKS_PER_WORKER", 2)
    workers = ProcessWorkers(1, GIGABYTE)
    first = workers.submit(chores.process_id, None, LONG).result(LONG)
    assert workers.submit(chores.process_id, None, LONG).result(LONG) == first
    wait_for(lambda: not is_running(first), "the worker to be replaced")
    assert workers.submit(chores.process_id, None, LONG).result(LONG) != first
    workers.close(5)
