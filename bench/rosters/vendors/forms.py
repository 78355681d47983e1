"""Every form in which a made-up district can be written: a bundled dataset's loose files, or a zip of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from bench.rosters.vendors import appazur, canvas, clever, oneroster, photos, samegoal, sds
from bench.rosters.vendors.model import District

Files = dict[str, pl.LazyFrame]

#: The date of the extract, as the names of zips have it.
DATE = "20260901"
#: Members of zips get one time, so that the same seed makes the same bytes.
_TIME = (2026, 9, 1, 2, 0, 0)


@dataclass(frozen=True, slots=True)
class VendorForm:
    """How one vendor's drop looks: `write` makes its files in a folder, `main_file` holds most of the rows.

    `zip_name` is the one file that it is, if it is a zip.
    """

    name: str
    dataset: str
    main_file: str
    write: Callable[[District, Path], None]
    zip_name: str = ""


def forms() -> dict[str, VendorForm]:
    """All forms by name."""
    return {form.name: form for form in _forms()}


def write_form(form: VendorForm, district: District, folder: Path) -> Path:
    """Write the drop into a folder, which is made if need be, and give it back."""
    folder.mkdir(parents=True, exist_ok=True)
    form.write(district, folder)
    return folder


def _forms() -> Iterator[VendorForm]:
    enrollments = "enrollments.csv"
    campus_zip = f"OR_bulk{DATE}.zip"
    yield _loose("oneroster-1.1", "oneroster-1.1", enrollments, oneroster.bulk_11)
    yield _loose("oneroster-1.1-delta", "oneroster-1.1", enrollments, oneroster.delta_11)
    yield _zipped("oneroster-1.1-zip", "oneroster-1.1", enrollments, oneroster.bulk_11, f"OR_bulk{DATE}.zip")
    yield _loose("oneroster-1.2", "oneroster-1.2", enrollments, oneroster.bulk_12)
    yield _loose("infinite-campus-oneroster", "infinite-campus-oneroster", enrollments, oneroster.campus)
    yield _zipped(
        "infinite-campus-oneroster-zip", "infinite-campus-oneroster", enrollments, oneroster.campus, campus_zip
    )
    yield _loose("samegoal", "samegoal", "students.csv", samegoal.files)
    yield _loose(
        "appazur-contacts", "appazur-contacts", "students.txt", appazur.contacts, separator="\t", quotes="never"
    )
    yield _loose("appazur-staff", "appazur-staff", "staff.csv", appazur.staff)
    yield _zipped("appazur-classes", "appazur-classes", enrollments, oneroster.campus, campus_zip)
    yield _loose("clever", "clever", enrollments, clever.files)
    yield _loose("sds-1", "sds-1", "StudentEnrollment.csv", sds.first)
    yield _loose("sds-2.1", "sds-2.1", enrollments, sds.second)
    yield _loose("canvas-sis", "canvas-sis", enrollments, canvas.files)
    name = f"photos{DATE}.zip"
    yield VendorForm("infinite-campus-photos", "infinite-campus-photos", name, _photos(name), name)


def _loose(
    name: str,
    dataset: str,
    main_file: str,
    made: Callable[[District], Files],
    *,
    separator: str = ",",
    quotes: Literal["necessary", "never"] = "necessary",
) -> VendorForm:
    def write(district: District, folder: Path) -> None:
        for file, frame in made(district).items():
            frame.sink_csv(folder / file, separator=separator, quote_style=quotes)

    return VendorForm(name, dataset, main_file, write)


def _zipped(name: str, dataset: str, main_file: str, made: Callable[[District], Files], zip_name: str) -> VendorForm:
    loose = _loose(name, dataset, main_file, made)

    def write(district: District, folder: Path) -> None:
        loose.write(district, folder)
        pack(folder, zip_name)

    return VendorForm(name, dataset, main_file, write, zip_name)


def _photos(zip_name: str) -> Callable[[District, Path], None]:
    def write(district: District, folder: Path) -> None:
        # Pictures are packed already: to compress them again takes time and saves nothing.
        _write_zip(folder / zip_name, photos.pictures(district), zipfile.ZIP_STORED)

    return write


def pack(folder: Path, zip_name: str) -> Path:
    """Put all files of a folder into one zip in it, and leave only that."""
    files = sorted(path for path in folder.iterdir() if path.suffix != ".zip")
    _write_zip(folder / zip_name, ((path.name, path) for path in files), zipfile.ZIP_DEFLATED)
    for path in files:
        path.unlink()
    return folder / zip_name


def _write_zip(path: Path, members: Iterable[tuple[str, bytes | Path]], compression: int) -> None:
    with zipfile.ZipFile(path, "w", compression) as packed:
        for name, content in members:
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = compression
            if isinstance(content, bytes):
                packed.writestr(info, content)
                continue
            info.file_size = content.stat().st_size  # so that a large one gets its larger fields
            with content.open("rb") as source, packed.open(info, "w") as target:
                while block := source.read(1 << 20):
                    target.write(block)
