"""The bundled datasets: how fast a drop of a mid-size district is judged in each form that vendors send it in."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench.page import Table
from bench.processes import Command, in_turn, python, ratio, rss, wall
from bench.rosters.vendors.forms import VendorForm, forms, write_form
from bench.rosters.vendors.model import District

_HEAD = ("form", "files", "rows", "MB", "beside s", "validate s", "CPU s", "rows/s", "ratio", "RSS MiB")
_ABOUT = """\
A district of {students:,} students with about {enrollments:,} enrolments in each form that the bundled datasets take
(`python -m bench.rosters FORM FOLDER --students {students}`), judged by `epoch-watcher validate --dataset NAME`, the
whole process. A sound drop: nothing is found. Beside it, polars parses the same files and looks at the length of every
cell; for a zip, `unzip -t` reads it. Rows are those of all files, checks across files included in the time; of photos,
{photos:,} pictures are the rows. Files in the page cache, the processes in turn; turns: {runs}. Medians
(least-greatest)."""

#: Pictures are decoded one by one.
_PHOTOS = 2_000


def run(folder: Path, *, quick: bool) -> Table:
    """The figures of each form."""
    students, runs = (400, 1) if quick else (13_700, 3)
    rows = tuple(_row(form, folder, students, runs) for form in forms().values())
    enrollments = District(students).enrollments.height
    photos = min(students, _PHOTOS)
    about = _ABOUT.format(students=students, enrollments=round(enrollments, -2), photos=photos, runs=runs)
    return Table("vendors", "Vendors' formats", about, _HEAD, rows)


def _row(form: VendorForm, folder: Path, students: int, runs: int) -> tuple[str, ...]:
    print(f"  {form.name}", file=sys.stderr, flush=True)
    has_pictures = form.dataset == "infinite-campus-photos"
    district = District(min(students, _PHOTOS) if has_pictures else students)
    drop = write_form(form, district, folder / form.name)
    files = sorted(drop.iterdir())
    rows = district.students_count if has_pictures else _rows(form, district, folder / f"{form.name}-loose")
    judged = files[0] if form.zip_name else drop
    ours = python("watcher", "validate", judged, "--dataset", form.dataset, "--format", "json")
    rans = in_turn({"beside": _beside(form, files), "ours": ours}, runs)
    seconds = wall(rans["ours"])
    return (
        form.name,
        f"{len(files)}",
        f"{rows:,}",
        f"{sum(file.stat().st_size for file in files) / 1e6:,.1f}",
        wall(rans["beside"]).shown(2),
        seconds.shown(2),
        f"{sum(ran.cpu for ran in rans['ours']) / len(rans['ours']):.2f}",
        f"{rows / seconds.median:,.0f}",
        f"{ratio(rans['ours'], rans['beside']):,.2f}",
        f"{rss(rans['ours']):,.0f}",
    )


def _beside(form: VendorForm, files: list[Path]) -> Command:
    if form.zip_name:
        return (shutil.which("unzip") or "unzip", "-tq", str(files[0]))
    return python("bench.peers.touch", *files)


def _rows(form: VendorForm, district: District, folder: Path) -> int:
    """The rows of all files; a zip is unpacked to count them. No cell of ours has a line break."""
    write_form(form, district, folder)
    if form.zip_name:
        shutil.unpack_archive(folder / form.zip_name, folder)
        (folder / form.zip_name).unlink()
    found = sum(file.read_bytes().count(b"\n") - 1 for file in folder.iterdir())
    shutil.rmtree(folder)
    return found
