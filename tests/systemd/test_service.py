"""The service under the real service manager, from the installed unit: start, work, crash, hang, reload, stop."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.measure import cpu_seconds
from tests.installed import REPOSITORY
from tests.needs import needs
from tests.private_systemd.machine import Machine

pytestmark = [needs("systemctl", "dbus-daemon", "unshare", "nsenter", "setpriv", root=True), pytest.mark.slow]

_UNIT = "epoch-watcher.service"
_WATCHDOG_SECONDS = 5
_AGAIN_SECONDS = 3
_CAP_LEASE = 28  # linux/capability.h
# Commands ask with a configuration of their own: that of the service is wrong at times
_ASKING = "/etc/epoch-watcher/asking.yaml"
_SETTINGS = """
work_dir: /srv/sftp/.epoch-watcher
rescan_seconds: 1
workers: 1
loaders:
  warehouse: {type: sql, url: "sqlite:////srv/sftp/.epoch-watcher/accepted.db"}
defaults: {dataset: plain, loaders: [warehouse], settle_seconds: 1}
roots:
  - path: /srv/sftp/*/upload
"""

# The sender is another user, who shares nothing with the service but the group of the upload folder
_DROP = """
umask 007
mkdir /srv/sftp/lakeview/upload/{epoch}
cd /srv/sftp/lakeview/upload/{epoch}
printf '{text}' >students.csv
touch COMPLETE
"""


class Running:
    """The started service on its machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._epochs = iter(f"20260824-0200{second:02}" for second in range(60))

    def show(self, name: str) -> str:
        return self.machine.show(_UNIT, name)[name]

    def pid(self) -> int:
        """The service's process, by its number outside; 0 while there is none."""
        inside = self.show("MainPID")
        return _outer_pid(self.machine, inside)

    def configure(self, text: str, path: str = "/etc/epoch-watcher/config.yaml") -> None:
        self.machine.script(f"cat >{path} <<'END'\n{text}\nEND")

    def said(self) -> list[dict[str, Any]]:
        """The journal's entries from the service itself, without systemd's about it."""
        return [entry for entry in self.machine.journal(_UNIT) if entry.get("_TRANSPORT") == "stdout"]

    def drop(self, text: str = "student_id\\n1\\n2\\n") -> str:
        """A whole epoch by the district's user; its name."""
        epoch = next(self._epochs)
        self.machine.script(_DROP.format(epoch=epoch, text=text), user="lakeview")
        return epoch

    def state_of(self, epoch: str) -> str:
        words = ("/usr/local/bin/epoch-watcher", "history", "lakeview", "--json", "--config", _ASKING)
        drops: list[dict[str, Any]] = json.loads(self.machine.run(*words, user="epoch-watcher"))["drops"]
        return next((drop["state"] for drop in drops if drop["epoch"] == epoch), "unknown")

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        self.machine.wait_until(condition, what, unit=_UNIT, seconds=seconds)

    def wait_for(self, epoch: str, state: str) -> None:
        self.wait(lambda: self.state_of(epoch) == state, f"{epoch} {state}")


def _status(pid: int) -> dict[str, str]:
    """The kernel's own account of a process, `{"CapEff": "0000000000000000"}`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def _outer_pid(machine: Machine, inside: str) -> int:
    """A process of the machine by its number in the tests' own name space; 0 if it is none or ended."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                numbers = _status(int(name))["NSpid"].split()
                same = os.readlink(f"/proc/{name}/ns/pid") == os.readlink(f"/proc/{machine.pid}/ns/pid")
            except OSError:  # ended meanwhile
                continue
            if same and numbers[-1] == inside:
                return int(name)
    return 0


@pytest.fixture(scope="module")
def started(machine: Machine) -> Iterator[Running]:
    """The service, started once."""
    running = Running(machine)
    running.configure(_SETTINGS)
    running.configure(_SETTINGS, _ASKING)
    # returns when the service has said that it is ready
    _or_story(machine, "start")
    yield running
    _or_story(machine, "stop")


@pytest.fixture
def service(started: Running) -> Running:
    """The service, running, whatever the test before did."""
    started.configure(_SETTINGS)
    _or_story(started.machine, "start")
    return started


def _or_story(machine: Machine, verb: str) -> None:
    try:
        machine.run("systemctl", verb, _UNIT)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{machine.messages(_UNIT)}") from error


def test_service_says_how_it_is(service: Running) -> None:
    assert service.show("ActiveState") == "active"
    service.wait(lambda: service.show("StatusText").startswith("1 root"), "the status line to count the roots")


def test_service_has_no_rights_but_its_users(service: Running) -> None:
    status = _status(service.pid())
    assert {name: int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == dict.fromkeys(
        ("CapEff", "CapPrm", "CapBnd", "CapAmb"), 0
    )
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_drop_of_another_user_is_claimed_and_loaded(service: Running) -> None:
    epoch = service.drop()
    service.wait_for(epoch, "loaded")
    assert epoch not in service.machine.run("ls", "/srv/sftp/lakeview/upload")


def test_sender_can_read_the_report_whatever_the_services_umask(service: Running) -> None:
    epoch = service.drop('student_id\\n"1\\n')
    service.wait_for(epoch, "rejected")
    reading = f"cat /srv/sftp/lakeview/upload/results/*{epoch}*.txt"
    service.wait(
        lambda: "students.csv" in service.machine.run("bash", "-c", reading, user="lakeview", check=False), "a report"
    )


def test_doctor_in_the_units_mounts_can_rename_and_finds_no_problem(service: Running) -> None:
    """The command of docs/how-to/install-as-a-service.md: the shipped ReadWritePaths leave a claim a rename."""
    page = (REPOSITORY / "docs/how-to/install-as-a-service.md").read_text()
    command = next(block for block in page.split("```") if "nsenter" in block).removeprefix("sh\n")
    said = service.machine.script(command)
    assert "claim: lakeview: what is in it can be renamed into the work directory" in said
    assert "0 problems" in said


def test_service_killed_is_active_again_and_goes_on(service: Running) -> None:
    before, began = service.pid(), time.monotonic()
    os.kill(before, signal.SIGKILL)
    service.wait(lambda: service.show("ActiveState") == "active" and service.pid() not in {0, before}, "a new service")
    # How long there was none: systemd's pause, by its own watch, and the work of a start. What a busy machine gives to
    # others meanwhile is not counted.
    pause = int(service.show("ExecMainStartTimestampMonotonic")) / 1e6 - began
    work = cpu_seconds(service.pid())
    assert 0 < pause + work <= _AGAIN_SECONDS, (pause, work)
    service.wait_for(service.drop(), "loaded")


def test_service_that_hangs_is_restarted(service: Running) -> None:
    """A drop-in shortens the time after which a hang is noticed, here alone: a busy machine may hold up any service."""
    drop_in = "/run/systemd/system/epoch-watcher.service.d"
    service.machine.script(
        f"mkdir -p {drop_in}; printf '[Service]\\nWatchdogSec={_WATCHDOG_SECONDS}s\\n' >{drop_in}/test.conf; "
        f"systemctl daemon-reload; systemctl restart {_UNIT}"
    )
    try:
        before = service.pid()
        os.kill(before, signal.SIGSTOP)
        service.wait(
            lambda: service.show("ActiveState") == "active" and service.pid() not in {0, before}, "a new service"
        )
        assert "Watchdog timeout" in service.machine.messages(_UNIT)
    finally:
        service.machine.script(f"rm {drop_in}/test.conf; systemctl daemon-reload; systemctl restart {_UNIT}")


def test_reload_takes_a_changed_configuration_over(service: Running) -> None:
    before = service.pid()
    service.configure(_SETTINGS.replace("settle_seconds: 1", "settle_seconds: 2"))
    service.machine.run("systemctl", "reload", _UNIT)
    service.wait(lambda: "configuration reloaded" in service.machine.messages(_UNIT), "the reload")
    assert service.pid() == before


def test_reload_of_a_wrong_configuration_keeps_the_old_one_and_says_where(service: Running) -> None:
    service.configure(_SETTINGS.replace("rescan_seconds", "rescan_second"))
    service.machine.run("systemctl", "reload", _UNIT)
    service.wait(lambda: "rescan_second'" in service.machine.messages(_UNIT), "the problem")
    (problem,) = (entry for entry in service.said() if "rescan_second'" in str(entry["MESSAGE"]))
    assert problem["PRIORITY"] == "3"
    assert "config.yaml:3" in problem["MESSAGE"]
    service.wait_for(service.drop(), "loaded")


def test_stop_ends_well_and_start_goes_on(service: Running) -> None:
    service.machine.run("systemctl", "stop", _UNIT)
    shown = service.machine.show(_UNIT, "ActiveState", "Result", "ExecMainStatus")
    assert shown == {"ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}
    assert service.said()[-1]["MESSAGE"] == "stopped"
    epoch = service.drop()
    service.machine.run("systemctl", "start", _UNIT)
    service.wait_for(epoch, "loaded")


def test_wrong_configuration_at_start_is_not_tried_again(service: Running) -> None:
    service.machine.run("systemctl", "stop", _UNIT)
    service.configure("roots: 7")
    service.machine.run("systemctl", "start", _UNIT, check=False)
    shown = service.machine.show(_UNIT, "ActiveState", "ExecMainStatus", "SubState")
    assert shown == {"ActiveState": "failed", "ExecMainStatus": "2", "SubState": "failed"}


def test_leases_drop_in_gives_one_right_and_spares_the_copy(service: Running) -> None:
    """As docs/how-to/install-as-a-service.md tells it. A claim is a rename then: roots and work directory share a mount."""
    drop_in = "/etc/systemd/system/epoch-watcher.service.d/leases.conf"
    service.machine.run("install", "-D", "-m", "0644", "/opt/epoch-watcher/share/systemd/leases.conf", drop_in)
    service.machine.script(f"systemctl daemon-reload; systemctl restart {_UNIT}")
    try:
        assert int(_status(service.pid())["CapEff"], 16) == 1 << _CAP_LEASE
        epoch = service.drop()
        service.wait_for(epoch, "loaded")
        assert any(
            f"{epoch}: claimed" in entry["MESSAGE"] and "renamed" in entry["MESSAGE"] for entry in service.said()
        )
    finally:
        service.machine.script(f"rm {drop_in}; systemctl daemon-reload; systemctl restart {_UNIT}")


def test_story_in_the_journal_reads_well(service: Running) -> None:
    """One line each, with its weight, without the prefix that carried it; the drop's root and epoch come first."""
    epoch = service.drop()
    service.wait_for(epoch, "loaded")
    entries = [
        e for e in service.machine.journal(_UNIT) if e.get("_TRANSPORT") == "stdout" and epoch in str(e["MESSAGE"])
    ]
    assert entries
    assert all(entry["MESSAGE"].startswith(f"lakeview {epoch}: ") for entry in entries)
    assert {entry["PRIORITY"] for entry in entries} == {"6"}
