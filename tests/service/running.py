"""The real service as a process of its own, on a scratch world: roots, configuration, two targets, a journal.

    world = World(tmp_path)
    world.drop("lakeview", "20260901-020000")
    with world.running() as service:            # `epoch-watcher run`; ended by SIGTERM
        world.wait_for_end("lakeview", 1)
    assert world.rows() == expected_rows("lakeview")

The target `warehouse` is a SQLite file in append mode, so that a drop loaded twice shows as rows twice; `laid` is a
folder. Everything that waits has a deadline and, when it passes, tells what the service said.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from watcher.errors import JournalError
from watcher.journal import open_journal
from watcher.model.records import Attempt, Record
from watcher.model.states import OPEN_STATES, State

DEADLINE_SECONDS = 60.0
_POLL_SECONDS = 0.02

EPOCH = "20260901-020000"
STUDENTS = (
    b"student_id,first_name,last_name,date_of_birth,grade\n"
    b"100234,Maria,Santos,2012-03-30,07\n"
    b"100235,Noah,O'Neill,2011-11-02,08\n"
)
GUARDIANS = b"guardian_id,student_id,name\nG-1,100234,Joao\nG-2,100235,Ann\n"
FILES: Mapping[str, bytes] = {"students.csv": STUDENTS, "guardians.csv": GUARDIANS}
#: The first column of what FILES put into the warehouse, by table.
STUDENT_IDS = ("100234", "100235")
GUARDIAN_IDS = ("G-1", "G-2")


def wait_until(is_so: Callable[[], bool], what: str, story: Callable[[], str], seconds: float | None = None) -> None:
    """Return when it is so; AssertionError with the story if it never is."""
    deadline = time.monotonic() + (seconds or DEADLINE_SECONDS)
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}\n{story()}"
        time.sleep(_POLL_SECONDS)


@dataclass(slots=True)
class Service:
    """A started service. `log_file` holds what it and everything it started said."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def story(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def wait_for_story(self, text: str, seconds: float | None = None) -> None:
        """Wait until the log holds this text."""
        wait_until(lambda: text in self.story, f"{text!r} in the log", lambda: self.story, seconds)

    def wait_for_exit(self, seconds: float = DEADLINE_SECONDS) -> int:
        """Its exit code, -9 for SIGKILL; waits for it."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the service did not end\n{self.story}") from None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return self.wait_for_exit()

    def kill(self) -> None:
        """End it and everything in its process group at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)


@dataclass(slots=True)
class World:
    """A folder with upload roots below `sftp/`, one configuration, a work directory and two targets.

    `settings` and `root_settings` are YAML lines, added at the top level and to each root; what they name twice wins
    over what stands here. `prefix` is put before the service's command line (strace, unshare, setpriv).
    """

    folder: Path
    roots: tuple[str, ...] = ("lakeview",)
    settings: Mapping[str, object] = field(default_factory=dict)
    root_settings: Mapping[str, object] = field(default_factory=dict)
    loaders: Mapping[str, object] = field(default_factory=dict)
    work_dir: Path = Path()
    database: Path = Path()
    prefix: tuple[str, ...] = ()
    _starts: int = 0

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        self.work_dir = self.work_dir if self.work_dir.is_absolute() else self.folder / "work"
        self.database = self.database if self.database.is_absolute() else self.folder / "warehouse.db"
        for name in self.roots:
            self.root(name).mkdir(parents=True, exist_ok=True)
        self.laid_folder.mkdir(exist_ok=True)
        self.configure()

    # --- places ---

    def root(self, name: str = "lakeview") -> Path:
        return self.folder / "sftp" / name / "upload"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def laid_folder(self) -> Path:
        return self.folder / "laid"

    @property
    def journal_url(self) -> str:
        return str(self.settings.get("journal", f"sqlite:///{self.work_dir / 'journal.db'}"))

    # --- what goes in ---

    def configure(self, **settings: object) -> None:
        """Write the configuration, with these settings over those given before. JSON values are YAML."""
        self.settings = {**self.settings, **settings}
        loaders = {
            "warehouse": {"type": "sql", "url": f"sqlite:///{self.database}", "mode": "append"},
            "laid": {"type": "files", "folder": str(self.laid_folder)},
            **self.loaders,
        }
        top = {
            "work_dir": str(self.work_dir),
            "rescan_seconds": 1,
            "parallel_roots": 2,
            "workers": 1,
            "retry_seconds": 0.1,
            "drain_seconds": 5,
            "loaders": loaders,
            "roots": [self._root_entry()],
            **self.settings,
        }
        self.config.write_text("".join(f"{key}: {_yaml(value)}\n" for key, value in top.items()))

    def _root_entry(self) -> dict[str, object]:
        return {
            "path": f"{self.folder}/sftp/*/upload",
            "dataset": "students",
            "loaders": ["warehouse", "laid"],
            "settle_seconds": 0.2,
            "gather_settle_seconds": 0.2,
            **self.root_settings,
        }

    def drop(
        self, root: str = "lakeview", epoch: str = EPOCH, files: Mapping[str, bytes] = FILES, *, marker: bool = True
    ) -> Path:
        """An epoch as an upload script makes it: the directory, the files, the marker last."""
        folder = self.root(root) / epoch
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        if marker:
            (folder / "COMPLETE").touch()
        return folder

    def loose(self, root: str = "lakeview", files: Mapping[str, bytes] = FILES) -> None:
        """Loose files to be gathered: `students.csv` comes as `students_auto.csv`."""
        for name, content in files.items():
            (self.root(root) / f"{name.removesuffix('.csv')}_auto.csv").write_bytes(content)

    # --- the service ---

    def start(self, *command: str, environment: Mapping[str, str] | None = None) -> Service:
        """Start `epoch-watcher run`, or another command, in a process group of its own."""
        self._starts += 1
        log_file = self.folder / f"log-{self._starts}.txt"
        with log_file.open("wb") as sink:
            process = subprocess.Popen(
                [*self.prefix, *self.command_line(*command)],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=_environment(environment),
                start_new_session=True,
            )
        return Service(process, log_file)

    def command_line(self, *command: str) -> Sequence[str]:
        """The service's own command line, without the prefix."""
        return (sys.executable, "-m", "watcher", *(command or ("run",)), "--config", str(self.config))

    @contextlib.contextmanager
    def running(self, *, environment: Mapping[str, str] | None = None) -> Iterator[Service]:
        """The service for the length of a block; it must then end well on SIGTERM, unless it has ended already."""
        service = self.start(environment=environment)
        try:
            service.wait_for_story("watching")
            yield service
            assert service.has_ended or service.stop() == 0, service.story
        finally:
            service.kill()

    def once(self, *, patience_seconds: float = 50, environment: Mapping[str, str] | None = None) -> Service:
        """`epoch-watcher once`, ended."""
        service = self.start("once", "--patience", str(patience_seconds), environment=environment)
        try:
            service.wait_for_exit()
        finally:
            service.kill()
        return service

    # --- what came of it ---

    def records(self, root: str | None = None) -> tuple[Record, ...]:
        """What the journal knows, newest first; nothing while there is no journal."""
        try:
            with open_journal(self.journal_url, read_only=True) as journal:
                return journal.history(root, limit=1000)
        except JournalError:  # the service has not made it yet
            return ()

    def attempts(self, record: Record) -> tuple[Attempt, ...]:
        with open_journal(self.journal_url, read_only=True) as journal:
            return journal.attempts(record.id)

    def wait_for_end(self, root: str = "lakeview", count: int = 1, service: Service | None = None) -> None:
        """Wait until so many drops of a root have an end, lie where they belong and have their report delivered."""
        wait_until(
            lambda: sum(map(has_ended, self.records(root))) >= count,
            f"{count} ended drops of {root}",
            lambda: f"{self.records(root)}\n{service.story if service else self.all_stories()}",
        )

    def all_stories(self) -> str:
        logs = sorted(self.folder.glob("log-*.txt"), key=lambda path: path.stat().st_mtime)
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')}" for path in logs)

    def rows(self, table: str = "students") -> list[tuple[str, str, str]]:
        """Root, epoch and first own column of every row that was loaded, sorted."""
        if not self.database.exists():
            return []
        key = {"students": "student_id", "guardians": "guardian_id"}[table]
        with closing(sqlite3.connect(self.database)) as database:
            try:
                return sorted(database.execute(f"SELECT _root, _epoch, {key} FROM {table}"))
            except sqlite3.OperationalError:  # no such table before the first load
                return []

    def laid(self) -> dict[str, dict[str, bytes]]:
        """What the files loader laid, by `<root>/<epoch>`, without its manifest."""
        return {
            f"{folder.parent.name}/{folder.name}": contents(folder, but=("manifest.json",))
            for folder in self.laid_folder.glob("*/*")
            if folder.is_dir()
        }

    def kept(self, folder: str) -> dict[str, dict[str, bytes]]:
        """The files of every drop in archive, rejected, held or failed, by `<root>/<epoch>`, without the marker."""
        return {
            f"{drop.parent.name}/{drop.name}": contents(drop / "files", but=("COMPLETE",))
            for drop in (self.work_dir / folder).glob("*/*")
        }

    def staged(self) -> list[str]:
        """What is left in stage."""
        return sorted(str(path.relative_to(self.work_dir)) for path in (self.work_dir / "stage").glob("*/*"))


def has_ended(record: Record) -> bool:
    """Whether the service has nothing more to do about it."""
    if record.state is State.WITHDRAWN:
        return True
    is_told = record.delivered or record.state is State.SUPERSEDED  # of that the newer drop's report tells
    return record.state not in OPEN_STATES and not record.is_misplaced and is_told


def contents(folder: Path, but: tuple[str, ...] = ()) -> dict[str, bytes]:
    """The content of each regular file in a folder, by name; {} where there is no folder."""
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name not in but}


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    checkout = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (checkout, os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": path}
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "JOURNAL_STREAM", "EPOCH_WATCHER_FAIL_AT"):
        environment.pop(name, None)
    return {**environment, **(more or {})}


def _yaml(value: object) -> str:
    """Every JSON value is YAML."""
    return json.dumps(value)
