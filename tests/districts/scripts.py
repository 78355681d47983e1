"""The example scripts, run as a district's cron would: nothing but their own settings, by the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.sftp.server import Account, SftpServer

EXAMPLES = Path(__file__).parents[2] / "examples"
#: each script with the program that runs it
SCRIPTS = {
    "send-drop-sftp.sh": "bash",
    "send-drop-lftp.sh": "bash",
    "send-drop-curl.sh": "bash",
    "send_drop.py": sys.executable,
}


@dataclass(frozen=True, slots=True)
class Sender:
    """A script of a district, with what it was told of the server, and a folder `export` with what it sends."""

    script: str
    home: Path
    settings: dict[str, str]

    @property
    def export(self) -> Path:
        return self.home / "export"

    def write(self, **files: str) -> None:
        """`write(students="id\\n1\\n")` makes export/students.csv, readable by nobody else."""
        for stem, text in files.items():
            path = self.export / f"{stem}.csv"
            path.touch(mode=0o600)
            path.write_text(text)

    def start(self, **settings: str | int) -> subprocess.Popen[str]:
        """The script begins, in a group of processes of its own."""
        more = {f"SEND_{name.upper()}": str(value) for name, value in settings.items()}
        return subprocess.Popen(
            [SCRIPTS[self.script], EXAMPLES / self.script, self.export],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self.settings, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            start_new_session=True,
        )

    def run(self, **settings: str | int) -> Ran:
        """The script from its beginning to its end."""
        process = self.start(**settings)
        printed, said = process.communicate(timeout=90)
        return Ran(process.returncode, printed, said)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a script."""

    code: int
    printed: str
    said: str


def sender(script: str, account: Account, server: SftpServer, home: Path) -> Sender:
    """A district's machine: the login it was given, and the server's key as the receiving side told it."""
    (home / "export").mkdir()
    password = home / "password"
    password.touch(mode=0o600)
    password.write_text(f"{account.password}\n")
    settings = {
        "SEND_SERVER": "127.0.0.1",
        "SEND_PORT": str(account.port),
        "SEND_ACCOUNT": account.name,
        "SEND_KEY": str(account.key),
        "SEND_PASSWORD_FILE": str(password),
        "SEND_KNOWN_HOSTS": str(home / "known_hosts"),
        "SEND_FINGERPRINT": fingerprint(server.folder / "host_key.pub"),
        "SEND_TRIES": "2",
        "SEND_PAUSE_SECONDS": "1",
        "SEND_WAIT_SECONDS": "60",
    }
    made = Sender(script, home, settings)
    know_host(made, account.port, server.folder / "host_key.pub")
    return made


def know_host(sender: Sender, port: int, public_key: Path) -> None:
    """The server at this port has this key; nothing is known of any other."""
    kind, key, *_ = public_key.read_text().split()
    (sender.home / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")


def fingerprint(public_key: Path) -> str:
    """As ssh-keygen prints it, without `SHA256:`."""
    done = subprocess.run(["ssh-keygen", "-l", "-f", public_key], check=True, capture_output=True, text=True)
    return done.stdout.split()[1].removeprefix("SHA256:")
