"""A root to look at, and a loader that does what it is told."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.oneroot import OneRoot, Scripted, install_scripted

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease

MakeWorld = Callable[..., OneRoot]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes worlds and closes them."""
    made: list[OneRoot] = []

    def make(**options: Any) -> OneRoot:
        made.append(OneRoot(tmp_path, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def world(make_world: MakeWorld) -> OneRoot:
    """A world as it comes: dataset `students`, loader `laid`."""
    return make_world()


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """The scripted loader, installed for this test."""
    installed = install_scripted(tmp_path)
    monkeypatch.syspath_prepend(str(installed.site))
    return installed


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter: tmp_path lies in one that is pytest's user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="epoch-watcher-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
