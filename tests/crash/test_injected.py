"""The kernel ends the service at its N-th call, or fails that call: the next start ends as if nothing had been.

Walked with strace over the calls by which anything becomes durable. Where there are many, a sample is walked;
EPOCH_WATCHER_WALK=all walks every one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.endings import assert_loaded_once
from tests.crash.tracing import DONE, NOT_STARTED, Point, Zygote, zygote
from tests.needs import needs
from tests.service.running import World

pytestmark = [needs("strace"), pytest.mark.slow]

_CALLS = {
    "rename": "rename,renameat,renameat2",
    "sync": "fsync,fdatasync",
    "write": "pwrite64,write",
    "make": "mkdir,mkdirat",
    "remove": "unlink,unlinkat,rmdir",
}
#: How many points of each walk are tried; the runs take about half a second each.
_SAMPLE = {"rename": 11, "sync": 10, "write": 12, "make": 6, "remove": 7}
_ERROR_SAMPLE = 3
_ERRORS = ("EIO", "ENOSPC", "EROFS")


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with zygote(tmp_path_factory.mktemp("zygote")) as made:
        yield made


@pytest.fixture(scope="module")
def points(forks: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Point, ...]]:
    """The calls of an undisturbed service, in order: one epoch, one gathering."""
    found = {}
    for kind, calls in _CALLS.items():
        world = _world(tmp_path_factory.mktemp("undisturbed"))
        found[kind] = forks.points(world.config, calls)
        assert_loaded_once(world, gathered=1)
    return found


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", _CALLS)
def test_killed_at_a_call_the_next_start_completes(
    kind: str, forks: Zygote, points: dict[str, tuple[Point, ...]], tmp_path: Path
) -> None:
    assert len(points[kind]) >= _SAMPLE[kind]
    walked = {
        point: _kill(forks, _world(tmp_path / f"{point.call}-{point.nth}"), point)
        for point in _sample(points[kind], _SAMPLE[kind])
    }
    assert not any(walked.values()), _listed(walked)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("error", _ERRORS)
@pytest.mark.parametrize("kind", _CALLS)
def test_failed_call_is_said_and_made_good(
    kind: str, error: str, forks: Zygote, points: dict[str, tuple[Point, ...]], tmp_path: Path
) -> None:
    walked = {
        point: _fail(forks, _world(tmp_path / f"{point.call}-{point.nth}"), point, error)
        for point in _sample(points[kind], _ERROR_SAMPLE, shift=_ERRORS.index(error))
    }
    assert not any(walked.values()), _listed(walked)


def _kill(forks: Zygote, world: World, point: Point) -> str:
    """What is wrong after a kill at a call and a second start; empty if nothing is."""
    run = forks.run(world.config, trace=point.call, inject=f"signal=KILL:when={point.nth}")
    if run.code != -9:
        return f"was not reached; {run.log}"
    again = forks.run(world.config)
    return _wrong(world, f"{run.log}--- again\n{again.log}") if again.code == DONE else again.log


def _fail(forks: Zygote, world: World, point: Point, error: str) -> str:
    """What is wrong after a failed call and, where the service could not start, a second start."""
    run = forks.run(world.config, trace=point.call, inject=f"error={error}:when={point.nth}")
    if not run.was_injected:
        return f"was not reached; {run.log}"
    if run.code == NOT_STARTED and "Error" in run.log:
        run = forks.run(world.config)
    return _wrong(world, run.log) if run.code == DONE else run.log


def _wrong(world: World, log: str) -> str:
    try:
        # A report that can't be put into the root is said and let go: it is a courtesy.
        assert_loaded_once(world, gathered=1, reported="the report could not be put into results/" not in log)
    except AssertionError as error:
        return f"{str(error)[:3000]}\n{log}"
    return ""


def _listed(walked: dict[Point, str]) -> str:
    return "\n".join(f"=== {point}: {text}" for point, text in walked.items() if text)


def _world(folder: Path) -> World:
    folder.mkdir(exist_ok=True)
    world = World(folder, root_settings={"settle_seconds": 0, "gather_settle_seconds": 0})
    world.drop()
    world.loose()
    return world


def _sample(points: tuple[Point, ...], size: int, shift: int = 0) -> tuple[Point, ...]:
    """All, or an even sample that begins with the first and ends with the last, moved on by `shift`."""
    if os.environ.get("EPOCH_WATCHER_WALK") == "all" or size >= len(points):
        return points
    last = len(points) - 1
    return tuple(points[i] for i in sorted({min(round(n * last / (size - 1)) + shift, last) for n in range(size)}))
