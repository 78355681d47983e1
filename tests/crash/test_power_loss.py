"""The power fails: what was not synced is gone. No drop that was taken is lost, and none is loaded twice.

A real ext4 in a file, shut down without flushing its journal at every failpoint and under the running service.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.crash.disks import Disk, ext4, private_mounts
from tests.crash.endings import assert_loaded_once, assert_newest_loaded, drop_older, files_for
from tests.crash.tracing import DONE, Zygote, zygote
from tests.needs import needs
from tests.service.running import FILES, World
from watcher.failpoints import NAMES

pytestmark = [needs("mkfs.ext4", "mount", "umount", root=True), pytest.mark.slow]

#: From here on the drop is in the journal as ours: we answer for it even if its sender never synced it.
_TAKEN = NAMES[NAMES.index("validate.attempt-counted") :]
#: Not reached where a rename works, or where no file is older than another.
_POINTS = [name for name in NAMES if name not in ("claim.copied", "supersede.journaled")]


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with private_mounts(), zygote(tmp_path_factory.mktemp("zygote")) as made:
        yield made


@pytest.fixture
def disk(forks: Zygote, tmp_path: Path) -> Iterator[Disk]:
    with ext4(tmp_path) as made:
        yield made


@pytest.mark.parametrize("target", ["same", "other"])
@pytest.mark.parametrize("name", _POINTS)
def test_power_failed_at_a_point_the_next_start_completes(
    name: str, target: str, forks: Zygote, disk: Disk, tmp_path: Path
) -> None:
    """The target's rows are on the disk that failed, or on one that did not and knows more than the journal."""
    world = _world(disk, tmp_path if target == "other" else disk.folder, files=files_for(name))
    if name not in _TAKEN:
        os.sync()  # what its sender uploaded is safe; later it is on us to see to that
    run = forks.run(world.config, fail_at=name)
    assert run.code == -9, f"{name} was not reached\n{run.log}"
    _fail_and_come_back(disk)
    again = forks.run(world.config)
    assert again.code == DONE, again.log
    assert_loaded_once(world, gathered=1)


@pytest.mark.parametrize("name", ["gather.intended", "supersede.journaled", "file-away.moved"])
def test_power_failed_while_older_files_are_set_aside_the_next_start_completes(
    name: str, forks: Zygote, disk: Disk, tmp_path: Path
) -> None:
    world = _empty_world(disk, tmp_path)
    older = drop_older(world)
    os.sync()
    run = forks.run(world.config, fail_at=name)
    assert run.code == -9, f"{name} was not reached\n{run.log}"
    _fail_and_come_back(disk)
    again = forks.run(world.config)
    assert again.code == DONE, again.log
    assert_newest_loaded(world, older)


@pytest.mark.parametrize("said", ["claimed", "accepted", "into warehouse", "into laid"])
def test_power_failed_under_the_running_service_the_next_one_completes(said: str, disk: Disk, tmp_path: Path) -> None:
    world = _world(disk, tmp_path, settle_seconds=0.2)
    os.sync()
    service = world.start()
    try:
        service.wait_for_story(said)
        disk.cut_power()
        # It goes on without its disk, as it must where only that one failed, until we end it.
        assert not service.has_ended
    finally:
        service.kill()
    disk.unmount()
    disk.mount()
    with world.running() as again:
        world.wait_for_end(count=2, service=again)
    assert_loaded_once(world, gathered=1)


def _world(disk: Disk, target: Path, settle_seconds: float = 0, files: Mapping[str, bytes] = FILES) -> World:
    world = _empty_world(disk, target, settle_seconds)
    world.drop(files=files)
    world.loose()
    return world


def _empty_world(disk: Disk, target: Path, settle_seconds: float = 0) -> World:
    settings = {"settle_seconds": settle_seconds, "gather_settle_seconds": settle_seconds}
    (disk.folder / "world").mkdir()
    world = World(disk.folder / "world", root_settings=settings, database=target / "warehouse.db")
    os.sync()  # the world itself was there long before
    return world


def _fail_and_come_back(disk: Disk) -> None:
    disk.cut_power()
    disk.unmount()
    disk.mount()
