"""Fixtures for every test; each lives in a module of its own and is only named here."""

from __future__ import annotations

from tests.installed import installed
from tests.postgres import postgres_cluster, postgres_url

__all__ = ["installed", "postgres_cluster", "postgres_url"]
