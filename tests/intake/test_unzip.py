"""Zips of a claimed drop: unpacked beside its other files, whatever happens in between, or not at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.zipmaker import STORED, Entry, build, names_below
from watcher import failpoints
from watcher.intake import unzip
from watcher.intake.unzip import Unpacked, unpack_drop
from watcher.model.names import MARKER
from watcher.schema.model import Dataset, DatasetFile, FileSchema, Zips

USERS, ORGS = Entry(b"users.csv", b"a,b\n1,2\n"), Entry(b"orgs.csv", b"x\n" * 5)
SET = build(USERS, ORGS)
DATASET = Dataset("any", ())
ROOM = 1_000_000
BAD_CRC = build(ORGS, replace(USERS, crc=7, local={"crc": 7}))


def drop(envelope: Path, **files: bytes) -> Path:
    """A claimed drop with these files, `_` in their names for the dot."""
    (envelope / "files").mkdir(parents=True)
    (envelope / "files" / MARKER).touch()
    for name, content in files.items():
        (envelope / "files" / name.replace("_", ".")).write_bytes(content)
    return envelope


def files(envelope: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (envelope / "files").iterdir() if path.name != MARKER}


def unpack(envelope: Path, dataset: Dataset = DATASET, room: int = ROOM) -> Unpacked:
    return unpack_drop(envelope, dataset, room)


def codes(unpacked: Unpacked) -> list[str]:
    return [found.code for found in unpacked.findings]


# --- what becomes of a zip --------------------------------------------------------------------------------------------


def test_unpack_puts_the_files_beside_the_others_and_keeps_the_zip(tmp_path: Path) -> None:
    envelope = drop(tmp_path / "e", set_zip=SET, extra_csv=b"y\n")
    assert unpack(envelope) == Unpacked()
    assert files(envelope) == {"users.csv": USERS.data, "orgs.csv": ORGS.data, "extra.csv": b"y\n"}
    assert (envelope / "received" / "set.zip").read_bytes() == SET
    assert sorted(os.listdir(envelope)) == ["files", "received", "unpacked.json"]
    assert (envelope / "files" / "users.csv").stat().st_mode & 0o777 == 0o600
    noted = json.loads((envelope / "unpacked.json").read_text())
    assert noted == {"version": 1, "zips": [{"name": "set.zip", "files": ["users.csv", "orgs.csv"]}]}


def test_unpack_again_changes_nothing_and_finds_the_same(tmp_path: Path) -> None:
    """A replay of a drop, or a second try."""
    envelope = drop(tmp_path / "e", set_zip=build(Entry(b"in/users.csv")))
    first = unpack(envelope)
    before = {path: (envelope / path).stat().st_mtime_ns for path in names_below(envelope)}
    assert unpack(envelope) == first
    assert codes(first) == ["zip-folder"]
    assert {path: (envelope / path).stat().st_mtime_ns for path in names_below(envelope)} == before


@pytest.mark.parametrize("content", [SET[:-30], BAD_CRC, b"\x1f\x8b", build(USERS, Entry(b"../orgs.csv"))])
def test_unpack_bad_zip_leaves_nothing_of_it_and_keeps_it(tmp_path: Path, content: bytes) -> None:
    envelope = drop(tmp_path / "e", a_zip=SET, b_zip=content.replace(b"users", b"peopl"), extra_csv=b"y\n")
    unpacked = unpack(envelope)
    assert unpacked.refused == ("b.zip",)
    assert set(files(envelope)) == {"users.csv", "orgs.csv", "extra.csv"}
    assert sorted(os.listdir(envelope / "received")) == ["a.zip", "b.zip"]
    assert not (envelope / "files.unpacking").exists()
    assert unpack(envelope) == unpacked


def test_unpack_bad_content_names_the_member(tmp_path: Path) -> None:
    (found,) = unpack(drop(tmp_path / "e", set_zip=BAD_CRC)).findings
    assert (found.code, found.file, found.value) == ("zip-bad-content", "set.zip", "users.csv")


def test_unpack_second_zip_with_the_same_file_is_refused(tmp_path: Path) -> None:
    envelope = drop(tmp_path / "e", a_zip=SET, b_zip=build(Entry(b"Users.csv", b"other\n")))
    assert unpack(envelope).refused == ("b.zip",)
    assert codes(unpack(envelope)) == ["zip-name-taken"]
    assert files(envelope)["users.csv"] == USERS.data


def test_unpack_takes_no_more_than_the_drop_may_have(tmp_path: Path) -> None:
    sizes = len(USERS.data) + len(ORGS.data)
    assert codes(unpack(drop(tmp_path / "a", set_zip=SET, b_csv=bytes(10)), room=sizes + 10)) == []
    assert codes(unpack(drop(tmp_path / "b", set_zip=SET, b_csv=bytes(10)), room=sizes + 9)) == ["zip-too-large"]


def test_unpack_only_what_is_called_zip_and_not_asked_for_as_such(tmp_path: Path) -> None:
    kept = replace(DATASET, files=(DatasetFile(FileSchema("kept.zip")),))
    envelope = drop(tmp_path / "e", kept_zip=SET, book_xlsx=SET, upper_ZIP=build(USERS))
    unpack(envelope, kept)
    assert set(files(envelope)) == {"kept.zip", "book.xlsx", "users.csv"}


def test_unpack_nothing_where_the_dataset_says_so(tmp_path: Path) -> None:
    envelope = drop(tmp_path / "e", set_zip=SET)
    assert unpack(envelope, replace(DATASET, zips=Zips(unpack=False))) == Unpacked()
    assert os.listdir(envelope) == ["files"]


def test_unpack_refused_zip_goes_back_where_the_dataset_now_wants_it_as_it_is(tmp_path: Path) -> None:
    envelope = drop(tmp_path / "e", set_zip=BAD_CRC)
    unpack(envelope)
    unpack(envelope, replace(DATASET, zips=Zips(unpack=False)))
    assert files(envelope) == {"set.zip": BAD_CRC}


def test_unpack_zip_refused_for_a_limit_is_unpacked_by_a_higher_one(tmp_path: Path) -> None:
    envelope = drop(tmp_path / "e", set_zip=SET)
    assert codes(unpack(envelope, replace(DATASET, zips=Zips(max_members=1)))) == ["zip-too-many-members"]
    assert unpack(envelope) == Unpacked()
    assert set(files(envelope)) == {"users.csv", "orgs.csv"}


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: os.symlink("set.zip", path)])
def test_unpack_leaves_what_is_no_file_to_the_validation(tmp_path: Path, make: object) -> None:
    envelope = drop(tmp_path / "e", set_zip=SET)
    assert callable(make)
    make(envelope / "files" / "odd.zip")
    assert unpack(envelope) == Unpacked()
    assert (envelope / "files" / "odd.zip").lstat()


# --- what goes wrong on the way ---------------------------------------------------------------------------------------


class Crash(BaseException):
    """What ends the process where it is."""


@pytest.mark.parametrize("name", [name for name in failpoints.NAMES if name.startswith("unzip.")])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_unpack_cut_off_at_any_point_ends_as_if_it_had_not(
    name: str, nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"a_zip": SET, "b_zip": build(Entry(b"classes.csv"), Entry(b"set/")), "extra_csv": b"y\n"}
    expected = drop(tmp_path / "expected", **contents)
    unpack(expected)
    envelope = drop(tmp_path / "e", **contents)
    met = []

    def reach(point: str) -> None:
        met.append(point)
        if met.count(name) == nth and point == name:
            raise Crash

    monkeypatch.setattr(unzip, "reach", reach)
    try:
        unpack(envelope)
    except Crash:
        assert unpack(envelope) == Unpacked()
    else:
        assert met.count(name) < nth, "it was reached and did not crash"
    assert {path: _content(envelope / path) for path in names_below(envelope)} == {
        path: _content(expected / path) for path in names_below(expected)
    }


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def test_unpack_on_a_full_disk_is_our_trouble_and_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = drop(tmp_path / "e", set_zip=SET)
    real_write, written = os.write, []

    def write(fd: int, data: bytes) -> int:
        written.append(fd)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(fd, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space"):
        unpack(envelope)
    assert names_below(envelope) == ["files", f"files/{MARKER}", "received", "received/set.zip"]
    assert unpack(envelope) == Unpacked()
    assert set(files(envelope)) == {"users.csv", "orgs.csv"}


# --- damage of any kind -----------------------------------------------------------------------------------------------

_SEED = build(USERS, ORGS, replace(ORGS, name=b"in.txt", method=STORED), comment=b"c", zip64=True)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(_SEED) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4
    ),
    cut=st.integers(0, len(_SEED)),
    has_cut=st.booleans(),
)
def test_unpack_of_any_damage_stays_in_its_folder_and_only_finds(
    edits: list[tuple[int, bytes]], cut: int, has_cut: bool
) -> None:
    content = bytearray(_SEED)
    for at, data in edits:
        content[at : at + len(data)] = data
    with tempfile.TemporaryDirectory() as folder:
        envelope = drop(Path(folder) / "work" / "e", set_zip=bytes(content[:cut] if has_cut else content))
        unpacked = unpack(envelope)
        assert os.listdir(folder) == ["work"]
        assert os.listdir(Path(folder) / "work") == ["e"]
        assert set(os.listdir(envelope)) <= {"files", "received", "unpacked.json"}
        assert sum(map(len, files(envelope).values())) <= ROOM
        assert bool(unpacked.refused) == (not files(envelope))
        if unpacked.refused:
            assert any(found.severity == "error" for found in unpacked.findings)
        assert all(path.is_file() and not path.is_symlink() for path in (envelope / "files").iterdir())


@settings(max_examples=50)
@given(junk=st.binary(max_size=400))
def test_unpack_of_anything_at_all_only_finds(junk: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        envelope = drop(Path(folder) / "e", set_zip=junk)
        assert unpack(envelope).refused == ("set.zip",)
        assert files(envelope) == {}
