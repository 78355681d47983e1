"""The unit as systemd's own tools judge it, before anything runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.installed import REPOSITORY
from tests.needs import needs

pytestmark = needs("systemd-analyze")

_UNIT = REPOSITORY / "systemd/epoch-watcher.service"
_MOST_EXPOSURE = 1.1


def _exposure(folder: Path) -> float:
    """What `systemd-analyze security` says of the unit in `folder` with the drop-ins beside it."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(folder / _UNIT.name)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"},
    )
    found = re.search(r"Overall exposure level for epoch-watcher.service: (\d+\.\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    return float(found[1])


def test_unit_is_hardly_exposed() -> None:
    assert _exposure(_UNIT.parent) <= _MOST_EXPOSURE


def test_unit_with_leases_is_exposed_as_its_comment_says(tmp_path: Path) -> None:
    drop_in = REPOSITORY / "systemd/drop-ins/leases.conf"
    told = re.search(r"then says (\d\.\d) instead of (\d\.\d)", " ".join(drop_in.read_text().replace("#", "").split()))
    assert told
    shutil.copy(_UNIT, tmp_path)
    # offline, the tool reads no drop-ins: what comes later in the file has the same effect
    with (tmp_path / _UNIT.name).open("a") as unit:
        unit.write("\n" + drop_in.read_text())
    assert (_exposure(tmp_path), _exposure(_UNIT.parent)) == (float(told[1]), float(told[2]))


@pytest.mark.parametrize("name", ["epoch-watcher.service", "epoch-watcher-view@.service"])
def test_unit_is_verified_without_a_word(tmp_path: Path, name: str) -> None:
    """The program is not installed where the tests run, so one that is there stands in for its path."""
    text = (REPOSITORY / "systemd" / name).read_text()
    programs = re.compile(r"/opt/epoch-watcher/bin/epoch-watcher|/usr/bin/bindfs")
    instance = name.replace("@.", "@lakeview.")
    (tmp_path / instance).write_text(programs.sub("/bin/true", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / instance)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_unit_gives_roots_and_work_directory_one_entry() -> None:
    """Two entries would be two mounts: every claim would be a copy."""
    assert re.findall(r"^ReadWritePaths=(.*)", _UNIT.read_text(), re.MULTILINE) == ["/srv/sftp"]
