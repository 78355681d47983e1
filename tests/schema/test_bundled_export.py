"""Every bundled file schema as plain JSON Schema."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from watcher.schema.export import row_schema
from watcher.schema.find import dataset_names, find_dataset

NAMES = sorted(dataset_names())


@pytest.mark.parametrize("name", NAMES)
def test_exported_schemas_are_sound(name: str) -> None:
    for file in find_dataset(name).files:
        if file.schema.picture is None:
            Draft202012Validator.check_schema(row_schema(file.schema))


def test_exported_group_takes_its_names_in_any_case() -> None:
    """The flag of the pattern stood in the middle of another, where it is none."""
    (file,) = find_dataset("appazur-staff").files
    staff = Draft202012Validator(row_schema(file.schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert staff.is_valid({"Work E-Mail": "ana.teacher@example.org"})
    assert not staff.is_valid({"Work E-Mail": "ana.teacher"})
