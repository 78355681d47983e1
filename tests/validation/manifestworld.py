"""A dataset with a manifest and two modes, and drops of it in one line each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.validation.worlds import column, drop, file_schema
from watcher.model.findings import Finding
from watcher.model.report import Report
from watcher.schema.model import Dataset, DatasetFile, Extra, FileSchema, Manifest, Mode, Property, References
from watcher.validation import validate

STATUS = column("status", enum=["active", "tobedeleted"])
ORGS = file_schema("orgs.csv", column("id", required=True), STATUS, key=("id",))
USERS = file_schema("users.csv", column("id", required=True), STATUS, column("org", references="orgs.id"))
ROLES = file_schema("roles.csv", column("user", references="users.id"), STATUS)
BULK = Mode("bulk", blank=("status",), header_only=Extra.ERROR, references=References.COMPLETE)
DELTA = Mode("delta", required=("status",), header_only=Extra.IGNORE, references=References.IGNORE)
PROPERTIES = (
    Property("form.version", required=True, const="1.0", aliases=("fomr.version",)),
    Property("set.version", required=True, const="1.1", advice="for a set of 1.2 use another dataset"),
    Property("maker"),
)
MANIFEST = Manifest(
    "manifest.csv", "name", "value", mode="file.{stem}", without="there is no manifest.csv", properties=PROPERTIES
)
#: a sound manifest, line by line after the header: the versions on lines 2 and 3, then orgs, users, roles
SOUND = {"form.version": "1.0", "set.version": "1.1", "file.orgs": "bulk", "file.users": "bulk", "file.roles": "absent"}

ORGS_BULK, USERS_BULK = "id,status\nA,\n", "id,status,org\n1,,A\n2,,A\n"
ORGS_DELTA, USERS_DELTA = "id,status\nA,active\n", "id,status,org\n1,active,A\n2,active,B\n"


def manifest_schema(**header: Any) -> FileSchema:
    plain = file_schema("manifest.csv", column("name", required=True), column("value", required=True))
    return replace(plain, header=replace(plain.header, **header))


def sets(*, manifest: FileSchema | None = None, required: bool = False, **about: Any) -> Dataset:
    """The dataset; `required` is said of its data files, everything else are values of the dataset."""
    schema = manifest_schema() if manifest is None else manifest
    files = (DatasetFile(schema, required=True), *(DatasetFile(each, required) for each in (ORGS, USERS, ROLES)))
    return replace(Dataset("sets", files, modes=(BULK, DELTA), manifest=MANIFEST), **about)


def lines(**values: str | None) -> str:
    """The sound manifest with other values, `file_users="delta"`; None takes a row away."""
    changed = {key.replace("_", ".", 1): value for key, value in values.items()}
    rows = {**SOUND, **changed}
    return "name,value\n" + "".join(f"{name},{value}\n" for name, value in rows.items() if value is not None)


def of_set(folder: Path, dataset: Dataset | None = None, **files: str | bytes) -> Report:
    """The report on a drop of these files."""
    return validate(drop(folder, **files), sets() if dataset is None else dataset)


def told(report: Report) -> list[tuple[str, str, int | None]]:
    """Severity, code and line of each finding."""
    return [(found.severity.value, found.code, found.line) for found in report.findings]


def first(report: Report) -> Finding:
    return report.findings[0]
