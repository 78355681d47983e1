"""One server for the session; every test takes an account of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.sftp.epochs import write_epoch
from tests.sftp.server import Account, SftpServer, sftp_server
from tests.sftp.service import Service, running_service


@pytest.fixture(scope="session")
def server() -> Iterator[SftpServer]:
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-sftp-") as folder, sftp_server(Path(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def account(server: SftpServer, _numbers: Iterator[int]) -> Account:
    """A district that nobody else uses."""
    return server.add_account(f"district{next(_numbers)}")


@pytest.fixture(scope="session")
def service(installed: Path) -> Iterator[Service]:
    """A service with a server of its own, run with the rights that the shipped unit gives."""
    with (
        tempfile.TemporaryDirectory(prefix="epoch-watcher-sftp-") as folder,
        sftp_server(Path(folder), installed / "opt/epoch-watcher") as running,
        running_service(running) as started,
    ):
        yield started


@pytest.fixture
def district(service: Service, _numbers: Iterator[int]) -> Account:
    """A district of the service's server that nobody else uses; its root is watched."""
    account = service.server.add_account(f"district{next(_numbers)}")
    service.reload()
    return account


@pytest.fixture
def make_epoch(tmp_path: Path) -> Callable[..., Path]:
    """Makes a local epoch directory, `make_epoch("20260824-020000", users="id\\n1\\n")`, with its COMPLETE."""

    def make(name: str = "20260824-020000", **files: str) -> Path:
        return write_epoch(tmp_path / name, **files)

    return make
