from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests import ports
from tests.ports import free_port


def test_free_port_is_none_that_the_kernel_hands_out_and_never_the_same() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found = [free_port() for _ in range(20)]
    assert len(set(found)) == 20
    assert 10_000 <= min(found) <= max(found) < first


def test_free_port_that_another_took_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_offsets", iter(range(1000)))
    first = free_port()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", first))
        monkeypatch.setattr(ports, "_offsets", iter(range(1000)))
        assert free_port() != first


def test_free_port_of_another_process_is_looked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for pid in (1000, 1001):
        monkeypatch.setattr(ports, "_offsets", iter(range(1000)))
        monkeypatch.setattr(os, "getpid", lambda pid=pid: pid)
        found.append(free_port())
    assert abs(found[0] - found[1]) > 30
