"""What a loader is given: one accepted epoch, its files and the key that makes a second delivery harmless.

A batch lies on disk as an *envelope*, so that the process which loads needs nothing from the one which validated:

    <envelope>/manifest.json
    <envelope>/files/students.csv
    <envelope>/files/guardians.csv

The manifest is written whole or not at all. Version 1, ASCII JSON (a name that is not UTF-8 keeps its bytes as
escaped surrogates, as Python's `os.fsdecode` makes them):

    {"version": 1, "root": "lakeview", "epoch": "20260901-020000", "dataset": "students",
     "key": "<64 hex digits>",
     "files": [{"name": "students.csv", "schema": "students", "rows": 812, "size_bytes": 91022,
                "sha256": "<64 hex digits>"}]}

`schema` is null for a file that the dataset does not know; `rows` are records without the header. Later versions may
add members; a reader must refuse a version that it does not know.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watcher import fsops
from watcher.errors import PermanentError
from watcher.model.names import safe_name
from watcher.model.report import FileReport
from watcher.schema.model import Dataset, FileSchema

if TYPE_CHECKING:
    import polars as pl

MANIFEST = "manifest.json"
FILES_FOLDER = "files"
VERSION = 1


@dataclass(frozen=True, slots=True)
class BatchFile:
    """One accepted file. `schema` is None where the dataset does not know the file; then it has no `frames`."""

    name: str
    path: Path
    schema: FileSchema | None
    rows: int
    size_bytes: int
    sha256: str

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows in bounded batches, columns named and typed as the schema says, an empty cell as null.

        The first one may have no rows: it tells the columns of a file without any. The file is read while the frames
        are taken; take them again and it is read again. Raises PermanentError for a file without a schema.
        """
        # the service reads manifests without ever touching a row: it need not load polars for that
        from watcher.validation.frames import typed_frames  # noqa: PLC0415

        if self.schema is None:
            raise PermanentError(f"{safe_name(self.name)}: the dataset has no schema for it, so it has no rows to load")
        return typed_frames(self.path, self.schema)


@dataclass(frozen=True, slots=True)
class Batch:
    """One accepted epoch of one root. `folder` holds the files; `key` is that of `idempotency_key`."""

    root: str
    epoch: str
    dataset: str
    key: str
    folder: Path
    files: tuple[BatchFile, ...]


def idempotency_key(root: str, epoch: str, files: Iterable[FileReport | BatchFile]) -> str:
    """64 hex digits, the same whenever the same contents come under the same names, epoch and root.

    It is the SHA-256 of the ASCII JSON text `[root, epoch, [[name, sha256], ...]]`, pairs sorted by name, without
    spaces.
    """
    pairs = sorted([file.name, file.sha256] for file in files)
    text = json.dumps([root, epoch, pairs], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def write_manifest(envelope: Path, *, root: str, epoch: str, dataset: str, files: Iterable[FileReport]) -> str:
    """Write an envelope's manifest, over an earlier one, and return the batch's key. Raises OSError."""
    ordered = sorted(files, key=lambda file: file.name)
    key = idempotency_key(root, epoch, ordered)
    entries = [_entry(file, file.schema) for file in ordered]
    with fsops.open_root(envelope) as folder:
        fsops.write_file(MANIFEST, folder, _encode(root, epoch, dataset, key, entries))
    return key


def manifest_bytes(batch: Batch) -> bytes:
    """The manifest of a batch, for a loader that hands it on."""
    entries = [_entry(file, file.schema.file if file.schema else None) for file in batch.files]
    return _encode(batch.root, batch.epoch, batch.dataset, batch.key, entries)


def _entry(file: FileReport | BatchFile, schema: str | None) -> dict[str, Any]:
    facts = {name: getattr(file, name) for name in ("rows", "size_bytes", "sha256")}
    return {"name": file.name, "schema": schema, **facts}


def _encode(root: str, epoch: str, dataset: str, key: str, entries: list[dict[str, Any]]) -> bytes:
    content = {"version": VERSION, "root": root, "epoch": epoch, "dataset": dataset, "key": key, "files": entries}
    return (json.dumps(content, indent=1) + "\n").encode("ascii")


def read_batch(envelope: Path, dataset: Dataset) -> Batch:
    """The batch of an envelope. Raises PermanentError where manifest, dataset and files on disk don't fit together."""
    path = envelope / MANIFEST
    folder = envelope / FILES_FOLDER
    content = _read_manifest(path)
    try:
        _compare_dataset(content["dataset"], dataset)
        files = tuple(_batch_file(entry, folder, dataset) for entry in content["files"])
        batch = Batch(content["root"], content["epoch"], content["dataset"], content["key"], folder, files)
    except (KeyError, TypeError) as error:
        raise PermanentError(f"{path}: not a manifest; validate the epoch again") from error
    if batch.key != idempotency_key(batch.root, batch.epoch, files):
        raise PermanentError(f"{path}: the key does not fit the files; validate the epoch again")
    return batch


def _compare_dataset(validated_as: str, dataset: Dataset) -> None:
    """The root's dataset may have changed since; its schemas must not give types to files that they never judged."""
    if validated_as != dataset.name:
        found, now = safe_name(validated_as), safe_name(dataset.name)
        raise PermanentError(f"was validated as {found!r}, the root now says {now!r}; replay it")


def _read_manifest(path: Path) -> Any:
    try:
        content = json.loads(path.read_bytes())
        version = content["version"]
    except FileNotFoundError as error:
        raise PermanentError(f"{path}: not found; validate the epoch again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PermanentError(f"{path}: not a manifest; validate the epoch again") from error
    if version != VERSION:
        raise PermanentError(f"{path}: expected version {VERSION}, found {version!r}; validate the epoch again")
    return content


def _batch_file(entry: Any, folder: Path, dataset: Dataset) -> BatchFile:
    name, shown = entry["name"], safe_name(entry["name"])
    schema = dataset.schema_for(name)
    if (schema is None) != (entry["schema"] is None):
        raise PermanentError(f"{shown}: dataset {dataset.name!r} has changed since it was validated; validate it again")
    path = folder / name
    if not path.is_file() or path.stat().st_size != entry["size_bytes"]:
        raise PermanentError(f"{shown}: gone or changed since it was validated; validate the epoch again")
    return BatchFile(name, path, schema, entry["rows"], entry["size_bytes"], entry["sha256"])
