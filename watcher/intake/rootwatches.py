"""The watches on all roots that one observer keeps: which there should be, which are set, which are lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watchdog.events import FileSystemEventHandler

from watcher.intake.coverage import Coverage, Sight
from watcher.intake.kernelwatches import explain, is_limit, root_problem
from watcher.intake.observing import Observing
from watcher.intake.targets import Target

#: A limit of the kernel is tried again so often: raising it heals without a restart.
RETRY_SECONDS = 300.0
#: With more roots than one check looks at, a round over all of them begins no more often than this.
_ROUND_SECONDS, _SLICE = 60.0, 1000
#: Kernel watches above this, and above so many times what was set, are leaks: epochs that left the tree keep theirs.
_FEW_WATCHES, _TOO_MANY_TIMES = 1000, 3


class RootWatches:
    """Lives as long as its observer. `problems` tells for each root that isn't watched why.

    Paths are as configured (id -> path); the targets' are resolved. Nothing above the directory to `avoid` is watched.
    """

    def __init__(self, observing: Observing, told: FileSystemEventHandler, avoid: str | None = None) -> None:
        self.problems: dict[str, str] = {}
        self._observing = observing
        self._told = told
        self._avoid = avoid
        self._coverage = Coverage()
        self._paths: Mapping[str, str] = {}
        self._wanted: dict[str, Target] = {}
        self._set: dict[str, Target] = {}
        self._covering: dict[str, Target] = {}  # what is set, by root
        self._known: dict[str, str] = {}  # path by root, as it was when first looked at
        self._not_before: dict[str, float] = {}  # by path of a target that met a limit
        self._doubted: set[str] = set()
        self._recovered: list[str] = []
        self._expected = 0  # kernel watches, as we set them
        self._round: list[str] = []  # roots that this round has yet to look at
        self._next_round = 0.0

    @property
    def kernel_watches(self) -> int:
        """Those of the whole process, when last counted."""
        return self._coverage.kernel.count

    @property
    def have_leaked(self) -> bool:
        """Whether the kernel keeps so many watches more than were set that it is worth beginning anew."""
        return self.kernel_watches > max(_FEW_WATCHES, _TOO_MANY_TIMES * self._expected)

    def want(self, paths: Mapping[str, str], targets: Iterable[Target]) -> None:
        """What is to be watched from the next `arrange` on."""
        self._paths = paths
        self._wanted = {target.path: target for target in targets}
        self.problems = {root: reason for root, reason in self.problems.items() if root in paths}

    def arrange(self, now: float) -> tuple[str, ...]:
        """Brings what is set in line with what is wanted; the roots that are watched anew (something may be missed)."""
        self._coverage.refresh()
        before = self.kernel_watches
        for path in self._set.keys() - self._wanted.keys():
            self._unset(path)
        fresh = [target for path, target in self._wanted.items() if path not in self._set and self._add(target, now)]
        self._set = {path: self._wanted[path] for path in [*self._set, *(target.path for target in fresh)]}
        self._covering = {root: target for target in self._set.values() for root in target.roots}
        if fresh or self._set.keys() != self._wanted.keys():
            self._coverage.refresh()
        self._expected += self.kernel_watches - before
        return self._look_at_new(fresh, now)

    def arrange_missing(self, now: float) -> tuple[str, ...]:
        """The same, if a watch that should be set is not, and may be tried now."""
        missing = self._wanted.keys() - self._set.keys()
        return self.arrange(now) if any(self._may_try(path, now) for path in missing) else ()

    def unset_lost(self, now: float) -> tuple[str, ...]:
        """Removes the watches that no longer see their root; their paths. The next `arrange` sets them anew."""
        lost = {path for path in self._observing.dead() if path in self._set}
        roots = self._next_roots(now)
        if any(self._sight(root).is_refused for root in roots):
            self._coverage.refresh()  # the list may be as old as the round
        lost.update(self._covering[root].path for root in roots if self._is_lost(root, now))
        for path in lost:
            self._unset(path)
        return tuple(sorted(lost))

    def take_recovered(self) -> tuple[str, ...]:
        """The roots whose watch came by itself since this was last asked: they may have missed events before."""
        recovered, self._recovered = tuple(self._recovered), []
        return recovered

    def _may_try(self, path: str, now: float) -> bool:
        return now >= self._not_before.get(path, now)

    def _add(self, target: Target, now: float) -> bool:
        if not self._may_try(target.path, now):
            return False
        problem = self._covers_too_much(target) or root_problem(target.path)
        if not problem:
            try:
                self._observing.add(target.path, self._told, recursive=True)
                return True
            except (OSError, RuntimeError) as error:
                problem = explain(error)
                if is_limit(error):
                    self._not_before[target.path] = now + RETRY_SECONDS
        self.problems.update(dict.fromkeys(target.roots, problem))
        return False

    def _covers_too_much(self, target: Target) -> str:
        """Every epoch ever archived would keep a watch for ever, and each new start would set them all again."""
        if self._avoid is None or not f"{self._avoid}/".startswith(f"{target.path}/"):
            return ""
        return (
            f"so many roots would have to be watched from {target.path}, and the work directory lies beneath it; "
            f"for hints move it out of there, on the same mount"
        )

    def _unset(self, path: str) -> None:
        for root in self._set.pop(path).roots:
            self._covering.pop(root, None)
            self._known.pop(root, None)
        self._observing.remove(path)

    def _look_at_new(self, fresh: list[Target], now: float) -> tuple[str, ...]:
        """Looks for the first time at roots whose watch is new, or that are new or elsewhere beneath a shared one."""
        for target in fresh:
            self._coverage.learn_target(target)
        new = [root for root in self._covering if self._known.get(root) != self._paths[root]]
        for root in new:
            self._known[root] = self._paths[root]
            self._coverage.learn(root, self._paths[root])
            self._doubted.discard(root)
            is_fresh = self._covering[root] in fresh
            if self._judge(root, is_certain=is_fresh) and is_fresh:
                self._not_before[self._covering[root].path] = now + RETRY_SECONDS
        return tuple(new)

    def _sight(self, root: str) -> Sight:
        return self._coverage.look(root, self._paths[root], self._covering[root])

    def _judge(self, root: str, *, is_certain: bool) -> bool:
        """Notes the root's problem or that it has none; whether the kernel has no watch on it.

        A shared watch is given a second look before that counts: its watch on a new directory may be a moment behind.
        """
        sight = self._sight(root)
        if sight.is_refused and not is_certain and root not in self._doubted:
            self._doubted.add(root)
        elif sight.problem:
            self.problems[root] = sight.problem
        elif self.problems.pop(root, None) or root in self._doubted:
            self._doubted.discard(root)
            self._recovered.append(root)
        return sight.is_refused

    def _is_lost(self, root: str, now: float) -> bool:
        target = self._covering[root]
        is_certain = root in self._doubted or not target.is_shared
        return self._judge(root, is_certain=is_certain) and is_certain and self._may_try(target.path, now)

    def _next_roots(self, now: float) -> list[str]:
        """The roots whose turn it is. Each round begins with a fresh list of the kernel's watches."""
        if not self._round and now >= self._next_round:
            self._round = list(self._covering)
            self._next_round = now + (_ROUND_SECONDS if len(self._round) > _SLICE else 0.0)
            self._coverage.refresh()
        roots, self._round = self._round[:_SLICE], self._round[_SLICE:]
        return [root for root in roots if root in self._covering]
