"""Marks for tests that need more than Python. What is missing skips them, by name; with CI=true it fails them."""

from __future__ import annotations

import os
import shutil

import pytest

#: program -> the Debian package that brings it, where it is called otherwise
_PACKAGES = {
    "sshd": "openssh-server",
    "sftp": "openssh-client",
    "scp": "openssh-client",
    "dbus-daemon": "dbus",
    "systemctl": "systemd",
    "systemd-analyze": "systemd",
    "unshare": "util-linux",
    "nsenter": "util-linux",
}
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def needs(*programs: str, root: bool = False) -> pytest.MarkDecorator:
    """A skip mark unless the programs are there (and, with `root`, the tests run as root: name spaces, other users)."""
    missing = sorted({_PACKAGES.get(name, name) for name in programs if not shutil.which(name, path=_PATH)})
    reasons = [f"apt-get install {' '.join(missing)}"] * bool(missing)
    if root and os.geteuid() != 0:
        reasons.append("root's rights")
    if reasons and os.environ.get("CI") == "true":
        pytest.fail(f"needs {' and '.join(reasons)}", pytrace=False)
    return pytest.mark.skipif(bool(reasons), reason=f"needs {' and '.join(reasons)}")
