"""A real OpenSSH server on the loopback, with real chrooted accounts, that leaves no trace on the machine.

It lives in name spaces of its own: /etc is an overlay whose changes are lost (so `useradd` and the project's own
`add-district` run for real), /srv is a folder of the test, and every process dies with the first one. The server reads
the very drop-in that the project ships. Inside, uploads lie in /srv/sftp/NAME/upload; the test sees the same files in
`uploads(NAME)`.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

_REPOSITORY = Path(__file__).parents[2]
_START_SECONDS = 60

_UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")

# Steps that only a process inside the name spaces can do; $1 is the test's folder, $2 the repository, $3 what to show
# at /opt/epoch-watcher.
_ENTER = """
set -euo pipefail
mkdir -p "$1/srv" "$1/scratch"
mount -t tmpfs -o mode=755 tmpfs "$1/scratch"
mkdir "$1/scratch/upper" "$1/scratch/work"
mount -t overlay -o "lowerdir=/etc,upperdir=$1/scratch/upper,workdir=$1/scratch/work" overlay /etc
mount --bind "$1/srv" /srv
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
if [[ -n $3 ]]; then
    mount -t tmpfs -o mode=755 tmpfs /opt
    mkdir /opt/epoch-watcher
    mount --bind "$3" /opt/epoch-watcher
fi
systemd-sysusers "$2/systemd/epoch-watcher.sysusers"
systemd-tmpfiles --create "$2/systemd/epoch-watcher.tmpfiles"
exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
"""

_SSHD_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
UsePAM no
StrictModes no
MaxStartups 100
Subsystem sftp internal-sftp
Include {repository}/systemd/sshd-epoch-watcher.conf
"""


@dataclass(frozen=True, slots=True)
class Account:
    """What a district's script knows: where the server is, and both ways to log in."""

    name: str
    password: str
    key: Path
    port: int


@dataclass(frozen=True, slots=True)
class SftpServer:
    """A running server; made by `sftp_server`. `pid` is its process, as seen from the test."""

    folder: Path
    port: int
    pid: int

    def add_account(self, name: str) -> Account:
        """Make a district's account by the shipped script, with a key and a password."""
        key, password = self.folder / f"{name}.key", f"{name}-secret"
        _make_key(key)
        self.run(str(_REPOSITORY / "systemd/add-district"), name, f"{key}.pub")
        digest = subprocess.run(
            ["openssl", "passwd", "-6", password], check=True, capture_output=True, text=True
        ).stdout
        self.run("usermod", "--password", digest.strip(), name)
        return Account(name, password, key, self.port)

    def uploads(self, name: str) -> Path:
        """The account's upload folder, as the test sees it."""
        return self.folder / "srv/sftp" / name / "upload"

    def command(self, *words: str, user: str = "root", rights: Sequence[str] = ()) -> list[str]:
        """The command that runs `words` inside, as `user` and with no rights beyond that user's but `rights`."""
        inside = ["nsenter", "--target", str(self.pid), "--mount", "--pid"]
        if user != "root":
            inside += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs", *rights]
        return [*inside, *words]

    def run(
        self, *words: str, user: str = "root", rights: Sequence[str] = (), check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside; its output is in the exception when it fails."""
        command = self.command(*words, user=user, rights=rights)
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if check and done.returncode:
            raise AssertionError(f"{shlex.join(words)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def log(self) -> str:
        return (self.folder / "sshd.log").read_text(errors="replace")


@contextlib.contextmanager
def sftp_server(folder: Path, programs: Path | None = None) -> Iterator[SftpServer]:
    """Run a server in `folder` (empty, the test's own) until the block ends. Needs root.

    `programs` is shown inside at /opt/epoch-watcher.
    """
    port = free_port()
    _make_key(folder / "host_key")
    (folder / "sshd_config").write_text(_SSHD_CONFIG.format(port=port, folder=folder, repository=_REPOSITORY))
    with (folder / "sshd.log").open("ab") as log:
        outer = subprocess.Popen(
            [*_UNSHARE, "bash", "-c", _ENTER, "bash", str(folder), str(_REPOSITORY), str(programs or "")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_it_answers(outer, port, folder / "sshd.log")
        yield SftpServer(folder, port, only_child(outer.pid))
    finally:
        outer.kill()
        outer.wait()


def _make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def only_child(pid: int) -> int:
    """The first process inside, by its number outside."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            if connection.recv(4) == b"SSH-":
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"sshd did not come up:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)


def modes(tree: Path) -> dict[str, str]:
    """Every entry below `tree` with its mode in octal, `{"E": "2770", "E/a.csv": "0660"}`."""
    paths: Sequence[Path] = sorted(tree.rglob("*"))
    return {str(path.relative_to(tree)): f"{os.lstat(path).st_mode & 0o7777:04o}" for path in paths}
