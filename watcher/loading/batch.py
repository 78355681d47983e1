"""What a loader is given: one accepted epoch, its files and the key that makes a second delivery harmless."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.errors import PermanentError
from watcher.model.names import safe_name
from watcher.model.ranges import Ranges, numbers_in
from watcher.schema.model import FileSchema

if TYPE_CHECKING:
    import polars as pl

_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BatchFile:
    """One accepted file. `schema` is None where the dataset does not know the file; then it has no `frames`.

    Nor has a picture (`has_rows` is false); its bytes are those of `blocks`.

    `skipped` are the records that are not to be used, first and last number of each run; they stand in the file at
    `path` all the same, and `size_bytes` and `sha256` are of all of it. `rows` counts the others. `mode` is the way in
    which the file is meant, one of `Dataset.modes`; None where there are none, or nobody wrote it down.

    `brings_changes`: by its mode the file holds changes only. A row that is not there has not been removed; one that is
    there stands in place of that with the same `schema.key`.
    """

    name: str
    path: Path
    schema: FileSchema | None
    rows: int
    size_bytes: int
    sha256: str
    skipped: Ranges = ()
    mode: str | None = None
    brings_changes: bool = False

    @property
    def has_rows(self) -> bool:
        """Whether the file has rows to load: the dataset has a schema for it, and it is no picture."""
        return self.schema is not None and self.schema.picture is None

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows to use in bounded batches, columns named and typed as the schema says, an empty cell as null.

        The first one may have no rows: it tells the columns of a file without any. The file is read while the frames
        are taken; take them again and it is read again. Raises PermanentError for a file that has no rows.
        """
        # the service reads manifests without ever touching a row: it need not load polars for that
        from watcher.validation.frames import typed_frames  # noqa: PLC0415

        if self.schema is None:
            raise PermanentError(f"{safe_name(self.name)}: the dataset has no schema for it, so it has no rows to load")
        if self.schema.picture is not None:
            raise PermanentError(f"{safe_name(self.name)}: it is a picture, so it has no rows to load")
        return typed_frames(self.path, self.schema, skip=numbers_in(self.skipped))

    def blocks(self) -> Iterator[bytes]:
        """The file's bytes, each record to use as it stands on disk, without the others.

        Raises PermanentError at the end where the file is not the one that was validated.
        """
        digest = hashlib.sha256()
        with self.path.open("rb") as stream:
            yield from self._without_skipped(_digesting(iter(lambda: stream.read(_BLOCK_BYTES), b""), digest))
        if digest.hexdigest() != self.sha256:
            raise PermanentError(f"{safe_name(self.name)}: changed since it was validated; validate the epoch again")

    def _without_skipped(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        if not self.skipped or self.schema is None:
            return blocks
        from watcher.validation.reading.trimming import trimmed  # noqa: PLC0415 (as above)

        return trimmed(self.path, self.schema, numbers_in(self.skipped), blocks)


@dataclass(frozen=True, slots=True)
class Batch:
    """One accepted epoch of one root. `folder` holds the files; `key` is that of `watcher.loading.manifest`.

    `left_out` are the names of files that came and are not to be used, sorted: what a loader has of them it keeps.
    """

    root: str
    epoch: str
    dataset: str
    key: str
    folder: Path
    files: tuple[BatchFile, ...]
    left_out: tuple[str, ...] = ()


def _digesting(blocks: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for block in blocks:
        digest.update(block)
        yield block
