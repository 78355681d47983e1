"""What only unpacking tells: each way in which a member is not what was stated, and that it shows in time."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from tests.intake.zipmaker import STORED, Entry, build, deflated, opened
from watcher.intake.zips.check import check
from watcher.intake.zips.content import pieces
from watcher.intake.zips.refusal import RefusedError
from watcher.schema.model import Zips

DATA = b"a,b\n1,2\n"
USERS = Entry(b"users.csv", DATA)
PACKED = deflated(DATA)


def _stating(size: int, **more: object) -> Entry:
    return replace(USERS, size=size, local={"size": size}, **more)  # type: ignore[arg-type]


WRONG = {
    "larger": _stating(7),
    "smaller": _stating(9),
    "checksum": replace(USERS, crc=1, local={"crc": 1}),
    "checksum is": replace(USERS, crc=1, local={"crc": 1}, method=STORED),
    "follow its end": replace(USERS, packed=PACKED + b"hidden"),
    "breaks off": replace(USERS, packed=PACKED[:-1]),
    "can't be unpacked": replace(USERS, packed=b"\xff" * 9),
}


def _unpacked(content: bytes) -> list[bytes]:
    with opened(content) as fd:
        (file,) = check(fd, "set.zip", Zips()).files
        return list(pieces(fd, file.placed))


@pytest.mark.parametrize("what", WRONG)
def test_content_that_is_not_as_stated_is_refused(what: str) -> None:
    with pytest.raises(RefusedError, match=what) as raised:
        _unpacked(build(WRONG[what]))
    assert raised.value.code == "zip-bad-content"


def test_content_whose_end_falls_on_the_end_of_a_read_may_not_go_on() -> None:
    """The bytes behind the end then come with a read of their own."""
    data = zlib.compressobj(0, zlib.DEFLATED, -15)
    packed = data.compress(bytes(64 * 1024 - 2 * 5)) + data.flush()
    content = bytes(64 * 1024 - 2 * 5)
    assert len(packed) == 64 * 1024
    assert b"".join(_unpacked(build(Entry(b"users.csv", content, packed=packed)))) == content
    with pytest.raises(RefusedError, match="follow its end"):
        _unpacked(build(Entry(b"users.csv", content, packed=packed + b"hidden")))


def test_content_of_a_bomb_with_a_modest_size_stops_at_the_first_piece() -> None:
    """A hundred megabytes that are said to be a hundred bytes: nothing beyond those is handed on."""
    bomb = Entry(b"users.csv", bytes(100_000_000), size=100, local={"size": 100})
    got: list[bytes] = []
    with opened(build(bomb)) as fd:
        (file,) = check(fd, "set.zip", Zips()).files
        with pytest.raises(RefusedError, match="larger"):
            got.extend(pieces(fd, file.placed))
    assert got == []


def test_content_comes_in_pieces_of_a_megabyte_at_most() -> None:
    content = bytes(range(256)) * 20_000
    parts = _unpacked(build(Entry(b"users.csv", content)))
    assert b"".join(parts) == content
    assert max(map(len, parts)) <= 1024 * 1024
    assert b"".join(_unpacked(build(Entry(b"users.csv", content, method=STORED)))) == content
