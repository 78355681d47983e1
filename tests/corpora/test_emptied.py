"""What each dataset says of a list that was emptied: refused wherever what is gone from it would be removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpora.goods import Good, GoodOf
from watcher.model.findings import Severity
from watcher.schema.find import find_dataset
from watcher.validation import validate

#: Files that may come without a row, with a warning, and why.
ODD_AND_HARMLESS = {
    # An import changes what it names; Canvas removes more only where it is asked to.
    "canvas-sis": {"courses.csv", "users.csv"},
    # Deprecated: its people move to staff.csv.
    "clever": {"admins.csv"},
    # Nobody is deleted by these files, or what becomes of an omitted row is not published.
    "samegoal": {"absences.csv", "students.csv", "user_roles.csv", "users.csv"},
    # Flags run out, and the file must come once it came.
    "sds-2.1": {"userFlags.csv"},
}
#: Those whose vendor takes what is gone from a file for ended, or does not say.
NAMES = ("appazur-contacts", "appazur-staff", "canvas-sis", "clever", "samegoal", "sds-1", "sds-2.1")


@pytest.mark.parametrize("name", NAMES)
def test_list_without_a_row_is_refused_unless_it_is_harmless(good_of: GoodOf, tmp_path: Path, name: str) -> None:
    good = good_of(find_dataset(name))
    harmless = ODD_AND_HARMLESS.get(name, set())
    files = sorted(path.name for path in good.folder.iterdir())
    found = {file: _severity(good, file, tmp_path / file) for file in files}
    assert found == {file: Severity.WARNING if file in harmless else Severity.ERROR for file in files}


def _severity(good: Good, file: str, into: Path) -> Severity:
    """How the drop is judged in which this file has a header line and nothing else."""
    drop = good.copy(into, ())
    header = (drop / file).read_bytes().splitlines(keepends=True)[0]
    (drop / file).write_bytes(header)
    (finding,) = (f for f in validate(drop, good.dataset).findings if f.code == "header-only" and f.file == file)
    return finding.severity
