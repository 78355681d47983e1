"""What is said of the hints in the log: each trouble once, until it is over or another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from watcher.model.names import safe_name

if TYPE_CHECKING:
    from loguru import Logger


class Sayings:
    """Remembers what was said."""

    def __init__(self, log: Logger) -> None:
        self._log = log
        self._of_roots: dict[str, str] = {}
        self._of_canary = ""

    def say_roots(self, problems: Mapping[str, str]) -> None:
        """Why roots aren't watched (root -> reason), one line for all with the same reason; and that they are again."""
        new: dict[str, list[str]] = {}
        for root, reason in problems.items():
            if self._of_roots.get(root) != reason:
                new.setdefault(reason, []).append(root)
        for reason, roots in new.items():
            self._log.warning(
                "roots left to the rescan: {count}, first {first!r}: {reason}",
                count=len(roots),
                first=safe_name(roots[0]),
                reason=reason,
                event="roots-unwatched",
            )
        if healed := [root for root in self._of_roots if root not in problems]:
            self._log.info(
                "roots watched again: {count}, first {first!r}",
                count=len(healed),
                first=safe_name(healed[0]),
                event="roots-watched",
            )
        self._of_roots = dict(problems)

    def forget_roots(self, wanted: Mapping[str, str]) -> None:
        """Roots that are not wanted any more have neither trouble nor an end of it."""
        self._of_roots = {root: reason for root, reason in self._of_roots.items() if root in wanted}

    def say_canary(self, problem: str) -> None:
        """Why the canary can tell nothing; an empty string if it can."""
        if problem and problem != self._of_canary:
            self._log.warning(
                "the canary file cannot be written or watched: {reason}", reason=problem, event="canary-failed"
            )
        self._of_canary = problem

    def say_blind(self, *, was: bool, now: bool) -> None:
        if now and not was:
            self._log.warning("hints don't arrive: until they do, drops are seen by rescan", event="hints-blind")
        elif was and not now:
            self._log.info("hints arrive again", event="hints-back")

    def say_rebuilt(self, reason: str) -> None:
        self._log.info("watching was begun anew: {reason}", reason=reason, event="hints-rebuilt")

    def say_mended(self, count: int) -> None:
        self._log.info("lost watches were set anew, where possible: {count}", count=count, event="hints-mended")

    def say_overflow(self) -> None:
        self._log.warning("the kernel dropped events: every root is looked at", event="hints-overflow")

    def say_untold(self) -> None:
        self._log.warning("hints could not be passed on: every root is looked at", event="hints-untold")

    def say_bug(self, error: Exception) -> None:
        self._log.opt(exception=error).error("watching broke: this is a bug; it is begun anew later", event="bug")
