"""Builders: a configured place with roots, and the command line run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from watcher import cli
from watcher.config import Settings, load
from watcher.journal import Journal, open_journal

REPOSITORY = Path(cli.__file__).parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command did; `json` is its standard output as a document."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class World:
    """A configuration with one root, `north`, and its work directory, which is there and empty."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def root(self) -> Path:
        return self.folder / "north"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def configure(self, *lines: str, options: str = "") -> None:
        """Write the configuration: top-level lines, and options of the root as `key: value, key: value`."""
        root = f"  - {{path: {self.root}, name: north{', ' if options else ''}{options}}}"
        self.config.write_text("\n".join((f"work_dir: {self.work}", *lines, "roots:", root, "")))

    def journal(self) -> Journal:
        """The journal, to write into; made if it is not there."""
        return open_journal(self.settings.journal)

    def drop(self, name: str = "20260901-020000", *, marker: bool = True, **files: str) -> Path:
        """An epoch directory in the root; `students="..."` makes students.csv."""
        epoch = self.root / name
        epoch.mkdir()
        for stem, text in files.items():
            (epoch / f"{stem}.csv").write_text(text)
        if marker:
            (epoch / "COMPLETE").touch()
        return epoch

    def run(self, *words: str) -> Ran:
        """Run a command in this process."""
        self.capture.readouterr()
        code = cli.main([*words, "--config", str(self.config)])
        captured = self.capture.readouterr()
        return Ran(code, captured.out, captured.err)

    def program(self, *words: str) -> Ran:
        """Run a command in a process of its own: one that handles signals or starts workers."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "watcher", *words, "--config", str(self.config)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        return Ran(done.returncode, done.stdout, done.stderr)


def make_world(folder: Path, capture: pytest.CaptureFixture[str]) -> World:
    """A world in an empty folder, in which things settle at once."""
    world = World(folder, capture)
    world.root.mkdir()
    world.work.mkdir(mode=0o700)
    world.configure(options="settle_seconds: 0, gather_settle_seconds: 0")
    return world
