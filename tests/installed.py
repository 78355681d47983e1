"""The service as an administrator installs it, once a session: `make install` into a folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
_PLACE = "installed"
_SOURCE = (
    *("LICENSE", "Makefile", "README.md", "config.example.yaml", "pyproject.toml", "setup.cfg"),
    *("docs", "examples", "schemas", "systemd", "watcher"),
)


def copy_source(target: Path) -> Path:
    """A copy of what is needed to install; building in the working tree would leave things in it."""
    target.mkdir()
    for name in _SOURCE:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return target


def make(source: Path, *words: str) -> str:
    """Run make in `source`; its output is returned, or in the AssertionError when it fails."""
    done = subprocess.run(["make", *words], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The DESTDIR of a finished `make install`; programs in it work only at /opt/epoch-watcher, so show them there.

    It takes a minute and more where several do it at once, so test processes that run beside each other share one.
    The last that has done with it takes it away.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    destination = _begin_use(folder)
    try:
        yield destination
    finally:
        _end_use(folder)


def _begin_use(folder: Path) -> Path:
    """Install there unless another has; its DESTDIR."""
    place = folder / _PLACE
    with _users(folder) as users:
        if not users:
            shutil.rmtree(place, ignore_errors=True)  # of one that was broken off
            place.mkdir()
            make(copy_source(place / "source"), "install", f"DESTDIR={place / 'destination'}")
        users.append(os.getpid())
    return place / "destination"


def _end_use(folder: Path) -> None:
    with _users(folder) as users:
        users.remove(os.getpid())
        if not users:
            shutil.rmtree(folder / _PLACE)


@contextlib.contextmanager
def _users(folder: Path) -> Iterator[list[int]]:
    """The test processes that use the installation, to be changed; others wait until the block ends."""
    with (folder / f"{_PLACE}-users").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        users = [int(word) for word in file.read().split()]
        yield users
        file.truncate(0)
        file.write(" ".join(map(str, users)))
