"""Disks that are full, out of inodes or read-only: it is said, nothing is lost, and it goes on by itself afterwards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.disks import Disk, ext4, fill, private_mounts, read_only, tmpfs
from tests.crash.endings import assert_loaded_once
from tests.needs import needs
from tests.service.running import EPOCH, FILES, World, wait_until
from watcher.model.states import State

pytestmark = [needs("mount", "umount", "findmnt", "mkfs.ext4", root=True), pytest.mark.slow]

_SECOND = "20260902-020000"


@pytest.fixture(scope="module", autouse=True)
def _private() -> Iterator[None]:
    with private_mounts():
        yield


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with ext4(tmp_path) as made:
        yield made


@pytest.mark.parametrize("journal", ["on the full disk", "elsewhere"])
def test_work_directory_full_waits_until_there_is_room(journal: str, tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "size=4m") as small:
        elsewhere = {"journal": f"sqlite:///{tmp_path.resolve()}/journal.db"} if journal == "elsewhere" else {}
        world = World(tmp_path, work_dir=small / "work", settings=elsewhere)
        with world.running() as service:
            filler = fill(small)
            source = world.drop()
            service.wait_for_story("No space left on device" if elsewhere else "disk is full")
            assert (source / "COMPLETE").exists()
            assert not service.has_ended
            filler.unlink()
            world.wait_for_end(service=service)
        assert_loaded_once(world)


def test_work_directory_without_inodes_waits_for_some(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "size=4m,nr_inodes=64") as small:
        world = World(tmp_path, work_dir=small / "work")
        with world.running() as service:
            filling = small / "filling"
            filling.mkdir()
            _use_up_inodes(filling)
            source = world.drop()
            service.wait_for_story("No space left on device")
            assert (source / "COMPLETE").exists()
            for path in filling.iterdir():
                path.unlink()
            world.wait_for_end(service=service)
        assert_loaded_once(world)


def test_work_directory_too_full_to_unpack_a_zip_unpacks_it_when_there_is_room(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**FILES, "notes.csv": b"x\n" * 1_000_000}.items():
            archive.writestr(name, content)
    with tmpfs(tmp_path / "small", "size=6m") as small:
        settings = {"attempts": 1000, "journal": f"sqlite:///{tmp_path.resolve()}/journal.db"}
        world = World(tmp_path, work_dir=small / "work", settings=settings)
        with world.running() as service:
            filler = fill(small, leave_bytes=1_000_000)
            world.drop(files={"set.zip": buffer.getvalue()})
            service.wait_for_story("broke (try 2 of 1000)")
            kept = small / "work" / "stage" / "lakeview" / EPOCH / "received" / "set.zip"
            assert kept.read_bytes() == buffer.getvalue()
            filler.unlink()
            world.wait_for_end(service=service)
        (record,) = world.records()
        assert record.state is State.LOADED
        assert set(world.kept("archive")[f"lakeview/{EPOCH}"]) == {*FILES, "notes.csv"}


def test_full_upload_root_delays_the_report_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sftp").mkdir()
    with tmpfs(tmp_path / "sftp/lakeview", "size=1m"):
        world = World(tmp_path)
        world.drop()
        filler = fill(world.root().parent)
        with world.running() as service:
            service.wait_for_story("the report could not be put into results/")
            assert not list(world.root().glob("results/*"))
            filler.unlink()
            world.wait_for_end(service=service)
        assert_loaded_once(world)


def test_read_only_upload_root_is_taken_once_and_left_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    source = world.drop()
    with read_only(world.root()):
        with world.running() as service:
            service.wait_for_story("the report could not be put into results/")
            assert "the sender's original could not be removed" in service.story
        # Nor does a second service, or the folder's being writable again, take it twice.
        with world.running() as service:
            service.wait_for_story("watching")
    assert source.exists()
    with world.running() as service:
        world.drop(epoch=_SECOND)
        world.wait_for_end(count=2, service=service)
    assert [(record.epoch, record.state) for record in world.records()] == [
        (_SECOND, State.LOADED),
        (EPOCH, State.LOADED),
    ]
    assert world.laid() == {f"lakeview/{epoch}": dict(FILES) for epoch in (EPOCH, _SECOND)}


def test_work_directory_turned_read_only_goes_on_after_a_repair(disk: Disk, tmp_path: Path) -> None:
    """As ext4 does to itself at an error; the operator mounts it again and starts the service."""
    world = World(tmp_path, work_dir=disk.folder / "work")
    service = world.start()
    try:
        service.wait_for_story("watching")
        disk.turn_read_only()
        source = world.drop()
        service.wait_for_story("ERROR")
        assert (source / "COMPLETE").exists()
        service.stop()
        refused = world.once()
        assert refused.process.returncode != 0
        assert "ead-only" in refused.story or "readonly" in refused.story
    finally:
        service.kill()
    disk.unmount()
    disk.mount()
    with world.running() as service:
        world.wait_for_end(service=service)
    assert_loaded_once(world)


def test_target_on_a_full_disk_defers_the_drop_until_there_is_room(tmp_path: Path) -> None:
    with tmpfs(tmp_path / "small", "size=1m") as small:
        world = World(tmp_path, database=small / "warehouse.db", settings={"retry_seconds": 0.5})
        filler = fill(small)
        world.drop()
        with world.running() as service:
            wait_until(
                lambda: any(record.state is State.DEFERRED for record in world.records()),
                "a deferred drop",
                lambda: service.story,
            )
            filler.unlink()
            world.wait_for_end(service=service)
        assert_loaded_once(world)


def _use_up_inodes(folder: Path) -> None:
    for number in range(1000):
        try:
            (folder / str(number)).touch()
        except OSError:
            return
    raise AssertionError("there were inodes without end")
