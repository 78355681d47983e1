"""The service as an administrator installs it, once a session: `make install` into a folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
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
def installed() -> Iterator[Path]:
    """The DESTDIR of a finished `make install`; programs in it work only at /opt/epoch-watcher, so show them there."""
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-installed-") as folder:
        source = copy_source(Path(folder, "source"))
        destination = Path(folder, "destination")
        make(source, "install", f"DESTDIR={destination}")
        yield destination
