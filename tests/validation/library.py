"""What `jsonschema`, as it comes, says of a cell."""

from __future__ import annotations

import warnings

from jsonschema import Draft202012Validator

from watcher.schema.formats import CHECKER
from watcher.schema.model import Column
from watcher.validation.cells.convert import NOT_CONVERTED, convert
from watcher.validation.cells.wording import CODE_OF_KEYWORD


class Library:
    """Judges the cells of one column."""

    def __init__(self, judged: Column) -> None:
        self._column = judged
        self._validator = Draft202012Validator(dict(judged.judged_by), format_checker=CHECKER)

    def codes(self, cell: str) -> set[str]:
        """The codes of the keywords that a cell breaks."""
        value = convert(cell, self._column)
        if value is NOT_CONVERTED:
            return {"format" if self._column.formats else "type"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of patterns in cells
            return {CODE_OF_KEYWORD[str(error.validator)] for error in self._validator.iter_errors(value)}
