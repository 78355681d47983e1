"""Child processes for heavy work: a crash, a hang or a bomb costs one task, not the service.

The seam is `submit(function, argument, timeout) -> Future`; what runs behind it is a pool of spawned processes of
which each may be killed alone.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from pebble import ProcessPool

from watcher.errors import WatcherError

#: A worker is replaced after so many tasks, so that memory which a library keeps is given back.
_TASKS_PER_WORKER = 200
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


class ProcessWorkers:
    """Workers on this machine, as many as asked for, each limited in memory."""

    def __init__(self, count: int, memory_bytes: int) -> None:
        # Spawned, not forked: the service has threads, and a fork would copy their locks in whatever state they are.
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=_TASKS_PER_WORKER,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=[os.getpid(), memory_bytes],
        )
        # Started here and now: a worker dies with the thread that started it, and this thread lives longest.
        if not self._pool.active:
            raise WatcherError("the worker processes could not be started")

    def submit(
        self, function: Callable[[_Argument], _Result], argument: _Argument, timeout_seconds: float
    ) -> Future[_Result]:
        future: Any = self._pool.schedule(function, args=[argument], timeout=timeout_seconds)
        return future  # type: ignore[no-any-return]

    def close(self, patience_seconds: float) -> None:
        self._pool.close()  # type: ignore[no-untyped-call]
        try:
            self._pool.join(patience_seconds)
        except TimeoutError:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()


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
