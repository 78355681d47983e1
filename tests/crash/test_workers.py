"""Loaders that die, hang, eat memory and raise: three tries each, a reason for a person, and nobody else is held up."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.crash.endings import assert_loaded_once
from tests.processes import children
from tests.service.running import EPOCH, Service, World, wait_until
from watcher.model.records import Ending, Step
from watcher.model.states import State

_PLUGIN = """
import os, signal, threading

class TroubleLoader:
    options_schema = {"type": "object", "properties": {"way": {"type": "string"}, "mended": {"type": "string"}}}

    def __init__(self, name, options):
        self.way, self.mended = options["way"], options["mended"]

    def check(self):
        pass

    def load(self, batch):
        from watcher.loading.loader import Loaded
        if os.path.exists(self.mended):
            return Loaded(4)
        if self.way == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.way == "exit":
            os._exit(7)
        if self.way == "hang":
            threading.Event().wait()
        if self.way == "bloat":
            return Loaded(len(bytearray(64 << 30)))
        raise ValueError((batch.files[0].path.parent / "students.csv").read_text())

    def close(self):
        pass
"""
_REASONS = {
    "kill": "its worker was ended by signal 9",
    "exit": "its worker was ended by exit code 7",
    "hang": "it took longer than 8 s",
    "bloat": "it needed more than 4096 MB of memory",
    "raise": "ValueError (its text is kept back: it may hold data) at trouble_loader.py:",
}
_STUDENT = "Santos"


@pytest.mark.timeout(240)
def test_trouble_of_loaders_fails_their_drops_and_no_others(tmp_path: Path) -> None:
    """All at once, in one service with two workers, which go down again and again."""
    mended = tmp_path / "mended"
    world = _world(tmp_path, mended)
    for root in world.roots:
        world.drop(root)
    with world.running(environment=_with_plugin(tmp_path)) as service:
        for root in world.roots:
            world.wait_for_end(root, service=service)
        # The others' troubles cost the workers, but not the service.
        world.drop("sound", "20260902-020000")
        world.wait_for_end("sound", 2, service)
        story = service.story
    assert [record.state for record in world.records("sound")] == [State.LOADED] * 2
    for way, reason in _REASONS.items():
        (record,) = world.records(way)
        assert record.state is State.FAILED
        assert record.reason.startswith(f"loader {way} broke 3 times; {reason}")
        tries = [attempt for attempt in world.attempts(record) if attempt.step is Step.LOAD]
        assert [attempt.ending for attempt in tries] == [Ending.BROKE] * 3
        assert f"{way}/{EPOCH}" in world.kept("failed")
        report = (world.root(way) / "results" / f"{EPOCH}.txt").read_text()
        assert "There is nothing for you to do" in report
    assert _STUDENT not in story
    assert _STUDENT not in str(world.records())


@pytest.mark.timeout(240)
def test_loader_that_is_mended_between_two_tries_loads(tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    world = _world(tmp_path, mended, roots=("kill",))
    world.configure(retry_seconds=1)
    world.drop("kill")
    with world.running(environment=_with_plugin(tmp_path)) as service:
        service.wait_for_story("loader kill broke (try 1 of 3)")
        mended.touch()
        world.wait_for_end("kill", service=service)
    (record,) = world.records("kill")
    assert record.state is State.LOADED
    endings = [attempt.ending for attempt in world.attempts(record) if attempt.step is Step.LOAD]
    assert endings[0] is Ending.BROKE
    assert endings[-1] is Ending.DONE


def test_idle_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """The kernel's out-of-memory killer asks nobody whether a worker is at something."""
    world = World(tmp_path, settings={"workers": 2})
    world.drop()
    with world.running() as service:
        world.wait_for_end(service=service)
        workers = _workers(service)
        assert len(workers) == 2
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: not _workers(service), "the workers to be gone", lambda: service.story)
        world.drop(epoch="20260902-020000")
        world.wait_for_end(count=2, service=service)
    assert_loaded_once(world, epochs=(EPOCH, "20260902-020000"))


def _workers(service: Service) -> list[int]:
    """The processes that the service has for its tasks."""
    found = []
    for child in children(service.process.pid):
        # a dead one that is not yet waited for has no command line left
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def _world(folder: Path, mended: Path, roots: tuple[str, ...] = (*_REASONS, "sound")) -> World:
    loaders = {way: {"type": "trouble", "way": way, "mended": str(mended)} for way in _REASONS}
    entries = [
        {
            "path": str(folder.resolve() / "sftp" / root / "upload"),
            "name": root,
            "dataset": "students",
            "loaders": [root] if root in _REASONS else ["warehouse"],
            "settle_seconds": 0.2,
        }
        for root in roots
    ]
    return World(
        folder, roots=roots, settings={"roots": entries, "workers": 2, "load_timeout_seconds": 8}, loaders=loaders
    )


def _with_plugin(folder: Path) -> dict[str, str]:
    """The environment in which the loader type `trouble` is installed, as a distribution of its own."""
    site = folder / "site"
    metadata = site / "trouble-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "trouble_loader.py").write_text(_PLUGIN)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[epoch_watcher.loaders]\ntrouble = trouble_loader:TroubleLoader\n")
    return {"PYTHONPATH": f"{Path(__file__).parents[2]}:{site}"}
