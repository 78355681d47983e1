"""Says which files of a drop did not come, and where a manifest lists others than those that came.

A required file is missing, unless the manifest lists it as absent and all files that came bring changes only: then it
has none. So a manifest alone that lists every file as absent is a drop without updates, and is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watcher.model.findings import Occurrence, Severity
from watcher.model.names import safe_name
from watcher.schema.model import Dataset, DatasetFile, Manifest
from watcher.text import counted, nearest_file
from watcher.validation.findings.collect import occurrence
from watcher.validation.findings.occurrences import shown
from watcher.validation.otherkinds import export_advice
from watcher.validation.sets.manifest import Listing, Stated


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a drop: `files` are the names of the files that the dataset knows, as it calls them.

    `unknown` are the other names, as on disk; `changing` those of `files` that bring changes only. `listing` is None
    where there is no manifest.
    """

    dataset: Dataset
    files: frozenset[str]
    unknown: tuple[str, ...] = ()
    changing: frozenset[str] = frozenset()
    listing: Listing | None = None

    @property
    def data(self) -> frozenset[str]:
        """The files without the manifest."""
        manifest = self.dataset.manifest
        return self.files if manifest is None else self.files - {manifest.file}

    def has_none(self, file: DatasetFile) -> bool:
        """Whether a file that did not come has nothing to bring."""
        is_absent = self.listing is not None and self.listing.is_absent(file.schema.stem)
        return is_absent and self.data <= self.changing


def missing_files(came: Came) -> dict[str, Occurrence]:
    """The files that should have come, by name, each with what is to be said of it."""
    found: dict[str, Occurrence] = {}
    for file in came.dataset.files:
        if file.required and file.schema.file not in came.files and not came.has_none(file):
            found[file.name] = _missing(f"{file.name} did not come, expected it", file, came)
    for file, needing in _needed(came):
        if file.name not in found:
            found[file.name] = _missing(f"{file.name} did not come, {_who_needs(needing)} it", file, came)
    return found | _without_manifest(came, found)


def _without_manifest(came: Came, found: Mapping[str, Occurrence]) -> dict[str, Occurrence]:
    """The words of the dataset where there is no manifest; a warning for one that is not required."""
    manifest = came.dataset.manifest
    if manifest is None or not manifest.without or manifest.file in came.files:
        return {}
    severity = Severity.ERROR if manifest.file in found else Severity.WARNING
    file = next(each for each in came.dataset.files if each.name == manifest.file)
    return {manifest.file: _missing(manifest.without, file, came, severity)}


def _missing(message: str, file: DatasetFile, came: Came, severity: Severity = Severity.ERROR) -> Occurrence:
    hint = nearest_file(file.name, came.unknown)
    advice = file.advice
    if hint:
        what = export_advice(hint, file.name) or f"rename that file to {file.name}"
        advice = f"did you mean it by {safe_name(hint)}? {what}"
    return occurrence("missing-file", message, severity=severity, file=file.name, advice=advice or None)


def _needed(came: Came) -> Iterator[tuple[DatasetFile, list[str]]]:
    """The files that did not come and must come with others, with the names of those."""
    needing: dict[str, list[str]] = {}
    for file in came.dataset.files:
        if file.schema.file in came.files - came.changing:
            for name in file.needs:
                needing.setdefault(name, []).append(file.schema.file)
    for file in came.dataset.files:
        if file.name in needing and file.schema.file not in came.files:
            yield file, needing[file.name]


def _who_needs(files: list[str]) -> str:
    """`users.csv needs`, `users.csv and roles.csv need`, `users.csv and 2 others need`."""
    if len(files) == 1:
        return f"{files[0]} needs"
    return f"{files[0]} and {files[1] if len(files) == 2 else f'{len(files) - 1} others'} need"  # noqa: PLR2004


def manifest_findings(came: Came, missing: Mapping[str, Occurrence]) -> Iterator[Occurrence]:
    """Where the manifest lists other files than those that came; `missing` are told already."""
    manifest, listing = came.dataset.manifest, came.listing
    if manifest is None or listing is None:
        return
    for file in came.dataset.named_files():
        stated = listing.stated.get(file.schema.stem)
        is_here = file.schema.file in came.files
        if stated is not None and stated.mode is not None and not is_here and file.name not in missing:
            yield _listed(file, stated, listing, manifest)
        if stated is not None and stated.mode is None and is_here:
            yield _not_absent(file, stated, listing, manifest)
    if not came.data and listing.stated and all(each.mode is None for each in listing.stated.values()):
        message = f"only {manifest.file} came, and it lists every file as absent: nothing is updated"
        yield occurrence("no-updates", message, severity=Severity.WARNING)


def strangers_only(came: Came) -> Iterator[Occurrence]:
    """Where files came and the dataset knows none of them: taken as it is, the drop would empty every list."""
    if came.unknown and not came.files:
        files = counted(len(came.unknown), "file")
        message = f"the dataset {came.dataset.name} knows none of the {files} that came, expected at least one"
        yield occurrence(
            "empty-epoch", message, advice="name the files as the dataset does; see those it does not know"
        )


def _listed(file: DatasetFile, stated: Stated, listing: Listing, manifest: Manifest) -> Occurrence:
    return occurrence(
        "manifest-file-missing",
        f"{file.name} did not come, but the manifest lists it as {stated.mode}",
        file=listing.file,
        line=stated.line,
        column=shown(manifest.value),
        rule=stated.property,
        advice=f"add {file.name} to the drop, or list it as absent",
    )


def _not_absent(file: DatasetFile, stated: Stated, listing: Listing, manifest: Manifest) -> Occurrence:
    return occurrence(
        "manifest-file-unexpected",
        f"{file.name} came, but the manifest lists it as absent",
        file=listing.file,
        line=stated.line,
        column=shown(manifest.value),
        rule=stated.property,
        advice=f"say in the manifest how {file.name} is meant, or leave the file out",
    )
