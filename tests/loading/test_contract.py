"""The built-in loaders keep the contract that third parties are asked to keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.loading.targets import FilesTarget, SqlTarget
from watcher.loading.contract import LoaderContract


class TestFiles(LoaderContract):
    @pytest.fixture
    def target(self, tmp_path: Path) -> FilesTarget:
        return FilesTarget(tmp_path / "inbox")


class TestSqlite(LoaderContract):
    @pytest.fixture
    def target(self, tmp_path: Path) -> SqlTarget:
        return SqlTarget(f"sqlite:///{tmp_path}/warehouse.db", f"sqlite:///{tmp_path}/not mounted/warehouse.db")


class TestPostgresql(LoaderContract):
    @pytest.fixture
    def target(self, postgres_url: str) -> SqlTarget:
        # port 1 is nobody's: the connection is refused
        return SqlTarget(postgres_url, "postgresql://postgres@127.0.0.1:1/warehouse")


class TestPostgresqlAppend(LoaderContract):
    @pytest.fixture
    def target(self, postgres_url: str) -> SqlTarget:
        return SqlTarget(postgres_url, "postgresql://postgres@127.0.0.1:1/warehouse", mode="append")
