"""Writes tables as CSV files, in any form that a sender might choose."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from bench.rosters.tables import BATCH_ROWS, MAKERS, District


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. `encoding` is a name that Python knows; utf-16 is written with its mark."""

    quoted: bool = False
    crlf: bool = False
    bom: bool = False
    encoding: str = "utf-8"


def write(path: Path, table: str, rows: int, district: District, form: Form | None = None) -> Path:
    """Write so many rows of a table, with the folder, and give the path back. A million users take two seconds."""
    form = form or Form()
    encoder = codecs.getincrementalencoder(form.encoding)()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        if form.bom:
            stream.write(codecs.BOM_UTF8)
        for number, frame in enumerate(_batches(table, rows, district)):
            if form.encoding == "utf-8":
                _write_frame(frame, stream, form, header=number == 0)
            else:
                buffer = io.BytesIO()
                _write_frame(frame, buffer, form, header=number == 0)
                stream.write(encoder.encode(buffer.getvalue().decode()))
    return path


def write_all(folder: Path, district: District, enrollments: int, form: Form | None = None) -> Path:
    """Write all four tables into a folder and give it back."""
    rows = {"orgs": district.orgs, "users": district.users, "classes": district.classes, "enrollments": enrollments}
    for table, count in rows.items():
        write(folder / f"{table}.csv", table, count, district, form)
    return folder


def _batches(table: str, rows: int, district: District) -> Iterator[pl.DataFrame]:
    place = list(MAKERS).index(table)
    for start in range(0, max(rows, 1), BATCH_ROWS):
        random = np.random.default_rng((district.seed, place, start))
        numbers = np.arange(start, min(start + BATCH_ROWS, rows), dtype=np.int64)
        yield MAKERS[table](district, numbers, random)


def _write_frame(frame: pl.DataFrame, stream: BinaryIO | io.BytesIO, form: Form, *, header: bool) -> None:
    frame.write_csv(
        stream,
        include_header=header,
        line_terminator="\r\n" if form.crlf else "\n",
        quote_style="always" if form.quoted else "necessary",
    )
