"""Wrong rows in the enrolments of a vendor's form: what any table can suffer, and wrong cells of its own columns."""

from __future__ import annotations

from pathlib import Path

from bench.rosters.damage import Dose, damage
from bench.rosters.kinds import Kind, Mistake, Text, cell, key_kinds, row_kinds
from bench.rosters.vendors.forms import VendorForm

_ONEROSTER = (
    cell("unknown class", "classSourcedId", "gone-class-{n}", "unknown-reference"),
    cell("unknown school", "schoolSourcedId", "gone-school-{n}", "unknown-reference"),
    cell("unknown user", "userSourcedId", "gone-user-{n}", "unknown-reference"),
    cell("no user", "userSourcedId", "", "required"),
    cell("space in an id", "classSourcedId", "gone {n}", "pattern", "unknown-reference"),
    cell("day that is not", "beginDate", "2026-09-31", "format"),
    cell("date as in America", "endDate", "6/11/2027", "format"),
    cell("no end", "endDate", ""),
    *key_kinds("sourcedId"),
)
_REQUIRED = ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role")
_ONEROSTER_TEXT = Text("role", "role", "endDate", _REQUIRED, is_free=False)

_CLEVER = (
    cell("unknown section", "Section_id", "gone-{n}", "unknown-reference"),
    cell("unknown student", "Student_id", "gone-{n}", "unknown-reference"),
    cell("no school", "School_id", "", "required"),
)
_SDS_1 = (
    cell("unknown section", "Section SIS ID", "gone-{n}", "unknown-reference"),
    cell("no student", "SIS ID", "", "required"),
)
_SDS_2 = (
    cell("unknown class", "classSourcedId", "gone-{n}", "unknown-reference"),
    cell("unknown person", "userSourcedId", "gone-{n}", "unknown-reference"),
    cell("no role", "role", "", "required"),
)
_CANVAS = (
    cell("another status", "status", "Active", "enum"),
    cell("no status", "status", "", "required"),
)


def _keys(*columns: str) -> Text:
    """A table of identifiers only, all of them required."""
    return Text(columns[-1], columns[-1], columns[-1], columns, is_free=False)


#: The kinds of damage by form, of its main file.
KINDS: dict[str, tuple[Kind, ...]] = {
    form: (*cells, *row_kinds(text))
    for form, cells, text in (
        ("oneroster-1.1", (*_ONEROSTER, cell("upper case", "role", "Student", "enum")), _ONEROSTER_TEXT),
        ("oneroster-1.2", (*_ONEROSTER, cell("upper case", "role", "Student", "any-of")), _ONEROSTER_TEXT),
        ("clever", _CLEVER, _keys("School_id", "Section_id", "Student_id")),
        ("sds-1", _SDS_1, _keys("Section SIS ID", "SIS ID")),
        ("sds-2.1", _SDS_2, _keys("classSourcedId", "userSourcedId", "role")),
        ("canvas-sis", _CANVAS, Text("role", "status", "status", ("status",), is_free=False)),
    )
}


def damage_rows(form: VendorForm, folder: Path, dose: Dose) -> tuple[Mistake, ...]:
    """Damage so many rows of the form's main file, and give what is wrong with it, in order.

    Raises KeyError for a form without kinds, ValueError for too few rows.
    """
    path = folder / form.main_file
    sound = path.rename(f"{path}.sound")
    mistakes = damage(sound, path, form.main_file, dose, KINDS[form.name])
    sound.unlink()
    return mistakes
