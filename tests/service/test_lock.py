"""One service for one work directory."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watcher.errors import LockedError
from watcher.service.lock import hold, holder

NOW = datetime(2026, 9, 1, 2, 10, tzinfo=UTC)
_HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from watcher.service.lock import hold
with hold(Path(sys.argv[1]), datetime(2026, 9, 1, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def start_holder(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(60)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def test_hold_refuses_a_second_and_names_the_first(path: Path) -> None:
    process = start_holder(path)
    try:
        with (
            pytest.raises(LockedError, match=f"in use by another epoch-watcher: process {process.pid} on "),
            hold(path, NOW),
        ):
            pass
        assert f"process {process.pid} on" in (holder(path) or "")
    finally:
        end(process)


def test_hold_is_given_back_when_the_holder_is_killed(path: Path) -> None:
    end(start_holder(path))
    with hold(path, NOW):
        assert f"process {os.getpid()} on" in path.read_text()
        assert path.read_text().count("process") == 1


def test_hold_is_given_back_at_the_end_of_the_block(path: Path) -> None:
    for _ in range(2):
        with hold(path, NOW):
            pass
    assert holder(path) is None


def test_holder_of_a_lock_that_nobody_made_is_nobody(path: Path) -> None:
    assert holder(path) is None
    assert not path.exists()


def test_hold_never_follows_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    path.symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="Too many levels"), hold(path, NOW):
        pass
    assert (tmp_path / "precious").read_text() == "precious"


def test_hold_overwrites_what_a_longer_name_left(path: Path) -> None:
    path.write_text("process 99999999 on a-machine-with-a-very-long-name-indeed since 2026-01-01 00:00:00 UTC\n" * 2)
    with hold(path, NOW):
        assert path.read_text().endswith("since 2026-09-01 02:10:00 UTC\n")
        assert "99999999" not in path.read_text()
