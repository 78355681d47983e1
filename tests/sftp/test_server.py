"""The harness itself: every client can upload, and what it leaves behind is what the service must cope with."""

from __future__ import annotations

import os
import pwd
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.needs import needs
from tests.sftp.clients import UPLOADS, sftp_batch, start_slow_put, wait_until
from tests.sftp.server import Account, SftpServer, modes

pytestmark = needs("sshd", "sftp", "scp", "lftp", "sshpass", "curl", "unshare", "nsenter", root=True)

# What each client makes of a local 0755 directory with 0644 files. Where the directory has no group-write, a claim by
# rename is refused and the service copies.
_DIRECTORY_MODES = {
    "sftp-in-order": "2770",
    "sftp-put-r": "0755",
    "scp-r": "0755",
    "lftp-mirror": "2770",
    "lftp-temporary-names": "2770",
    "curl": "2750",
    "paramiko-rename": "2770",
}


@pytest.mark.parametrize("client", UPLOADS)
def test_upload_by_any_client_arrives_whole(
    server: SftpServer, account: Account, make_epoch: Callable[..., Path], client: str
) -> None:
    epoch = make_epoch()
    UPLOADS[client](account, epoch)
    arrived = server.uploads(account.name) / epoch.name
    assert {path.name: path.read_bytes() for path in arrived.iterdir()} == {
        path.name: path.read_bytes() for path in epoch.iterdir()
    }
    assert modes(server.uploads(account.name))[epoch.name] == _DIRECTORY_MODES[client]


@pytest.mark.parametrize("client", UPLOADS)
def test_upload_by_any_client_can_be_read_by_the_service(
    server: SftpServer, account: Account, make_epoch: Callable[..., Path], client: str
) -> None:
    epoch = make_epoch()
    UPLOADS[client](account, epoch)
    inside = f"/srv/sftp/{account.name}/upload/{epoch.name}/students.csv"
    assert server.run("cat", inside, user="epoch-watcher").stdout == (epoch / "students.csv").read_text()


def test_upload_of_a_closed_file_cannot_be_read_by_the_service(
    server: SftpServer, account: Account, tmp_path: Path
) -> None:
    """A umask only takes away: what is 0600 here stays 0600 there. The view of bindfs is for these."""
    closed = tmp_path / "students_auto.csv"
    closed.touch(mode=0o600)
    sftp_batch(account, f"put {closed} upload/students_auto.csv")
    inside = f"/srv/sftp/{account.name}/upload/students_auto.csv"
    assert "Permission denied" in server.run("cat", inside, user="epoch-watcher", check=False).stderr


def test_login_by_password_works(server: SftpServer, account: Account) -> None:
    assert "upload" in sftp_batch(account, "ls", password=True)


def test_account_sees_its_own_folder_only(server: SftpServer, account: Account) -> None:
    assert sftp_batch(account, "ls -a1 /").split()[-3:] == ["/.", "/..", "/upload"]


@pytest.mark.parametrize("line", ["ln -s /etc/passwd upload/b", "ln upload/a upload/b"])
def test_links_are_refused(server: SftpServer, account: Account, tmp_path: Path, line: str) -> None:
    (tmp_path / "a").touch()
    sftp_batch(account, f"put {tmp_path / 'a'} upload/a")
    sftp_batch(account, line, check=False)
    assert list(modes(server.uploads(account.name))) == ["a"]


def test_client_killed_leaves_a_part(server: SftpServer, account: Account, tmp_path: Path) -> None:
    big = tmp_path / "students_auto.csv"
    big.write_bytes(b"student_id\n" + b"1\n" * 4_000_000)
    # half a minute in all: it is killed long before its end
    client = start_slow_put(account, big, "upload/students_auto.csv", kbits=2_000)
    arrived = server.uploads(account.name) / big.name
    wait_until(lambda: arrived.exists() and arrived.stat().st_size > 0, "the first bytes")
    client.send_signal(signal.SIGKILL)
    client.wait()
    assert 0 < arrived.stat().st_size < big.stat().st_size


def test_add_district_run_again_changes_nothing(server: SftpServer, account: Account) -> None:
    before = os.stat(server.uploads(account.name))
    repository = Path(__file__).parents[2]
    server.run(str(repository / "systemd/add-district"), account.name)
    after = os.stat(server.uploads(account.name))
    assert (before.st_mode, before.st_uid, before.st_gid) == (after.st_mode, after.st_uid, after.st_gid)
    assert after.st_mode & 0o7777 == 0o2770


@pytest.mark.parametrize(("name", "words"), [("../x", "expected a name"), ("daemon", "not in group sftp-upload")])
def test_add_district_with_a_bad_name_is_refused(server: SftpServer, name: str, words: str) -> None:
    repository = Path(__file__).parents[2]
    done = server.run(str(repository / "systemd/add-district"), name, check=False)
    assert done.returncode == 2
    assert words in done.stderr


def test_accounts_are_not_the_machines(server: SftpServer, account: Account) -> None:
    with pytest.raises(KeyError):
        pwd.getpwnam(account.name)
