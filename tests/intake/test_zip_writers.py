"""Zips by programs that people really use: read as those programs meant them, and as Python's own reader reads them."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.test_unzip import codes, drop, files, unpack
from tests.intake.zipmaker import opened, written
from watcher.intake.zips.check import check
from watcher.intake.zips.content import pieces
from watcher.intake.zips.ending import has_end_record
from watcher.schema.model import Zips

FILES = {"users.csv": b"id,name\n" + b"1,Ada\n" * 5000, "orgs.csv": b"", "photo.jpg": bytes(range(256)) * 20}

JAVA = """
import java.io.*; import java.nio.file.*; import java.util.zip.*;
class Pack { public static void main(String[] a) throws Exception {
  try (ZipOutputStream out = new ZipOutputStream(new FileOutputStream(a[0]))) {
    for (int i = 1; i < a.length; i++) {
      out.putNextEntry(new ZipEntry(Paths.get(a[i]).getFileName().toString()));
      out.write(Files.readAllBytes(Paths.get(a[i]))); out.closeEntry();
    } } } }
"""


def sources(folder: Path) -> list[str]:
    folder.mkdir()
    return [str(written(folder, name, content)) for name, content in FILES.items()]


def info_zip(target: Path, paths: list[str]) -> None:
    _run("zip", "-q", "-j", str(target), *paths)


def info_zip_streamed(target: Path, paths: list[str]) -> None:
    """To a pipe: it can't go back, so sizes stand behind the data, in the large form."""
    with target.open("wb") as out:
        subprocess.run([_found("zip"), "-q", "-j", "-", *paths], stdout=out, check=True)


def info_zip_updated(target: Path, paths: list[str]) -> None:
    """An old archive whose members were replaced one by one."""
    for path in (*paths, *paths):
        _run("zip", "-q", "-j", str(target), path)


def info_zip_large(target: Path, paths: list[str]) -> None:
    _run("zip", "-q", "-j", "-fz", str(target), *paths)


def info_zip_folder(target: Path, paths: list[str]) -> None:
    folder = Path(paths[0]).parent
    subprocess.run([_found("zip"), "-q", "-r", str(target), folder.name], cwd=folder.parent, check=True)


def java(target: Path, paths: list[str]) -> None:
    program = target.with_name("Pack.java")
    program.write_text(JAVA)
    _run("java", "-Xshare:auto", "-Xint", str(program), str(target), *paths)


def jar(target: Path, paths: list[str]) -> None:
    _run("jar", "--create", "--no-manifest", "--file", str(target), "-C", str(Path(paths[0]).parent), ".")


def python(target: Path, paths: list[str]) -> None:
    _python(target, paths, zipfile.ZIP_DEFLATED)


def python_stored(target: Path, paths: list[str]) -> None:
    _python(target, paths, zipfile.ZIP_STORED)


def python_streamed(target: Path, paths: list[str]) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.parts.append(bytes(data))  # type: ignore[call-overload]
            return len(self.parts[-1])

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, Path(path).name)
    target.write_bytes(b"".join(pipe.parts))


def python_large(target: Path, paths: list[str]) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for path in paths:
            with archive.open(Path(path).name, "w", force_zip64=True) as member:
                member.write(Path(path).read_bytes())


def windows(target: Path, paths: list[str]) -> None:
    r"""As .NET before 4.6.1: `\` between folder and file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            info = zipfile.ZipInfo("x")
            info.filename = f"export\\{Path(path).name}"
            info.create_system = 0
            archive.writestr(info, Path(path).read_bytes())


def finder(target: Path, paths: list[str]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("export") if hasattr(archive, "mkdir") else archive.writestr("export/", b"")
        for path in paths:
            archive.write(path, f"export/{Path(path).name}")
            archive.writestr(f"__MACOSX/export/._{Path(path).name}", b"\0\5\x16\7")
        archive.writestr("export/.DS_Store", b"\0\0\0\1Bud1")


def _python(target: Path, paths: list[str], method: int) -> None:
    with zipfile.ZipFile(target, "w", method) as archive:
        for path in paths:
            archive.write(path, Path(path).name)


def _run(*command: str) -> None:
    subprocess.run([_found(command[0]), *command[1:]], check=True, capture_output=True)


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


IN_NO_FOLDER = [
    info_zip, info_zip_streamed, info_zip_updated, info_zip_large, java, python, python_stored, python_streamed, python_large
]  # fmt: skip


@pytest.mark.parametrize("pack", [*IN_NO_FOLDER, jar])
def test_zip_by_a_program_unpacks_without_a_word(pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    target = tmp_path / "made.zip"
    pack(target, sources(tmp_path / "export"))
    envelope = drop(tmp_path / "e", set_zip=target.read_bytes())
    assert codes(unpack(envelope)) == []
    assert files(envelope) == FILES


@pytest.mark.parametrize("pack", [info_zip_folder, windows, finder])
def test_zip_of_a_folder_by_a_program_unpacks_with_a_warning(pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    target = tmp_path / "made.zip"
    pack(target, sources(tmp_path / "export"))
    envelope = drop(tmp_path / "e", set_zip=target.read_bytes())
    assert codes(unpack(envelope)) == ["zip-folder"]
    assert files(envelope) == FILES


def test_zip_with_a_password_by_a_program_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "made.zip"
    _run("zip", "-q", "-j", "-P", "secret", str(target), *sources(tmp_path / "export"))
    found = unpack(drop(tmp_path / "e", set_zip=target.read_bytes())).findings
    assert {each.code for each in found} == {"zip-encrypted"}


def test_zip_with_a_link_by_a_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "passwords.csv").symlink_to("/etc/passwd")
    target = tmp_path / "made.zip"
    _run("zip", "-q", "-j", "-y", str(target), str(tmp_path / "export" / "passwords.csv"))
    assert codes(unpack(drop(tmp_path / "e", set_zip=target.read_bytes()))) == ["zip-special-file"]


# --- beside Python's reader -------------------------------------------------------------------------------------------

_names = st.text("abcXYZ019_-é", min_size=1, max_size=12).map(lambda stem: f"{stem}.csv")
_members = st.dictionaries(_names, st.binary(max_size=300), min_size=1, max_size=6)


@settings(max_examples=150)
@given(
    members=_members, method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), comment=st.binary(max_size=30)
)
def test_check_and_unpack_agree_with_another_reader(members: dict[str, bytes], method: int, comment: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.comment = comment
        for name, data in members.items():
            archive.writestr(name, data)
    with opened(buffer.getvalue()) as fd:
        checked = check(fd, "made.zip", Zips())
        if len({name.lower() for name in members}) == len(members):
            assert checked.findings == ()
            assert {file.name: b"".join(pieces(fd, file.placed)) for file in checked.files} == members
        else:
            assert {found.code for found in checked.findings} == {"zip-duplicate-name"}


@settings(max_examples=100)
@given(
    members=st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,8}\.csv", fullmatch=True), st.binary(max_size=300), min_size=1, max_size=6
    ),
    at=st.integers(0, 10**6),
    bit=st.integers(0, 7),
)
def test_content_that_another_reader_refuses_is_never_taken(members: dict[str, bytes], at: int, bit: int) -> None:
    """One bit turned over anywhere: we may refuse more than it does, never less."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    content = bytearray(buffer.getvalue())
    content[at % len(content)] ^= 1 << bit
    with tempfile.TemporaryDirectory() as folder:
        envelope = drop(Path(folder) / "e", set_zip=bytes(content))
        if unpack(envelope).refused:
            return
        with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
            theirs = {
                os.path.basename(info.filename.replace("\\", "/")): archive.read(info) for info in archive.infolist()
            }
        assert files(envelope) == {name: data for name, data in theirs.items() if name in files(envelope)}


# --- growing ----------------------------------------------------------------------------------------------------------


def test_end_record_is_there_only_when_the_zip_is_whole(tmp_path: Path) -> None:
    info_zip(tmp_path / "made.zip", sources(tmp_path / "export"))
    content = (tmp_path / "made.zip").read_bytes()
    for cut in (*range(0, len(content), 97), *range(len(content) - 30, len(content) + 1)):
        with opened(content[:cut]) as fd:
            assert has_end_record(fd) == (cut == len(content))


def test_end_record_is_found_behind_the_longest_comment(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("users.csv", b"x")
        archive.comment = b"c" * 0xFFFF
    with opened(buffer.getvalue()) as fd:
        assert has_end_record(fd)
    with opened(buffer.getvalue()[:-1]) as fd:
        assert not has_end_record(fd)
