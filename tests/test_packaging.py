"""What is installed is what is here: a plain and an editable installation, each in a venv of the system's Python."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[1]
_SYSTEM_PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable

# Prints the files that an installed package brings, read as a running service reads them.
_LIST = """
import importlib.resources, sys
def walk(folder, prefix):
    for entry in folder.iterdir():
        if entry.name == "__pycache__" or entry.name.endswith(".pyc"):
            continue
        if entry.is_dir():
            walk(entry, f"{prefix}{entry.name}/")
        else:
            print(f"{prefix}{entry.name}")
walk(importlib.resources.files(sys.argv[1]), "")
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build from: leftovers of a build in the working tree would hide what the packaging forgets."""
    copy = tmp_path_factory.mktemp("source") / "epoch-watcher"
    copy.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(_REPOSITORY / name, copy)
    for name in ("watcher", "schemas"):
        shutil.copytree(_REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="module", params=["plain", "editable"])
def python(request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that holds the package alone, without what it depends on."""
    venv = tmp_path_factory.mktemp(request.param) / "venv"
    subprocess.run([_SYSTEM_PYTHON, "-m", "venv", str(venv)], check=True)
    how = ["--editable"] if request.param == "editable" else []
    install = ["install", "--quiet", "--no-deps", *how, str(source)]
    done = subprocess.run([str(venv / "bin/pip"), *install], capture_output=True, text=True, check=False, cwd=venv)
    assert done.returncode == 0, done.stdout + done.stderr
    return venv / "bin/python"


def _files(folder: Path) -> set[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in paths if "__pycache__" not in path.parts}


@pytest.mark.parametrize(("package", "folder"), [("watcher", "watcher"), ("watcher.bundled", "schemas")])
def test_installation_brings_every_file(python: Path, source: Path, package: str, folder: str) -> None:
    """Schemas, meta-schemas, page templates, migrations, the type marker: whatever lies there is meant to travel."""
    done = subprocess.run(
        [str(python), "-I", "-c", _LIST, package], capture_output=True, text=True, check=True, cwd=python.parent
    )
    installed = {line for line in done.stdout.split("\n") if line and not line.startswith("bundled/")}
    assert installed == _files(source / folder)
    assert installed


def test_installation_makes_the_command(python: Path) -> None:
    assert (python.parent / "epoch-watcher").is_file()


def test_packages_named_are_the_packages_there() -> None:
    """A new folder of modules that setup.cfg does not name would be left out without a word."""
    setup = configparser.ConfigParser()
    setup.read(_REPOSITORY / "setup.cfg")
    named = set(setup["options"]["packages"].split()) - {"watcher.bundled"}
    folders = {path.parent for path in (_REPOSITORY / "watcher").rglob("*.py")}
    assert named == {".".join(folder.relative_to(_REPOSITORY).parts) for folder in folders}
