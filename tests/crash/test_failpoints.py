"""At every named point of a drop's road the process dies once; the next start ends as if it had not."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import watcher
from tests.crash.endings import assert_loaded_once, assert_newest_loaded, drop_older, files_for
from tests.crash.tracing import DONE, Zygote, zygote
from tests.service.running import EPOCH, FILES, World, wait_until
from watcher.cli import main
from watcher.failpoints import NAMES
from watcher.model.records import Ending, Step
from watcher.model.states import State

pytestmark = pytest.mark.slow

_ELSEWHERE = Path("/dev/shm")
#: Reached only where a rename works, and only where it is refused.
_BY_RENAME, _BY_COPY = frozenset({"claim.moved"}), frozenset({"claim.copied"})
#: Reached only where loose files are older than others.
_BY_OLDER = frozenset({"supersede.journaled"})
#: Met by them too.
_OLDER = ("claim.journaled", *(name for name in NAMES if name.startswith(("gather", "supersede", "file-away"))))
#: Reached in a worker process.
_IN_WORKER = ("unzip.set-aside", "validate.report-written", "validate.manifest-written", "load.committed")


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    with zygote(tmp_path_factory.mktemp("zygote")) as made:
        yield made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than tmp_path, so that nothing can be renamed into it."""
    if not _ELSEWHERE.is_dir() or _ELSEWHERE.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip(f"{_ELSEWHERE} is no other file system")
    with tempfile.TemporaryDirectory(dir=_ELSEWHERE) as folder:
        yield Path(folder)


def test_names_are_those_in_the_code_each_at_one_place() -> None:
    """A name that nothing reaches would be a test that can't fail."""
    sources = Path(watcher.__file__).parent.rglob("*.py")
    written = [name for path in sources for name in re.findall(r'\breach\(f?"([^"]+)"\)', path.read_text())]
    steps = (Step.VALIDATE, Step.LOAD)
    reached = Counter(name.format(step=step) for name in written for step in (steps if "{" in name else ("",)))
    assert reached == dict.fromkeys(NAMES, 1)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in _BY_COPY | _BY_OLDER])
def test_died_at_a_point_the_next_start_completes(name: str, forks: Zygote, tmp_path: Path) -> None:
    _die_and_go_on(name, forks, _world(tmp_path, name))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in _BY_RENAME | _BY_OLDER])
def test_died_at_a_point_of_a_copy_the_next_start_completes(
    name: str, forks: Zygote, tmp_path: Path, elsewhere: Path
) -> None:
    _die_and_go_on(name, forks, _world(tmp_path, name, work_dir=elsewhere))


def _die_and_go_on(name: str, forks: Zygote, world: World) -> None:
    run = forks.run(world.config, fail_at=name)
    assert run.code == -9, f"{name} was not reached\n{run.log}"
    again = forks.run(world.config)
    assert again.code == DONE, again.log
    assert_loaded_once(world, gathered=1)


def _world(folder: Path, name: str, work_dir: Path = Path()) -> World:
    world = World(folder, root_settings={"settle_seconds": 0, "gather_settle_seconds": 0}, work_dir=work_dir)
    world.drop(files=files_for(name))
    world.loose()
    return world


@pytest.mark.parametrize("name", _OLDER)
def test_died_while_older_files_were_set_aside_the_next_start_completes(
    name: str, forks: Zygote, tmp_path: Path
) -> None:
    world = World(tmp_path, root_settings={"settle_seconds": 0, "gather_settle_seconds": 0})
    older = drop_older(world)
    run = forks.run(world.config, fail_at=name)
    assert run.code == -9, f"{name} was not reached\n{run.log}"
    again = forks.run(world.config)
    assert again.code == DONE, again.log
    assert_newest_loaded(world, older)


@pytest.mark.parametrize("name", [*_OLDER, *(name for name in NAMES if name.startswith("unzip."))])
def test_died_with_older_zips_that_must_be_copied_the_next_start_completes(
    name: str, forks: Zygote, tmp_path: Path, elsewhere: Path
) -> None:
    """All at once: zips, of which only the newest counts, and no rename from the root into the stage."""
    settings = {"settle_seconds": 0, "gather_settle_seconds": 0}
    world = World(tmp_path, root_settings=settings, work_dir=elsewhere)
    (newest,) = files_for("unzip.").values()
    zips = {"set_auto20260831.zip": b"PK old", "set_auto20260901.zip": newest}
    for file, content in zips.items():
        (world.root() / file).write_bytes(content)
    run = forks.run(world.config, fail_at=name)
    assert run.code == -9, f"{name} was not reached\n{run.log}"
    again = forks.run(world.config)
    assert again.code == DONE, again.log
    loaded, outdated = world.records()
    assert [record.state for record in (outdated, loaded)] == [State.SUPERSEDED, State.LOADED]
    kept = world.kept("archive")
    assert kept.pop(f"lakeview/{outdated.epoch}") == {"set.zip": b"PK old"}
    assert kept == world.laid() == {f"lakeview/{loaded.epoch}": dict(FILES)}
    assert world.staged() == []
    assert [path.name for path in world.root().iterdir()] == ["results"]


# --- the same in the real service, whose tasks run in processes of their own ------------------------------------------


@pytest.mark.parametrize("name", ["claim.moved", "load.journaled", "deliver.written"])
def test_service_died_at_a_point_its_next_run_completes(name: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.drop()
    service = world.start(environment={"EPOCH_WATCHER_FAIL_AT": name})
    assert service.wait_for_exit() == -9, service.story
    with world.running() as again:
        world.wait_for_end(service=again)
    assert_loaded_once(world)


@pytest.mark.parametrize("name", _IN_WORKER)
def test_worker_that_always_dies_fails_the_drop_alone(name: str, tmp_path: Path) -> None:
    """Three tries, each in the journal; the service goes on; a replay after the mending loads it, once."""
    world = World(tmp_path)
    world.drop(files=files_for(name))
    with world.running(environment={"EPOCH_WATCHER_FAIL_AT": name}) as service:
        world.wait_for_end(service=service)
        assert not service.has_ended
    (record,) = world.records()
    assert record.state is State.FAILED
    assert "its worker was ended by signal 9" in record.reason
    step = Step.LOAD if name.startswith("load") else Step.VALIDATE
    tries = [attempt for attempt in world.attempts(record) if attempt.step is step]
    assert [attempt.ending for attempt in tries] == [Ending.BROKE] * 3
    assert main(["replay", "lakeview", EPOCH, "--config", str(world.config)]) == 0
    with world.running() as service:
        wait_until(
            lambda: world.records()[0].state is State.LOADED and world.records()[0].delivered,
            "the replay",
            lambda: service.story,
        )
        wait_until(lambda: not world.staged(), "the envelope in the archive", lambda: service.story)
    assert_loaded_once(world)


def test_worker_that_died_once_costs_one_try(tmp_path: Path) -> None:
    world = World(tmp_path, settings={"retry_seconds": 3})
    world.drop()
    with world.running(environment={"EPOCH_WATCHER_FAIL_AT": "load.committed"}) as service:
        service.wait_for_story("loader warehouse broke (try 1 of 3)")
    with world.running() as service:
        world.wait_for_end(service=service)
        assert "it had them already" in service.story
    assert_loaded_once(world)


def test_point_in_the_environment_is_the_only_way_to_one() -> None:
    assert "EPOCH_WATCHER_FAIL_AT" not in os.environ
