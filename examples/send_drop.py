#!/usr/bin/env python3
"""send_drop.py FOLDER: sends the files of a folder as one drop with paramiko, then waits for the report.

Exit code: 0 accepted, 1 rejected (the report is printed), 2 not sent, 3 sent, but no verdict yet.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko

# --- yours to fill in, as the receiving side told you; the environment may say otherwise
SERVER = os.environ.get("SEND_SERVER", "sftp.example.org")
PORT = int(os.environ.get("SEND_PORT", "22"))
ACCOUNT = os.environ.get("SEND_ACCOUNT", "lakeview")
UPLOAD = os.environ.get("SEND_UPLOAD", "upload")
KEY = os.environ.get("SEND_KEY", str(Path.home() / ".ssh/send-drop"))  # private key without a passphrase, mode 0600
KNOWN_HOSTS = os.environ.get("SEND_KNOWN_HOSTS", str(Path.home() / ".ssh/send-drop.hosts"))  # the server's key alone
TRIES = int(os.environ.get("SEND_TRIES", "3"))
PAUSE_SECONDS = float(os.environ.get("SEND_PAUSE_SECONDS", "60"))
WAIT_SECONDS = float(os.environ.get("SEND_WAIT_SECONDS", "1800"))  # for the report; 0: don't wait

TROUBLE = (OSError, paramiko.SSHException, EOFError)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        return fail("usage: send_drop.py FOLDER")
    files = [path for path in sorted(Path(arguments[0]).iterdir()) if path.is_file() and path.name != "COMPLETE"]
    if not files:
        return fail(f"there is no file in {arguments[0]}")
    epoch = send_with_tries(files)
    if epoch is None:
        return fail("nothing was sent")
    say(f"sent {epoch}: {len(files)} files")
    return wait_for_verdict(epoch) if WAIT_SECONDS else 0


def send_with_tries(files: list[Path]) -> str | None:
    """The epoch under which all files arrived; None if none did."""
    for attempt in range(1, TRIES + 1):
        epoch = time.strftime("%Y%m%d-%H%M%S", time.gmtime())  # new for each try: nothing broken is continued
        try:
            send(files, epoch)
        except TROUBLE as error:
            say(f"try {attempt} of {TRIES}: {epoch} was not sent: {error or type(error).__name__}")
        else:
            return epoch
        if attempt < TRIES:
            time.sleep(PAUSE_SECONDS)
    return None


def send(files: list[Path], epoch: str) -> None:
    """Make the directory, put the files, and when all of them are there COMPLETE."""
    with session() as sftp:
        sftp.mkdir(f"{UPLOAD}/{epoch}")  # fails if there is one already: nothing is ever overwritten
        for path in files:
            sftp.put(str(path), f"{UPLOAD}/{epoch}/{path.name}")  # compares the sizes at the end
        sftp.putfo(io.BytesIO(), f"{UPLOAD}/{epoch}/COMPLETE")


def wait_for_verdict(epoch: str) -> int:
    """Print the report as soon as it is there; the exit code that goes with it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (report := fetch_report(epoch)) is None:
        if time.monotonic() > deadline:
            say(f"no report of {epoch} yet: look into {UPLOAD}/results later")
            return 3
        time.sleep(min(15, max(1, WAIT_SECONDS / 10)))
    sys.stdout.write(report)
    if report.startswith("ACCEPTED"):
        return 0
    # otherwise it is on hold, or there is trouble on the receiving side: the first line says which
    return 1 if report.startswith(("REJECTED", "This drop was not loaded")) else 3


def fetch_report(epoch: str) -> str | None:
    """The report; None while there is none, or no connection."""
    try:
        with session() as sftp, sftp.open(f"{UPLOAD}/results/{epoch}.txt") as stream:
            return stream.read().decode()
    except TROUBLE:
        return None


@contextmanager
def session() -> Iterator[paramiko.SFTPClient]:
    """A connection to the server that has the known key, and to no other."""
    with paramiko.SSHClient() as client:
        client.load_host_keys(KNOWN_HOSTS)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        login = {"username": ACCOUNT, "key_filename": KEY, "allow_agent": False, "look_for_keys": False}
        client.connect(SERVER, PORT, timeout=20, banner_timeout=20, auth_timeout=20, **login)
        client.get_transport().set_keepalive(15)
        with client.open_sftp() as sftp:
            sftp.get_channel().settimeout(60)
            yield sftp


def say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


def fail(text: str) -> int:
    say(text)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
