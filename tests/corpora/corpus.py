"""The golden corpora: drops of each dataset, good and bad, as folders; what each must be found to be.

A case is a folder below `<dataset>/good` or `<dataset>/bad`. Its files make the drop. `case.yaml` says more, if there
is one (a bad case always has one):

    about: one sentence: what is wrong, or what this drop shows
    base: good/full             the drop that this one begins as: of this dataset, or `oneroster-1.1/good/full`
    remove: [results.csv]       files of the base that are not there
    edit: {users.csv: {3: "the whole text of line 3", 5: null}}       null takes a line away; last line + 1 adds one
    modes: {users.csv: delta}   the modes that loaders get, of the files named
    findings: [[error, enum, users.csv, 3, role]]     severity, code, file, first line, column, and if wanted the count

All findings of the drop are listed, nothing besides. A good case without a list gives none at all; one of a dataset
that extends another, none that is an error.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from watcher.model.findings import Finding

CORPORA = Path(__file__).parent
CASE_FILE = "case.yaml"

Row = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One drop. `findings` None: the case does not list any; `folder` holds its own files."""

    dataset: str
    name: str
    folder: Path
    about: str = ""
    base: str = ""
    remove: tuple[str, ...] = ()
    edit: dict[str, dict[int, str | None]] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    findings: tuple[Row, ...] | None = None

    @property
    def is_good(self) -> bool:
        return self.name.startswith("good/")


def case_folders(dataset: str = "*", kind: str = "*") -> tuple[Path, ...]:
    """The folder of every case, by name; `kind` is `good` or `bad`."""
    return tuple(sorted(path for path in CORPORA.glob(f"{dataset}/{kind}/*") if path.is_dir()))


def name_of(folder: Path) -> str:
    """`oneroster-1.1/good/full`."""
    return folder.relative_to(CORPORA).as_posix()


def read_case(folder: Path) -> Case:
    """The case of a folder. Raises TypeError for a key that there is not, YAMLError for what is no YAML."""
    about: dict[str, Any] = {}
    if (folder / CASE_FILE).is_file():
        about = yaml.safe_load((folder / CASE_FILE).read_text(encoding="utf-8"))
    findings = about.pop("findings", None)
    listed = None if findings is None else tuple(tuple(row) for row in findings)
    remove = tuple(about.pop("remove", ()))
    name = f"{folder.parent.name}/{folder.name}"
    return Case(folder.parent.parent.name, name, folder, findings=listed, remove=remove, **about)


def build(case: Case, into: Path) -> Path:
    """The drop of a case, written into a folder that is made if need be."""
    if case.base:
        build(read_case(_base_folder(case)), into)
    into.mkdir(parents=True, exist_ok=True)
    for file in case.folder.iterdir():
        if file.name != CASE_FILE:
            shutil.copyfile(file, into / file.name)
    for name in case.remove:
        (into / name).unlink()
    for name, lines in case.edit.items():
        _edit(into / name, lines)
    return into


def row_of(finding: Finding) -> Row:
    """A finding as a case lists it, with its count."""
    return (str(finding.severity), finding.code, finding.file, finding.line, finding.column, finding.count)


def differences(found: tuple[Finding, ...], listed: tuple[Row, ...]) -> str:
    """What was found and is not listed, and the other way round, a line each; empty where they agree."""
    left = list(listed)
    unexpected = []
    for finding in found:
        row = row_of(finding)
        match = next((each for each in left if each == row[: len(each)]), None)
        if match is None:
            unexpected.append(f"found, not listed: {row} {finding.rule or finding.message}")
        else:
            left.remove(match)
    return "\n".join((*unexpected, *(f"listed, not found: {row}" for row in left)))


def _base_folder(case: Case) -> Path:
    """The folder of the base: of the same dataset, else of another."""
    own = CORPORA / case.dataset / case.base
    return own if own.is_dir() else CORPORA / case.base


def _edit(file: Path, lines: dict[int, str | None]) -> None:
    """Change, take away or add physical lines; their ends stay as they are."""
    written = file.read_bytes().splitlines(keepends=True)
    end = b"\r\n" if written and written[0].endswith(b"\r\n") else b"\n"
    for number, text in sorted(lines.items(), reverse=True):
        new = [] if text is None else [text.encode() + end]
        written[number - 1 : number] = new
    file.write_bytes(b"".join(written))
