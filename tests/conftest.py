"""Fixtures for every test; each lives in a module of its own and is only named here."""

from __future__ import annotations

from hypothesis import settings

from tests.installed import installed
from tests.postgres import postgres_cluster, postgres_url

__all__ = ["installed", "postgres_cluster", "postgres_url"]

# A busy machine makes an example slow, not wrong; a test that hangs has its own time limit.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
