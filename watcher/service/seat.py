"""One root's place in the schedule."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.model.actions import Load, Validate, WaitFor
from watcher.model.records import Request
from watcher.service.lane import Lane
from watcher.service.look import Looked


@dataclass(slots=True, eq=False)
class Seat:
    """A lane with its place in the schedule. Lane and fingerprint belong to the look while `is_running`."""

    lane: Lane
    is_queued: bool = False
    is_running: bool = False
    look_again: bool = False
    due: float | None = None
    fingerprint: tuple[int, ...] | None = None
    full_look_due: float = 0.0
    looked: Looked | None = None
    requests: tuple[Request, ...] = ()
    #: the lane is to be told
    hurries: bool = False
    #: a sweep got no answer from it and still waits for one
    hangs: bool = False

    def begin(self) -> None:
        """A look begins: the lane gets what came for it since the last one."""
        self.is_running = True
        self.is_queued = False
        requests, self.requests = self.requests, ()
        self.lane.requests = (*self.lane.requests, *requests)
        hurries, self.hurries = self.hurries, False
        self.lane.hurries = self.lane.hurries or hurries

    @property
    def is_in_hand(self) -> bool:
        """Whether a look or a worker is at the root, or about to be."""
        return self.lane.work is not None or self.is_running or self.is_queued

    @property
    def is_with_worker(self) -> bool:
        """Whether a worker is still at a drop of the root."""
        return self.lane.work is not None and not self.lane.work.future.done()

    @property
    def is_going_on(self) -> bool:
        """Whether something goes on in the root, or will by itself within a settle time or so."""
        if self.is_in_hand or self.look_again or self.looked is None:
            return True
        made = self.looked.plan
        waits_for_worker = any(isinstance(action, Validate | Load) for action in made.actions)
        return waits_for_worker or any(wait.waits_for in (WaitFor.SETTLE, WaitFor.TURN) for wait in made.waits)
