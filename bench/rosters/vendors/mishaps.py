"""Named ways in which a sound drop goes wrong, and which findings each must bring: all of them, and no others.

mishap = mishaps("clever")["file-missing"]
mishap.befall(folder)            # a folder that `forms` has written
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.rosters.vendors import happenings
from bench.rosters.vendors.happenings import Befall

#: Severity and code of each finding, each pair once.
Findings = frozenset[str]

#: What a mishap brings where nothing else is said of it.
_USUAL = {
    "header-renamed": "error misnamed-column",
    "rows-gone": "error unknown-reference",
    "cut-off": "error ragged-row, error unknown-reference, warning no-final-newline",
    "file-missing": "error missing-file",
    "org-missing": "error unknown-reference",
    "byte-order-mark": "",
    "windows-1252": "error wrong-encoding",
    "other-delimiter": "error wrong-delimiter",
    "auto-names": "error misnamed-file",
}


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to a drop of one form."""

    name: str
    befall: Befall
    findings: Findings


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a form is hit: a file that others refer to, a column of it, the file of its schools (none: no such file).

    `instead` are findings that are not the usual ones; None: the form can't have this mishap.
    """

    file: str
    column: str
    orgs: str = ""
    separator: str = ","
    instead: dict[str, str | None] = field(default_factory=dict)


def mishaps(form: str) -> dict[str, Mishap]:
    """All that can befall a form, by name."""
    found = [*_of_files(_TARGETS[form])] if form in _TARGETS else []
    found += [Mishap(name, befall, _findings(text)) for name, befall, text in _OWN.get(form, ())]
    return {mishap.name: mishap for mishap in found}


def _of_files(target: _Target) -> Iterator[Mishap]:
    for name, befall in _happenings(target):
        findings = target.instead.get(name, _USUAL[name])
        if findings is not None:
            yield Mishap(name, befall, _findings(findings))


def _happenings(target: _Target) -> Iterator[tuple[str, Befall]]:
    file = target.file
    yield "header-renamed", happenings.header_renamed(file, target.column, target.separator)
    yield "rows-gone", happenings.rows_gone(file)
    yield "cut-off", happenings.cut_off(file)
    yield "file-missing", happenings.removed(file)
    yield "byte-order-mark", happenings.byte_order_mark(file)
    yield "windows-1252", happenings.windows_1252(file)
    yield "other-delimiter", happenings.replaced(file, target.separator, ";")
    yield "auto-names", happenings.auto_names
    if target.orgs:
        yield "org-missing", happenings.row_gone(target.orgs, 2)


def _findings(text: str) -> Findings:
    return frozenset(text.split(", ")) if text else frozenset()


#: A check needs the columns that it asks for.
_NOT_CHECKED = "error wrong-delimiter, warning check-not-done"
#: There is no other file to be missed by.
_ALONE: dict[str, str | None] = {
    "rows-gone": "",
    "cut-off": "error ragged-row, warning no-final-newline",
    "file-missing": "error empty-epoch, error missing-file",
}
_TARGETS = {
    "oneroster-1.1": _Target(
        "users.csv",
        "familyName",
        "orgs.csv",
        instead={"other-delimiter": _NOT_CHECKED},
    ),
    "oneroster-1.2": _Target(
        "users.csv",
        "familyName",
        "orgs.csv",
        instead={"other-delimiter": _NOT_CHECKED},
    ),
    "infinite-campus-oneroster": _Target(
        "users.csv",
        "familyName",
        "orgs.csv",
        instead={
            "header-renamed": "warning misnamed-column",
            # Guardians may be held back; of people with enrolments not so many.
            "rows-gone": "error unknown-reference, error too-many-skipped-rows, warning unknown-reference",
            "cut-off": "error ragged-row, error unknown-reference, error too-many-skipped-rows, "
            "warning unknown-reference, warning no-final-newline",
            "org-missing": "error unknown-reference, error too-many-skipped-rows",
            "other-delimiter": _NOT_CHECKED,
        },
    ),
    "samegoal": _Target(
        "students.csv",
        "Last Name",
        instead={
            "rows-gone": "error unknown-reference, error too-many-skipped-rows",
            "cut-off": "error ragged-row, error unknown-reference, error too-many-skipped-rows, "
            "warning no-final-newline",
        },
    ),
    "appazur-contacts": _Target("students.txt", "Last Name", separator="\t", instead=_ALONE),
    # Its columns are not known, so hardly anything is wrong about them. A few rows in another encoding are told row by
    # row, many of them once: that depends on the size of the district.
    "appazur-staff": _Target(
        "staff.csv",
        "Email Address",
        instead={**_ALONE, "header-renamed": "", "other-delimiter": "warning pattern", "windows-1252": None},
    ),
    "clever": _Target("students.csv", "Student_id", "schools.csv"),
    "sds-1": _Target(
        "Student.csv",
        "SIS ID",
        "School.csv",
        # Student.csv has no names, and so no letter beyond ASCII.
        instead={"header-renamed": "error missing-column", "windows-1252": None},
    ),
    "sds-2.1": _Target("users.csv", "username", "orgs.csv"),
    # Any name will do, any file may be left out, and nothing refers to anything.
    "canvas-sis": _Target(
        "users.csv",
        "status",
        instead={
            **_ALONE,
            "header-renamed": "warning misnamed-column",
            "file-missing": "",
            "auto-names": "",
            "windows-1252": None,
        },
    ),
}
#: What only some forms can have: name, what happens, findings.
_OWN: dict[str, tuple[tuple[str, Befall, str], ...]] = {
    "oneroster-1.1": (
        ("manifest-missing", happenings.removed("manifest.csv"), "error missing-file"),
        ("wrong-mode", happenings.replaced("manifest.csv", ",bulk", ",delta"), "error mode-conflict"),
        (
            "wrong-version",
            happenings.replaced("manifest.csv", "version,1.1", "version,1.2"),
            "error manifest-wrong-value",
        ),
        (
            "name-in-lower-case",
            happenings.renamed("academicSessions.csv", "academicsessions.csv"),
            "error misnamed-file",
        ),
    ),
    "oneroster-1.1-delta": (
        # What is said to be the whole list must have all that it names.
        (
            "wrong-mode",
            happenings.replaced("manifest.csv", ",delta", ",bulk"),
            "error mode-conflict, error missing-file, error unknown-reference",
        ),
        ("byte-order-mark", happenings.byte_order_mark("users.csv"), ""),
    ),
    "oneroster-1.1-zip": (
        ("zip-cut-off", happenings.zip_cut_off, "error zip-truncated"),
        ("packed-in-a-folder", happenings.packed_in_a_folder, "error zip-folder"),
    ),
    "oneroster-1.2": (
        ("manifest-missing", happenings.removed("manifest.csv"), "error missing-file"),
        ("wrong-mode", happenings.replaced("manifest.csv", ",bulk", ",delta"), "error mode-conflict"),
        (
            "wrong-version",
            happenings.replaced("manifest.csv", "version,1.2", "version,1.1"),
            "error manifest-wrong-value",
        ),
    ),
    "infinite-campus-oneroster": (
        ("manifest-missing", happenings.removed("manifest.csv"), "warning missing-file"),
        ("wrong-mode", happenings.replaced("manifest.csv", ",bulk", ",delta"), "warning mode-conflict"),
    ),
    "infinite-campus-oneroster-zip": (
        ("zip-cut-off", happenings.zip_cut_off, "error zip-truncated"),
        ("packed-in-a-folder", happenings.packed_in_a_folder, "warning zip-folder"),
    ),
    "appazur-classes": (("zip-cut-off", happenings.zip_cut_off, "error zip-truncated"),),
    "clever": (("name-in-other-case", happenings.renamed("students.csv", "Students.csv"), "error misnamed-file"),),
    "sds-1": (("name-in-other-case", happenings.renamed("Student.csv", "student.csv"), "error misnamed-file"),),
    "infinite-campus-photos": (
        ("zip-cut-off", happenings.zip_cut_off, "error zip-truncated"),
        ("packed-in-a-folder", happenings.packed_in_a_folder, ""),
    ),
}
