"""Hints: "look at root R", as soon as something is created, moved, closed or deleted there.

A hint carries no fact; whoever gets it looks at the disk. Hints may be missing (an overflow, a network share, a limit
of the kernel) and may come for nothing, so every root is looked at now and then anyway. What this promises is to be
quick when it can, to know when it cannot, to say so once, and to mend itself:

1. A root whose watch is gone, or stands on a directory that is no longer the root, is watched anew.
2. A root that cannot be watched is said with the reason, and tried again.
3. The observer is built anew when a thread of it ended, when the canary is not seen, or when the kernel's watches pile
   up because directories left the tree with their watch on.
4. After each of these, and after an overflow, every root concerned is told: something may have been missed.

It never reads, writes or blocks an upload, and none of its calls raises.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from watcher.intake.canary import Canary, Sign
from watcher.intake.kernelwatches import explain
from watcher.intake.observing import MOST_WATCHES, Observing
from watcher.intake.rootwatches import RETRY_SECONDS, RootWatches
from watcher.intake.saying import Sayings
from watcher.intake.targets import targets_for
from watcher.intake.telling import Teller, root_finder

if TYPE_CHECKING:
    from loguru import Logger

#: How long `close` waits for a check that hangs, at a dead network share say.
_CLOSE_SECONDS = 5.0
#: With more roots than this, watches are shared: each costs a thread.
MANY_ROOTS = 200


@dataclass(frozen=True, slots=True)
class HintState:
    """How well roots are watched. `reason` says why hints are missing; empty if none are.

    `unwatched` roots are seen by the periodic look only; `blind` means that no hint can be trusted to come.
    `kernel_watches` are those of the whole process, `repairs` what has been mended since the start.
    """

    watching: int = 0
    unwatched: int = 0
    blind: bool = False
    reason: str = ""
    kernel_watches: int = 0
    repairs: int = 0


class Hints:
    """Watches roots and tells their ids.

    `tell` is called by several threads, often, and must return at once; while it is called no lock is held here. The
    canary's folder is the service's own. With more than `many` roots, watches are shared between them, but never above
    the directory to `avoid`, in which directories pile up.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        canary_folder: Path,
        *,
        avoid: Path | None = None,
        log: Logger = logger,
        monotonic: Callable[[], float] = time.monotonic,
        canary_seconds: float = 60.0,
        canary_patience_seconds: float = 10.0,
        many: int = MANY_ROOTS,
    ) -> None:
        self._teller = Teller(tell)
        self._canary = Canary(canary_folder, seconds=canary_seconds, patience_seconds=canary_patience_seconds)
        self._avoid = None if avoid is None else os.path.realpath(avoid)
        self._sayings = Sayings(log)
        self._monotonic = monotonic
        self._most = min(many, MOST_WATCHES)
        self._lock = threading.Lock()
        self._state = HintState()
        self._paths: dict[str, str] | None = None  # as configured, by root; None until the first `watch`
        self._observing: Observing | None = None
        self._roots: RootWatches | None = None
        self._build_at = 0.0
        self._trouble = ""  # why there is no observer
        self._is_blind = False  # by the canary
        self._to_tell: dict[str, None] = {}  # roots, in order
        self._tell_again = False
        self._repairs = 0
        self._is_closed = False

    @property
    def state(self) -> HintState:
        """How it stood after the last call. Never waits."""
        return self._state

    def watch(self, roots: Mapping[str, Path]) -> None:
        """The roots (id -> path) to be watched from now on. Those that are new are told once their watch is set.

        Touches the disk, and waits for a check that is under way.
        """
        paths = {root: os.fspath(path) for root, path in roots.items()}
        with self._lock:
            if paths != self._paths and not self._is_closed:
                self._paths = paths
                self._guarded(self._change)
        self._tell_due()

    def check(self) -> None:
        """Finds and mends what is broken. To be called every few seconds, by a thread that may take a moment."""
        with self._lock:
            if self._paths is not None:
                self._guarded(self._supervise)
        self._tell_due()

    def close(self) -> None:
        """No hint comes after this. Waits some seconds at most. May be called twice; is the end."""
        self._teller.mute()
        if not self._lock.acquire(timeout=_CLOSE_SECONDS):
            return  # all threads are daemons
        try:
            self._is_closed, self._paths = True, None
            self._drop_observer()
            self._state = HintState(repairs=self._repairs)
        finally:
            self._lock.release()

    def _tell_due(self) -> None:
        """Outside the lock: whoever is told may have one of his own."""
        due, self._to_tell = self._to_tell, {}
        for root in due:
            self._teller.tell(root)

    # Under the lock, from here on.

    def _guarded(self, step: Callable[[float], None]) -> None:
        now = self._monotonic()
        try:
            step(now)
            self._sayings.say_roots(self._problems())
            self._sayings.say_canary(self._canary.problem)
        except Exception as error:  # noqa: BLE001 (without hints the service goes on by rescan)
            self._sayings.say_bug(error)
            self._drop_observer()
            self._build_at, self._trouble = now + RETRY_SECONDS, "a bug; see the log"
        self._state = self._stands()

    def _change(self, now: float) -> None:
        self._sayings.forget_roots(self._paths or {})
        if self._observing is None:
            self._build(now)
        else:
            self._arrange(now)

    def _supervise(self, now: float) -> None:
        if self._observing is None or self._roots is None:
            if now >= self._build_at:
                self._build(now)
            return
        self._hear(self._observing)
        if broken := self._broken(self._observing, self._roots, now):
            self._build(now)
            self._repairs += 1
            self._sayings.say_rebuilt(broken)
        elif lost := self._roots.unset_lost(now):
            self._arrange(now)
            self._repairs += 1
            self._sayings.say_mended(len(lost))
        else:
            self._tell(self._roots.arrange_missing(now))
            self._tell(self._roots.take_recovered())

    def _hear(self, observing: Observing) -> None:
        """What other threads have left to be said."""
        if self._tell_again:
            self._tell_again = False
            self._tell(self._paths or ())
        if observing.has_overflowed():
            self._sayings.say_overflow()
            self._tell(self._paths or ())
            self._tell_again = True  # watchdog is still setting its watches anew, and misses what happens meanwhile
        if self._teller.failed:
            self._teller.failed = False
            self._sayings.say_untold()
            self._tell(self._paths or ())

    def _broken(self, observing: Observing, roots: RootWatches, now: float) -> str:
        """Why the whole observer must be built anew; an empty string if it need not."""
        if not observing.is_alive():
            return "a thread of it ended"
        sign = self._canary.look(observing, now)
        if sign is not Sign.NONE:
            self._sayings.say_blind(was=self._is_blind, now=sign is Sign.LOST)
            self._is_blind = sign is Sign.LOST
        if sign is Sign.LOST:
            return "events did not arrive"
        return "the kernel's watches piled up" if roots.have_leaked else ""

    def _build(self, now: float) -> None:
        """Sets everything with a new observer."""
        self._drop_observer()
        try:
            self._observing = Observing()
        except (OSError, RuntimeError) as error:
            self._build_at, self._trouble = now + RETRY_SECONDS, explain(error)
            return
        self._trouble = ""
        self._roots = RootWatches(self._observing, self._teller, self._avoid)
        self._canary.look(self._observing, now)
        self._arrange(now)

    def _arrange(self, now: float) -> None:
        """Works out what is to be watched (links may lead elsewhere than before), watches it, tells what is new."""
        if self._roots is None or self._paths is None:
            return
        resolved = {root: os.path.realpath(path) for root, path in self._paths.items()}
        self._teller.find = root_finder(resolved)
        self._roots.want(self._paths, targets_for(resolved, self._most))
        self._tell(self._roots.arrange(now))

    def _drop_observer(self) -> None:
        if self._observing is not None:
            self._observing.close()
        self._observing = self._roots = None

    def _tell(self, roots: Iterable[str]) -> None:
        self._to_tell.update(dict.fromkeys(roots))

    def _problems(self) -> Mapping[str, str]:
        """Why a root isn't watched, by root."""
        if self._roots is None:
            return dict.fromkeys(self._paths or (), self._trouble)
        return self._roots.problems

    def _stands(self) -> HintState:
        problems = self._problems()
        return HintState(
            watching=len(self._paths or ()) - len(problems),
            unwatched=len(problems),
            blind=self._is_blind or self._roots is None,
            reason=next(iter(problems.values()), "events do not arrive" if self._is_blind else self._trouble),
            kernel_watches=self._roots.kernel_watches if self._roots else 0,
            repairs=self._repairs,
        )
