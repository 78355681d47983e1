"""What must be true of a world in the end, whatever happened on the way: the same as after an undisturbed run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from tests.service.running import EPOCH, FILES, GUARDIAN_IDS, STUDENT_IDS, World, has_ended
from watcher.model.records import DropKind, Record
from watcher.model.states import State

_ENVELOPE = {"files", "manifest.json", "report.html", "report.json", "report.txt"}
_OF_ZIPS = {"received", "unpacked.json"}


def files_for(failpoint: str) -> Mapping[str, bytes]:
    """What a sender uploads so that the point is reached: FILES, in a zip where zips are unpacked."""
    if not failpoint.startswith("unzip."):
        return FILES
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    return {"set.zip": buffer.getvalue()}


def assert_loaded_once(
    world: World, *, epochs: tuple[str, ...] = (EPOCH,), gathered: int = 0, reported: bool = True
) -> None:
    """These epochs and so many gatherings of FILES are loaded, each once, from a root that is clean again.

    Without `reported` it is left open whether the senders got their reports.
    """
    records = loaded(world)
    story = f"{world.records()}\n{world.all_stories()}"
    came = {record.epoch for record in records if record.kind is DropKind.EPOCH}
    assert came == set(epochs), story
    assert len(records) == len(epochs) + gathered, story
    names = {f"{record.root}/{record.folder_name}": dict(FILES) for record in records}
    assert world.kept("archive") == names, story
    assert world.laid() == names, story
    for folder in ("rejected", "held", "failed"):
        assert world.kept(folder) == {}, story
    assert_no_leftovers(world)
    assert_rows_once(world, records)
    if reported:
        assert_delivered(world, records)


def drop_older(world: World) -> dict[str, bytes]:
    """Loose files of which one is the newest of three: the older ones, oldest first."""
    world.loose()
    (world.root() / "students_auto.csv").rename(world.root() / "students_auto20260902.csv")
    older = {f"students_auto2026090{day}.csv": b"student_id\n%d\n" % day for day in (0, 1)}
    for file, content in older.items():
        (world.root() / file).write_bytes(content)
    return older


def assert_newest_loaded(world: World, older: Mapping[str, bytes]) -> None:
    """The newest is loaded once, the older ones lie in the archive, each once, and nothing else is left."""
    *newest, second, first = world.records()
    assert [record.state for record in (first, second, *newest)] == [State.SUPERSEDED, State.SUPERSEDED, State.LOADED]
    kept = world.kept("archive")
    assert [kept.pop(f"lakeview/{each.epoch}") for each in (first, second)] == [
        {"students.csv": content} for content in older.values()
    ]
    assert kept == world.laid() == {f"lakeview/{newest[0].epoch}": dict(FILES)}
    assert world.staged() == []
    assert [path.name for path in world.root().iterdir()] == ["results"]


def loaded(world: World) -> tuple[Record, ...]:
    """Every record; AssertionError unless each is loaded and done with."""
    records = tuple(record for record in world.records() if record.state is not State.WITHDRAWN)
    story = f"{records}\n{world.all_stories()}"
    assert all(record.state is State.LOADED for record in records), story
    assert all(map(has_ended, records)), story
    assert not any(record.source_left for record in records), story
    return records


def assert_rows_once(world: World, records: tuple[Record, ...]) -> None:
    """The targets' tables hold every drop's rows, once."""
    for table, keys in (("students", STUDENT_IDS), ("guardians", GUARDIAN_IDS)):
        assert world.rows(table) == sorted((r.root, r.epoch, key) for r in records for key in keys)


def assert_delivered(world: World, records: tuple[Record, ...]) -> None:
    """Each root holds its reports, whole, and nothing else."""
    for name in world.roots:
        root = world.root(name)
        expected = {f"{r.epoch}.{form}" for r in records if r.root == name for form in ("txt", "html")}
        assert {path.name for path in root.iterdir()} == ({"results"} if expected else set())
        assert {path.name for path in root.glob("results/*")} == expected
        assert all(path.stat().st_size for path in root.glob("results/*"))


def assert_no_leftovers(world: World) -> None:
    """Nothing is left in stage, and no envelope holds what is only there while it is worked on."""
    assert world.staged() == []
    for envelope in (world.work_dir / "archive").glob("*/*"):
        names = {path.name for path in envelope.iterdir()}
        assert names - _OF_ZIPS == _ENVELOPE
        assert names & _OF_ZIPS in (set(), _OF_ZIPS)
