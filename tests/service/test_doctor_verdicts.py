"""What doctor makes of things that can't be had in a test: a full disk, a wrong clock, a strange file system."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from watcher.config import load
from watcher.errors import JournalError
from watcher.fsops import Writer
from watcher.loading import registry
from watcher.service.checks.clock import check_clock
from watcher.service.checks.journal import check_journal
from watcher.service.checks.kernel import check_inotify, check_shared_watch
from watcher.service.checks.leases import check_leases
from watcher.service.checks.probing import Tried
from watcher.service.checks.result import MAKE_ROOM, Grade
from watcher.service.checks.roots import check_claims, check_results
from watcher.service.checks.site import Site, visit
from watcher.service.checks.space import Room, judge
from watcher.service.checks.targets import check_loaders

GB = 10**9
NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """One root, `north`, beside a work directory."""
    (tmp_path / "north").mkdir()
    (tmp_path / "work").mkdir(mode=0o700)
    config = tmp_path / "config.yaml"
    config.write_text(f"work_dir: work\nroots: [{{path: {tmp_path}/north, name: north}}]\n")
    return visit(load(config))


def with_tried(site: Site, tried: Tried) -> Site:
    return replace(site, tried={"north": tried})


@pytest.mark.parametrize(
    ("free_bytes", "free_inodes", "largest", "grade"),
    [
        (50 * GB, 10**6, 0, Grade.OK),
        (50 * GB, None, 0, Grade.OK),
        (50 * GB, None, 20 * GB, Grade.WARNING),
        (50 * GB, None, 51 * GB, Grade.PROBLEM),
        (GB // 2, None, 0, Grade.WARNING),
        (GB // 20, None, 0, Grade.PROBLEM),
        (50 * GB, 9_999, 0, Grade.WARNING),
        (50 * GB, 999, 0, Grade.PROBLEM),
        (50 * GB, 0, 0, Grade.PROBLEM),
    ],
)
def test_space_is_judged_by_what_is_free_and_by_the_largest_drop(
    free_bytes: int, free_inodes: int | None, largest: int, grade: Grade
) -> None:
    assert judge(Room(free_bytes, free_inodes), largest, "/srv").grade is grade


@pytest.mark.parametrize("year", [1970, 2024, 2101])
def test_clock_in_a_year_that_can_not_be_is_a_problem(site: Site, year: int) -> None:
    assert next(check_clock(site, NOW.replace(year=year))).grade is Grade.PROBLEM


def test_clock_of_another_file_system_that_is_off_is_a_warning(site: Site) -> None:
    off = with_tried(site, Tried(made=0, skew_seconds=-75.0))
    assert [result.text for result in check_clock(off, NOW) if result.root] == [
        "its file system's clock differs by -75 seconds from ours"
    ]


@pytest.mark.parametrize(
    ("names", "text"),
    [(("a",), "a changed in the future by our clock"), (("a", "b", "c"), "a, b, c changed in the future by our clock")],
)
def test_clock_entries_from_the_future_are_a_warning(site: Site, names: tuple[str, ...], text: str) -> None:
    found = [result for result in check_clock(with_tried(site, Tried(made=0, future=names)), NOW) if result.root]
    assert [(result.grade, result.text) for result in found] == [(Grade.WARNING, text)]


def test_leases_of_a_file_system_without_any_are_a_warning(site: Site) -> None:
    (result,) = check_leases(with_tried(site, Tried(made=0, lease=Writer.UNKNOWN)))
    assert (result.grade, result.text.split(":")[0]) == (Grade.WARNING, "this file system grants none (NFS, FUSE)")


def test_claims_on_a_full_disk_are_a_problem(site: Site) -> None:
    (result,) = check_claims(with_tried(site, Tried(made=28)))
    assert (result.grade, result.text) == (Grade.PROBLEM, "nothing can be made in it: No space left on device")


def test_what_finds_no_room_is_advised_to_make_room_not_to_give_rights(site: Site) -> None:
    made, moved, results = (Tried(made=28), Tried(made=0, moved=122), Tried(made=0, moved=0, results=28))
    found = [
        *check_claims(with_tried(site, made)),
        *check_claims(with_tried(site, moved)),
        *check_results(with_tried(site, results)),
    ]
    assert [result.advice for result in found] == [MAKE_ROOM] * 3
    (refused,) = check_results(with_tried(site, Tried(made=0, moved=0, results=13)))
    assert refused.advice.startswith("let the service write the folder results")


@pytest.mark.parametrize(
    ("text", "has_room"), [("database or disk is full", False), ("No space left on device", False), ("locked", True)]
)
def test_journal_that_finds_no_room_is_advised_to_make_room(
    site: Site, monkeypatch: pytest.MonkeyPatch, text: str, has_room: bool
) -> None:
    def failing(_: str) -> int:
        raise JournalError(f"the journal sqlite:////srv/j.db: {text}")

    monkeypatch.setattr("watcher.journal.checking.check_journal", failing)
    elsewhere = replace(site.settings, journal="postgresql+psycopg://localhost/journal")
    (result,) = check_journal(replace(site, settings=elsewhere))
    assert (result.advice == MAKE_ROOM) is not has_room


def test_claims_names_a_few_of_many(site: Site) -> None:
    names = tuple(f"2026090{day}-020000" for day in range(1, 10))
    result = list(check_claims(with_tried(site, Tried(made=0, moved=0, immovable=names))))[1]
    assert result.text.startswith("20260901-020000, 20260902-020000, 20260903-020000 and 6 more: can't be moved")


def test_inotify_that_will_not_do_for_every_root_is_told_before(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "limit"
    for value, grade in (("10", Grade.PROBLEM), ("20", Grade.WARNING), ("100", Grade.OK)):
        limit.write_text(value)
        monkeypatch.setattr("watcher.service.checks.kernel._LIMITS", {"watches": (limit,), "instances": (limit,)})
        assert [result.grade for result in check_inotify(site)] == [grade]


def test_work_directory_beneath_a_shared_watch_is_a_warning(site: Site) -> None:
    def roots(count: int) -> Site:
        made = tuple(replace(site.roots[0], id=f"d{n}", path=Path(f"/srv/sftp/d{n}/upload")) for n in range(count))
        return replace(site, roots=made, settings=replace(site.settings, work_dir=Path("/srv/sftp/.epoch-watcher")))

    assert list(check_shared_watch(roots(200))) == []
    (result,) = check_shared_watch(roots(201))
    assert result.grade is Grade.WARNING
    assert result.text.startswith("201 roots would be watched from /srv/sftp, and work_dir lies beneath it")
    elsewhere = replace(roots(201).settings, work_dir=Path("/srv/epoch-watcher"))
    assert list(check_shared_watch(replace(roots(201), settings=elsewhere))) == []


class Breaking:
    """A third party's loader whose check raises something of its own, with a password in its text."""

    options_schema: dict[str, object] = {}  # noqa: RUF012 (a loader's own shape)

    def __init__(self, name: str, options: object) -> None:
        del name, options

    def check(self) -> None:
        raise RuntimeError("password: hunter2")

    def load(self, batch: object) -> None: ...

    def close(self) -> None: ...


def test_loader_type_that_can_not_be_imported_is_to_be_installed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its options are all right."""
    monkeypatch.setattr(registry, "_BUILT_IN", (EntryPoint("gone", "no_such_package:Loader", registry.GROUP),))
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text() + "loaders: {mine: {type: gone}}\n")
    first = next(iter(check_loaders(replace(site, settings=load(config)))))
    assert (first.grade, first.text.split(":")[0]) == (Grade.PROBLEM, "mine")
    assert first.advice.startswith("install what offers it into the service's own environment")


def test_loader_that_breaks_is_a_problem_without_its_text(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking = EntryPoint("breaking", f"{__name__}:Breaking", registry.GROUP)
    monkeypatch.setattr(registry, "_BUILT_IN", (breaking,))
    monkeypatch.setattr(EntryPoint, "load", lambda _: Breaking)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text() + "loaders: {mine: {type: breaking}}\n")
    first = next(iter(check_loaders(replace(site, settings=load(config)))))
    assert (first.grade, first.text.split(":")[0]) == (Grade.PROBLEM, "mine broke")
    assert "hunter2" not in first.text
