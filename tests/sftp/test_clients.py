"""A drop by any client is loaded whole and once, or waits with a named reason: real clients, server and service."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.needs import needs
from tests.sftp.clients import (
    UPLOADS,
    paramiko_session,
    put_in_order,
    sftp_batch,
    start_slow_put,
    wait_until,
)
from tests.sftp.epochs import write_epoch
from tests.sftp.server import Account, sftp_server
from tests.sftp.service import PATIENT, Service, running_service

pytestmark = [
    needs("sshd", "sftp", "scp", "lftp", "sshpass", "curl", "unshare", "nsenter", "setpriv", root=True),
    pytest.mark.slow,
]

_MakeEpoch = Callable[..., Path]

# Their directories are not the service's to move: it takes a copy, and the original stays.
_COPIED = {"sftp-put-r", "scp-r", "curl"}


@pytest.fixture(scope="module")
def uploaded(service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Account]:
    """A district for each client, with an epoch uploaded by it, and once that is loaded a second one."""
    districts = {client: service.server.add_account(client) for client in UPLOADS}
    service.reload()
    first = write_epoch(tmp_path_factory.mktemp("first") / "20260824-020000")
    second = write_epoch(tmp_path_factory.mktemp("second") / "20260825-020000", staff="staff_id\n5\n")
    for client, district in districts.items():
        UPLOADS[client](district, first)
    for district in districts.values():
        service.wait_for_load(district.name)
    # a second one, so that the service has certainly looked again at what the first one left behind
    for district in districts.values():
        put_in_order(district, second)
    return districts


@pytest.mark.parametrize("client", UPLOADS)
def test_epoch_by_any_client_is_loaded_whole_and_once(
    service: Service, uploaded: dict[str, Account], client: str
) -> None:
    district = uploaded[client]
    drops = service.wait_for_load(district.name, epochs=2)
    assert [(drop["epoch"], drop["source_left"]) for drop in drops] == [
        ("20260825-020000", False),
        ("20260824-020000", client in _COPIED),
    ]
    assert service.loaded_rows(district.name, "students") == [["1"], ["2"]]
    assert service.loaded_rows(district.name, "schools") == [["7"]]


def test_loose_files_are_gathered_and_loaded(service: Service, district: Account, tmp_path: Path) -> None:
    (tmp_path / "students_auto.csv").write_text("student_id\n1\n2\n")
    sftp_batch(district, f"put {tmp_path}/students_auto.csv upload/students_auto.csv")
    (drop,) = service.wait_for_load(district.name)
    assert drop["kind"] == "gathered"
    assert service.loaded_rows(district.name, "students") == [["1"], ["2"]]


def test_epoch_under_temporary_names_waits_until_they_are_renamed(
    service: Service, district: Account, make_epoch: _MakeEpoch
) -> None:
    """WinSCP's way: *.filepart, then a rename, which the kernel tells as no close of the final name."""
    epoch = make_epoch()
    target = f"upload/{epoch.name}"
    with paramiko_session(district) as session:
        session.mkdir(target)
        session.put(str(epoch / "COMPLETE"), f"{target}/COMPLETE")
        session.put(str(epoch / "students.csv"), f"{target}/students.csv.filepart")
        service.wait_for_wait(district.name, "students.csv.filepart")
        session.rename(f"{target}/students.csv.filepart", f"{target}/students.csv")
    service.wait_for_load(district.name)
    assert service.loaded_rows(district.name, "students") == [["1"], ["2"]]


def test_client_killed_waits_for_the_marker_and_goes_on_where_it_stopped(
    service: Service, district: Account, make_epoch: _MakeEpoch
) -> None:
    epoch = make_epoch(students="student_id\n" + "".join(f"{n:010}\n" for n in range(200_000)))
    target = f"upload/{epoch.name}"
    sftp_batch(district, f"mkdir {target}")
    # half a minute in all: it is killed long before its end
    client = start_slow_put(district, epoch / "students.csv", f"{target}/students.csv", kbits=600)
    arrived = service.server.uploads(district.name) / epoch.name / "students.csv"
    wait_until(lambda: arrived.exists() and arrived.stat().st_size > 0, "the first bytes")
    client.send_signal(signal.SIGKILL)
    client.wait()
    assert arrived.stat().st_size < (epoch / "students.csv").stat().st_size
    service.wait_for_wait(district.name, "COMPLETE")
    assert service.drops(district.name) == []
    resume = f"reput {epoch}/students.csv {target}/students.csv"
    sftp_batch(district, resume, f"put {epoch}/COMPLETE {target}/COMPLETE")
    (drop,) = service.wait_for_load(district.name)
    assert (drop["rows"], drop["files"]) == (200_000, 1)


def test_complete_sent_first_waits_for_the_rest(service: Service, make_epoch: _MakeEpoch) -> None:
    """A file that grows slowly for longer than the epoch must settle: it is never taken half."""
    district = service.server.add_account(PATIENT)
    service.reload()
    epoch = make_epoch(students="student_id\n" + "".join(f"{n:010}\n" for n in range(400_000)))
    target = f"upload/{epoch.name}"
    before = (f"mkdir {target}", f"put {epoch}/COMPLETE {target}/COMPLETE")
    # 4.4 MB at 4.5 Mbit/s are eight seconds; five are needed to settle
    client = start_slow_put(district, epoch / "students.csv", f"{target}/students.csv", kbits=4_500, before=before)
    assert client.wait(60) == 0
    (drop,) = service.wait_for_load(district.name)
    assert (drop["rows"], drop["files"]) == (400_000, 1)


def test_file_sent_again_after_complete_is_the_one_that_counts(
    service: Service, district: Account, make_epoch: _MakeEpoch, tmp_path: Path
) -> None:
    epoch = make_epoch()
    corrected = tmp_path / "corrected.csv"
    corrected.write_text("student_id\n3\n4\n5\n")
    put_in_order(district, epoch, f"put {corrected} upload/{epoch.name}/students.csv")
    service.wait_for_load(district.name)
    assert service.loaded_rows(district.name, "students") == [["3"], ["4"], ["5"]]


def test_epoch_sent_again_after_its_load_is_a_drop_of_its_own(
    service: Service, district: Account, make_epoch: _MakeEpoch, tmp_path: Path
) -> None:
    """A client that makes its directory anew and goes on: never merged into what was taken."""
    epoch = make_epoch()
    put_in_order(district, epoch)
    service.wait_for_load(district.name)
    (epoch / "schools.csv").write_text("school_id\n8\n")
    put_in_order(district, epoch)
    drops = service.wait_for_load(district.name, epochs=2)
    assert [(drop["epoch"], drop["take"]) for drop in drops] == [(epoch.name, 2), (epoch.name, 1)]


def test_directory_that_cannot_be_read_waits_until_it_can(
    service: Service, district: Account, make_epoch: _MakeEpoch
) -> None:
    epoch = make_epoch()
    put_in_order(district, epoch, f"chmod 700 upload/{epoch.name}")
    service.wait_for_wait(district.name, "Permission denied")
    assert service.drops(district.name) == []
    sftp_batch(district, f"chmod 770 upload/{epoch.name}")
    service.wait_for_load(district.name)
    assert service.loaded_rows(district.name, "students") == [["1"], ["2"]]


def test_file_that_cannot_be_read_is_rejected_by_name(
    service: Service, district: Account, make_epoch: _MakeEpoch
) -> None:
    epoch = make_epoch()
    (epoch / "students.csv").chmod(0o600)
    put_in_order(district, epoch)
    wait_until(lambda: [d["state"] for d in service.drops(district.name)] == ["rejected"], "a rejection")
    assert "unreadable-file in students.csv" in service.story()


def test_report_can_be_fetched_by_the_sender(
    service: Service, district: Account, make_epoch: _MakeEpoch, tmp_path: Path
) -> None:
    epoch = make_epoch(students='student_id\n"1\n')
    put_in_order(district, epoch)
    wait_until(lambda: [d["state"] for d in service.drops(district.name)] == ["rejected"], "a rejection")
    wait_until(lambda: service.drops(district.name)[0]["report_delivered"], "the report", more=service.story)
    names = sftp_batch(district, "ls -1 upload/results").split()
    (text,) = [name for name in names if epoch.name in name and name.endswith(".txt")]
    sftp_batch(district, f"get {text} {tmp_path}/report.txt")
    assert "students.csv" in (tmp_path / "report.txt").read_text()


@pytest.fixture(scope="module")
def service_with_leases(installed: Path) -> Iterator[Service]:
    """A service with the one right of leases.conf."""
    with (
        tempfile.TemporaryDirectory(prefix="epoch-watcher-sftp-") as folder,
        sftp_server(Path(folder), installed / "opt/epoch-watcher") as running,
    ):
        running.add_account("lakeview")
        with running_service(running, leases=True) as started:
            yield started


def test_upload_that_stalls_is_not_taken_where_leases_tell(
    service_with_leases: Service, make_epoch: _MakeEpoch
) -> None:
    """COMPLETE is there and nothing changes, but the sender still has the file open."""
    service, epoch = service_with_leases, make_epoch(students="student_id\n" + "1234567890\n" * 200_000)
    district = service.server.add_account("riverside")
    service.reload()
    target = f"upload/{epoch.name}"
    before = (f"mkdir {target}", f"put {epoch}/COMPLETE {target}/COMPLETE")
    # nine seconds in all: it is stopped before its end
    client = start_slow_put(district, epoch / "students.csv", f"{target}/students.csv", kbits=2_000, before=before)
    arrived = service.server.uploads(district.name) / epoch.name / "students.csv"
    wait_until(lambda: arrived.exists() and arrived.stat().st_size > 0, "the first bytes")
    client.send_signal(signal.SIGSTOP)
    try:
        wait_until(
            lambda: (
                "writer" in {wait["waits_for"] for wait in service.ask("explain", district.name)["roots"][0]["waits"]}
            ),
            "a wait for the writer",
            more=service.story,
        )
        assert service.drops(district.name) == []
    finally:
        client.send_signal(signal.SIGCONT)
    assert client.wait(60) == 0
    (drop,) = service.wait_for_load(district.name)
    assert drop["rows"] == 200_000
