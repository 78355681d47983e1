"""Uploads in any order, looks, waits and crashes: in the end every drop is accounted for, once.

Nothing that was sent is lost, unless its sender wrote over it; nothing lies twice; what is loaded is what is archived.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loguru import logger

from tests.crash.inline import Inline, Steps, begin
from tests.service.running import World, contents, has_ended
from watcher import failpoints
from watcher.failpoints import NAMES
from watcher.model.names import MARKER
from watcher.model.states import Folder, State, folder_of

_HEADER = "student_id,first_name,last_name,date_of_birth,grade\n"
_EPOCHS = ("20260901-020000", "20260902-020000")
_NAMES = ("students.csv", "notes.csv")
_TEMPORARY = ".students.csv.filepart"

_epochs, _names = st.sampled_from(_EPOCHS), st.sampled_from(_NAMES)
_settled = st.tuples(st.just("wait"), st.just(15))
_steps = st.one_of(
    # Whole drops and long waits come often, or hardly any drop would get as far as a target.
    st.tuples(st.just("drop"), _epochs),
    _settled,
    _settled,
    st.tuples(st.just("crash"), st.sampled_from(NAMES)),
    st.tuples(st.just("crash"), st.sampled_from(NAMES)),
    st.tuples(st.just("put"), _epochs, _names),
    st.tuples(st.just("complete"), _epochs),
    st.tuples(st.just("put_temporary"), _epochs),
    st.tuples(st.just("rename_temporary"), _epochs),
    st.tuples(st.just("put_loose"), _names),
    st.tuples(st.just("put_dated"), st.sampled_from((1, 2, 3))),
    st.tuples(st.just("put_dated"), st.sampled_from((1, 2, 3))),
    st.tuples(st.just("look")),
    st.tuples(st.just("wait"), st.sampled_from((1, 6))),
)


class Crash(BaseException):
    """What ends the service where it is, as a kill would."""


@dataclass(slots=True)
class _Sender:
    """Uploads files whose content never repeats, and remembers what of it still stands for a drop."""

    root: Path
    alive: set[bytes] = field(default_factory=set)
    _sent: int = 0

    def drop(self, epoch: str) -> None:
        for name in _NAMES:
            self.put(epoch, name)
        self.complete(epoch)

    def put(self, epoch: str, name: str) -> None:
        (self.root / epoch).mkdir(exist_ok=True)
        self._write(self.root / epoch / name)

    def complete(self, epoch: str) -> None:
        (self.root / epoch).mkdir(exist_ok=True)
        (self.root / epoch / MARKER).touch()

    def put_temporary(self, epoch: str) -> None:
        self.put(epoch, _TEMPORARY)

    def rename_temporary(self, epoch: str) -> None:
        """As a client does at the end of an upload; what had the name before is gone."""
        temporary, final = self.root / epoch / _TEMPORARY, self.root / epoch / "students.csv"
        if temporary.exists():
            self._forget(final)
            temporary.rename(final)

    def put_loose(self, name: str) -> None:
        self._write(self.root / name.replace(".csv", "_auto.csv"))

    def put_dated(self, day: int) -> None:
        self._write(self.root / f"students_auto2026090{day}.csv")

    def _write(self, path: Path) -> None:
        self._forget(path)
        self._sent += 1
        content = f"{_HEADER}{self._sent},Ada,Example,2012-01-01,07\n".encode()
        path.write_bytes(content)
        self.alive.add(content)

    def _forget(self, path: Path) -> None:
        if path.exists():
            self.alive.discard(path.read_bytes())


@dataclass(slots=True)
class _Service:
    """One life after the other; a crash comes at the failpoints that are due, once at each."""

    world: World
    steps: Steps = field(default_factory=Steps)
    due: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        if name in self.due:
            self.due.remove(name)
            raise Crash

    def live(self, orders: Iterator[tuple[str, str | int]]) -> bool:
        """Obey until they are at an end (False) or a crash comes (True)."""
        try:
            with begin(self.world.config, self.steps) as inline:
                for order, value in orders:
                    self._obey(inline, order, value)
        except Crash:
            return True
        return False

    def finish(self) -> bool:
        """One more life, until nothing is left to do (False) or a crash that is still due comes (True)."""
        try:
            with begin(self.world.config, self.steps) as inline:
                inline.finish()
        except Crash:
            return True
        return False

    def _obey(self, inline: Inline, order: str, value: str | int) -> None:
        if order == "wait":
            self.steps.advance(float(value))
        elif order == "crash":
            self.due.append(str(value))
        inline.look()


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(_steps, min_size=20, max_size=50))
def test_any_interleaving_accounts_for_every_drop_once(script: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, _quiet():
        world = World(
            Path(folder),
            settings={"attempts": 50},
            root_settings={"settle_seconds": 5, "gather_settle_seconds": 10, "late": "hold"},
        )
        sender = _Sender(world.root())
        service = _Service(world)
        orders = _play(script, sender)
        with pytest.MonkeyPatch.context() as patch:
            for module in _with_failpoints():
                patch.setattr(module, "reach", service.reach)
            while service.live(orders) or service.finish():
                pass
        _assert_accounted_for(world, sender)


def _with_failpoints() -> list[ModuleType]:
    """Each module that has the function under its own name."""
    ours = [module for name, module in sys.modules.items() if name.startswith("watcher.")]
    found = [module for module in ours if vars(module).get("reach") is failpoints.reach and module is not failpoints]
    assert len(found) >= 5
    return found


def _play(script: list[tuple[Any, ...]], sender: _Sender) -> Iterator[tuple[str, str | int]]:
    """Do what a sender does; hand on what the service is to do, which looks after each step."""
    for action, *arguments in script:
        if action in ("look", "wait", "crash"):
            yield action, arguments[0] if arguments else 0
        else:
            getattr(sender, action)(*arguments)
            yield "look", 0


def _assert_accounted_for(world: World, sender: _Sender) -> None:
    records = [record for record in world.records() if record.state is not State.WITHDRAWN]
    assert all(map(has_ended, records)), records
    assert {record.state for record in records} <= {State.LOADED, State.REJECTED, State.HELD, State.SUPERSEDED}
    assert world.staged() == []
    for folder in (Folder.ARCHIVE, Folder.REJECTED, Folder.HELD):
        expected = {f"{r.root}/{r.folder_name}" for r in records if folder_of(r.state) is folder}
        assert set(world.kept(folder)) == expected
    waiting = [path for path in world.root().iterdir() if path.name != "results"]
    assert not [path.name for path in waiting if (path / MARKER).exists() or "_auto" in path.name]
    _assert_every_byte_once(world, sender, waiting)
    _assert_rows_are_the_archives(world)


def _assert_every_byte_once(world: World, sender: _Sender, waiting: list[Path]) -> None:
    found: Counter[bytes] = Counter()
    for folder in ("archive", "rejected", "held", "failed"):
        for files in world.kept(folder).values():
            found.update(files.values())
    for path in waiting:
        found.update(contents(path).values() if path.is_dir() else [path.read_bytes()])
    assert found == Counter(sender.alive)


def _assert_rows_are_the_archives(world: World) -> None:
    expected = []
    superseded = {f"{r.root}/{r.folder_name}" for r in world.records() if r.state is State.SUPERSEDED}
    for drop, files in world.kept("archive").items():
        root, _, folder_name = drop.partition("/")
        if "students.csv" in files and drop not in superseded:
            student = files["students.csv"].decode().splitlines()[1].split(",")[0]
            expected.append((root, folder_name.partition(".")[0], student))
    # A second take of an epoch's name is a drop of its own; so each row is there as often as it was sent: once.
    assert world.rows() == sorted(expected)


@contextmanager
def _quiet() -> Iterator[None]:
    logger.disable("watcher")
    try:
        yield
    finally:
        logger.enable("watcher")
