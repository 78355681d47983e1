"""The kernel ends the service at its N-th call, or fails that call: the next start ends as if nothing had been.

Walked with strace over the calls by which anything becomes durable. Where there are many, a sample is walked;
EPOCH_WATCHER_WALK=all walks every one.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.endings import assert_loaded_once
from tests.crash.tracing import DONE, NOT_STARTED, Zygote, zygote
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
def counts(forks: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often an undisturbed service makes each call: one epoch, one gathering."""
    found = {}
    for name, call in _CALLS.items():
        world = _world(tmp_path_factory.mktemp("undisturbed"))
        found[name] = forks.count(world.config, call)
        assert_loaded_once(world, gathered=1)
    return found


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", _CALLS)
def test_killed_at_a_call_the_next_start_completes(
    name: str, forks: Zygote, counts: dict[str, int], tmp_path: Path
) -> None:
    assert counts[name] >= _SAMPLE[name]
    walked = {
        at: _kill(forks, _world(tmp_path / str(at)), name, at) for at in _points(counts[name], _SAMPLE[name])
    }
    assert not any(walked.values()), _listed(walked)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("error", _ERRORS)
@pytest.mark.parametrize("name", _CALLS)
def test_failed_call_is_said_and_made_good(
    name: str, error: str, forks: Zygote, counts: dict[str, int], tmp_path: Path
) -> None:
    points = _points(counts[name], _ERROR_SAMPLE, shift=_ERRORS.index(error))
    walked = {at: _fail(forks, _world(tmp_path / str(at)), name, error, at) for at in points}
    assert not any(walked.values()), _listed(walked)


def _kill(forks: Zygote, world: World, name: str, at: int) -> str:
    """What is wrong after a kill at a call and a second start; empty if nothing is."""
    run = forks.run(world.config, trace=_CALLS[name], inject=f"signal=KILL:when={at}")
    if run.code != -9:
        return f"was not reached; {run.log}"
    again = forks.run(world.config)
    return _wrong(world, f"{run.log}--- again\n{again.log}") if again.code == DONE else again.log


def _fail(forks: Zygote, world: World, name: str, error: str, at: int) -> str:
    """What is wrong after a failed call and, where the service could not start, a second start."""
    run = forks.run(world.config, trace=_CALLS[name], inject=f"error={error}:when={at}")
    if not run.was_injected:
        return f"was not reached; {run.log}"
    if run.code == NOT_STARTED and "Error" in run.log:
        run = forks.run(world.config)
    return _wrong(world, run.log) if run.code == DONE else run.log


def _wrong(world: World, log: str) -> str:
    try:
        assert_loaded_once(world, gathered=1)
    except AssertionError as error:
        return f"{str(error)[:3000]}\n{log}"
    return ""


def _listed(walked: dict[int, str]) -> str:
    return "\n".join(f"=== at call {at}: {text}" for at, text in walked.items() if text)


def _world(folder: Path) -> World:
    folder.mkdir(exist_ok=True)
    world = World(folder, root_settings={"settle_seconds": 0, "gather_settle_seconds": 0})
    world.drop()
    world.loose()
    return world


def _points(count: int, sample: int, shift: int = 0) -> Iterator[int]:
    """1..count, or an even sample of it that begins with 1 and ends with `count`, moved on by `shift`."""
    if os.environ.get("EPOCH_WATCHER_WALK") == "all" or sample >= count:
        return iter(range(1, count + 1))
    step = (count - 1) / (sample - 1)
    return itertools.chain(sorted({min(round(1 + i * step) + shift, count) for i in range(sample)}))
