"""The service as a process: signals, reload, a second one, districts that come and go, and what it says."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Set as AbstractSet
from pathlib import Path

import psycopg
import pytest

from tests.needs import needs
from tests.processes import open_files
from tests.service.oneroot import BAD, OneRoot, Scripted, install_scripted, logged, wait_for
from tests.service.running import EPOCH, FILES, STUDENT_IDS, Service, World, wait_until
from watcher.model.records import Ending, Step
from watcher.model.states import State
from watcher.service.datasets import read_intakes
from watcher.service.discovering import Discovering
from watcher.service.loop import Loop
from watcher.service.threads import Threads
from watcher.service.upkeep import Upkeep

NEXT = "20260902-020000"
STUDENTS_DATASET = Path(__file__).parents[2] / "schemas" / "students"
HOSTILE_EPOCH = "20260901-010000"
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (INFO|WARNING|ERROR)\s+\S.*")


@pytest.fixture
def scripted(tmp_path: Path) -> Scripted:
    """The scripted loader, to be found by the service through PYTHONPATH."""
    return install_scripted(tmp_path)


@pytest.fixture
def told(tmp_path: Path, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose drops go to the scripted loader."""
    monkeypatch.setenv("PYTHONPATH", str(scripted.site))
    return World(tmp_path, loaders={"scripted": scripted.loader}, root_settings={"loaders": ["scripted"]})


# stopping


def test_sigterm_lets_a_load_that_is_under_way_end(told: World, scripted: Scripted) -> None:
    scripted.answers("hang")
    told.configure(drain_seconds=60)
    told.drop()
    with told.running() as service:
        wait_for((scripted.folder / "hanging").exists, "the load to be under way")
        service.process.send_signal(signal.SIGTERM)
        service.wait_for_story("stopping; 1 drop with a worker")
        (scripted.folder / "go-on").touch()
        assert service.wait_for_exit() == 0
    (record,) = told.records()
    assert [a.ending for a in told.attempts(record)] == [Ending.DONE, Ending.DONE]
    assert record.loaded_by == ("scripted",)
    told.once()
    assert told.records()[0].state is State.LOADED
    assert scripted.calls() == [EPOCH]


def test_sigterm_stops_a_load_that_outlasts_the_patience_and_it_is_done_again(told: World, scripted: Scripted) -> None:
    scripted.answers("hang")
    told.configure(drain_seconds=0.5)
    told.drop()
    with told.running() as service:
        wait_for((scripted.folder / "hanging").exists, "the load to be under way")
        assert service.stop() == 0
    (record,) = told.records()
    assert [(a.step, a.ending) for a in told.attempts(record)][-1] == (Step.LOAD, Ending.STOPPED)
    told.once()
    assert told.records()[0].state is State.LOADED


def test_sigterm_of_an_idle_service_ends_it_at_once(tmp_path: Path) -> None:
    with World(tmp_path).running() as service:
        assert service.stop() == 0
    assert "stopped" in service.story.splitlines()[-1]


# one work directory, one service


def test_second_service_on_a_work_directory_ends_and_names_the_first(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.running() as first:
        second = world.start()
        assert second.wait_for_exit() == 1
        assert f"in use by another epoch-watcher: process {first.process.pid} on" in second.story
        assert world.once().process.returncode == 1
        world.drop()
        world.wait_for_end()
    assert len(world.rows()) == len(STUDENT_IDS)


# reload


def wait_for_reload(service: Service, text: str) -> None:
    service.process.send_signal(signal.SIGHUP)
    service.wait_for_story(text)


def test_sighup_with_a_good_configuration_takes_it(tmp_path: Path) -> None:
    world = World(tmp_path, roots=("lakeview",))
    with world.running() as service:
        (tmp_path / "other" / "upload").mkdir(parents=True)
        roots = [
            {"path": f"{tmp_path}/other/upload", "name": "other", "dataset": "students", "settle_seconds": 0.2},
        ]
        world.configure(roots=roots)
        wait_for_reload(service, "other: a new root")
        service.wait_for_story("lakeview: the root is gone")
        shutil.copytree(world.drop(), tmp_path / "copy")
        (tmp_path / "copy").rename(
            tmp_path / "other" / "upload" / EPOCH
        )  # whole at once, its marker not before the rest
        world.wait_for_end("other")
    assert [record.root for record in world.records()] == ["other"]


def test_sighup_with_a_bad_configuration_keeps_the_old_one_and_says_where(tmp_path: Path) -> None:
    world = World(tmp_path)
    good = world.config.read_text()
    with world.running() as service:
        world.config.write_text(good + "setle_seconds: 3\n")
        wait_for_reload(
            service,
            "the configuration is not reloaded: the old one stays in force; datasets are read anew for each drop",
        )
        assert re.search(rf"{re.escape(str(world.config))}:\d+: setle_seconds: ", service.story)
        world.config.write_text(good.replace('"dataset": "students"', '"dataset": "pupils"'))
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: service.story.count("is not reloaded") == 2, "the second refusal", lambda: service.story)
        world.drop()
        world.wait_for_end()
        world.configure(workers=2, parallel_roots=3)
        wait_for_reload(service, "configuration reloaded")
        assert "workers, parallel_roots changed: that takes effect at the next start" in service.story


def test_sighup_takes_what_a_dataset_newly_says_of_its_names(tmp_path: Path) -> None:
    """A file that was no drop before is one after the reload."""
    dataset = shutil.copytree(STUDENTS_DATASET, tmp_path / "own")
    text = (dataset / "dataset.yaml").read_text().replace("name: students", "name: own")
    (dataset / "dataset.yaml").write_text(text)
    world = World(tmp_path, root_settings={"dataset": str(dataset)})
    with world.running() as service:
        (world.root() / "pupils20260901.csv").write_bytes(FILES["students.csv"])
        service.wait_for_story("pupils20260901.csv: a file that is no drop")
        (dataset / "dataset.yaml").write_text(
            f'{text}\nintake: {{names: [{{name: "pupils{{date}}.csv", as: students.csv}}]}}\n'
        )
        wait_for_reload(service, "configuration reloaded")
        world.wait_for_end(service=service)
    (record,) = world.records()
    assert [(entry.name, entry.target) for entry in record.source.entries] == [("pupils20260901.csv", "students.csv")]
    assert record.state is State.LOADED


# districts


def test_folders_of_a_district_are_roots_and_one_that_is_made_later_is_found(tmp_path: Path) -> None:
    world = World(tmp_path, roots=("lakeview",))
    entry = {"path": str(world.root()), "name": "lakeview", "dataset": "students", "settle_seconds": 0.2}
    world.configure(roots=[{**entry, "folders": {"spring": {}, "autumn": {"results": False}}}])
    spring, autumn = (world.root() / season for season in ("spring", "autumn"))
    spring.mkdir()
    with world.running() as service:
        service.wait_for_story(f"{autumn}: there is no folder 'autumn' yet")
        shutil.move(world.drop(), spring / EPOCH)
        world.wait_for_end("lakeview-spring", service=service)
        autumn.mkdir()
        wait_for_reload(service, "lakeview-autumn: a new root")  # or at the next discovery, a minute later
        shutil.move(world.drop(epoch=NEXT), autumn / NEXT)
        world.wait_for_end("lakeview-autumn", service=service)
        assert service.story.count("there is no folder 'autumn' yet") == 1
    assert ((spring / "results").is_dir(), (autumn / "results").is_dir()) == (True, False)


def test_districts_come_and_go_while_the_service_runs(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.running() as service:
        world.root("hillside").mkdir(parents=True)
        wait_for_reload(service, "hillside: a new root")  # or at the next discovery, a minute later
        world.drop("hillside")
        world.wait_for_end("hillside")
        shutil.rmtree(world.root("lakeview"))
        wait_for_reload(service, "lakeview: the root is gone")
        world.drop("hillside", NEXT)
        world.wait_for_end("hillside", 2)


def test_drop_of_a_root_that_goes_is_taken_to_its_end(told: World, scripted: Scripted) -> None:
    scripted.answers("later:1")
    told.drop()
    with told.running() as service:
        service.wait_for_story("deferred for 1 s")
        shutil.rmtree(told.root("lakeview"))
        wait_for_reload(service, "the root is unavailable")
        service.wait_for_story("loaded ")
    assert [record.state for record in told.records()] == [State.LOADED]


def test_drop_of_a_root_that_is_not_configured_any_more_is_told_of(told: World, scripted: Scripted) -> None:
    scripted.answers("later:600")
    told.drop()
    with told.running() as service:
        service.wait_for_story("deferred for 600 s")
    (told.folder / "other" / "upload").mkdir(parents=True)
    told.configure(roots=[{"path": f"{told.folder}/other/upload", "name": "other"}])
    with told.running() as service:
        service.wait_for_story("root lakeview has drops that are not at their end, and is not configured any more")


def test_drop_of_a_root_that_a_reload_gives_another_name_is_told_of_at_once(told: World, scripted: Scripted) -> None:
    """It was told at the next start, when nobody thought of the reload any more."""
    scripted.answers("later:600", "later:600")
    told.drop()
    with told.running() as service:
        service.wait_for_story("deferred for 600 s")
        told.configure(roots=[{**told._root_entry(), "name": "brookside", "path": str(told.root())}])
        wait_for_reload(service, "root lakeview has drops that are not at their end, and is not configured any more")
        assert "until this service ends it goes on with them all the same" in service.story


def test_drop_that_waits_for_a_later_try_is_tried_at_once_after_a_restart(told: World, scripted: Scripted) -> None:
    scripted.answers("later:600", "ok")
    told.drop()
    with told.running() as service:
        service.wait_for_story("deferred for 600 s")
    with told.running() as service:
        service.wait_for_story("loaded ")


def test_drop_that_waits_for_a_later_try_is_tried_at_once_after_a_reload(told: World, scripted: Scripted) -> None:
    scripted.answers("later:600", "ok")
    told.drop()
    with told.running() as service:
        service.wait_for_story("deferred for 600 s")
        service.process.send_signal(signal.SIGHUP)
        service.wait_for_story("loaded ")


def discovering(world: OneRoot) -> Discovering:
    """The discovery of roots, beside a loop that takes no turn."""
    loop = Loop(world.context, Threads(1))
    upkeep = Upkeep(loop.tell)
    requests = upkeep.every("requests", 2.0, world.context.journal.requests, loop.take_requests)
    return Discovering(world.context, loop, upkeep, requests)


def test_discovery_that_finds_a_dataset_mended_hurries_what_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, hurried = tmp_path / "mine", list[AbstractSet[str]]()
    dataset.mkdir()
    (dataset / "dataset.yaml").write_text("name: mine\nfyles: []\n")
    world = OneRoot(tmp_path, dataset=str(dataset))
    world.drop()
    world.settle()
    assert world.record().waits_for_a_try(world.now)
    monkeypatch.setattr(Loop, "hurry", lambda _, roots: hurried.append(roots))
    roots = discovering(world)
    roots.intakes = read_intakes(world.settings)
    roots.take(roots.find())
    assert hurried == []
    (dataset / "dataset.yaml").write_text('name: mine\nfiles: [{schema: any.yaml, match: "*.csv"}]\n')
    (dataset / "any.yaml").write_text("file: any.csv\n")
    for _ in range(2):
        roots.take(roots.find())
    assert hurried == [{"lakeview"}]


def test_discovery_that_was_under_way_at_a_reload_hurries_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its roots may be those before the reload: tried with them, a drop waited for up to an hour again."""
    world, hurried = OneRoot(tmp_path), list[frozenset[str]]()
    monkeypatch.setattr(Loop, "hurry", lambda _, roots: hurried.append(roots))
    roots = discovering(world)
    under_way = roots.find()
    roots.hurry()
    roots.take(under_way)
    assert hurried == []
    for _ in range(2):
        roots.take(roots.find())
    assert len(hurried) == 1


def test_discovery_takes_what_a_dataset_newly_says_without_a_reload(tmp_path: Path) -> None:
    """The schemas are read anew for each drop: the dataset's words on names came with the next reload only."""
    dataset = shutil.copytree(STUDENTS_DATASET, tmp_path / "own")
    text = (dataset / "dataset.yaml").read_text().replace("name: students", "name: own")
    (dataset / "dataset.yaml").write_text(text)
    world = OneRoot(tmp_path, dataset=str(dataset))
    roots = discovering(world)

    def names() -> tuple[str, ...]:
        """How loose files come, as the next discovery of roots has it."""
        roots.take(roots.find())
        return tuple(rule.name for rule in roots.loop.seats["lakeview"].lane.root.policy.rules.names)

    assert names() == ()
    (dataset / "dataset.yaml").write_text(f'{text}\nintake: {{names: [{{name: "p{{date}}.csv", as: students.csv}}]}}\n')
    assert names() == ("p{date}.csv",)
    (dataset / "dataset.yaml").write_text(f"{text}\nintaek: {{}}\n")
    with logged() as lines:
        assert names() == ("p{date}.csv",)  # what is not sound takes nothing away
    assert "intaek" in lines[0]
    (dataset / "dataset.yaml").write_text(text)
    assert names() == ()


def test_unsound_dataset_of_one_root_holds_no_other_up(tmp_path: Path) -> None:
    world = World(tmp_path)
    (tmp_path / "other" / "upload").mkdir(parents=True)
    broken = {"path": f"{tmp_path}/other/upload", "name": "other", "dataset": str(tmp_path / "nowhere")}
    world.configure(roots=[world._root_entry(), broken])
    world.drop()
    with world.running() as service:
        service.wait_for_story("no such dataset")
        world.wait_for_end()
    assert [record.state for record in world.records()] == [State.LOADED]


# hints


def _inotify_instances(service: Service) -> int:
    return sum(name == "anon_inode:inotify" for name, _ in open_files(service.process.pid))


def test_watch_by_polling_takes_drops_without_any_kernel_event(tmp_path: Path) -> None:
    world = World(tmp_path, settings={"watch": "poll"})
    with world.running() as service:
        service.wait_for_story("watching 1 root")
        assert _inotify_instances(service) == 0
        world.drop()
        world.wait_for_end()


@needs("unshare", root=True)
def test_watches_used_up_is_said_and_drops_are_found_by_the_periodic_look(tmp_path: Path) -> None:
    """The limit is lowered in a user namespace of the service's own, not on this machine."""
    lower = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"'
    world = World(tmp_path, prefix=("unshare", "-Ur", "sh", "-c", lower, "sh"))
    with world.running() as service:
        service.wait_for_story("max_user_watches")
        world.drop()
        world.wait_for_end()


# PostgreSQL


def test_whole_road_with_journal_and_target_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """Both in one database, with a crash in between."""
    warehouse = {"type": "sql", "url": postgres_url}
    world = World(
        tmp_path,
        settings={"journal": postgres_url},
        loaders={"warehouse": warehouse},
        root_settings={"loaders": ["warehouse"]},
    )
    world.drop()
    with world.running() as service:
        world.wait_for_end()
        world.drop("lakeview", NEXT)
        service.wait_for_story(f"lakeview {NEXT}: claimed")
        service.kill()
    with world.running():
        world.wait_for_end("lakeview", 2)
    assert [(record.epoch, record.state) for record in world.records()] == [(NEXT, State.LOADED), (EPOCH, State.LOADED)]
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT _epoch, student_id FROM students ORDER BY 2").fetchall()
    assert rows == [(NEXT, number) for number in sorted(STUDENT_IDS)]


# workers


def test_worker_that_is_killed_costs_one_try_and_no_other_drop(told: World, scripted: Scripted) -> None:
    scripted.answers("die", "ok")
    told.drop()
    with told.running() as service:
        told.wait_for_end(service=service)
    (record,) = told.records()
    endings = [a.ending for a in told.attempts(record) if a.step is Step.LOAD]
    assert (record.state, endings) == (State.LOADED, [Ending.BROKE, Ending.DONE])
    assert "its worker was ended by signal 9" in service.story


def test_load_that_takes_too_long_is_ended_and_given_up(told: World, scripted: Scripted) -> None:
    scripted.answers(*["hang"] * 3)
    told.configure(load_timeout_seconds=1, attempts=2)
    told.drop()
    with told.running() as service:
        told.wait_for_end(service=service)
    (record,) = told.records()
    assert (record.state, record.reason) == (
        State.FAILED,
        "loader scripted broke 2 times; it took longer than 1 s",
    )


# what it says


HOSTILE = (
    "evil\n2026-09-01 02:00:00 ERROR forged",
    "{x}{0}{__class__}",
    "[red]<b>%s",
    "\x1b[2Jclear",
    "caf\udce9",
    "\u202egnp",
)


def _story(tmp_path: Path, **settings: object) -> Service:
    """The service on drops with hostile names and students' values, ended."""
    world = World(tmp_path, settings=settings, root_settings={"stale_seconds": 1})
    root = world.root()
    for name in HOSTILE:
        (root / name).write_bytes(b"not a test")
        (root / f"dir {name}").mkdir()
    extra = {f"{name}.csv": b"a,b\n1,Secretname\n" for name in HOSTILE}
    world.drop(epoch=HOSTILE_EPOCH, files={**FILES, **extra})
    world.drop(
        epoch="20260901-020000", files={**BAD, "students.csv": BAD["students.csv"].replace(b"Maria", b"Secretname")}
    )
    folder = world.drop(epoch="20260901-030000", marker=False)
    (folder / "COMPLETE\n").touch()
    with world.running() as service:
        world.wait_for_end(count=2, service=service)
        service.wait_for_story("stale-epoch" if settings else "incomplete: no COMPLETE")
        wait_until(
            lambda: service.story.count("that is no drop") >= 2 * len(HOSTILE), "the notices", lambda: service.story
        )
    return service


def test_log_is_one_line_an_event_whatever_the_names_are(tmp_path: Path) -> None:
    service = _story(tmp_path)
    lines = service.log_file.read_bytes().decode("utf-8").split("\n")
    assert lines.pop() == ""
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert not any(line.startswith("2026-09-01 02:00:00") for line in lines)
    assert r"evil\n2026-09-01 02:00:00 ERROR forged" in service.story
    assert "{x}{0}{__class__}" in service.story
    assert "\x1b" not in service.story
    assert "Secretname" not in service.story
    assert "2012-13-30" not in service.story


def test_log_as_json_is_one_object_a_line_with_event_root_and_epoch(tmp_path: Path) -> None:
    service = _story(tmp_path, log={"format": "json"})
    lines = [json.loads(line) for line in service.log_file.read_bytes().decode("ascii").splitlines()]
    assert all({"time", "level", "event", "message", "root", "epoch"} <= line.keys() for line in lines)
    assert [line for line in lines if not line["event"]] == []
    told = [line for line in lines if line["event"] in ("claimed", "accepted", "rejected", "loaded", "stale-epoch")]
    assert all(line["root"] == "lakeview" for line in told)
    about = {epoch: [line["event"] for line in told if line["epoch"] == epoch] for epoch in (EPOCH, HOSTILE_EPOCH)}
    assert about == {EPOCH: ["claimed", "rejected"], HOSTILE_EPOCH: ["claimed", "rejected"]}
    assert "Secretname" not in service.story


def test_log_reads_like_a_story(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.running() as service:
        world.drop()
        world.wait_for_end(service=service)
        world.drop(epoch=NEXT, files=BAD)
        world.wait_for_end(count=2, service=service)
    lines = [line[28:] for line in service.story.splitlines()]
    about = [line.removeprefix("lakeview ") for line in lines if line.startswith("lakeview ")]
    assert lines[0].startswith("epoch-watcher ")
    assert lines[1] == "watching 1 root"
    assert about == [
        f"{EPOCH}: claimed 2 files, 179 bytes (renamed)",
        f"{EPOCH}: accepted 4 rows in 2 files, 0 warnings",
        about[2],
        about[3],
        f"{NEXT}: claimed 2 files, 179 bytes (renamed)",
        about[5],
    ]
    assert about[2].startswith(f"{EPOCH}: loaded 4 rows into warehouse")
    assert about[3].startswith(f"{EPOCH}: loaded 4 rows into laid")
    assert about[5].startswith(f"{NEXT}: rejected: 2 errors, 0 warnings; first ")
    assert lines[-1] == "stopped"


# once


@pytest.mark.parametrize(("files", "code"), [(FILES, 0), (BAD, 1)])
def test_once_takes_what_settles_and_ends_with_the_verdict(tmp_path: Path, files: dict[str, bytes], code: int) -> None:
    world = World(tmp_path)
    world.drop(files=files)
    world.drop(epoch=NEXT, marker=False)
    service = world.once()
    assert service.process.returncode == code
    assert len(world.records()) == 1
