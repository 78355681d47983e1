"""The page on the library: its examples print what is shown, and nothing is logged or left behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.console import ROOT, agrees

_PAGE = ROOT / "docs" / "how-to" / "use-as-a-library.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
BLOCKS = _BLOCK.findall(_PAGE.read_text(encoding="utf-8"))

QUIET = """
import logging, os, sys, threading, warnings
import polars  # it sets a variable of its own when it is imported
warnings.simplefilter("error")
records = []
logging.getLogger().addHandler(logging.Handler())
logging.Handler.handle = lambda self, record: records.append(record)
environment, folder, mask = dict(os.environ), os.getcwd(), os.umask(0o027)
os.umask(mask)
exec(compile(sys.argv[1], "page", "exec"), {})
assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
assert records == [] and logging.getLogger().level == logging.WARNING
assert "loguru" not in sys.modules
assert (dict(os.environ), os.getcwd(), os.umask(mask)) == (environment, folder, mask)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    pass
else:
    raise AssertionError("a process was left behind")
descriptors = {os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")}
assert not [name for name in descriptors if name.startswith(folder)], descriptors
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_library_page_examples_print_what_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "page"}
    for code, expected in BLOCKS:
        exec(compile(code, str(_PAGE), "exec"), names)
        printed = capsys.readouterr().out.splitlines()
        assert agrees(expected.splitlines(), printed), "\n".join([code, *printed])
    assert len(BLOCKS) >= 9


def test_library_page_shows_everything_that_the_package_offers() -> None:
    import watcher

    offered = set(watcher.__all__) - {"__version__"}
    assert {name for name in offered if any(f"watcher.{name}(" in code for code, _ in BLOCKS)} == offered


def test_library_logs_nothing_and_leaves_nothing_behind(folder: Path) -> None:
    """All examples of the page, and a dataset with a check, in an interpreter of their own."""
    checked = """
from watcher.schema.model import Check
checks = (Check("t", "SELECT _line FROM lunches"),)
assert watcher.validate("lunches.csv", replace(dataset, checks=checks), jobs=2).findings[-1].rule == "t"
"""
    code = "\n".join([code for code, _ in BLOCKS] + [checked])
    argv = [sys.executable, "-c", QUIET, code]
    done = subprocess.run(
        argv, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
