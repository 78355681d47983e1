"""How long a small drop takes, from its last byte to its rows, beyond the time it has to settle."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench import byhand, drops
from bench.measure import Spread, percentile
from bench.page import Table
from bench.world import Service, World

_SETTLE_SECONDS = 1.0
_ROOT = "lakeview"
_PATIENCE_SECONDS = 60.0
_HEAD = ("step", "median ms", "p99 ms", "least ms", "most ms")
_ABOUT = """\
{count} epochs of two files with 3 to 50 rows each, one after the other, into one root (`settle_seconds: {settle:g}`,
dataset `students`, loader `sql` into SQLite). Time zero is the marker's close plus the settle time. A drop is claimed,
accepted and loaded when the service says so; each of these is in the journal by then, as durable as SQLite makes it.
By hand: the same epochs renamed and fsynced, read with Python's `csv` and inserted in one transaction; the
service also judges every cell, writes a report in three forms, keeps a journal and survives a crash at any point.

The median drop takes {ratio:.1f} times as long as by hand."""


@dataclass(frozen=True, slots=True)
class Times:
    """When (monotonic) one drop reached each step; `settled` is the last byte's time plus the settle time."""

    settled: float
    claimed: float
    accepted: float
    loaded: float


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of each step."""
    count = 20 if quick else 120
    world = World(folder, root_settings={"dataset": "students", "settle_seconds": _SETTLE_SECONDS})
    world.make((_ROOT,))
    random = Random(1)
    with world.running() as service:
        service.wait_until_ready(_PATIENCE_SECONDS)
        service.wait_for("watching", bool, _PATIENCE_SECONDS)
        _drop(world, service, 0, random)  # the first one starts the workers' libraries
        times = [_drop(world, service, number, random) for number in range(1, count + 1)]
    bare = _by_hand(folder / "byhand", count)
    total = [each.loaded - each.settled for each in times]
    rows = (
        _row("settled to claimed", [each.claimed - each.settled for each in times]),
        _row("claimed to accepted", [each.accepted - each.claimed for each in times]),
        _row("accepted to loaded", [each.loaded - each.accepted for each in times]),
        _row("settled to loaded", total),
        _row("by hand", bare),
    )
    ratio = Spread.of(total).median / Spread.of(bare).median
    about = _ABOUT.format(count=count, settle=_SETTLE_SECONDS, ratio=ratio)
    return Table("latency", "Latency", about, _HEAD, rows)


def _drop(world: World, service: Service, number: int, random: Random) -> Times:
    epoch = drops.epoch_name(number)
    drops.put(world.root(_ROOT) / epoch, drops.students_and_guardians(random))
    settled = time.monotonic() + _SETTLE_SECONDS
    loaded, accepted, claimed = (_when(service, name, epoch) for name in ("loaded", "accepted", "claimed"))
    return Times(settled, claimed, accepted, loaded)


def _when(service: Service, name: str, epoch: str) -> float:
    """When the service told this of the epoch; waits for it."""
    told = service.wait_for(name, lambda told: any(event.epoch == epoch for event in told), _PATIENCE_SECONDS)
    return next(event.at for event in told if event.epoch == epoch)


def _by_hand(folder: Path, count: int) -> list[float]:
    random = Random(1)
    epochs = [folder / drops.epoch_name(number) for number in range(count)]
    for epoch in epochs:
        drops.put(epoch, drops.students_and_guardians(random))
    return byhand.load_all(epochs, folder / "stage", folder / "byhand.db")


def _row(step: str, seconds: list[float]) -> tuple[str, ...]:
    spread = Spread.of(seconds)
    figures = (spread.median, percentile(seconds, 0.99), spread.least, spread.most)
    return (step, *(f"{1000 * figure:,.1f}" for figure in figures))
