from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from watcher.sdnotify import Notifier

Manager = tuple[socket.socket, str]


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """A stand-in for systemd's end: (bound datagram socket, NOTIFY_SOCKET value)."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@epoch-watcher-{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + name[1:] if name[0] == "@" else name)
        sock.settimeout(60)
        yield sock, name


def messages(sock: socket.socket) -> list[str]:
    return sock.recv(4096).decode().split("\n")


def test_notifier_messages_arrive_in_order(manager: Manager) -> None:
    sock, name = manager
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": name})
    notifier.ready("3 roots")
    notifier.status("idle")
    notifier.watchdog()
    notifier.stopping("draining")
    assert messages(sock) == ["READY=1", "STATUS=3 roots"]
    assert messages(sock) == ["STATUS=idle"]
    assert messages(sock) == ["WATCHDOG=1"]
    assert messages(sock) == ["STOPPING=1", "STATUS=draining"]


def test_notifier_reloading_tells_the_monotonic_time(manager: Manager) -> None:
    sock, name = manager
    before = time.monotonic_ns() // 1000
    Notifier.from_environment({"NOTIFY_SOCKET": name}).reloading()
    first, second = messages(sock)
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_notifier_status_with_newline_cannot_forge_a_message(manager: Manager) -> None:
    sock, name = manager
    Notifier.from_environment({"NOTIFY_SOCKET": name}).status("drop\nREADY=1 \udce9")
    assert messages(sock) == [r"STATUS=drop\nREADY=1 \xe9"]


def test_notifier_takes_its_variables_from_the_environment() -> None:
    environ = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid()), "HOME": "/"}
    assert Notifier.from_environment(environ).watchdog_seconds == 3.0
    assert environ == {"HOME": "/"}


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("3000000", "", 3.0),
        ("3000000", "1", None),
        ("0", "", None),
        ("soon", "", None),
        ("-5", "", None),
        ("", "", None),
    ],
)
def test_notifier_watchdog_odd_values_mean_none(usec: str, pid: str, seconds: float | None) -> None:
    environ = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": usec, "WATCHDOG_PID": pid}
    assert Notifier.from_environment(environ).watchdog_seconds == seconds


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}])
def test_notifier_without_a_socket_does_nothing(environ: dict[str, str]) -> None:
    notifier = Notifier.from_environment(dict(environ))
    assert notifier.address is None
    notifier.ready("x")


def test_notifier_send_that_fails_is_ignored(tmp_path: Path) -> None:
    Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
    Notifier.from_environment({"NOTIFY_SOCKET": "/" + "x" * 500}).ready()
    Notifier.from_environment({"NOTIFY_SOCKET": "/nul\0byte"}).ready()


def test_notifier_full_queue_never_blocks(manager: Manager) -> None:
    sock, name = manager
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": name})
    for _ in range(5000):
        notifier.watchdog()
    assert messages(sock) == ["WATCHDOG=1"]
