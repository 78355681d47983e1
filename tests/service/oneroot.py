"""One root, looked at by the test itself: real files, real journal, real tasks, but our own clock and no processes.

    world = OneRoot(tmp_path)
    world.drop("20260901-020000")
    world.settle()                              # looks until nothing is left to do but wait
    assert world.state("20260901-020000") is State.LOADED

A worker's task is run at once in this process (`AtOnce`) or when the test says so (`Later`). The loader `scripted`
answers what the test wrote for it.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from loguru import logger

from tests.service.running import FILES
from watcher.clock import Clock
from watcher.config import LoaderSettings, RootSettings, Settings
from watcher.journal import open_journal
from watcher.model.records import Record, RequestKind, Transition
from watcher.model.states import State
from watcher.service.context import Context
from watcher.service.datasets import read_intakes
from watcher.service.folders import WorkFolders
from watcher.service.lane import Lane
from watcher.service.look import Looked, look
from watcher.service.policy import Policy
from watcher.service.roots import Root, policy_of
from watcher.service.workers import Workers

GOOD = FILES
#: Two errors: a month that is none, and a guardian of nobody.
BAD: Mapping[str, bytes] = {
    "students.csv": FILES["students.csv"].replace(b"2012-03-30", b"2012-13-30"),
    "guardians.csv": FILES["guardians.csv"].replace(b"100235", b"999999"),
}
SETTLE, GATHER_SETTLE = 10.0, 120.0

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


class AtOnce:
    """Workers that do a task while it is submitted."""

    def submit(
        self,
        function: Callable[[_Argument], _Result],
        argument: _Argument,
        timeout_seconds: float,  # noqa: ARG002 (nothing here can be cut off)
    ) -> Future[_Result]:
        future: Future[_Result] = Future()
        try:
            future.set_result(function(argument))
        except Exception as error:  # noqa: BLE001 (the future raises it, as that of a process would)
            future.set_exception(error)
        return future

    def close(self, patience_seconds: float) -> None:
        """Nothing is open."""


@dataclass
class Later:
    """Workers that do a task when the test says `run`, and break one when it says `end`."""

    tasks: list[tuple[Future[Any], Callable[[], Any]]] = field(default_factory=list)

    def submit(
        self,
        function: Callable[[_Argument], _Result],
        argument: _Argument,
        timeout_seconds: float,  # noqa: ARG002 (nothing here can be cut off)
    ) -> Future[_Result]:
        future: Future[_Result] = Future()
        self.tasks.append((future, lambda: function(argument)))
        return future

    def run(self) -> None:
        future, work = self.tasks.pop(0)
        future.set_result(work())

    def end(self, error: BaseException) -> None:
        self.tasks.pop(0)[0].set_exception(error)

    def close(self, patience_seconds: float) -> None:
        """Nothing is open."""


class OneRoot:
    """The root `lakeview` with a service's means around it; `options` are those of the root's settings."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: Workers | None = None,
        loaders: Mapping[str, Mapping[str, Any]] | None = None,
        settings: Mapping[str, Any] | None = None,
        upload: str = "upload",
        **options: Any,
    ) -> None:
        self.folder = folder
        self.upload = folder / upload
        self.upload.mkdir(exist_ok=True)
        self.laid = folder / "laid"
        self.laid.mkdir(exist_ok=True)
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.began = self.now
        made = {name: _loader(name, values) for name, values in (loaders or self._laid_loader()).items()}
        values = {"dataset": "students", "loaders": tuple(made), "settle_seconds": SETTLE, **options}
        self.root_settings = RootSettings(path=str(self.upload), name="lakeview", **values)
        self.settings = Settings(
            work_dir=folder / "work",
            journal=f"sqlite:///{folder}/work/journal.db",
            roots=(self.root_settings,),
            source=folder / "config.yaml",
            loaders=made,
            **(settings or {}),
        )
        self.workers = workers or AtOnce()
        self.context, self.lane = self._opened()

    def _laid_loader(self) -> dict[str, dict[str, Any]]:
        return {"laid": {"type": "files", "folder": str(self.laid)}}

    def _opened(self) -> tuple[Context, Lane]:
        folders = WorkFolders(self.settings.work_dir)
        folders.make()
        clock = Clock(lambda: self.now, lambda: self.now, self.seconds)
        journal = open_journal(self.settings.journal, clock)
        policy = self._policy()
        lane = Lane(Root("lakeview", self.upload, self.root_settings, policy))
        return Context(self.settings, journal, folders, self.workers, clock), lane

    def _policy(self) -> Policy:
        return policy_of(self.settings, self.root_settings, read_intakes(self.settings).of(self.root_settings.dataset))

    def seconds(self) -> float:
        """The monotonic clock."""
        return (self.now - self.began).total_seconds()

    # --- what happens ---

    def drop(self, name: str = "20260901-020000", files: Mapping[str, bytes] = GOOD, *, marker: bool = True) -> Path:
        folder = self.upload / name
        folder.mkdir()
        for file, content in files.items():
            (folder / file).write_bytes(content)
        if marker:
            (folder / "COMPLETE").touch()
        return folder

    def loose(self, files: Mapping[str, bytes] = GOOD) -> None:
        for file, content in files.items():
            (self.upload / f"{file.removesuffix('.csv')}_auto.csv").write_bytes(content)

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def look(self) -> Looked:
        return look(self.lane, self.context)

    def work(self, most: int = 50) -> Looked:
        """Look until nothing is left to do but wait, for a worker too; the last look."""
        looked = self.look()
        for _ in range(most):
            is_done = self.lane.work is None or not self.lane.work.future.done()
            if is_done and looked.next_look_seconds != 0.0:
                return looked
            looked = self.look()
        raise AssertionError(f"still at work after {most} looks: {looked}")

    def settle(self, seconds: float = SETTLE) -> Looked:
        """A look, the settle time, and then all that is to be done."""
        self.work()
        self.advance(seconds)
        return self.work()

    def restart(self) -> None:
        """The service ends and starts again: only disk and journal stay."""
        self.close()
        self.context, self.lane = self._opened()

    def change(self, **options: Any) -> None:
        """Other settings of the root, as a reload brings them."""
        self.root_settings = replace(self.root_settings, **options)
        self.lane.root = Root("lakeview", self.upload, self.root_settings, self._policy())

    def replay(self, record: Record, by: str = "ann") -> None:
        self.context.journal.request(RequestKind.REPLAY, record, by)
        self.lane.requests = self.context.journal.requests()

    def close(self) -> None:
        self.context.journal.close()

    # --- what came of it ---

    def records(self, name: str | None = None) -> tuple[Record, ...]:
        """Oldest first."""
        found = reversed(self.context.journal.history("lakeview", limit=1000))
        return tuple(record for record in found if name in (None, record.epoch))

    def record(self, name: str = "20260901-020000") -> Record:
        """The newest take of an epoch."""
        return self.records(name)[-1]

    def state(self, name: str = "20260901-020000") -> State:
        return self.record(name).state

    def states(self) -> dict[str, State]:
        return {record.folder_name: record.state for record in self.records()}

    def history(self, name: str = "20260901-020000") -> list[State]:
        return [step.after for step in self.transitions(name)]

    def transitions(self, name: str = "20260901-020000") -> tuple[Transition, ...]:
        return self.context.journal.transitions(self.record(name).id)

    def notices(self) -> dict[str, str]:
        """Kind by subject."""
        return {notice.subject: notice.kind for notice in self.context.journal.notices("lakeview")}

    def kept(self, folder: str) -> dict[str, dict[str, bytes]]:
        """The files of every drop in a folder of the work directory, by the envelope's name."""
        place = self.settings.work_dir / folder / "lakeview"
        return {drop.name: _contents(drop / "files") for drop in place.iterdir()} if place.is_dir() else {}

    def loaded(self) -> dict[str, dict[str, bytes]]:
        """What the files loader laid, by epoch, without its manifests."""
        place = self.laid / "lakeview"
        found = {drop.name: _contents(drop) for drop in place.iterdir() if drop.is_dir()} if place.is_dir() else {}
        return {name: {k: v for k, v in files.items() if k != "manifest.json"} for name, files in found.items()}

    def results(self) -> dict[str, str]:
        place = self.upload / "results"
        return {path.name: path.read_text() for path in place.iterdir()} if place.is_dir() else {}


def _loader(name: str, values: Mapping[str, Any]) -> LoaderSettings:
    options = {key: value for key, value in values.items() if key != "type"}
    return LoaderSettings(name=name, type=values["type"], options=options)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# --- a loader that answers what it is told ----------------------------------------------------------------------------

_SCRIPTED = '''
import os, time
from pathlib import Path
from watcher.errors import PermanentError, TransientError
from watcher.loading.loader import Loaded


class ScriptedLoader:
    """Answers the first line of `<folder>/answers` and takes it off; without one, it loads."""

    options_schema = {"type": "object", "properties": {"folder": {"type": "string"}}, "required": ["folder"]}

    def __init__(self, name, options):
        self.folder = Path(options["folder"])

    def check(self):
        pass

    def load(self, batch):
        with (self.folder / "calls").open("a") as calls:
            calls.write(batch.epoch + "\\n")
        answers = (self.folder / "answers").read_text().split() if (self.folder / "answers").exists() else []
        (self.folder / "answers").write_text("\\n".join(answers[1:]))
        match answers[0].split(":") if answers else ["ok"]:
            case ["ok"]:
                return Loaded(sum(file.rows for file in batch.files))
            case ["later"]:
                raise TransientError("the warehouse is down")
            case ["later", seconds]:
                raise TransientError("the warehouse is down", retry_in=float(seconds))
            case ["never"]:
                raise PermanentError("a column is missing in the warehouse")
            case ["odd"]:
                return None
            case ["break"]:
                raise ValueError("row of Maria Santos")
            case ["hang"]:
                (self.folder / "hanging").touch()
                while not (self.folder / "go-on").exists():
                    time.sleep(0.02)
                return Loaded(0)
            case ["die"]:
                os.kill(os.getpid(), 9)

    def close(self):
        with (self.folder / "calls").open("a") as calls:
            calls.write("closed\\n")
'''


@dataclass(frozen=True)
class Scripted:
    """The folder in which the loader `scripted` finds its answers and notes its calls; `site` is its distribution."""

    folder: Path
    site: Path

    @property
    def loader(self) -> dict[str, Any]:
        return {"type": "scripted", "folder": str(self.folder)}

    def answers(self, *answers: str) -> None:
        (self.folder / "answers").write_text("\n".join(answers))

    def calls(self) -> list[str]:
        """The epochs that it was handed, in order."""
        path = self.folder / "calls"
        return [line for line in path.read_text().split() if line != "closed"] if path.exists() else []

    def closings(self) -> int:
        return (self.folder / "calls").read_text().split().count("closed")


def install_scripted(folder: Path, name: str = "scripted") -> Scripted:
    """Lay the loader down as an installer would; `site` belongs on the path of whoever is to find it."""
    site, place = folder / "site", folder / name
    place.mkdir(parents=True)
    metadata = site / "scripted_loader-1.0.dist-info"
    metadata.mkdir(parents=True, exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: scripted-loader\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[epoch_watcher.loaders]\nscripted = scripted_loader_of_tests:ScriptedLoader\n"
    )
    (site / "scripted_loader_of_tests.py").write_text(_SCRIPTED)
    return Scripted(place, site)


# --- the log ----------------------------------------------------------------------------------------------------------


@contextmanager
def logged() -> Iterator[list[str]]:
    """Every message of the block: `<event> <root> <epoch>: <message>`."""
    lines: list[str] = []
    number = logger.add(
        lambda message: lines.append(
            " ".join(str(message.record["extra"].get(key, "-")) for key in ("event", "root", "epoch"))
            + f": {message.record['message']}"
        ),
        level="DEBUG",
        format="{message}",
    )
    try:
        yield lines
    finally:
        logger.remove(number)


def wait_for(is_so: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Return when it is so; AssertionError if it never is."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def clear(folder: Path) -> None:
    """Remove what is in a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def age(path: Path, seconds: float) -> None:
    """Give it an mtime that long ago; ctime stays, as nobody can set it."""
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def on_path(site: Path) -> None:
    """Let this process find a distribution (undone by monkeypatch in the fixture)."""
    sys.path.insert(0, str(site))
