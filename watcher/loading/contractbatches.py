"""The batches of the loader contract, made as the service makes them: CSV files, schemas in YAML, a manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from watcher.intake.envelope import FILES
from watcher.loading.batch import Batch, BatchFile
from watcher.loading.manifest import read_batch, write_manifest
from watcher.model.report import FileReport
from watcher.schema import Dataset, read_dataset

if TYPE_CHECKING:
    import polars as pl

#: The one file that has typed columns.
TYPED_FILE = "typed.csv"
_DATASET = {
    "name": "contract",
    "modes": {"bulk": {}, "delta": {"references": "ignore"}},
    "files": [{"schema": "typed.yaml"}, {"match": "*.csv", "schema": "any.yaml"}],
}
_ANY = {"file": "any.csv"}
_TYPED = {
    "file": TYPED_FILE,
    "key": ["id"],
    "columns": [
        {"name": "id", "required": True},
        {"name": "count", "type": "integer"},
        {"name": "score", "type": "number"},
        {"name": "active", "type": "boolean"},
        {"name": "born", "format": "date"},
        {"name": "tags", "type": "array", "separator": ";", "items": {"type": "string"}},
    ],
}


def make_batch(
    folder: Path,
    files: Mapping[str, str],
    *,
    root: str = "lakeview",
    epoch: str = "20260901-020000",
    skipped: Mapping[str, tuple[int, ...]] | None = None,
    left_out: Container[str] = (),
    modes: Mapping[str, str] | None = None,
) -> Batch:
    """A batch of these CSV texts, as the service makes it. Only `typed.csv` has typed columns, and a key: `id`.

    `skipped` are the numbers of records, by file name, that are not to be used, `left_out` files of which none is.
    `modes` are those of the files by name: `bulk` is a whole list, as are files without a mode, `delta` changes only.
    """
    gaps, meant = dict(skipped or {}), dict(modes or {})
    about = repr((sorted(files.items()), sorted(gaps.items()), left_out, sorted(meant.items())))
    envelope = folder / f"{root}-{epoch}-{hashlib.sha256(about.encode()).hexdigest()[:8]}"
    (envelope / FILES).mkdir(parents=True, exist_ok=True)
    reports = []
    for name, text in files.items():
        content = text.encode()
        (envelope / FILES / name).write_bytes(content)
        rows = max(0, text.count("\n") - 1)
        digest = hashlib.sha256(content).hexdigest()
        report = FileReport(name, name, len(content), digest, rows, mode=meant.get(name))
        reports.append(replace(report, skipped=gaps.get(name, ()), is_left_out=name in left_out))
    write_manifest(envelope, root=root, epoch=epoch, dataset="contract", files=reports)
    return read_batch(envelope, contract_dataset())


@cache
def contract_dataset() -> Dataset:
    """The dataset of `make_batch`, read from YAML once; its folder is not kept."""
    with TemporaryDirectory() as folder:
        for name, content in (("dataset.yaml", _DATASET), ("any.yaml", _ANY), ("typed.yaml", _TYPED)):
            Path(folder, name).write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
        return read_dataset(Path(folder))


class InterruptedReadError(Exception):
    """What a file of `broken` raises half-way."""


class _BrokenFile(BatchFile):
    """Fails after its last row; and its path leads nowhere, for a loader that copies files."""

    __slots__ = ()

    def frames(self) -> Iterator[pl.DataFrame]:
        whole = BatchFile(**_values(self, self.path.with_suffix("")))
        yield from whole.frames()
        raise InterruptedReadError


def broken(batch: Batch) -> Batch:
    """The batch with its last file failing while it is read, after all others were fine."""
    *whole, last = batch.files
    gone = last.path.with_name(last.path.name + ".gone")
    return replace(batch, files=(*whole, _BrokenFile(**_values(last, gone))))


def _values(file: BatchFile, path: Path) -> dict[str, Any]:
    return {field.name: getattr(file, field.name) for field in fields(file)} | {"path": path}
