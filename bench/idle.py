"""What the service costs while nothing happens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from bench import byhand, measure
from bench.measure import Spread
from bench.page import Table
from bench.world import Service, World

#: The default of `rescan_seconds`; steady state is reached after two of them.
_RESCAN_SECONDS = 30.0
_PATIENCE_SECONDS = 600.0
#: A directory that changed less than two seconds ago is not trusted to be idle (watcher/service/sweep.py).
_CLOCK_STEP_SECONDS = 2.5

_HEAD = (
    "roots",
    "in each",
    "watch",
    "READY s",
    "all looked at s",
    "CPU % of a core",
    "bare scandir %",
    "ratio",
    "RSS MiB",
    "peak MiB",
    "workers MiB",
    "kernel watches",
)
_ABOUT = """\
Upload roots `sftp/*/upload` in which nothing happens, default settings (`rescan_seconds: 30`). READY is told to systemd
after that time; "all looked at" is when every root was looked at once, every watch set, and the processor at rest. CPU
is that of the service process in windows of {seconds:.0f} seconds in steady state: median (least-greatest), of
{windows}. Beside it, the bare cost: a loop of `os.scandir` over the same roots every 30 seconds. "One unknown entry"
is a file that is no drop, reported once, and a `results` folder; its CPU is that of the time after the report.

Targets: less than 1 % of a core at 10,000 roots; less than 150 MiB in the service process."""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of world. `has_entry`: each root holds an unknown entry and results/."""

    roots: int
    has_entry: bool = False
    watch: str = "events"


_CASES = (Case(1000), Case(10_000), Case(10_000, watch="poll"), Case(10_000, has_entry=True))
_QUICK_CASES = (Case(1000), Case(1000, has_entry=True))


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of each case."""
    windows, seconds = (1, 30.0) if quick else (2, 60.0)
    rows = tuple(
        _measure(case, folder / str(number), windows, seconds)
        for number, case in enumerate(_QUICK_CASES if quick else _CASES)
    )
    return Table("idle", "Idle", _ABOUT.format(seconds=seconds, windows=windows), _HEAD, rows)


def _measure(case: Case, folder: Path, windows: int, seconds: float) -> tuple[str, ...]:
    world = World(folder, settings={"watch": case.watch})
    roots = _make(case, world)
    bare_cpu_seconds = Spread.of([byhand.look_at_all(roots) for _ in range(5)]).median
    bare = 100 * bare_cpu_seconds / _RESCAN_SECONDS
    with world.running() as service:
        ready = service.wait_until_ready(_PATIENCE_SECONDS) - service.started
        service.wait_for("watching", bool, _PATIENCE_SECONDS)
        looked = measure.wait_until_quiet(service.pid, deadline_seconds=_PATIENCE_SECONDS) - service.started
        _reach_steady_state(case, service)
        cpu = Spread.of([measure.cpu_share(service.pid, seconds) for _ in range(windows)])
        workers = sum(measure.memory_mb(pid) for pid in measure.descendants(service.pid))
        return (
            f"{case.roots:,}",
            "one unknown entry" if case.has_entry else "nothing",
            case.watch,
            f"{ready:.1f}",
            f"{looked:.1f}",
            cpu.shown(2),
            f"{bare:.2f}",
            f"{cpu.median / bare:.1f}",
            f"{measure.memory_mb(service.pid):.0f}",
            f"{measure.memory_mb(service.pid, 'VmHWM'):.0f}",
            f"{workers:.0f}",
            f"{measure.kernel_watches(service.pid):,}",
        )


def _make(case: Case, world: World) -> list[Path]:
    names = tuple(f"district{number:05}" for number in range(case.roots))
    world.make(names)
    roots = [world.root(name) for name in names]
    if case.has_entry:
        for root in roots:
            (root / "notes.docx").write_text("not a drop")
            (root / "results").mkdir()
    time.sleep(_CLOCK_STEP_SECONDS)
    return roots


def _reach_steady_state(case: Case, service: Service) -> None:
    if case.has_entry:
        service.wait_for("unknown-entry", lambda told: len(told) >= case.roots, _PATIENCE_SECONDS)
    time.sleep(2 * _RESCAN_SECONDS)
    measure.wait_until_quiet(service.pid, deadline_seconds=_PATIENCE_SECONDS)
