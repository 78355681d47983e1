"""A private, throw-away systemd: a unit file is tested by the real service manager, on any machine that has one.

It boots in about half a second, sees the machine's programs, and forgets every change. Needs root.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BOOT = Path(__file__).with_name("boot")
_BOOT_SECONDS = 60
_NAME_SPACES = ("-m", "-p", "-u", "-i", "-n", "-C", "-r", "-w")
_ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TERM=dumb",
    "LANG=C.UTF-8",
    "SYSTEMD_PAGER=",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A running systemd; made by `private_systemd`. `pid` is its process 1, as seen from outside."""

    pid: int

    @property
    def root(self) -> Path:
        """Its file system, as the test reaches it; absolute links in it lead astray."""
        return Path(f"/proc/{self.pid}/root")

    def run(self, *words: str, user: str = "root", check: bool = True) -> str:
        """Run a command inside and return what it prints; a failure is an AssertionError with all of it."""
        as_user = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        enter = ["nsenter", "--target", str(self.pid), *_NAME_SPACES]
        command = [*enter, "env", "-i", *_ENVIRONMENT, *as_user, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd="/")
        if check and done.returncode:
            raise AssertionError(f"{shlex.join(words)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def script(self, text: str, *, user: str = "root") -> str:
        """Run lines of shell inside."""
        return self.run("bash", "-euo", "pipefail", "-c", text, user=user)

    def show(self, unit: str, *names: str) -> dict[str, str]:
        """Properties of a unit, `{"ActiveState": "active", "MainPID": "12"}`."""
        lines = self.run("systemctl", "show", unit, *(f"--property={name}" for name in names)).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def journal(self, unit: str) -> list[dict[str, Any]]:
        """What the unit said, oldest first, one journald entry each: MESSAGE, PRIORITY, _PID and more.

        All that it had said before: journald is asked to take in first what it has been sent.
        """
        self.run("journalctl", "--sync")
        lines = self.run("journalctl", "-u", unit, "-o", "json", "--all").splitlines()
        return [json.loads(line) for line in lines]

    def messages(self, unit: str) -> str:
        """What the unit said, as text."""
        self.run("journalctl", "--sync")
        return self.run("journalctl", "-u", unit, "-o", "cat")

    def wait_until(self, condition: Callable[[], bool], what: str, *, unit: str = "", seconds: float = 60) -> None:
        """Return as soon as `condition` holds; otherwise fail, with what `unit` said."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s in vain: {what}\n{self.messages(unit) if unit else ''}")
            time.sleep(0.05)


@contextlib.contextmanager
def private_systemd(folder: Path, shown: Mapping[Path, str]) -> Iterator[Machine]:
    """Boot one in `folder` (empty, the test's own); each path of `shown` is seen inside under the name it maps to."""
    pairs = [f"{source}:{target}" for source, target in shown.items()]
    with (folder / "boot.log").open("ab") as log:
        outer = subprocess.Popen(
            ["bash", str(_BOOT), str(folder), *pairs], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield _wait_for_boot(outer, folder / "boot.log")
    finally:
        _end(outer)
        _remove_cgroups(folder / "cgroups")


def _wait_for_boot(outer: subprocess.Popen[bytes], log: Path) -> Machine:
    deadline = time.monotonic() + _BOOT_SECONDS
    state = "nothing"
    while outer.poll() is None and time.monotonic() < deadline:
        pid = _first_child(outer.pid)
        if pid and _name(pid) == "systemd":
            machine = Machine(pid)
            state = machine.run("systemctl", "is-system-running", check=False).strip()
            # degraded: a unit of the machine failed that the tests have no use for
            if state in {"running", "degraded"}:
                return machine
        time.sleep(0.05)
    raise AssertionError(f"systemd did not come up ({state}):\n{log.read_text(errors='replace')}")


def _first_child(pid: int) -> int:
    """The number of the first child, 0 as long as there is none."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return 0


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def _end(outer: subprocess.Popen[bytes]) -> None:
    """Kill it: process 1 dies with it, and with process 1 all that it runs. Returns when they are gone."""
    with contextlib.suppress(OSError, ValueError):  # it may not have come so far
        handle = os.pidfd_open(_first_child(outer.pid))
        outer.kill()
        select.select([handle], [], [], 60)
        os.close(handle)
    outer.kill()
    outer.wait()


def _remove_cgroups(names: Path) -> None:
    """Take our groups away, innermost first; the kernel needs a moment to empty them after the last process."""
    for name in names.read_text().split() if names.exists() else ():
        for folder, _, _ in os.walk(name, topdown=False):
            _remove_cgroup(folder)


def _remove_cgroup(folder: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return
        except OSError:  # still busy
            time.sleep(0.02)
        else:
            return
