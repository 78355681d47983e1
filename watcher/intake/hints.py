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
from watchdog.events import FileSystemEvent, FileSystemEventHandler

from watcher.intake.canary import Canary, Sign
from watcher.intake.kernelwatches import explain
from watcher.intake.observing import MOST_WATCHES, Observing
from watcher.intake.rootwatches import RETRY_SECONDS, RootWatches
from watcher.intake.targets import root_finder, targets_for
from watcher.model.names import safe_name

if TYPE_CHECKING:
    from loguru import Logger


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
    """Watches roots and tells their ids. `tell` is called by several threads, often, and must return at once.

    The canary's folder is the service's own. With more than `many` roots, watches are shared between them.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        canary_folder: Path,
        *,
        log: Logger = logger,
        monotonic: Callable[[], float] = time.monotonic,
        canary_seconds: float = 60.0,
        canary_patience_seconds: float = 10.0,
        many: int = 200,
    ) -> None:
        self._teller = _Teller(tell)
        self._canary = Canary(canary_folder, seconds=canary_seconds, patience_seconds=canary_patience_seconds)
        self._log = log
        self._monotonic = monotonic
        self._most = min(many, MOST_WATCHES)
        self._lock = threading.Lock()
        self._state = HintState()
        self._paths: dict[str, str] | None = None  # as configured, by root; None until the first `watch`
        self._observing: Observing | None = None
        self._roots: RootWatches | None = None
        self._build_at = 0.0
        self._trouble = ""  # why there is no observer
        self._is_lost = False  # the canary
        self._tell_again = False
        self._repairs = 0
        self._said: dict[str, str] = {}  # problem by root
        self._said_of_canary = ""

    @property
    def state(self) -> HintState:
        """How it stood after the last call."""
        return self._state

    def watch(self, roots: Mapping[str, Path]) -> None:
        """The roots (id -> path) to be watched from now on. Those that are new are told once their watch is set."""
        paths = {root: os.fspath(path) for root, path in roots.items()}
        with self._lock:
            if paths != self._paths:
                self._paths = paths
                self._guarded(self._change)

    def check(self) -> None:
        """Finds and mends what is broken. To be called every few seconds, by a thread that may take a moment."""
        with self._lock:
            if self._paths is not None:
                self._guarded(self._supervise)

    def close(self) -> None:
        """No hint comes after this. Waits a few seconds at most; a later `watch` would begin again."""
        with self._lock:
            self._paths = None
            self._teller.find = root_finder({})
            self._drop_observer()
            self._state = HintState(repairs=self._repairs)

    # Under the lock, from here on.

    def _guarded(self, step: Callable[[float], None]) -> None:
        try:
            step(self._monotonic())
            self._say_problems()
            self._state = self._now()
        except Exception as error:  # noqa: BLE001 (without hints the service goes on by rescan)
            self._log.opt(exception=error).error("watching broke: this is a bug; all is begun anew", event="bug")
            self._drop_observer()
            self._build_at, self._trouble = self._monotonic() + RETRY_SECONDS, "a bug; see the log"
            self._state = self._now()

    def _change(self, now: float) -> None:
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
            self._repaired("hints-rebuilt", "watching was begun anew: {reason}", reason=broken)
        elif lost := self._roots.unset_lost(now):
            self._arrange(now)
            self._repaired("hints-mended", "lost watches were set anew, where possible: {count}", count=len(lost))
        else:
            self._tell(self._roots.arrange_missing(now))

    def _hear(self, observing: Observing) -> None:
        """What other threads have left to be said."""
        if self._tell_again:
            self._tell_again = False
            self._tell(self._paths or ())
        if observing.has_overflowed():
            self._log.warning("the kernel dropped events: every root is looked at", event="hints-overflow")
            self._tell(self._paths or ())
            self._tell_again = True  # watchdog is still setting its watches anew, and misses what happens meanwhile
        if self._teller.failed:
            self._teller.failed = False
            self._log.warning("hints could not be passed on: every root is looked at", event="hints-untold")
            self._tell(self._paths or ())

    def _broken(self, observing: Observing, roots: RootWatches, now: float) -> str:
        """Why the whole observer must be built anew; an empty string if it need not."""
        if not observing.is_alive():
            return "a thread of it ended"
        sign = self._canary.look(observing, now)
        if sign is Sign.SEEN and self._is_lost:
            self._log.info("hints arrive again", event="hints-back")
        elif sign is Sign.LOST and not self._is_lost:
            self._log.warning("hints don't arrive: until they do, drops are seen by rescan", event="hints-blind")
        if sign is not Sign.NONE:
            self._is_lost = sign is Sign.LOST
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
        self._roots = RootWatches(self._observing, self._teller)
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
        for root in roots:
            self._teller.tell(root)

    # Saying how it stands

    def _repaired(self, event: str, message: str, **values: object) -> None:
        self._repairs += 1
        self._log.info(message, event=event, **values)

    def _problems(self) -> dict[str, str]:
        """Why a root isn't watched, by root."""
        if self._roots is None:
            return dict.fromkeys(self._paths or (), self._trouble)
        return self._roots.problems

    def _now(self) -> HintState:
        problems = self._problems()
        return HintState(
            watching=len(self._paths or ()) - len(problems),
            unwatched=len(problems),
            blind=self._is_lost or self._roots is None,
            reason=next(iter(problems.values()), "events do not arrive" if self._is_lost else self._trouble),
            kernel_watches=self._roots.kernel_watches if self._roots else 0,
            repairs=self._repairs,
        )

    def _say_problems(self) -> None:
        """Each root's problem once, those with the same reason in one line; and that it is over."""
        if self._canary.problem and self._canary.problem != self._said_of_canary:
            self._log.warning(
                "the canary file cannot be written or watched: {reason}",
                reason=self._canary.problem,
                event="canary-failed",
            )
        self._said_of_canary = self._canary.problem
        problems = self._problems()
        new: dict[str, list[str]] = {}
        for root, reason in problems.items():
            if self._said.get(root) != reason:
                new.setdefault(reason, []).append(root)
        for reason, roots in new.items():
            self._log.warning(
                "roots left to the rescan: {count}, first {first!r}: {reason}",
                count=len(roots),
                first=safe_name(roots[0]),
                reason=reason,
                event="roots-unwatched",
            )
        if healed := [root for root in self._said if root not in problems and root in (self._paths or ())]:
            first = safe_name(healed[0])
            self._log.info(
                "roots watched again: {count}, first {first!r}",
                count=len(healed),
                first=first,
                event="roots-watched",
            )
        self._said = dict(problems)


class _Teller(FileSystemEventHandler):
    """Turns events into hints. An exception here would end the observer's thread, so none leaves it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.find = root_finder({})
        self.failed = False
        self._tell = tell

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by the observer's thread, under its lock: no file is touched here, nothing is waited for."""
        try:
            for path in {os.fsdecode(event.src_path), os.fsdecode(event.dest_path)}:
                for root in self.find(path):
                    self.tell(root)
        except BaseException:  # noqa: BLE001 (a dead thread would be worse than any exception)
            self.failed = True

    def tell(self, root: str) -> None:
        """Passes on one hint; that it could not be is said at the next check."""
        try:
            self._tell(root)
        except BaseException:  # noqa: BLE001
            self.failed = True
