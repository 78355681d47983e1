"""A private systemd with the service installed as an administrator would, one a session."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.private_systemd.machine import Machine, private_systemd

# What `make install` does last, on the machine itself
_ACTIVATE = """
cp -a /installed/etc/. /etc/
cp -a /installed/usr/. /usr/
systemd-sysusers epoch-watcher.conf
systemd-tmpfiles --create epoch-watcher.conf
chgrp epoch-watcher /etc/epoch-watcher/*.yaml
systemctl daemon-reload
"""


@pytest.fixture(scope="session")
def machine(installed: Path) -> Iterator[Machine]:
    """The service is installed and not yet started; there is an account `lakeview`."""
    shown = {installed: "/installed", installed / "opt/epoch-watcher": "/opt/epoch-watcher"}
    with (
        tempfile.TemporaryDirectory(prefix="epoch-watcher-machine-") as folder,
        private_systemd(Path(folder), shown) as booted,
    ):
        booted.script(_ACTIVATE)
        booted.run("/opt/epoch-watcher/bin/add-district", "lakeview")
        yield booted
