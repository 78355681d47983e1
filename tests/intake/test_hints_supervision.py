"""What breaks a watch in the field, and that it is seen, said and mended."""

from __future__ import annotations

import ctypes
import os
import shutil
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from watchdog.version import VERSION_MAJOR

from tests.intake.hints_world import World, logged, world
from tests.needs import needs
from watcher.intake import hints as hints_module
from watcher.intake import rootwatches

#: So many events the kernel keeps; each new file makes two at least.
KERNEL_QUEUE = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
SHARED = 2  # `many`: five roots are then watched from above


@pytest.fixture(params=["own watches", "shared watch"])
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with world(tmp_path, many=200 if request.param == "own watches" else SHARED) as made:
        made.watch("a", "b", "c", "d", "e")
        assert made.hints.state.watching == 5, made.hints.state
        yield made


def gives_hints(here: World, name: str) -> None:
    here.ear.forget()
    (here.root(name) / f"{len(os.listdir(here.root(name)))}_auto.csv").touch()
    here.ear.wait_for(name)


def test_hints_events_are_told_of_their_own_root_only(here: World) -> None:
    gives_hints(here, "b")
    assert set(here.ear.heard) == {"b"}


def test_hints_events_beside_the_roots_are_nobodys(here: World) -> None:
    """A shared watch sees the sender's other folders, and perhaps our own."""
    (here.root("b").parent / "results").mkdir()
    (here.root("b").parent / "results" / "20260901-020000.txt").touch()
    (here.root("a").parent.parent / "stage").mkdir()
    gives_hints(here, "b")
    assert set(here.ear.heard) == {"b"}


def test_hints_more_and_fewer_roots_change_how_they_are_watched(tmp_path: Path) -> None:
    with world(tmp_path, many=SHARED) as made:
        for names, watches in (("ab", 3), ("abcde", 12), ("ae", 3), ("abcde", 12)):
            made.watch(*names)
            made.hints.check()
            assert (made.hints.state.watching, made.hints.state.kernel_watches) == (len(names), watches)
            for name in names:
                gives_hints(made, name)


def test_hints_close_does_not_wait_for_a_check_that_hangs(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stat of a dead network share may never come back."""
    monkeypatch.setattr(hints_module, "_CLOSE_SECONDS", 0.05)
    with here.hints._lock:
        here.hints.close()
    (here.root("a") / "x").touch()
    here.hints.close()
    here.hints.watch({"a": here.root("a")})
    assert here.ear.heard == []
    assert here.hints.state.watching == 0


def test_hints_are_told_outside_the_lock(tmp_path: Path) -> None:
    """Whoever is told may hold a lock under which he calls us."""
    free: list[bool] = []
    with world(tmp_path) as made:
        made.hints._teller._tell = lambda _: free.append(not made.hints._lock.locked())
        made.hints.watch({"a": made.root("a")})
    assert free == [True]


def test_hints_idle_check_says_and_repairs_nothing(here: World) -> None:
    with logged() as lines:
        here.hints.check()
        here.hints.check()
    assert lines == []
    assert here.ear.heard == []
    assert here.hints.state.repairs == 0
    assert here.hints.state.kernel_watches > 5


def test_hints_root_deleted_and_made_again_is_watched_again(here: World) -> None:
    shutil.rmtree(here.root("a"))
    with logged() as lines:
        here.check_until(lambda: here.hints.state.unwatched == 1)
        here.hints.check()
    assert [line for line in lines if line[0] == "roots-unwatched"] == [
        ("roots-unwatched", "roots left to the rescan: 1, first 'a': no such file or directory")
    ]
    here.ear.forget()
    here.root("a")
    with logged() as lines:
        here.check_until(lambda: here.hints.state.watching == 5)
    assert ("roots-watched", "roots watched again: 1, first 'a'") in lines
    here.ear.wait_for("a")
    gives_hints(here, "a")


def test_hints_root_deleted_and_made_again_between_two_checks_is_watched(here: World) -> None:
    shutil.rmtree(here.root("a"))
    here.root("a")
    here.check_until(lambda: here.hints.state.watching == 5 and not here.hints._roots._observing.dead())  # type: ignore[union-attr]
    gives_hints(here, "a")


def test_hints_root_renamed_away_and_replaced_is_watched_and_told(here: World, tmp_path: Path) -> None:
    here.root("a").rename(tmp_path / "srv" / "a" / "old")
    here.root("a")
    here.hints.check()
    here.ear.wait_for("a")
    here.check_until(lambda: here.hints.state.watching == 5)
    gives_hints(here, "a")
    here.ear.wait_until(lambda: here.ear.heard.count("a") == 2)  # created, closed
    here.ear.forget()
    (tmp_path / "srv" / "a" / "old" / "x").touch()
    gives_hints(here, "b")
    assert "a" not in here.ear.heard


# Under the shared watch a directory comes back with its old watch on; watchdog warns of that, here to its own death.
@pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")
def test_hints_roots_that_change_places_keep_their_names(here: World) -> None:
    """Both directories are watched all the time, each for the other."""
    here.root("a").rename(here.folder / "aside")
    here.root("b").rename(here.folder / "srv" / "a" / "upload")
    (here.folder / "aside").rename(here.folder / "srv" / "b" / "upload")
    here.hints.check()
    here.check_until(lambda: here.hints.state.watching == 5)
    here.ear.wait_for("a")
    here.ear.wait_for("b")
    gives_hints(here, "a")
    here.ear.wait_until(lambda: here.ear.heard.count("a") >= 2)
    gives_hints(here, "b")


def test_hints_root_that_is_back_without_an_event_is_told(tmp_path: Path) -> None:
    """The link to it was gone for a while: the watch beneath stayed, and what came meanwhile was not looked at."""
    link = tmp_path / "link"
    with world(tmp_path, many=SHARED) as made:
        link.symlink_to(made.root("b"))
        made.hints.watch({"a": made.root("a"), "linked": link, "c": made.root("c")})
        link.unlink()
        made.check_until(lambda: made.hints.state.unwatched == 1)
        made.ear.forget()
        link.symlink_to(made.root("b"))
        made.hints.check()
        assert (made.hints.state.watching, made.hints.state.repairs) == (3, 0)
        assert made.ear.heard == ["linked"]


def test_hints_new_root_is_watched_too(here: World) -> None:
    here.hints.watch({name: here.root(name) for name in ("a", "b", "c", "d", "e", "f")})
    here.ear.wait_for("f")
    here.ear.forget()
    (here.root("f") / "while_its_watch_is_set_auto.csv").touch()
    here.check_until(lambda: "f" in here.ear.heard)
    assert here.hints.state.watching == 6


def test_hints_dead_thread_of_a_watch_is_replaced(here: World) -> None:
    observer = here.hints._observing._observer  # type: ignore[union-attr]
    for emitter in list(observer.emitters):
        emitter.stop()
        emitter.join(60)
    here.hints.check()
    assert here.hints.state.repairs == 1
    assert set(here.ear.heard) == set("abcde")
    gives_hints(here, "c")


def test_hints_dead_dispatcher_is_replaced(here: World) -> None:
    observer = here.hints._observing._observer  # type: ignore[union-attr]
    observer.stop()
    observer.join(60)
    with logged() as lines:
        here.hints.check()
    assert ("hints-rebuilt", "watching was begun anew: a thread of it ended") in lines
    assert set(here.ear.heard) == set("abcde")
    gives_hints(here, "d")


def test_hints_canary_that_comes_back_says_nothing(here: World) -> None:
    with logged() as lines:
        for _ in range(3):
            here.ear.wait_until(lambda: here.hints._canary._came_back)
            here.clock.now += 61
            here.hints.check()  # sees the last one
            assert here.hints._canary._written is None
            here.hints.check()  # writes the next one
            assert here.hints._canary._written == here.clock.now
    assert lines == []
    assert here.hints.state.repairs == 0


@pytest.mark.skipif(VERSION_MAJOR < 7, reason="in watchdog 6 a thread ends with its watch, which is seen before")
def test_hints_blind_watch_is_said_and_mended(here: World) -> None:
    """The kernel's watches vanish underneath; every thread is alive and well."""
    with logged() as lines:
        here.check_until(lambda: here.hints._canary._written is None, "the first canary")
        lose_watch(here.folder / "work" / "canary")
        here.clock.now += 61
        here.hints.check()
        here.clock.now += 5
        here.hints.check()
        assert here.hints.state.repairs == 0
        here.clock.now += 6
        here.hints.check()
        assert here.hints.state.repairs == 0  # one look more, in case that the whole process was stopped
        here.hints.check()
        assert here.hints.state.repairs == 1
        assert here.hints.state.blind
        assert here.hints.state.reason == "events do not arrive"
        here.check_until(lambda: not here.hints.state.blind)
    assert [event for event, _ in lines] == ["hints-blind", "hints-rebuilt", "hints-back"]
    assert set(here.ear.heard) == set("abcde")
    gives_hints(here, "e")


def test_hints_lost_watch_of_a_root_is_set_anew(here: World) -> None:
    lose_watch(here.root("b"))
    with logged() as lines:
        here.hints.check()
        here.hints.check()
        here.check_until(lambda: here.hints.state.watching == 5)
    assert [event for event, _ in lines] == ["hints-mended"]
    assert "b" in here.ear.heard
    assert here.hints.state.repairs == 1
    gives_hints(here, "b")


def test_hints_canary_folder_deleted_is_made_again(here: World) -> None:
    shutil.rmtree(here.folder / "work")
    here.clock.now += 61
    here.check_until((here.folder / "work" / "canary" / "canary").exists)
    here.check_until(lambda: here.hints._canary._written is None)
    assert not here.hints.state.blind


def test_hints_canary_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("in the way")
    with logged() as lines, world(tmp_path) as made:
        made.watch("a")
        for _ in range(3):
            made.clock.now += 100
            made.hints.check()
        gives_hints(made, "a")
    assert [event for event, _ in lines] == ["canary-failed"]


def test_hints_leaked_watches_begin_anew(here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each epoch directory that we claim keeps its watch where it goes; 200 stand for the thousands of a year."""
    monkeypatch.setattr(rootwatches, "_FEW_WATCHES", 100)
    before = here.hints.state.kernel_watches
    for number in range(200):
        epoch = here.root("a") / f"20260901-{number:06}"
        epoch.mkdir()
        here.ear.wait_for("a")
        expected = before + number + 1
        here.ear.wait_until(partial(lambda count: _kernel_watches() >= count, expected))
        epoch.rename(tmp_path / epoch.name)
    here.check_until(lambda: here.hints.state.kernel_watches < 100)
    assert here.hints.state.repairs == 1
    assert here.hints.state.watching == 5
    gives_hints(here, "a")


def test_hints_overflow_loses_no_root(here: World) -> None:
    """The kernel keeps 16,384 events, if not told otherwise; a burst of more drops the hints of others, so all are told."""
    held = here.hints._observing._observer._lock  # type: ignore[union-attr]
    with logged() as lines:
        with held:  # the dispatcher waits; the kernel's queue is read on, but slowly while we keep the interpreter busy
            burst(here.root("a"), KERNEL_QUEUE // 2 + 1000)
        here.ear.wait_for("a")
        here.hints.check()
        here.check_until(lambda: here.hints.state.watching == 5)
    assert not [event for event, _ in lines if event in ("bug", "hints-rebuilt")]
    gives_hints(here, "b")
    gives_hints(here, "a")


@pytest.mark.skipif(VERSION_MAJOR < 7, reason="watchdog 6 is silent about an overflow")
def test_hints_overflow_is_said_and_every_root_told(here: World) -> None:
    reader = here.hints._observing._observer._inotify_fd  # type: ignore[union-attr]
    with logged() as lines:
        with reader._lock:  # what reads the kernel's queue stands still until it has overflowed
            burst(here.root("a"), KERNEL_QUEUE // 2 + 1000)
        here.check_until(lambda: "hints-overflow" in [event for event, _ in lines])
    assert {"a", "b", "c", "d", "e"} <= set(here.ear.heard)
    here.ear.forget()
    (here.root("b") / "while_watches_are_set_anew_auto.csv").touch()
    here.check_until(lambda: "b" in here.ear.heard)
    assert here.hints.state.watching == 5


# Under the shared watch a directory comes back with its old watch on; watchdog warns of that, here to its own death.
@pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")
def test_hints_large_round_is_cut_in_slices(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rootwatches, "_SLICE", 2)
    here.root("e").rename(here.folder / "gone")
    seen = []
    for _ in range(3):
        here.hints.check()
        seen.append(here.hints.state.unwatched)
    assert seen == [0, 0, 1]
    (here.folder / "gone").rename(here.folder / "srv" / "e" / "upload")
    here.hints.check()
    assert here.hints.state.unwatched == 1  # the next round is not due yet
    here.clock.now += rootwatches._ROUND_SECONDS + 1
    here.check_until(lambda: here.hints.state.watching == 5)


def test_hints_root_that_turns_into_a_link_is_followed(here: World) -> None:
    here.root("a").rename(here.folder / "elsewhere")
    (here.folder / "srv" / "a" / "upload").symlink_to(here.folder / "elsewhere")
    here.hints.check()
    here.check_until(lambda: here.hints.state.watching == 5)
    gives_hints(here, "a")


def test_hints_bug_of_ours_does_not_reach_the_service(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with logged() as lines, monkeypatch.context() as patch:
        patch.setattr(rootwatches.RootWatches, "unset_lost", broken)
        here.hints.check()
        here.hints.check()
    assert [event for event, _ in lines] == ["bug", "roots-unwatched"]
    assert here.hints.state.blind
    here.clock.now += rootwatches.RETRY_SECONDS + 1
    here.hints.check()
    assert here.hints.state.watching == 5
    gives_hints(here, "a")


@needs("mount", root=True)
def test_hints_mount_over_a_root_is_noticed(here: World) -> None:
    """No event tells of it."""
    libc = ctypes.CDLL(None, use_errno=True)
    target = os.fsencode(here.root("a"))
    mounted = 0
    try:
        for _ in range(2):  # the second has the device of another and the inode number of the first
            if libc.mount(b"none", target, b"tmpfs", 0, b"size=1m") != 0:
                pytest.skip(f"mounting is refused: {os.strerror(ctypes.get_errno())}")
            mounted += 1
            here.hints.check()
            here.hints.check()
            gives_hints(here, "a")
    finally:
        for _ in range(mounted):
            libc.umount2(target, 2)
    here.hints.check()
    here.hints.check()
    gives_hints(here, "a")


def burst(root: Path, files: int) -> None:
    at = os.open(root, os.O_RDONLY)
    for number in range(files):
        os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def _kernel_watches() -> int:
    from watcher.intake.kernelwatches import read_kernel_watches

    return read_kernel_watches().count


def lose_watch(path: Path) -> None:
    """Takes the kernel's watch on a directory away, from every instance of this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    inode = path.stat().st_ino
    taken = 0
    for descriptor in os.listdir("/proc/self/fdinfo"):
        try:
            lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            fields = dict(field.partition(":")[::2] for field in line.split()[1:])
            if line.startswith("inotify ") and int(fields["ino"], 16) == inode:
                assert libc.inotify_rm_watch(int(descriptor), int(fields["wd"], 16)) == 0
                taken += 1
    assert taken


def test_hints_shared_watch_never_takes_in_the_work_directory(tmp_path: Path) -> None:
    """Each archived epoch would keep a kernel watch. The roots are left to the periodic look, and it is said once."""
    with logged() as lines, world(tmp_path, many=2, avoid=tmp_path / "srv" / ".work") as here:
        (tmp_path / "srv" / ".work" / "archive").mkdir(parents=True)
        here.watch("lakeview", "hillside", "riverside")
        here.hints.check()
        assert here.hints.state.unwatched == 3
        assert "work directory lies beneath" in here.hints.state.reason
        assert here.hints.state.kernel_watches <= 1  # the canary's
        assert [event for event, _ in lines].count("roots-unwatched") == 1
        here.hints.watch({"lakeview": here.root("lakeview")})
        here.ear.forget()
        (here.root("lakeview") / "20260901-020000").mkdir()
        here.ear.wait_for("lakeview")


def test_hints_directory_met_twice_by_watchdog_is_no_news(here: World) -> None:
    """Watchdog 7 warns when a directory is made while its parent is walked; where warnings are errors its thread died."""
    warnings.warn(
        "Callback with id '1' already exists for watch w. It will be Overwritten.", RuntimeWarning, stacklevel=1
    )
    gives_hints(here, "a")
