"""What surrounds the service, on a real systemd: user, folders, account, unit, the view of a district's uploads."""

from __future__ import annotations

import pytest

from tests.needs import needs
from tests.private_systemd.machine import Machine

pytestmark = needs("systemctl", "dbus-daemon", "unshare", "nsenter", root=True)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/sftp", "755 root:root"),
        ("/srv/sftp/.epoch-watcher", "700 epoch-watcher:epoch-watcher"),
        ("/etc/epoch-watcher", "750 root:epoch-watcher"),
        ("/etc/epoch-watcher/config.yaml", "640 root:epoch-watcher"),
        ("/srv/sftp/lakeview", "755 root:root"),
        ("/srv/sftp/lakeview/upload", "2770 lakeview:epoch-watcher"),
    ],
)
def test_installation_gives_owner_and_mode(machine: Machine, path: str, expected: str) -> None:
    assert machine.run("stat", "-c", "%a %U:%G", path).strip() == expected


def test_service_user_cannot_log_in(machine: Machine) -> None:
    assert machine.run("getent", "passwd", "epoch-watcher").strip().endswith(":/usr/sbin/nologin")


def test_unit_installed_is_verified_without_a_word(machine: Machine) -> None:
    assert machine.run("systemd-analyze", "verify", "--man=no", "epoch-watcher.service") == ""


# As a claim does it: one rename to another folder, which `mv` would replace by a copy
_RENAME = """
import os, sys
os.rename(f"/srv/sftp/lakeview/upload/{sys.argv[1]}", f"/srv/sftp/.epoch-watcher/{sys.argv[1]}")
"""
_CLOSED_DROP = "umask 077; mkdir {0}; chmod 700 {0}; echo 1 >{0}/a.csv; chmod 600 {0}/a.csv"


def _take(machine: Machine, epoch: str) -> None:
    machine.run("cat", f"/srv/sftp/lakeview/upload/{epoch}/a.csv", user="epoch-watcher")
    machine.run("/usr/bin/python3", "-c", _RENAME, epoch, user="epoch-watcher")


def test_drop_that_the_sender_closes_cannot_be_taken(machine: Machine) -> None:
    machine.script("cd /srv/sftp/lakeview/upload; " + _CLOSED_DROP.format("closed"), user="lakeview")
    with pytest.raises(AssertionError, match="Permission denied"):
        _take(machine, "closed")


@needs("bindfs")
def test_view_opens_what_the_sender_closes(machine: Machine) -> None:
    machine.run("systemctl", "start", "epoch-watcher-view@lakeview")
    machine.script("cd /srv/sftp-view/lakeview/upload; " + _CLOSED_DROP.format("viewed"), user="lakeview")
    _take(machine, "viewed")
    assert "viewed" not in machine.run("ls", "/srv/sftp-view/lakeview/upload")
    machine.run("systemctl", "stop", "epoch-watcher-view@lakeview")
    assert "/srv/sftp-view" not in machine.run("cat", "/proc/self/mounts")
