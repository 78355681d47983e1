"""The installed service at the other end of the SFTP server, as the unprivileged user that it has in the field."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sftp.clients import wait_until
from tests.sftp.server import SftpServer, only_child

_PROGRAM = "/opt/epoch-watcher/bin/epoch-watcher"
_CONFIG = "/srv/config.yaml"
_SETTINGS = """
work_dir: /srv/sftp/.epoch-watcher
rescan_seconds: 1
workers: 1
loaders:
  warehouse: {type: sql, url: "sqlite:////srv/sftp/.epoch-watcher/accepted.db", mode: append}
defaults: {dataset: plain, loaders: [warehouse], settle_seconds: 2, gather_settle_seconds: 10}
roots:
  - path: /srv/sftp/[!x]*/upload
  - {path: /srv/sftp/x*/upload, settle_seconds: 5}
"""
#: Accounts of this name wait longer for uploads that stall.
PATIENT = "xdistrict"
_LEASES = ("--inh-caps=+lease", "--ambient-caps=+lease")

# Asked inside, as the service's user: a reader from outside would leave root's files beside the database.
_QUERY = """
import json, sqlite3, sys
print(json.dumps(sqlite3.connect("/srv/sftp/.epoch-watcher/accepted.db").execute(*json.loads(sys.argv[1])).fetchall()))
"""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. A root is called like the account whose upload folder it is."""

    server: SftpServer
    log: Path
    pid: int
    #: words of setpriv(1) that give the service, and who asks it, more than its user's rights
    rights: tuple[str, ...] = ()

    def reload(self) -> None:
        """SIGHUP: the configuration is read again, and with it accounts that are new."""
        os.kill(self.pid, signal.SIGHUP)

    def ask(self, *words: str) -> Any:
        """What a command with `--json` prints."""
        words = (_PROGRAM, *words, "--json", "--config", _CONFIG)
        return json.loads(self.server.run(*words, user="epoch-watcher", rights=self.rights).stdout)

    def drops(self, root: str) -> list[dict[str, Any]]:
        """What came in this root, newest first."""
        drops: list[dict[str, Any]] = self.ask("history", root)["drops"]
        return drops

    def wait_for_load(self, root: str, epochs: int = 1) -> list[dict[str, Any]]:
        """Wait until so many drops of the root have an end; the drops, newest first, are all loaded."""
        wait_until(lambda: self._count_loads(root) >= epochs, f"{epochs} loads of {root}", more=self.story)
        wait_until(
            lambda: all(d["state"] == "loaded" for d in self.drops(root)), "the journal says so", more=self.story
        )
        return self.drops(root)

    def wait_for_wait(self, root: str, reason: str) -> None:
        """Wait until `explain` names this reason for a wait in the root, in text that a person reads."""
        wait_until(lambda: reason in json.dumps(self.ask("explain", root)), f"{reason!r} in explain", more=self.story)

    def loaded_rows(self, root: str, table: str) -> list[list[Any]]:
        """The rows of a table that came from this root, without the columns that tell the epoch, sorted."""
        rows: list[list[Any]] = self.query(f"SELECT * FROM {table} WHERE _root = ?", root)
        return sorted(row[2:] for row in rows)

    def query(self, statement: str, *values: str) -> Any:
        question = json.dumps([statement, list(values)])
        return json.loads(self.server.run("/usr/bin/python3", "-c", _QUERY, question, user="epoch-watcher").stdout)

    def story(self) -> str:
        return self.log.read_text(errors="replace")

    def _count_loads(self, root: str) -> int:
        with contextlib.suppress(AssertionError):  # no database before the first load
            return int(self.query("SELECT count(*) FROM epoch_watcher_loads WHERE root = ?", root)[0][0])
        return 0


@contextlib.contextmanager
def running_service(server: SftpServer, *, leases: bool = False) -> Iterator[Service]:
    """Run the service inside until the block ends, then stop it and see that it ends well."""
    (server.folder / "srv/config.yaml").write_text(_SETTINGS)
    rights = _LEASES if leases else ()
    run = ("bash", "-c", 'umask 077; exec "$@"', "bash", _PROGRAM, "run", "--config", _CONFIG)
    command = server.command(*run, user="epoch-watcher", rights=rights)
    log = server.folder / "service.log"
    with log.open("ab") as sink:
        entered = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd="/")
    story = functools.partial(log.read_text, errors="replace")
    wait_until(lambda: entered.poll() is not None or "watching" in story(), "the service to start", more=story)
    assert entered.poll() is None, story()
    # the first program is nsenter, which stays outside and passes the exit code on
    service = Service(server, log, only_child(entered.pid), rights)
    try:
        yield service
    finally:
        os.kill(service.pid, signal.SIGTERM)
        assert entered.wait(60) == 0, story()
