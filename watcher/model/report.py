"""What a validation says of one drop: the verdict, the files, the findings."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from enum import StrEnum

from watcher.model.findings import Finding, Severity


class Verdict(StrEnum):
    """The one-word result of a validation."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are left out: what one finding says, and the sorted numbers of the records that it is about."""

    code: str
    column: str | None
    message: str
    records: array[int]


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the drop. `schema` is None for a file that the dataset does not know.

    `rows` are data records, without the header; `sha256` is of the bytes on disk, in hex. `skipped` are the record
    numbers of rows that are left out, sorted, and `reasons` say why; `is_left_out` if that is the whole file.
    `skipped_errors` counts what was wrong with them. `mode` is the way in which the file is meant, None where its
    dataset has none.
    """

    name: str
    schema: str | None
    size_bytes: int
    sha256: str
    rows: int
    errors: int = 0
    warnings: int = 0
    skipped: tuple[int, ...] = ()
    is_left_out: bool = False
    skipped_errors: int = 0
    reasons: tuple[Reason, ...] = ()
    mode: str | None = None
    is_picture: bool = False

    @property
    def used_rows(self) -> int:
        """The data records that are not left out."""
        return 0 if self.is_left_out else self.rows - len(self.skipped)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of validating one directory (or file) against one dataset.

    `root` and `epoch` are None when a person validates by hand. `came_as` are the names that gathered files came
    under, before dates and `_auto` were taken off and zips unpacked: what the sender knows them by. `errors` and
    `warnings` count occurrences.
    """

    dataset: str
    files: tuple[FileReport, ...]
    findings: tuple[Finding, ...]
    root: str | None = None
    epoch: str | None = None
    came_as: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        return sum(f.count for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> int:
        return sum(f.count for f in self.findings if f.severity is Severity.WARNING)

    @property
    def rows(self) -> int:
        return sum(f.rows for f in self.files)

    @property
    def skipped_errors(self) -> int:
        """What was wrong with rows and files that are left out."""
        return sum(f.count for f in self.findings if f.severity is Severity.SKIPPED)

    @property
    def skipped_rows(self) -> int:
        """The single rows that are left out; those of a file that is left out whole are not among them."""
        return sum(len(f.skipped) for f in self.files)

    @property
    def files_left_out(self) -> tuple[FileReport, ...]:
        return tuple(file for file in self.files if file.is_left_out)

    @property
    def verdict(self) -> Verdict:
        """Rejected if any finding is an error."""
        return Verdict.REJECTED if self.errors else Verdict.ACCEPTED
