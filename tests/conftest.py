"""Fixtures for every test; each lives in a module of its own and is only named here."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

from tests.installed import installed
from tests.postgres import postgres_cluster, postgres_url

__all__ = ["installed", "postgres_cluster", "postgres_url"]

# A busy machine makes an example slow, not wrong; a test that hangs has its own time limit.
settings.register_profile("unhurried", deadline=None)
# The same examples each time: what lands must not depend on luck. Runs by hand look for new ones.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "unhurried")

# A shell that starts a job in the background has it ignore Ctrl-C, and so would each program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What a sender uploads can be read by others, whatever the umask of who runs the tests.
os.umask(0o022)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever comes first installs, and the others wait for it: that is no part of what a test may take."""
    for item in items:
        if "installed" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(600), append=False)
