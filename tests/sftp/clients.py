"""What districts upload with: the real programs, called as their scripts call them."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import paramiko

from tests.sftp.server import Account

_SECONDS = 60
# Nothing of the machine's own ssh settings, and a host nobody has met before
_OPTIONS = (
    *("-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "LogLevel=ERROR"),
)

#: uploads the folder (an epoch directory) into upload/ under its own name
Upload = Callable[[Account, Path], None]


def sftp_batch(account: Account, *lines: str, password: bool = False, check: bool = True) -> str:
    """Run lines of an `sftp -b` batch; what the client said is returned."""
    login = _by_password(account) if password else _by_key(account)
    words = [*login[:-1], "-b", "-", login[-1]]
    return _run(words, "\n".join(lines) + "\n", check=check)


def start_slow_put(
    account: Account, source: Path, target: str, *, kbits: int, before: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    """An `sftp` that is busy uploading one file at so many kilobits a second; to be killed or waited for.

    `before` are lines of its batch that come first.
    """
    login = _by_key(account)
    client = subprocess.Popen([*login[:-1], "-l", str(kbits), "-b", "-", login[-1]], stdin=subprocess.PIPE)
    assert client.stdin is not None
    client.stdin.write("".join(f"{line}\n" for line in (*before, f"put {source} {target}")).encode())
    client.stdin.close()
    return client


def put_in_order(account: Account, epoch: Path, *more: str) -> None:
    """The script that does everything right: make the directory, put the files, put COMPLETE last.

    `more` lines of the batch follow at once, before the service can have seen the epoch stand still.
    """
    files = [path for path in sorted(epoch.iterdir()) if path.name != "COMPLETE"]
    puts = [f"put {path} upload/{epoch.name}/{path.name}" for path in [*files, epoch / "COMPLETE"]]
    sftp_batch(account, f"mkdir upload/{epoch.name}", *puts, *more)


def put_recursively(account: Account, epoch: Path) -> None:
    """`put -r`: files in the order of the local directory, and the local directory's mode at the end."""
    sftp_batch(account, f"put -r {epoch} upload/{epoch.name}")


def scp_recursively(account: Account, epoch: Path) -> None:
    words = ["scp", *_OPTIONS, "-i", str(account.key), "-P", str(account.port), "-r", str(epoch)]
    _run([*words, f"{account.name}@127.0.0.1:upload/"])


def lftp_mirror(account: Account, epoch: Path, *, settings: str = "") -> None:
    """`mirror -R`, logged in by password as most lftp scripts are; `settings` are more `set` lines."""
    _run(
        ["lftp", "--norc"],
        f"set sftp:auto-confirm yes; set cmd:fail-exit yes; {settings}\n"
        f'set sftp:connect-program "ssh -a -x {" ".join(_OPTIONS)}"\n'
        f"open -p {account.port} -u {account.name},{account.password} sftp://127.0.0.1\n"
        f"mirror -R {epoch} upload/{epoch.name}\n",
    )


def lftp_mirror_through_temporary_names(account: Account, epoch: Path) -> None:
    """lftp told to upload as `.in.NAME` and to rename: the server makes the final name by link and unlink."""
    lftp_mirror(account, epoch, settings="set xfer:use-temp-file yes;")


def curl_in_order(account: Account, epoch: Path) -> None:
    """curl (libssh2), file by file, COMPLETE last; it makes the directory with a mode of its own."""
    files = [path for path in sorted(epoch.iterdir()) if path.name != "COMPLETE"]
    for path in [*files, epoch / "COMPLETE"]:
        url = f"sftp://127.0.0.1:{account.port}/upload/{epoch.name}/{path.name}"
        login = ["-u", f"{account.name}:{account.password}"]
        _run(["curl", "-sS", "--insecure", "--ftp-create-dirs", *login, "-T", str(path), url])


def paramiko_in_order(account: Account, epoch: Path) -> None:
    """A Python script that uploads as NAME.filepart and renames, COMPLETE last."""
    with paramiko_session(account) as session:
        session.mkdir(f"upload/{epoch.name}")
        for path in [*(p for p in sorted(epoch.iterdir()) if p.name != "COMPLETE"), epoch / "COMPLETE"]:
            target = f"upload/{epoch.name}/{path.name}"
            session.put(str(path), f"{target}.filepart")
            session.rename(f"{target}.filepart", target)


@contextlib.contextmanager
def paramiko_session(account: Account) -> Iterator[paramiko.SFTPClient]:
    """A logged-in paramiko client, closed at the end of the block."""
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        where = {"hostname": "127.0.0.1", "port": account.port, "username": account.name}
        client.connect(**where, key_filename=str(account.key), allow_agent=False, look_for_keys=False)
        with client.open_sftp() as session:
            yield session


#: every way to bring a whole epoch, by the name a test is called
UPLOADS: Mapping[str, Upload] = {
    "sftp-in-order": put_in_order,
    "sftp-put-r": put_recursively,
    "scp-r": scp_recursively,
    "lftp-mirror": lftp_mirror,
    "lftp-temporary-names": lftp_mirror_through_temporary_names,
    "curl": curl_in_order,
    "paramiko-rename": paramiko_in_order,
}


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 60, more: Callable[[], str] = str) -> None:
    """Return as soon as `condition` holds; after `seconds` fail with what was waited for, and with `more()`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}\n{more()}"
        time.sleep(0.05)


def _by_key(account: Account) -> list[str]:
    return ["sftp", *_OPTIONS, "-i", str(account.key), "-P", str(account.port), f"{account.name}@127.0.0.1"]


def _by_password(account: Account) -> list[str]:
    options = [*_OPTIONS, "-o", "PubkeyAuthentication=no", "-o", "BatchMode=no", "-P", str(account.port)]
    return ["sshpass", "-p", account.password, "sftp", *options, f"{account.name}@127.0.0.1"]


def _run(words: list[str], standard_input: str = "", *, check: bool = True) -> str:
    done = subprocess.run(
        words, input=standard_input, capture_output=True, text=True, check=False, timeout=_SECONDS, cwd="/"
    )
    assert not check or done.returncode == 0, f"{words[0]} -> {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr
