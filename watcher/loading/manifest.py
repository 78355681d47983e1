"""How a batch lies on disk, as an *envelope*, so that who loads it needs nothing from who validated it.

    <envelope>/manifest.json
    <envelope>/files/students.csv
    <envelope>/files/guardians.csv

The manifest is written whole or not at all. Version 1, ASCII JSON (a name that is not UTF-8 keeps its bytes as
escaped surrogates, as Python's `os.fsdecode` makes them):

    {"version": 1, "root": "lakeview", "epoch": "20260901-020000", "dataset": "students",
     "key": "<64 hex digits>",
     "files": [{"name": "students.csv", "schema": "students.csv", "rows": 812, "size_bytes": 91022,
                "sha256": "<64 hex digits>", "read_as": "<64 hex digits>"}]}

`schema` is the file that the schema describes, null for one that the dataset does not know; `rows` are the records that
are handed over. `read_as` is a digest of what the file's schema says of reading it: with another one its records and
values would be others. A file of a dataset with modes has the member `mode` besides: `"mode": "delta"`. Later versions
may add members; a reader must refuse a version that it does not know.

Version 2 is written only where something is left out, so that whoever doesn't know of that refuses it:

    {"version": 2, ..., "left_out": ["staff.csv"],
     "files": [{"name": "students.csv", ..., "rows": 809, "skipped": [[17, 17], [203, 204]]}]}

The files in `left_out` came and are not to be used; nothing else is said of them. `skipped` are the numbers of the
records, from 1, that are not to be used either, first and last of each run: they still stand in the file, and
`size_bytes` and `sha256` are those of the file with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from watcher import fsops
from watcher.errors import PermanentError
from watcher.intake.envelope import FILES
from watcher.loading.batch import Batch, BatchFile
from watcher.model.names import safe_name
from watcher.model.ranges import Ranges, to_ranges
from watcher.model.report import FileReport
from watcher.schema.model import Dataset, FileSchema
from watcher.text import quoted

MANIFEST = "manifest.json"
VERSION = 1
#: Where something is left out.
VERSION_WITH_GAPS = 2
#: What of a column says which cells it has and what they mean.
_READING = (
    *("name", "match", "aliases", "type", "item_type", "separator"),
    *("format", "formats", "nulls", "true_values", "false_values"),
)
_READING_NESTED = ("inner_separator", "value_type")


def idempotency_key(root: str, epoch: str, files: Iterable[FileReport | BatchFile]) -> str:
    """64 hex digits, the same whenever the same rows come under the same names, epoch and root.

    It is the SHA-256 of the ASCII JSON text `[root, epoch, [[name, sha256], ...]]`, one for each file to use, sorted by
    name, without spaces. A file some rows of which are not to be used has them as a third member, as in the manifest:
    `[name, sha256, [[17, 17], [203, 204]]]`.
    """
    entries = sorted(
        ([file.name, file.sha256, *([gaps] if (gaps := _gaps(file)) else [])] for file in _to_use(files)),
        key=lambda entry: str(entry[0]),
    )
    text = json.dumps([root, epoch, entries], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def write_manifest(
    envelope: Path,
    *,
    root: str,
    epoch: str,
    dataset: str,
    files: Iterable[FileReport],
    judged_by: Dataset | None = None,
) -> str:
    """Write an envelope's manifest, over an earlier one, and return the batch's key. Raises OSError.

    With `judged_by`, the dataset itself, nobody can read the files by schemas that say otherwise.
    """
    ordered = sorted(files, key=lambda file: file.name)
    key = idempotency_key(root, epoch, ordered)
    entries = [
        _entry(file, file.schema, file.used_rows)
        | _read_as(None if judged_by is None else judged_by.schema_for(file.name))
        for file in _to_use(ordered)
    ]
    left_out = [file.name for file in ordered if file.is_left_out]
    with fsops.open_root(envelope) as folder:
        fsops.write_file(MANIFEST, folder, _encode((root, epoch, dataset), key, entries, left_out))
    return key


def manifest_bytes(batch: Batch, laid_down: Mapping[str, Mapping[str, Any]] | None = None) -> bytes:
    """The manifest of a batch, for a loader that hands it on.

    `laid_down` has more members for some files, by name: where a loader put down other bytes than those that came.
    """
    more = laid_down or {}
    entries = [
        _entry(file, file.schema.file if file.schema else None, file.rows) | dict(more.get(file.name, {}))
        for file in batch.files
    ]
    return _encode((batch.root, batch.epoch, batch.dataset), batch.key, entries, batch.left_out)


def _to_use(files: Iterable[FileReport | BatchFile]) -> Iterator[Any]:
    return (file for file in files if isinstance(file, BatchFile) or not file.is_left_out)


def _gaps(file: FileReport | BatchFile) -> Ranges:
    return file.skipped if isinstance(file, BatchFile) else to_ranges(file.skipped)


def _entry(file: FileReport | BatchFile, schema: str | None, rows: int) -> dict[str, Any]:
    facts = {"rows": rows, "size_bytes": file.size_bytes, "sha256": file.sha256}
    mode = {} if file.mode is None else {"mode": file.mode}
    gaps = _gaps(file)
    return {"name": file.name, "schema": schema, **mode, **facts, **({"skipped": gaps} if gaps else {})}


def _read_as(schema: FileSchema | None) -> dict[str, Any]:
    """The member of a manifest's entry that says how the file was read; none without a schema."""
    if schema is None:
        return {}
    # an envelope from before there were lists of lists keeps its digest
    columns = [
        [getattr(column, name) for name in (*_READING, *(_READING_NESTED if column.is_nested else ()))]
        for column in schema.columns
    ]
    about = (asdict(schema.dialect), asdict(schema.limits), schema.header.case, columns)
    return {"read_as": hashlib.sha256(json.dumps(about).encode("ascii")).hexdigest()}


def _encode(about: tuple[str, str, str], key: str, entries: list[dict[str, Any]], left_out: Iterable[str]) -> bytes:
    """The manifest; `about` are root, epoch and dataset."""
    has_gaps = any(left_out) or any("skipped" in entry for entry in entries)
    content: dict[str, Any] = {
        "version": VERSION_WITH_GAPS if has_gaps else VERSION,
        **dict(zip(("root", "epoch", "dataset"), about, strict=True)),
        "key": key,
        **({"left_out": list(left_out)} if has_gaps else {}),
        "files": entries,
    }
    return (_indented(content) + "\n").encode("ascii")


def _indented(content: dict[str, Any]) -> str:
    """JSON to read, but with each run of skipped records on no lines of its own: there may be a million."""
    gaps = [entry["skipped"] for entry in content["files"] if "skipped" in entry]
    files = [{**entry, "skipped": []} if "skipped" in entry else entry for entry in content["files"]]
    head, *tails = json.dumps({**content, "files": files}, indent=1).split('"skipped": []')
    return head + "".join(f'"skipped": {json.dumps(each)}{tail}' for each, tail in zip(gaps, tails, strict=True))


def read_batch(envelope: Path, dataset: Dataset) -> Batch:
    """The batch of an envelope. Raises PermanentError where manifest, dataset and files on disk don't fit together."""
    path = envelope / MANIFEST
    folder = envelope / FILES
    content = _read_manifest(path)
    try:
        _compare_dataset(content["dataset"], dataset)
        files = tuple(_batch_file(entry, folder, dataset) for entry in content["files"])
        left_out = tuple(content.get("left_out", ()))
        batch = Batch(content["root"], content["epoch"], content["dataset"], content["key"], folder, files, left_out)
    except (KeyError, TypeError, ValueError) as error:
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
    if version not in (VERSION, VERSION_WITH_GAPS):
        raise PermanentError(
            f"{path}: expected version {VERSION} or {VERSION_WITH_GAPS}, found {version!r}; validate the epoch again"
        )
    return content


def _batch_file(entry: Any, folder: Path, dataset: Dataset) -> BatchFile:
    name, shown = entry["name"], safe_name(entry["name"])
    schema = dataset.schema_for(name)
    if (schema is None) != (entry["schema"] is None):
        raise PermanentError(f"{shown}: dataset {dataset.name!r} has changed since it was validated; validate it again")
    if "read_as" in entry and _read_as(schema).get("read_as") != entry["read_as"]:
        raise PermanentError(f"{shown}: its schema has changed since it was validated; validate it again")
    path = folder / name
    if not path.is_file() or path.stat().st_size != entry["size_bytes"]:
        raise PermanentError(f"{shown}: gone or changed since it was validated; validate the epoch again")
    skipped = tuple((int(first), int(last)) for first, last in entry.get("skipped", ()))
    facts = (entry["rows"], entry["size_bytes"], entry["sha256"])
    mode = entry.get("mode")
    return BatchFile(name, path, schema, *facts, skipped, mode, _brings_changes(name, mode, schema, dataset))


def _brings_changes(name: str, mode: str | None, schema: FileSchema | None, dataset: Dataset) -> bool:
    """Whether the mode is one of changes only. Raises PermanentError where the dataset no longer has it."""
    if mode is None or schema is None:
        return False
    known = next((each for each in dataset.modes if each.name == mode), None)
    if known is None:
        # taken for the whole list, a file of changes would have everybody else removed
        raise PermanentError(f"{safe_name(name)}: the dataset no longer has its mode {quoted(mode)}; validate it again")
    return known.brings_changes
