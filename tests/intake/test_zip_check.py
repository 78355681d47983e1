"""Zips looked over: what is sound passes whoever wrote it, and each way to be wrong has its code."""

from __future__ import annotations

import stat
import struct
import zlib
from dataclasses import replace

import pytest

from tests.intake.zipmaker import (
    DESCRIPTOR,
    STORED,
    ZIP64,
    Entry,
    build,
    deflated,
    local_bytes,
    opened,
    with_directory,
)
from watcher.intake.zips.check import Checked, check
from watcher.intake.zips.judging import Surroundings
from watcher.model.codes import CODES
from watcher.model.findings import Severity
from watcher.schema.model import Extra, Zips

USERS, ORGS = Entry(b"users.csv"), Entry(b"orgs.csv", b"x\n" * 50)
LIMITS = Zips()
DATA = b"a,b\n1,2\n"
CRC = zlib.crc32(DATA)
PACKED = len(deflated(DATA))


def looked_over(content: bytes, limits: Zips = LIMITS, around: Surroundings | None = None) -> Checked:
    with opened(content) as fd:
        return check(fd, "drop.zip", limits, around or Surroundings())


def found(content: bytes, limits: Zips = LIMITS, around: Surroundings | None = None) -> list[tuple[str, str]]:
    """Severity and code of each kind of finding, once."""
    checked = looked_over(content, limits, around)
    return list(dict.fromkeys((str(each.severity), each.code) for each in checked.findings))


def error(code: str) -> list[tuple[str, str]]:
    return [("error", code)]


# --- sound ones -------------------------------------------------------------------------------------------------------


def _behind(form: str, signature: bytes) -> bytes:
    return signature + struct.pack(form, CRC, PACKED, len(DATA))


UNKNOWN_YET = {"crc": 0, "packed_size": 0, "size": 0}
LARGE_EXTRA = struct.pack("<2HQQ", 1, 16, len(DATA), PACKED)
PLAIN_DIRECTORY = build(USERS).index(b"PK\x01\x02")
SOUND = {
    "plain": build(USERS, ORGS),
    "stored": build(replace(USERS, method=STORED)),
    "comment": build(USERS, comment=b"made by hand"),
    "comment-like-an-end": build(USERS, comment=b"PK\x05\x06" + bytes(40)),
    "zip64-end": build(USERS, ORGS, zip64=True),
    "zip64-end-without-need": build(USERS, zip64=True, old_end=(1, PLAIN_DIRECTORY, 46 + 9)),
    "zip64-member": build(
        replace(USERS, size=ZIP64, packed_size=ZIP64, extra=LARGE_EXTRA, local={"extra": LARGE_EXTRA})
    ),
    "descriptor": build(
        replace(USERS, flags=DESCRIPTOR, local=UNKNOWN_YET, behind=_behind("<LLL", b"PK\x07\x08")), ORGS
    ),
    "descriptor-without-signature": build(
        replace(USERS, flags=DESCRIPTOR, local=UNKNOWN_YET, behind=_behind("<LLL", b"")), ORGS
    ),
    "descriptor-zip64": build(
        replace(USERS, flags=DESCRIPTOR, local=UNKNOWN_YET, behind=_behind("<LQQ", b"PK\x07\x08")), ORGS
    ),
    "folder-entry-and-finder": build(
        Entry(b"__MACOSX/", b"", method=STORED), Entry(b"__MACOSX/._users.csv"), Entry(b".DS_Store"), USERS
    ),
    "empty-member": build(Entry(b"users.csv", b"", method=STORED), ORGS),
    "with-the-marker": build(USERS, Entry(b"COMPLETE", b"", method=STORED)),
    "dot-slash": build(Entry(b"./users.csv")),
    "unix-mode": build(replace(USERS, mode=stat.S_IFREG | 0o644)),
    "65535-members-say-nothing-of-zip64": build(*(Entry(b"%d" % n, b"", method=STORED) for n in range(0xFFFF))),
}


@pytest.mark.parametrize("kind", SOUND)
def test_check_of_a_sound_zip_finds_nothing(kind: str) -> None:
    checked = looked_over(SOUND[kind], Zips(max_members=70_000))
    assert checked.findings == ()
    assert checked.files


def test_check_names_the_files_without_what_systems_leave() -> None:
    checked = looked_over(SOUND["folder-entry-and-finder"])
    assert [file.name for file in checked.files] == ["users.csv"]


@pytest.mark.parametrize(
    ("folder", "expected"),
    [(Extra.IGNORE, []), (Extra.WARN, [("warning", "zip-folder")]), (Extra.ERROR, error("zip-folder"))],
)
@pytest.mark.parametrize("name", [b"set/%s", b"set\\%s"])
def test_check_members_in_one_folder_as_the_dataset_says(
    folder: Extra, expected: list[tuple[str, str]], name: bytes
) -> None:
    content = build(Entry(b"set/", b"", method=STORED), Entry(name % b"users.csv"), Entry(name % b"orgs.csv"))
    checked = looked_over(content, Zips(folder=folder))
    assert [(str(each.severity), each.code) for each in checked.findings] == expected
    assert [file.name for file in checked.files] == ([] if folder is Extra.ERROR else ["users.csv", "orgs.csv"])


def test_check_inner_zip_that_the_dataset_asks_for_is_a_file() -> None:
    content = build(Entry(b"photos.ZIP"))
    assert found(content) == error("zip-in-zip")
    assert found(content, around=Surroundings(is_known=lambda name: name == "photos.ZIP")) == []


# --- bad ones ---------------------------------------------------------------------------------------------------------

WHOLE = build(USERS, ORGS)
BODY = len(WHOLE) - 22
#: A bomb's kernel (that called 42 has it in zips of zips): here thousands of directory entries lead to the same bytes.
KERNEL = Entry(b"kernel.csv", packed=deflated(bytes(1_000_000)), crc=zlib.crc32(bytes(1_000_000)), size=1_000_000)
#: The first member's place is inside the second's data, which is not packed: the bomb that needs no zip in a zip.
INNER = replace(USERS, offset=30 + 9 + PACKED + 30 + 9)
OUTER = Entry(b"outer.csv", local_bytes(USERS), method=STORED)
NAMES_UNSAFE = [
    b"/users.csv",
    b"../users.csv",
    b"a/../../users.csv",
    b"..\\users.csv",
    b"\\x",
    b"C:users.csv",
    b"c:\\x",
    b"",
    b"//",
]
NAMES_BAD = [
    b"us\0ers.csv", b"us\ners.csv", b"\x1b[2Jx", b"caf\xe9.csv", "a\u202ecsv.x".encode(), b"CON", b"aux.csv", b"com1.txt",
    b"x" * 256, b"x" * 2000, b"users.csv.", b"users.csv ", b"users.csv.filepart", b"users.csv.tmp",
]  # fmt: skip
BAD = {
    "zip-truncated": [WHOLE[:cut] for cut in (4, 30, 60, BODY, BODY + 21)],
    "zip-not-a-zip": [b"", b"\x1f\x8b\x08", b"a,b\n", b"PK", bytes(100), b"<!DOCTYPE html><html>", b"\x00\x01"],
    "zip-damaged": [
        WHOLE[:BODY] + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 500, BODY - 100, 0),
        WHOLE[:BODY] + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 40, 0, 0),
        WHOLE.replace(struct.pack("<L", 46 + 9 + 46 + 8) + WHOLE[-6:-2], struct.pack("<L", 46 + 9 + 46 + 4) + WHOLE[-6:-2]),
        build(USERS, ORGS, members=3),
        build(USERS, zip64=True).replace(b"PK\x06\x06\x2c", b"PK\x06\x06\x2b"),
        build(USERS, ORGS, members=1),
        build(USERS, ORGS, zip64=True, members=3),
        WHOLE.replace(b"PK\x01\x02", b"PK\x01\x03"),
        build(replace(USERS, packed_size=5000)),
        WHOLE.replace(b"\n", b"\r\n").replace(b"PK", b"\nPK"),
    ],
    "zip-prefixed": [
        build(USERS, prefix=b"#!/bin/sh\n"), build(USERS, prefix=b"MZ", moved=True), build(USERS, prefix=b"%PDF", zip64=True, moved=True)
    ],
    "zip-headers-disagree": [
        build(replace(USERS, local={"name": b"other.csv"})),
        build(replace(USERS, local={"name": b"users.csvx"})),
        build(replace(USERS, local={"size": 7})),
        build(replace(USERS, local={"crc": 7})),
        build(replace(USERS, local={"packed_size": 7})),
        build(replace(USERS, local={"method": STORED})),
        build(replace(USERS, offset=3), ORGS),
        build(replace(USERS, offset=0xFFFFFF)),
        build(replace(USERS, flags=DESCRIPTOR, local=UNKNOWN_YET)),
        build(replace(USERS, flags=DESCRIPTOR, local=UNKNOWN_YET, behind=struct.pack("<LLL", CRC, PACKED, 7))),
        build(replace(USERS, flags=DESCRIPTOR, local={"size": 7}, behind=_behind("<LLL", b""))),
        build(replace(USERS, method=STORED, packed=DATA + b"hidden")),
        build(USERS, zip64=True, old_end=(1, PLAIN_DIRECTORY, 46)),
        build(USERS, zip64=True, old_end=(2, PLAIN_DIRECTORY, 46 + 9)),
        build(USERS, zip64=True, old_end=(1, 0, 46 + 9)),
    ],
    "zip-overlap": [
        build(USERS, replace(USERS, offset=0)),
        build(INNER, OUTER),
        with_directory(build(KERNEL), [KERNEL] * 9000),
    ],
    "zip-unsupported": [
        build(replace(USERS, method=12, packed=b"BZh")), build(replace(USERS, method=9)), build(replace(USERS, method=77)),
        build(USERS, disk=1), build(replace(USERS, disk=2)), build(replace(USERS, flags=1 << 5)), build(replace(USERS, needed=64)),
    ],
    "zip-encrypted": [build(replace(USERS, flags=1)), build(replace(USERS, method=99)),
        build(replace(USERS, method=STORED, packed=bytes(12) + DATA, flags=1)), build(replace(USERS, flags=1 << 6 | 1))],
    "zip-special-file": [
        build(replace(USERS, mode=kind | 0o777)) for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFSOCK)
    ],
    "zip-unsafe-name": [build(Entry(name), USERS) for name in NAMES_UNSAFE],
    "zip-bad-name": [build(Entry(name), USERS) for name in NAMES_BAD],
    "zip-duplicate-name": [
        build(USERS, USERS), build(USERS, Entry(b"Users.CSV")), build(Entry("e\u0301.csv".encode()), Entry("é.csv".encode()))
    ],
    "zip-folders": [
        build(Entry(b"a/b/users.csv")), build(Entry(b"a/users.csv"), ORGS), build(Entry(b"a/users.csv"), Entry(b"b/orgs.csv")),
        build(Entry(b"a\\b\\users.csv")),
    ],
    "zip-in-zip": [build(USERS, Entry(b"more.Zip"))],
    "zip-empty": [build(), build(Entry(b"set/", b"", method=STORED)), build(Entry(b".DS_Store")), build(zip64=True)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "content"), [(code, content) for code, contents in BAD.items() for content in contents]
)
def test_check_of_a_bad_zip_has_the_code_of_its_fault(code: str, content: bytes) -> None:
    assert found(content) == error(code)
    assert looked_over(content).files == ()


@pytest.mark.parametrize("content", [build(USERS, gap=b"hidden"), build(USERS, trailing=b"\0" * 100)])
def test_check_bytes_of_no_member_are_a_warning(content: bytes) -> None:
    checked = looked_over(content)
    (warning,) = checked.findings
    assert (warning.severity, warning.code) == (Severity.WARNING, "zip-extra-bytes")
    assert str(len(content) - len(build(USERS))) in warning.message
    assert checked.files


LIMITED = {
    "zip-too-many-members": (build(USERS, ORGS), Zips(max_members=1)),
    "zip-too-large": (build(USERS, ORGS), Zips(max_bytes=107)),
    "zip-ratio": (build(Entry(b"zeros.csv", bytes(20_000_000))), LIMITS),
}


@pytest.mark.parametrize("code", LIMITED)
def test_check_beyond_a_limit_refuses(code: str) -> None:
    assert found(*LIMITED[code]) == error(code)


def test_check_up_to_the_limits_finds_nothing() -> None:
    content = build(USERS, ORGS)
    assert found(content, Zips(max_members=2, max_bytes=108, max_member_bytes=100)) == []
    assert found(content, Zips(max_member_bytes=99)) == error("zip-too-large")
    assert len(looked_over(content, Zips(max_member_bytes=99, max_bytes=50)).findings) == 1
    assert found(content, around=Surroundings(room_bytes=108)) == []
    assert found(content, around=Surroundings(room_bytes=107)) == error("zip-too-large")
    assert found(content, around=Surroundings(room_bytes=-5)) == error("zip-too-large")


def test_check_sizes_that_would_wrap_are_added_up_as_they_are() -> None:
    entries = [Entry(b"%d.csv" % n, size=0xFFFFFFFE, local={"size": 0xFFFFFFFE}) for n in range(6)]
    assert found(build(*entries)) == [("error", "zip-too-large"), ("error", "zip-ratio")]


def test_check_too_many_stated_members_are_refused_before_the_directory_is_read() -> None:
    assert found(build(USERS, members=10_001)) == error("zip-too-many-members")


@pytest.mark.parametrize("other", ["users.csv", "USERS.CSV"])
def test_check_name_of_another_file_of_the_drop_refuses(other: str) -> None:
    assert found(build(USERS), around=Surroundings(others=[other, "more.csv"])) == error("zip-name-taken")


def test_check_one_finding_of_a_kind_counts_its_members_and_shows_their_names() -> None:
    findings = looked_over(build(Entry(b"../a"), Entry(b"../b\n"), USERS)).findings
    assert [(each.code, each.value) for each in findings] == [
        ("zip-unsafe-name", "../a"),
        ("zip-unsafe-name", "../b\\n"),
    ]
    assert len({each.message for each in findings}) == 1
    assert {each.file for each in findings} == {"drop.zip"}


def test_check_says_all_kinds_at_once() -> None:
    content = build(Entry(b"../a", flags=1), Entry(b"b.zip", method=14), replace(USERS, mode=stat.S_IFLNK))
    codes = {code for _, code in found(content)}
    assert codes == {"zip-unsafe-name", "zip-encrypted", "zip-in-zip", "zip-unsupported", "zip-special-file"}


def test_each_code_of_a_zip_is_had_by_a_test() -> None:
    elsewhere = {"zip-bad-content", "zip-extra-bytes", "zip-folder", "zip-name-taken"}
    assert {*BAD, *LIMITED, *elsewhere} == {code for code in CODES if code.startswith("zip-")}


def test_check_directory_of_many_entries_is_read_no_further_than_the_limit() -> None:
    """The end may state few members of many."""
    content = build(*(Entry(b"%d.csv" % n) for n in range(30)), members=2)
    assert found(content, Zips(max_members=10)) == error("zip-too-many-members")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (b"\x82l\x8ave.csv", "not written in UTF-8"),
        (b"u" * 300 + b".csv", "too long, expected at most 255 bytes"),
        (b"users.csv.filepart", "unfinished uploads"),
        (b"aux.csv", "kept for devices by Windows"),
        (b"users.csv.", "end in a space or a dot"),
        (b"us\ners.csv", "can't be printed"),
    ],
)
def test_check_bad_name_says_what_is_bad_about_it(name: bytes, why: str) -> None:
    """All were told that letters, digits and a suffix were expected, of which most had plenty."""
    with opened(build(Entry(name), USERS)) as fd:
        (found,) = check(fd, "a.zip", Zips()).findings
    assert (found.code, why in found.message) == ("zip-bad-name", True), found.message


def test_check_bad_names_of_several_kinds_are_told_kind_by_kind() -> None:
    with opened(build(Entry(b"aux.csv"), Entry(b"con.csv"), Entry(b"users.csv."))) as fd:
        found = check(fd, "a.zip", Zips()).findings
    assert [(each.code, each.value) for each in found] == [
        ("zip-bad-name", "aux.csv"),
        ("zip-bad-name", "con.csv"),
        ("zip-bad-name", "users.csv."),
    ]
    assert len({each.message for each in found}) == 2
