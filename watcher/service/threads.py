"""A few threads that look at roots, of which none can be held up for long by a root that hangs.

A file system that does not answer keeps its thread; after a while another takes that thread's place, and the stuck one
ends when it comes back.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger


@dataclass(slots=True, eq=False)
class Job:
    """Something to run, and what it is about."""

    label: str
    run: Callable[[], None]
    since: float = 0.0
    #: set when another thread took its thread's place
    is_stuck: bool = field(default=False)


class Threads:
    """Runs jobs in the order in which they came, `count` at a time, not counting stuck ones."""

    def __init__(self, count: int, monotonic: Callable[[], float] = time.monotonic, most_stuck: int = 500) -> None:
        self._count = count
        self._monotonic = monotonic
        self._most_stuck = most_stuck
        self._jobs: deque[Job] = deque()
        self._running: set[Job] = set()
        self._changed = threading.Condition()
        self._threads = 0
        self._closed = False

    def submit(self, label: str, run: Callable[[], None]) -> Job:
        """Queue a job. What it raises is logged as a bug and harms no other job."""
        job = Job(label, run)
        with self._changed:
            self._jobs.append(job)
            self._fill()
            self._changed.notify()
        return job

    def relieve(self, after_seconds: float) -> tuple[Job, ...]:
        """Give the place of each job that has run so long to another thread; the jobs that are newly stuck."""
        now = self._monotonic()
        with self._changed:
            stuck = [job for job in self._running if not job.is_stuck and now - job.since >= after_seconds]
            room = self._most_stuck - sum(job.is_stuck for job in self._running)
            for job in stuck[:room]:
                job.is_stuck = True
            self._fill()
            return tuple(stuck[:room])

    def close(self, patience_seconds: float) -> bool:
        """Take no more jobs, drop the queued ones, wait for the running ones; whether all ended in time."""
        deadline = self._monotonic() + patience_seconds
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()
            while any(not job.is_stuck for job in self._running):
                left = deadline - self._monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def _fill(self) -> None:
        """Start threads as there is work for them. Called with the lock held."""
        able = self._threads - sum(job.is_stuck for job in self._running)
        idle = able - sum(not job.is_stuck for job in self._running)
        while able < self._count and idle < len(self._jobs):
            threading.Thread(target=self._work, name="look", daemon=True).start()
            self._threads += 1
            able += 1
            idle += 1

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._closed:
                    self._changed.wait()
                if self._closed:
                    self._threads -= 1
                    return
                job = self._jobs.popleft()
                job.since = self._monotonic()
                self._running.add(job)
            try:
                job.run()
            except Exception as error:  # noqa: BLE001 (a bug in one job must not cost the others a thread)
                logger.opt(exception=error).error("{what} broke: this is a bug", what=job.label, event="bug")
            finally:
                with self._changed:
                    self._running.discard(job)
                    self._changed.notify_all()
            if job.is_stuck:
                with self._changed:
                    self._threads -= 1
                    return
