"""Drafts a file schema from samples, and proves the draft against the samples that it was made from."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from watcher.drafting import names, writing
from watcher.drafting.guessing import Guess, guesses
from watcher.drafting.profile import Profile
from watcher.drafting.sampling import Sample, read_samples, unique_pair
from watcher.errors import ConfigError, WatcherError
from watcher.model.findings import Finding, Severity
from watcher.schema import FileSchema, read_file_schema
from watcher.text import counted, printable
from watcher.validation.findings.collect import shown

#: Fewer rows are unique by chance.
_LEAST_UNIQUE = 10
_DATE_SUFFIX = re.compile(r"[-_.]?(?:auto|[0-9]{8}(?:[-_][0-9]{4,6})?|[0-9]{4}-[0-9]{2}-[0-9]{2})$")
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted file schema as YAML. `notes` say what the samples have wrong that no schema can allow."""

    file: str
    text: str
    notes: tuple[str, ...] = ()

    @property
    def schema_name(self) -> str:
        """The name of the YAML file: `students.yaml`."""
        return f"{_safe(PurePath(self.file).stem)}.yaml"


@dataclass(frozen=True, slots=True)
class Key:
    """The columns that are unique together."""

    columns: tuple[str, ...]
    reason: str


@dataclass(slots=True)
class Drafting:
    """A draft in the making: the samples of one file, and the guesses at each of its columns."""

    file: str
    sample: Sample
    columns: dict[str, list[Guess]]
    key: Key | None

    @property
    def stem(self) -> str:
        """How references call the file."""
        return PurePath(self.file).stem

    def proved(self) -> Draft:
        """The draft without the guesses that the samples refute. Raises WatcherError."""
        by_shown = {shown(name): name for name in self.columns}
        errors: list[Finding] = []
        for _ in range(_ATTEMPTS):
            errors = list(_errors(self._text(), self.sample.paths))
            refused = {by_shown[f.column] for f in errors if f.column in by_shown} & self._guessed()
            if not refused:
                break
            for name in refused:
                self.columns[name] = []
        return Draft(self.file, self._text(), tuple(_note(finding) for finding in errors))

    def _guessed(self) -> set[str]:
        return {name for name, found in self.columns.items() if found}

    def _text(self) -> str:
        origin = f"{counted(len(self.sample.paths), 'sample')}, {counted(self.sample.rows, 'row')}"
        lines = [
            writing.comment(f"Drafted from {origin}: guesses, to be checked and edited."),
            f"file: {writing.scalar(self.file)}",
            *writing.dialect_lines(self.sample.dialect),
        ]
        if self.sample.passed_over:
            lines.append(
                writing.comment(f"{counted(self.sample.passed_over, 'column')} without a name of its own left out")
            )
        if self.columns:
            lines.append("columns:")
        for name, found in self.columns.items():
            lines += writing.column_lines(name, found)
        if self.key is not None:
            lines.append(writing.key_line(self.key.columns, self.key.reason))
        return "\n".join(lines) + "\n"


def draft_file(paths: Iterable[Path], *, file: str | None = None, header: bool | None = None) -> Draft:
    """A file schema that all the samples fulfil. They are of one shape: the first of them says how they are written.

    Args:
        paths: one sample or several.
        file: the name in the schema; by default that of the first sample without a date or `_auto` at its end.
        header: whether the first line names the columns; None if that is not known.

    Raises:
        WatcherError: a sample can't be read.
    """
    return drafting(tuple(paths), file=file, header=header).proved()


def drafting(paths: tuple[Path, ...], *, file: str | None = None, header: bool | None = None) -> Drafting:
    """The guesses, not yet proved. Raises WatcherError."""
    sample = read_samples(paths, header=header)
    name = file or file_name(paths[0])
    columns = {each: list(guesses(profile)) for each, profile in sample.profiles.items()}
    return Drafting(name, sample, columns, _key(sample, name))


def file_name(path: Path) -> str:
    """The name that a sample has in a drop: `students.csv` for students_2026-09-01.csv and students_auto.csv."""
    stem = path.stem
    while (shorter := _DATE_SUFFIX.sub("", stem)) not in ("", stem):
        stem = shorter
    return f"{stem}{path.suffix}"


def _key(sample: Sample, file: str) -> Key | None:
    """The likeliest key: one identifying column, any that is unique in many rows, or two identifying columns."""
    unique = [p for p in sample.profiles.values() if p.is_unique and p.rows]
    identifiers = sorted((p for p in unique if names.is_identifier(p.name)), key=lambda p: not is_own(p.name, file))
    if not identifiers and sample.rows >= _LEAST_UNIQUE:
        identifiers = [p for p in unique if not names.may_be_personal(p.name)]
    if identifiers:
        return Key((identifiers[0].name,), _unique_reason(sample, identifiers))
    if (pair := unique_pair(sample)) is not None:
        return Key(pair, f"unique together in {counted(sample.rows, 'row')}")
    return None


def _unique_reason(sample: Sample, found: list[Profile]) -> str:
    others = ", ".join(profile.name for profile in found[1:4])
    return f"unique in {counted(sample.rows, 'row')}" + (f"; so is {others}" if others else "")


def is_own(name: str, file: str) -> bool:
    """Whether a column is called after its file: `student_id` in students.csv, or plainly `sourcedId`."""
    stem = PurePath(file).stem.lower()
    first = (names.words(name) or ("",))[0]
    return first in ("id", "sourced") or first in (stem, stem.removesuffix("s"), stem.removesuffix("es"))


def _errors(text: str, paths: tuple[Path, ...]) -> Iterator[Finding]:
    """The errors of the samples by a draft. Raises WatcherError if they give no sound draft."""
    from watcher.validation import validate_file  # noqa: PLC0415 (heavy, and needed once the samples were read)

    schema = _parsed(text)
    for path in paths:
        report = validate_file(path, schema)
        yield from (found for found in report.findings if found.severity is Severity.ERROR)


def _parsed(text: str) -> FileSchema:
    with tempfile.TemporaryDirectory(prefix="epoch-watcher-draft-") as folder:
        path = Path(folder, "draft.yaml")
        path.write_text(text, encoding="utf-8")
        try:
            return read_file_schema(path)
        except ConfigError as error:
            problems = "; ".join(problem.replace(f"{path}:", "line ") for problem in error.problems[:3])
            raise WatcherError(f"the samples give no sound schema: {problems}") from error


def _note(finding: Finding) -> str:
    where = f":{finding.line}" if finding.line is not None else ""
    return printable(
        f"{finding.file or ''}{where}: {finding.code}, {counted(finding.count, 'time')}: {finding.message}"
    )


def _safe(stem: str) -> str:
    """A stem that any file system and dataset.yaml can hold."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "file"
