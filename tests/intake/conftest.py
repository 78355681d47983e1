"""Folders for drops; nothing here is shared between tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty upload root."""
    folder = tmp_path / "upload"
    folder.mkdir()
    return folder


@pytest.fixture
def envelope(tmp_path: Path) -> Path:
    """Where a claimed drop goes; not made yet."""
    return tmp_path / "work" / "stage" / "lakeview" / "20260901-020000"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter: tmp_path lies in one that is pytest's user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="epoch-watcher-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
