"""What happens where a part of the system is missing: a skip by name, in CI a failure, and the command that brings it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import REPOSITORY
from tests.needs import needs


def test_needs_of_a_missing_program_skips_and_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    mark = needs("no-such-program", "ls").mark
    assert mark.args == (True,)
    assert mark.kwargs["reason"] == "needs apt-get install no-such-program"


def test_needs_of_a_present_program_does_not_skip() -> None:
    assert needs("ls").mark.args == (False,)


def test_needs_of_a_missing_program_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs apt-get install no-such-program"):
        needs("no-such-program")


@pytest.fixture
def bare_path() -> Iterator[str]:
    """A PATH on which there is `sort` and nothing else, for any user."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        Path(folder, "sort").symlink_to(str(shutil.which("sort")))
        shutil.copy(REPOSITORY / ".ci/system-parts", folder)
        yield folder


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_system_parts_missing_are_named_to_who_may_not_install_them(bare_path: str, ci: str, code: int) -> None:
    nobody = 65534 if os.geteuid() == 0 else None
    done = subprocess.run(
        [f"{bare_path}/system-parts"],
        env={"PATH": bare_path, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
        user=nobody,
    )
    assert done.returncode == code
    assert "sudo apt-get install -y --no-install-recommends" in done.stderr
    assert " lftp" in done.stderr
