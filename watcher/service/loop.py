"""Says when which root is looked at: when hinted, when the plan said so, when its work is done, and in turn.

One thread (the caller's) keeps the schedule and touches neither disk nor journal; looks run in a few threads of their
own, so a root that hangs, or a journal that is down, never stops the schedule. All news come to it as messages.
"""

from __future__ import annotations

import heapq
import queue
import time
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial

from loguru import logger

from watcher.errors import WatcherError
from watcher.logs import summary
from watcher.model.records import Request
from watcher.service.context import Context
from watcher.service.failures import Failures
from watcher.service.lane import Lane
from watcher.service.look import Looked, look
from watcher.service.outcomes import conclude
from watcher.service.roots import Root
from watcher.service.seat import Seat
from watcher.service.sweep import Sweep, fingerprint
from watcher.service.threads import Job, Threads

#: A look that takes longer gives its place to another root's.
STUCK_AFTER_SECONDS = 20.0
_FIRST_RETRY_SECONDS = 5.0
_LONGEST_RETRY_SECONDS = 300.0
_ROOTS_PER_SWEEP = 500
#: Even an idle root is looked at in full this often: things that come of age (a connection test) change no directory.
_FULL_LOOK_SECONDS = 3600.0


@dataclass(slots=True)
class Loop:
    """The schedule of all roots."""

    context: Context
    threads: Threads
    monotonic: Callable[[], float] = time.monotonic
    seats: dict[str, Seat] = field(default_factory=dict)
    _messages: queue.SimpleQueue[Callable[[], None]] = field(default_factory=queue.SimpleQueue)
    _due: list[tuple[float, str]] = field(default_factory=list)
    _rescan_due: float = 0.0
    _sweeps: dict[Job, Sweep] = field(default_factory=dict)
    _handled_requests: set[int] = field(default_factory=set)
    _failures: Failures = field(default_factory=Failures)
    _is_draining: bool = False

    # --- news, from any thread ---

    def tell(self, message: Callable[[], None]) -> None:
        """Have the loop's own thread call this soon."""
        self._messages.put(message)

    def hint(self, root_id: str) -> None:
        """Something may have happened in this root. Says no more than that."""
        self._messages.put(lambda: self.want(root_id))

    # --- the loop's own thread ---

    def turn(self, longest_wait: float) -> None:
        """Wait for news or for a look that is due, at the most so many seconds, and act on it."""
        self._take_messages(min(longest_wait, self._seconds_to_next()))
        now = self.monotonic()
        while self._due and self._due[0][0] <= now:
            due, root_id = heapq.heappop(self._due)
            seat = self.seats.get(root_id)
            if seat is not None and seat.due == due:
                seat.due = None
                self.want(root_id)
        if now >= self._rescan_due and not self._is_draining:
            self._rescan_due = now + self.context.settings.rescan_seconds
            self._sweep()
        for job in self.threads.relieve(STUCK_AFTER_SECONDS):
            sweep = self._sweeps.get(job)
            what = job.label if sweep is None else self._go_on_without(sweep)
            logger.warning("no answer from {what}; going on without it", what=what, event="root-stuck")

    def want(self, root_id: str) -> None:
        """Look at this root as soon as there is room."""
        seat = self.seats.get(root_id)
        if seat is None or self._is_draining:
            return
        if seat.is_running:
            seat.look_again = True
        elif not seat.is_queued:
            seat.is_queued = True
            self.threads.submit(f"root {root_id}", lambda: self._look(seat))

    def set_roots(
        self, roots: Mapping[str, Root], keep: AbstractSet[str] = frozenset()
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take these roots from now on; the ids that came and the ids that went.

        A root that went stays as long as the journal has open records of it (`keep`): its drops are taken to their end.
        """
        came = tuple(root_id for root_id in roots if root_id not in self.seats)
        for root_id, root in roots.items():
            seat = self.seats.setdefault(root_id, Seat(Lane(root)))
            if seat.lane.root != root:
                seat.lane.root = root
                seat.fingerprint = None
                self.want(root_id)
        went = tuple(
            root_id
            for root_id, seat in self.seats.items()
            if root_id not in roots and root_id not in keep and not seat.is_in_hand
        )
        for root_id in went:
            seat = self.seats.pop(root_id)
            self.context.turns.decline(root_id)
            self._failures.forget(root_id)
            self._handled_requests.difference_update(request.id for request in (*seat.requests, *seat.lane.requests))
        for root_id in came:
            self.want(root_id)
        return came, went

    def take_requests(self, requests: tuple[Request, ...]) -> None:
        """What people asked for; each is handed to its root's look once."""
        for request in requests:
            seat = self.seats.get(request.root)
            if seat is None or request.id in self._handled_requests:
                continue
            self._handled_requests.add(request.id)
            seat.requests = (*seat.requests, request)
            self.want(request.root)

    def hurry(self, root_ids: Iterable[str]) -> None:
        """Somebody may have mended something: what waits in these roots for a later try is tried at once.

        So are looks that failed or met trouble, in whatever root.
        """
        in_trouble = {root_id for root_id, seat in self.seats.items() if seat.lane.failures or seat.lane.troubles}
        for root_id in self.seats.keys() & {*root_ids, *in_trouble}:
            self.seats[root_id].hurries = True
            self.want(root_id)

    def is_quiet(self) -> bool:
        """Whether nothing goes on, and nothing will by itself within a settle time or so."""
        return self._messages.empty() and not any(seat.is_going_on for seat in self.seats.values())

    def working(self) -> int:
        """How many drops are with a worker."""
        return sum(seat.lane.work is not None for seat in self.seats.values())

    def waiting(self) -> int:
        """How many things wait, as the last looks saw it."""
        return sum(len(seat.looked.plan.waits) for seat in self.seats.values() if seat.looked is not None)

    def drain(self, patience_seconds: float, keep_alive: Callable[[], None]) -> None:
        """Start nothing new, let running looks and tasks end for so long, then stop the tasks; journal all of it."""
        self._is_draining = True
        deadline = self.monotonic() + patience_seconds
        while self.monotonic() < deadline and any(s.is_running or s.is_queued for s in self.seats.values()):
            keep_alive()
            self._take_messages(0.2)
        while self.monotonic() < deadline and any(seat.is_with_worker for seat in self.seats.values()):
            keep_alive()
            self._take_messages(0.2)
        for seat in self.seats.values():
            if seat.lane.work is not None and not seat.is_running:
                seat.lane.work.future.cancel()
                conclude(seat.lane, self.context)
        self.threads.close(1.0)

    # --- inside ---

    def _seconds_to_next(self) -> float:
        due = min(self._rescan_due, self._due[0][0]) if self._due else self._rescan_due
        return max(due - self.monotonic(), 0.0)

    def _take_messages(self, seconds: float) -> None:
        try:
            message = self._messages.get(timeout=seconds) if seconds > 0 else self._messages.get_nowait()
            while True:
                message()
                message = self._messages.get_nowait()
        except queue.Empty:
            pass

    def _look(self, seat: Seat) -> None:
        """One look, in a look thread."""
        seat.begin()
        root_id, work_before, turns = seat.lane.root.id, seat.lane.work, self.context.turns
        was_called = turns.was_called(root_id)
        # Taken before the look: what changes after it was taken is noticed as a change, even during the look.
        before = fingerprint(seat.lane.root.path, time.time())
        try:
            looked = look(seat.lane, self.context)
        except WatcherError as error:
            self.tell(partial(self._look_failed, seat, error))
        except Exception as error:  # noqa: BLE001 (a bug in one look must not end the others)
            logger.opt(exception=error).error("a look broke: this is a bug", event="bug")
            self.tell(partial(self._look_failed, seat, error))
        else:
            seat.fingerprint = before if looked.is_idle else None
            self.tell(lambda: self._look_ended(seat, looked))
        work = seat.lane.work
        if was_called and work is None:
            turns.decline(root_id)
        if work is not None and work is not work_before:
            work.future.add_done_callback(lambda _: self.hint(root_id))

    def _look_ended(self, seat: Seat, looked: Looked) -> None:
        seat.is_running = False
        seat.looked = looked
        seat.lane.failures = 0
        seat.full_look_due = self.monotonic() + _FULL_LOOK_SECONDS
        self._failures.forget(seat.lane.root.id)
        self._after_look(seat, looked.next_look_seconds)

    def _look_failed(self, seat: Seat, error: Exception) -> None:
        seat.is_running = False
        seat.fingerprint = None
        self._failures.failed(seat.lane.root.id, summary(error))
        seat.lane.failures += 1
        wait = min(_FIRST_RETRY_SECONDS * 2.0 ** min(seat.lane.failures - 1, 10), _LONGEST_RETRY_SECONDS)
        self._after_look(seat, wait)

    def _after_look(self, seat: Seat, next_look_seconds: float | None) -> None:
        root_id = seat.lane.root.id
        if seat.look_again:
            seat.look_again = False
            next_look_seconds = 0.0
        if next_look_seconds is None:
            seat.due = None
        else:
            seat.due = self.monotonic() + next_look_seconds
            heapq.heappush(self._due, (seat.due, root_id))

    def _sweep(self) -> None:
        """Find the roots that changed since their last look; a root that was not idle then is looked at in full."""
        now = self.monotonic()
        swept = {root[0] for sweep in self._sweeps.values() if not sweep.is_abandoned for root in sweep.roots}
        idle: list[Seat] = []
        for root_id, seat in self.seats.items():
            if seat.is_running or seat.is_queued or seat.due is not None or seat.hangs or root_id in swept:
                continue
            if seat.fingerprint is None or now >= seat.full_look_due:
                self.want(root_id)
            else:
                idle.append(seat)
        for start in range(0, len(idle), _ROOTS_PER_SWEEP):
            part = idle[start : start + _ROOTS_PER_SWEEP]
            self._begin_sweep(Sweep(tuple((s.lane.root.id, s.lane.root.path, s.fingerprint) for s in part)))

    def _begin_sweep(self, sweep: Sweep) -> None:
        def run() -> None:
            sweep.run(self.hint)
            self.tell(lambda: self._sweep_ended(job))

        job = self.threads.submit("a sweep of idle roots", run)
        self._sweeps[job] = sweep

    def _go_on_without(self, sweep: Sweep) -> str:
        """Sweep the rest of the roots in another thread; says which one gives no answer."""
        root_id = sweep.roots[sweep.at][0]
        sweep.is_abandoned = True
        if root_id in self.seats:
            self.seats[root_id].hangs = True
        self._begin_sweep(sweep.rest())
        return f"root {root_id}"

    def _sweep_ended(self, job: Job) -> None:
        sweep = self._sweeps.pop(job)
        if not sweep.is_abandoned:
            return
        root_id = sweep.roots[sweep.at][0]  # it has answered at last
        if root_id in self.seats:
            self.seats[root_id].hangs = False
            self.want(root_id)
