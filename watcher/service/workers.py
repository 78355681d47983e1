"""Child processes for heavy work: a crash, a hang or a bomb costs one task, not the service.

The seam is `submit(function, argument, timeout) -> Future`; what runs behind it are spawned processes of which each may
be killed alone, busy or idle.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import pickle
import queue
import resource
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Protocol, TypeVar

from loguru import logger

from watcher.logs import summary

#: A worker is replaced after so many tasks, so that memory which a library keeps is given back.
_TASKS_PER_WORKER = 1000
#: How often a running task is compared with its limit and its future.
_WATCH_SECONDS = 0.1
#: A process that is just starting has so much longer for its first task: its start is not the task's.
_START_SECONDS = 60.0
#: A process whose pipe is closed is about to end.
_DEATH_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


class Workers(Protocol):
    """Runs functions elsewhere."""

    def submit(
        self, function: Callable[[_Argument], _Result], argument: _Argument, timeout_seconds: float
    ) -> Future[_Result]:
        """Run the function soon. The future raises what it raised, TimeoutError, or an error of the worker's death."""
        ...

    def close(self, patience_seconds: float) -> None:
        """Let running tasks end for so long, then end them."""
        ...


class WorkerDied(Exception):  # noqa: N818 (reads as what is true)
    """A worker ended in the middle of its task; `exitcode` is negative for a signal."""

    def __init__(self, exitcode: int | None) -> None:
        super().__init__(exitcode)
        self.exitcode = exitcode


class ProcessWorkers:
    """Workers on this machine, as many as asked for, each limited in memory.

    Each has a thread of ours and a pipe of its own: nothing is shared by which the death of one could reach another.
    """

    def __init__(self, count: int, memory_bytes: int, prepare: Callable[[], None] | None = None) -> None:
        """`prepare` is called by each worker before its first task; what it raises is left for the tasks to meet."""
        self._memory_bytes = memory_bytes
        self._prepare = prepare
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._serve, name="worker", daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(
        self, function: Callable[[_Argument], _Result], argument: _Argument, timeout_seconds: float
    ) -> Future[_Result]:
        # It is never set running: so it can be cancelled until it is done, and that ends the worker.
        future: Future[_Result] = Future()
        self._tasks.put(_Task(future, function, argument, timeout_seconds))
        return future

    def close(self, patience_seconds: float) -> None:
        for _ in self._threads:
            self._tasks.put(None)
        deadline = time.monotonic() + patience_seconds
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """One worker after the other, for as long as there are tasks. A worker dies with this thread."""
        worker: _Worker | None = _started(self._memory_bytes, self._prepare)
        while (task := self._tasks.get()) is not None:
            if self._stop.is_set():
                task.future.cancel()
            if task.future.cancelled():
                continue
            if worker is None or not worker.is_fit():
                worker = self._replaced(worker)
            if worker is None:
                _settle(task.future, OSError("no worker process could be started"))
                continue
            worker.run(task, self._stop)
            if not worker.is_fit() and not self._stop.is_set():
                worker = self._replaced(worker)  # now, so that the next task need not wait for it
        if worker is not None:
            worker.end()

    def _replaced(self, worker: _Worker | None) -> _Worker | None:
        if worker is not None:
            worker.end()
        return _started(self._memory_bytes, self._prepare)


@dataclass(frozen=True, slots=True)
class _Task:
    future: Future[Any]
    function: Callable[[Any], Any]
    argument: Any
    timeout_seconds: float


@dataclass(slots=True)
class _Worker:
    """A process that does one task after the other, and our end of its pipe."""

    process: SpawnProcess
    pipe: Connection
    tasks: int = 0
    #: set when it has told that it has started
    is_ready: bool = False

    def is_fit(self) -> bool:
        return self.tasks < _TASKS_PER_WORKER and self.process.is_alive()

    def run(self, task: _Task, stop: threading.Event) -> None:
        """Do the task and settle its future; the process is ended if it takes too long or is no longer wanted."""
        self.tasks += 1
        try:
            self.pipe.send((task.function, task.argument))
            if not self.is_ready and self._hears(task, _START_SECONDS + task.timeout_seconds, stop):
                self.pipe.recv()
                self.is_ready = True
            if self.is_ready and self._hears(task, task.timeout_seconds, stop):
                _settle(task.future, self.pipe.recv())
                return
            self.end()
            _settle(task.future, TimeoutError())
        except (EOFError, OSError):
            self.process.join(_DEATH_SECONDS)
            exitcode = self.process.exitcode
            self.end()
            _settle(task.future, WorkerDied(exitcode))
        except Exception as error:  # noqa: BLE001 (what can't be pickled, on the way there or back)
            self.end()
            _settle(task.future, error)

    def _hears(self, task: _Task, seconds: float, stop: threading.Event) -> bool:
        """Wait for a word of the process, or its end; False if none comes in time or the task is no longer wanted."""
        deadline = time.monotonic() + seconds
        while not wait([self.pipe, self.process.sentinel], _WATCH_SECONDS):
            if stop.is_set():
                task.future.cancel()
            if task.future.cancelled() or time.monotonic() >= deadline:
                return False
        return True

    def end(self) -> None:
        """Kill it; one that hangs in the kernel is not waited for."""
        self.tasks = _TASKS_PER_WORKER
        self.process.kill()
        self.process.join(_DEATH_SECONDS)
        self.pipe.close()


@dataclass(frozen=True, slots=True)
class _Done:
    """What a task returned."""

    value: object


def _settle(future: Future[Any], outcome: _Done | BaseException) -> None:
    with contextlib.suppress(InvalidStateError):  # cancelled meanwhile
        if isinstance(outcome, _Done):
            future.set_result(outcome.value)
        else:
            future.set_exception(outcome)


def _started(memory_bytes: int, prepare: Callable[[], None] | None) -> _Worker | None:
    """A new worker; None if the machine does not give us one now."""
    # Spawned, not forked: the service has threads, and a fork would copy their locks in whatever state they are.
    context = multiprocessing.get_context("spawn")
    try:
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=[theirs, os.getpid(), memory_bytes, prepare], daemon=True)
        process.start()
    except OSError as error:
        logger.error("no worker process could be started: {error}", error=summary(error), event="no-worker")
        return None
    theirs.close()
    return _Worker(process, ours)


# --- in the worker ----------------------------------------------------------------------------------------------------


def _work(pipe: Connection, parent: int, memory_bytes: int, prepare: Callable[[], None] | None) -> None:
    _prepare_worker(parent, memory_bytes)
    if prepare is not None:
        with contextlib.suppress(Exception):
            prepare()
    with contextlib.suppress(OSError):  # nobody is there any more, which is met again at once
        pipe.send(None)
    while True:
        try:
            function, argument = pipe.recv()
            outcome = _outcome(function, argument)
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001 (a task that can't be unpickled)
            outcome = error
        try:
            pipe.send(outcome)
        except (pickle.PicklingError, TypeError, AttributeError):
            pipe.send(TypeError("what the task brought can't be sent back"))


def _outcome(function: Callable[[Any], Any], argument: object) -> _Done | Exception:
    try:
        return _Done(function(argument))
    except Exception as error:  # noqa: BLE001 (the future raises it)
        return error
    except BaseException as error:  # noqa: BLE001 (SystemExit, a library's panic: it must not print its text and die)
        return RuntimeError(f"the task ended by {type(error).__name__}")


def _prepare_worker(parent: int, memory_bytes: int) -> None:
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # a lease that is broken would end us
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with_parent(parent)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _die_with_parent(parent: int) -> None:
    """A load must not go on beside the one that a restarted service begins."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
