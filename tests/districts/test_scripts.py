"""The scripts that districts are given: real clients, server and service; only the district's machine is made up."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs.generate.scripts import PAGES
from tests.districts.relay import relay
from tests.districts.scripts import EXAMPLES, SCRIPTS, Sender, know_host, sender
from tests.needs import needs
from tests.sftp.clients import wait_until
from tests.sftp.server import Account
from tests.sftp.service import Service

pytestmark = [
    needs("sshd", "sftp", "lftp", "curl", "unshare", "nsenter", "setpriv", root=True),
    pytest.mark.slow,
]
_BIG = "student_id\n" + "".join(f"{number:010}\n" for number in range(400_000))
_HALF = 1_000_000
#: what the script says where the server has another key, the login is wrong, and so is the folder
ANOTHER_KEY = {
    "send-drop-sftp.sh": "REMOTE HOST IDENTIFICATION HAS CHANGED!",
    "send-drop-lftp.sh": "Host key verification failed",
    "send-drop-curl.sh": "mismatch sha256 fingerprint",
    "send_drop.py": "does not match",
}
WRONG_LOGIN = {
    "send-drop-sftp.sh": "Permission denied (publickey",
    "send-drop-lftp.sh": "Login failed: Login incorrect",
    "send-drop-curl.sh": "(67) Authentication failure",
    "send_drop.py": "Authentication failed",
}
WRONG_FOLDER = {
    "send-drop-sftp.sh": "No such file or directory",
    "send-drop-lftp.sh": "mkdir: Access failed: No such file",
    "send-drop-curl.sh": "mkdir command failed: No such file or directory",
    "send_drop.py": "[Errno 2] No such file",
}
#: lftp connects again by itself, and goes on where it was
_MENDS = "send-drop-lftp.sh"


@pytest.fixture(params=SCRIPTS)
def script(request: pytest.FixtureRequest, service: Service, district: Account, tmp_path: Path) -> Sender:
    return sender(request.param, district, service.server, tmp_path)


@pytest.fixture
def uploads(service: Service, district: Account) -> Path:
    return service.server.uploads(district.name)


def test_script_accepted_drop_prints_the_report_and_ends_with_0(
    script: Sender, service: Service, district: Account, uploads: Path
) -> None:
    script.write(students="student_id\n1\n2\n", schools="school_id\n7\n")
    ran = script.run()
    assert (ran.code, ran.printed.splitlines()[0]) == (0, "ACCEPTED: no errors"), ran.said
    (drop,) = service.wait_for_load(district.name)
    assert f"sent {drop['epoch']}: 2 files" in ran.said
    assert service.loaded_rows(district.name, "students") == [["1"], ["2"]]
    assert service.loaded_rows(district.name, "schools") == [["7"]]
    wait_until(lambda: not (uploads / drop["epoch"]).exists(), "nothing is left behind")


def test_script_rejected_drop_prints_the_report_and_ends_with_1(
    script: Sender, service: Service, district: Account
) -> None:
    script.write(students='student_id\n"1\n')
    ran = script.run()
    assert (ran.code, ran.printed.splitlines()[0]) == (1, "REJECTED: 1 error"), ran.said
    assert "ERROR unbalanced-quote" in ran.printed
    assert [drop["state"] for drop in service.drops(district.name)] == ["rejected"]


def test_script_broken_connection_sends_all_again_under_a_new_name(
    script: Sender, service: Service, district: Account, uploads: Path
) -> None:
    script.write(students=_BIG)
    with relay(district.port, after_bytes=_HALF, breaks=1) as line:
        know_host(script, line.port, service.server.folder / "host_key.pub")
        ran = script.run(port=line.port)
        assert line.has_broken.is_set()
    assert (ran.code, "try 1 of 2" in ran.said) == (0, script.script != _MENDS), ran.said
    (drop,) = service.wait_for_load(district.name)
    assert (drop["rows"], drop["files"]) == (400_000, 1)
    assert service.loaded_rows(district.name, "students")[-1] == [f"{399_999:010}"]
    if script.script == _MENDS:
        return
    (broken,) = [path for path in uploads.iterdir() if path.name != "results"]
    assert broken.name < drop["epoch"]
    assert {path.name: path.stat().st_size < len(_BIG) for path in broken.iterdir()} == {"students.csv": True}


def test_script_killed_halfway_leaves_nothing_that_is_taken(
    script: Sender, service: Service, district: Account, uploads: Path
) -> None:
    script.write(students=_BIG)
    with relay(district.port, after_bytes=_HALF, breaks=1, holds=True) as line:
        know_host(script, line.port, service.server.folder / "host_key.pub")
        process = script.start(port=line.port)
        try:
            assert line.has_broken.wait(60)
            secrets = [district.password] if "SEND_PASSWORD_FILE" in script.settings else []
            assert not [secret for secret in secrets if secret in command_lines()]
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    (broken,) = [path for path in uploads.iterdir() if path.name != "results"]
    assert [path.name for path in broken.iterdir()] == ["students.csv"]
    service.wait_for_wait(district.name, "COMPLETE")
    assert service.drops(district.name) == []
    know_host(script, district.port, service.server.folder / "host_key.pub")
    ran = script.run()
    assert ran.code == 0, ran.said
    (drop,) = service.wait_for_load(district.name)
    assert (drop["epoch"] > broken.name, drop["rows"]) == (True, 400_000)


def command_lines() -> str:
    """Of every process on the machine, as `ps` shows them to anybody."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(found)


def test_script_directory_that_is_there_is_left_alone(
    script: Sender, service: Service, district: Account, uploads: Path
) -> None:
    """Whatever second it is, its name is taken, until the script has met one that is."""
    script.write(students="student_id\n1\n")
    process = script.start(tries=20)
    said, taken = "", set[str]()
    while "was not sent" not in said and process.poll() is None:
        taken |= take_names_of_next_seconds(uploads)
        said += said_by_now(process)
    printed, more = process.communicate(timeout=90)
    assert (process.returncode, "was not sent" in said) == (0, True), printed + said + more
    (drop,) = service.wait_for_load(district.name)
    assert drop["epoch"] not in taken
    assert [list((uploads / name).iterdir()) for name in taken] == [[]] * len(taken)


def take_names_of_next_seconds(uploads: Path) -> set[str]:
    """Directories that a script with the clock of this moment would make; their names."""
    now = int(time.time())
    names = {time.strftime("%Y%m%d-%H%M%S", time.gmtime(now + second)) for second in range(6)}
    for name in names:
        (uploads / name).mkdir(mode=0o777, exist_ok=True)
        os.chmod(uploads / name, 0o777)
    return names


def said_by_now(process: subprocess.Popen[str]) -> str:
    """What it says within a tenth of a second."""
    assert process.stderr is not None
    ready, _, _ = select.select([process.stderr], [], [], 0.1)
    return os.read(process.stderr.fileno(), 65536).decode() if ready else ""


def test_script_server_with_another_key_gets_nothing(script: Sender, uploads: Path, tmp_path: Path) -> None:
    """The script of a district whose server's key changed, or that somebody else answers."""
    script.write(students="student_id\n1\n")
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger], check=True)
    know_host(script, int(script.settings["SEND_PORT"]), Path(f"{stranger}.pub"))
    ran = script.run(tries=1, fingerprint="A" * 43)
    assert (ran.code, ran.printed) == (2, ""), ran.said
    is_told_on_its_page(script, ran.said, ANOTHER_KEY)
    assert list(uploads.iterdir()) == []


def is_told_on_its_page(script: Sender, said: str, messages: Mapping[str, str]) -> None:
    """The client's own words, which its page explains."""
    assert messages[script.script] in said
    page = (EXAMPLES.parent / PAGES[script.script]).read_text(encoding="utf-8")
    assert messages[script.script] in page.partition("## What goes wrong")[2]


def test_script_with_a_wrong_login_ends_with_2(script: Sender, uploads: Path, tmp_path: Path) -> None:
    script.write(students="student_id\n1\n")
    (tmp_path / "password").write_text("wrong\n")
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger], check=True)
    ran = script.run(tries=1, key=str(stranger))
    assert (ran.code, ran.printed) == (2, ""), ran.said
    is_told_on_its_page(script, ran.said, WRONG_LOGIN)
    assert list(uploads.iterdir()) == []


def test_script_without_a_report_in_time_ends_with_3(script: Sender, uploads: Path) -> None:
    (uploads / "results").touch()  # no report can be put there
    script.write(students="student_id\n1\n")
    ran = script.run(wait_seconds=1)
    assert (ran.code, ran.printed) == (3, ""), ran.said
    assert "no report of 20" in ran.said


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name.endswith(".sh")], indirect=True)
def test_script_whose_sending_took_long_still_waits_for_the_report(script: Sender) -> None:
    """The wait was counted from the start: after an upload of an hour the scripts asked once and gave up."""
    script.write(students="student_id\n1\n")
    script.settings["SECONDS"] = "100000"  # since bash began, as it is told
    ran = script.run()
    assert (ran.code, ran.printed.splitlines()[0]) == (0, "ACCEPTED: no errors"), ran.said


def test_script_with_nothing_to_send_ends_with_2(script: Sender, uploads: Path) -> None:
    (script.export / "folder").mkdir()
    ran = script.run()
    assert ran.code == 2
    assert "there is no file in" in ran.said
    assert list(uploads.iterdir()) == []


def test_script_with_a_wrong_folder_to_upload_to_ends_with_2(script: Sender, uploads: Path) -> None:
    script.write(students="student_id\n1\n")
    ran = script.run(upload="uploads", tries=1)
    assert ran.code == 2, ran.said
    assert "nothing was sent" in ran.said
    is_told_on_its_page(script, ran.said, WRONG_FOLDER)
    assert list(uploads.iterdir()) == []
