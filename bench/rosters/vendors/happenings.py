"""What can befall a drop on its way: each of these makes a change to a folder that holds one."""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Callable
from pathlib import Path

Befall = Callable[[Path], None]


def header_renamed(file: str, column: str, separator: str = ",") -> Befall:
    """A column under a name of somebody's own."""

    def befall(folder: Path) -> None:
        header, _, rest = (folder / file).read_bytes().partition(b"\n")
        names = header.decode().split(separator)
        names[names.index(column)] = f"My {column}"
        (folder / file).write_bytes(separator.join(names).encode() + b"\n" + rest)

    return befall


def rows_gone(file: str) -> Befall:
    """The export stopped after a third of the rows, at the end of one."""

    def befall(folder: Path) -> None:
        lines = (folder / file).read_bytes().splitlines(keepends=True)
        (folder / file).write_bytes(b"".join(lines[: len(lines) // 3]))

    return befall


def cut_off(file: str) -> Befall:
    """The transfer broke off within the second cell of a row."""

    def befall(folder: Path) -> None:
        data = (folder / file).read_bytes()
        row = data.index(b"\n", len(data) // 3) + 1
        (folder / file).write_bytes(data[: data.index(b"1", row) + 1])

    return befall


def removed(*files: str) -> Befall:
    """Files that were not sent."""

    def befall(folder: Path) -> None:
        for file in files:
            (folder / file).unlink()

    return befall


def row_gone(file: str, number: int) -> Befall:
    """One row is not there; the first one is 1."""

    def befall(folder: Path) -> None:
        lines = (folder / file).read_bytes().splitlines(keepends=True)
        del lines[number]
        (folder / file).write_bytes(b"".join(lines))

    return befall


def replaced(file: str, old: str, new: str) -> Befall:
    """A word that stands for another, throughout the file."""

    def befall(folder: Path) -> None:
        (folder / file).write_text((folder / file).read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return befall


def byte_order_mark(file: str) -> Befall:
    """What some editors put before the text."""

    def befall(folder: Path) -> None:
        (folder / file).write_bytes(codecs.BOM_UTF8 + (folder / file).read_bytes())

    return befall


def windows_1252(file: str) -> Befall:
    """The encoding of a spreadsheet; what it has no letter for becomes a question mark."""

    def befall(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_bytes(text.encode("cp1252", errors="replace"))

    return befall


def zip_cut_off(folder: Path) -> None:
    """The transfer of a zip broke off after two thirds."""
    (path,) = folder.glob("*.zip")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])


def auto_names(folder: Path) -> None:
    """`users_auto.csv` for users.csv, as for a loose upload, but within an epoch."""
    for path in folder.iterdir():
        path.rename(path.with_name(f"{path.stem}_auto{path.suffix}"))


def renamed(old: str, new: str) -> Befall:
    """A file under another name."""

    def befall(folder: Path) -> None:
        (folder / old).rename(folder / new)

    return befall


def packed_in_a_folder(folder: Path) -> None:
    """The directory was packed instead of the files in it."""
    (path,) = folder.glob("*.zip")
    with zipfile.ZipFile(path) as packed:
        members = [(info, packed.read(info)) for info in packed.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for info, content in members:
            packed.writestr(f"export/{info.filename}", content)
