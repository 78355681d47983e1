"""Many drops at once: how many the service gets through, and whether a small district waits for a large one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench import byhand, drops
from bench.measure import Spread
from bench.page import Table
from bench.world import World

_SETTLE_SECONDS = 1.0
_PATIENCE_SECONDS = 1800.0
_HEAD = ("", "service", "by hand", "ratio")
_ABOUT = """\
{epochs:,} complete epochs of five files with 3 to 20 rows each appear at once in {roots} roots: {largest} in one of
them, a single one in {single}, the rest evenly in the others. Default settings ({workers} workers), but
`settle_seconds: {settle:g}`; dataset `plain`, loader `sql` into one SQLite file. Time runs from when the last epoch has
appeared. Median (least-greatest) of {runs} runs."""


@dataclass(frozen=True, slots=True)
class Size:
    """`largest` epochs in one root, one in each of `single`, `others` in each of the rest."""

    roots: int
    largest: int
    single: int
    others: int

    @property
    def epochs(self) -> int:
        return self.largest + self.single + self.others * (self.roots - self.single - 1)

    def count(self, root: int) -> int:
        """How many epochs lie in this root."""
        if root == 0:
            return self.largest
        return 1 if root <= self.single else self.others


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of one run: until all were loaded, the worst wait of a root with a single epoch, by hand."""

    all_loaded: float
    worst_single: float
    by_hand: float


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of all runs."""
    size = Size(20, 50, 10, 4) if quick else Size(201, 500, 100, 4)
    runs = 1 if quick else 3
    results = [_run(folder / str(number), size) for number in range(runs)]
    rate = Spread.of([size.epochs / each.all_loaded for each in results])
    bare = Spread.of([size.epochs / each.by_hand for each in results])
    worst = Spread.of([each.worst_single for each in results])
    alone = Spread.of([each.by_hand / size.epochs for each in results])
    share = Spread.of([100 * each.worst_single / each.all_loaded for each in results])
    rows = (
        ("epochs per second", rate.shown(1), bare.shown(1), f"{bare.median / rate.median:.1f}"),
        ("seconds until all are loaded", Spread.of([each.all_loaded for each in results]).shown(1), "", ""),
        ("worst wait of a single epoch, s", worst.shown(1), alone.shown(3), ""),
        ("the same, % of the time for all", share.shown(0), "", ""),
    )
    about = _ABOUT.format(
        epochs=size.epochs,
        roots=size.roots,
        largest=size.largest,
        single=size.single,
        workers=2,
        settle=_SETTLE_SECONDS,
        runs=runs,
    )
    return Table("herd", "Herd", about, _HEAD, rows)


def _run(folder: Path, size: Size) -> Result:
    world = World(folder, root_settings={"settle_seconds": _SETTLE_SECONDS})
    names = tuple(f"district{number:03}" for number in range(size.roots))
    world.make(names)
    waiting = _prepare(folder / "waiting", size)
    with world.running() as service:
        service.wait_until_ready(_PATIENCE_SECONDS)
        service.wait_for("watching", bool, _PATIENCE_SECONDS)
        for number, epochs in enumerate(waiting):
            for epoch in epochs:
                epoch.rename(world.root(names[number]) / epoch.name)
        begin = time.monotonic()
        loaded = service.wait_for("loaded", lambda told: len(told) >= size.epochs, _PATIENCE_SECONDS)
    single = frozenset(names[1 : size.single + 1])
    worst = max(event.at for event in loaded if event.root in single) - begin
    return Result(loaded[-1].at - begin, worst, _by_hand(folder / "byhand", size))


def _prepare(folder: Path, size: Size) -> list[list[Path]]:
    """The epochs of each root, ready to appear by a rename."""
    random = Random(2)
    epochs = [[folder / str(root) / drops.epoch_name(n) for n in range(size.count(root))] for root in range(size.roots)]
    for each in epochs:
        for epoch in each:
            drops.put(epoch, drops.five_files(random))
    return epochs


def _by_hand(folder: Path, size: Size) -> float:
    epochs = [epoch for each in _prepare(folder / "waiting", size) for epoch in each]
    return sum(byhand.load_all(epochs, folder / "stage", folder / "byhand.db"))
