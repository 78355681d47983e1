"""The roster that `validate --roster FILE:COLUMN` names: a file of students that no schema need describe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from watcher.cli.judging import Given
    from watcher.validation.roster import Roster

#: Bytes that are read for the header line.
_LONGEST_HEADER = 65_536


def roster_of(written: str, given: Given) -> Roster:
    """The students of `students.csv:personID`; the column's name is what follows the last colon.

    Raises UsageError where there is no such file, or where what is validated holds no pictures.
    """
    from watcher.model.names import safe_name
    from watcher.schema.model import Dialect, FileSchema
    from watcher.validation.roster import Roster

    file, _, column = written.rpartition(":")
    if not column or not Path(file).is_file():
        raise click.UsageError(
            "--roster needs a file that is there, a colon and a column: --roster students.csv:personID"
        )
    if given.dataset is None or not given.dataset.has_pictures:
        raise click.UsageError("--roster is for a dataset with pictures")
    if given.is_standard_input:
        raise click.UsageError("--roster is for a directory or a zip of pictures")
    name = Path(file).name
    schema = FileSchema(name, dialect=Dialect(delimiter=_delimiter(Path(file))))
    return Roster(Path(file), schema, column, safe_name(name))


def _delimiter(file: Path) -> str:
    """What stands most often in the header line of a file that no schema describes."""
    with file.open("rb") as stream:
        line = stream.readline(_LONGEST_HEADER)
    return max(",\t;|", key=lambda mark: line.count(mark.encode()))
