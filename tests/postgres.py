"""A real, private PostgreSQL for the tests: one cluster a session, one fresh database a test.

The server refuses to run as root, so root's tests run it as the user `postgres` of Debian's package. It listens on the
loopback only, writes into a temporary folder of its own and dies with the test process, even a killed one.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.ports import free_port

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_START_SECONDS = 60


@dataclass
class PostgresCluster:
    """One server in one folder; `start` and `stop` may be called again and again, the port stays the same."""

    binaries: Path
    folder: Path
    uid: int
    gid: int
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def initialise(self) -> None:
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Return once the server answers."""
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off", "unix_socket_directories": ""}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *settings],
                stdout=log,
                stderr=log,
                preexec_fn=self._become_server,  # noqa: PLW1509 (only system calls between fork and exec)
            )
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """Stop at once; clients' connections are cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_START_SECONDS)
            self._process = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self._dsn(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _dsn(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self._dsn(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "server.log").read_text()) from None
                time.sleep(0.02)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, preexec_fn=self._become_server)

    def _become_server(self) -> None:
        """In the child: take the server's user, then ask to die with the parent (a change of user would unask it)."""
        if _is_root():
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _is_root() -> bool:
    return os.geteuid() == 0


def _binaries() -> Path:
    """The folder of the newest server that Debian has installed; without one the test is skipped, in CI it fails."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        reason = "needs a PostgreSQL server: apt-get install postgresql-15"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found[-1].parent


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """The session's running server. A test that stops it must start it again."""
    binaries = _binaries()
    user = pwd.getpwnam("postgres") if _is_root() else pwd.getpwuid(os.geteuid())
    # not in pytest's own folder: that is root's alone, and the server's user must pass through it
    folder = Path(tempfile.mkdtemp(prefix="epoch-watcher-postgres-"))
    cluster = PostgresCluster(binaries, folder, user.pw_uid, user.pw_gid, free_port())
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        cluster.initialise()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """SQLAlchemy's URL of an empty database that is this test's alone."""
    name = f"test_{uuid4().hex}"
    postgres_cluster.execute(f"CREATE DATABASE {name}")
    yield postgres_cluster.url(name)
    postgres_cluster.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
