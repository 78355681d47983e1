"""The words of the language: each key that has a choice of them, and what each one means."""

from __future__ import annotations

from enum import StrEnum

from watcher.model.findings import Severity


class ColumnType(StrEnum):
    """What a cell is converted to before it is judged."""

    #: any text
    STRING = "string"
    #: a whole number of 64 bits, ASCII digits with an optional minus
    INTEGER = "integer"
    #: a finite decimal number with a point, never a comma
    NUMBER = "number"
    #: true or false, in lower, upper or title case
    BOOLEAN = "boolean"
    #: several values in one cell, split at `separator`
    ARRAY = "array"


class Order(StrEnum):
    """Whether the columns must stand as in the schema."""

    #: they may stand in any order
    ANY = "any"
    #: those that are there stand in the schema's order
    STRICT = "strict"


class Case(StrEnum):
    """Whether upper and lower case of column names matter."""

    #: `Student_ID` is not `student_id`
    STRICT = "strict"
    #: they are the same
    IGNORE = "ignore"


class Extra(StrEnum):
    """What to say of a file or column that nobody described."""

    #: nothing
    IGNORE = "ignore"
    #: a warning
    WARN = "warn"
    #: an error
    ERROR = "error"

    @property
    def severity(self) -> Severity | None:
        """The severity of the finding, None for no finding."""
        return {Extra.WARN: Severity.WARNING, Extra.ERROR: Severity.ERROR}.get(self)


class OnError(StrEnum):
    """What becomes of a file in which an error was found."""

    #: the whole drop is rejected
    REJECT_EPOCH = "reject-epoch"
    #: the file is left out, the others are used
    REJECT_FILE = "reject-file"
    #: rows with errors are left out, as long as they are few; an error of the file itself rejects the drop
    SKIP_ROWS = "skip-rows"


class Absent(StrEnum):
    """What a row means that was in the last full drop and is gone from this one."""

    #: nothing: it stays as it was
    KEEP = "keep"
    #: it is marked as gone
    MARK = "mark"
    #: it is deleted
    DELETE = "delete"
    #: it is deleted if a row of this drop has the same value in the column `FileSchema.absent_within`
    DELETE_WITHIN = "delete-within"


class References(StrEnum):
    """What is said, in a mode, of a value whose file did not come."""

    #: nothing; where the file came, the value must be in it
    CHECK = "check"
    #: the file must come, as soon as one value refers to it
    COMPLETE = "complete"
    #: nothing at all: the rows that are referred to may have come earlier
    IGNORE = "ignore"
