"""The harness itself: it is a real systemd, and what it does stays inside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs
from tests.private_systemd.machine import Machine, private_systemd
from tests.processes import is_running

pytestmark = needs("systemctl", "dbus-daemon", "unshare", "nsenter", root=True)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with private_systemd(tmp_path_factory.mktemp("machine"), {}) as booted:
        yield booted


def test_machine_runs_a_service_and_keeps_its_words(machine: Machine) -> None:
    machine.run("systemd-run", "--wait", "--unit=hello", "bash", "-c", "echo '<4>mind the gap'")
    # by the way it came: of a process that has ended journald no longer knows the name
    assert [(e["MESSAGE"], e["PRIORITY"]) for e in machine.journal("hello") if e["_TRANSPORT"] == "stdout"] == [
        ("mind the gap", "4")
    ]


def test_machine_keeps_changes_inside(machine: Machine) -> None:
    machine.script("useradd ghost; echo x >/etc/ghost; echo x >/usr/ghost")
    assert not any(Path(path).exists() for path in ("/etc/ghost", "/usr/ghost"))
    assert "ghost:" not in Path("/etc/passwd").read_text()


def test_machine_cannot_set_the_kernel(machine: Machine) -> None:
    with pytest.raises(AssertionError, match="Read-only file system"):
        machine.script("echo 1 >/proc/sys/fs/protected_regular")


def test_machine_ended_leaves_no_process_and_no_cgroup(tmp_path: Path) -> None:
    with private_systemd(tmp_path, {}) as machine:
        machine.run("systemd-run", "--unit=sleeper", "sleep", "1000")
        sleeper = int(machine.show("sleeper", "MainPID")["MainPID"])
        assert sleeper
        pid = machine.pid
        groups = (tmp_path / "cgroups").read_text().split()
        assert all(os.path.isdir(group) for group in groups)
    assert not is_running(pid)
    assert not any(os.path.exists(group) for group in groups)
