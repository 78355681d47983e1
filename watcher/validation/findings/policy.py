"""What a finding weighs once the dataset had its say: `tolerate` and, for each file, `on_error`.

Applied where an occurrence is counted, so that counts, samples and the sink agree:

1. A tolerated error is a warning, whatever else holds. But tolerance makes nothing readable: where a row as such is
   damaged (`UNREADABLE`), it is *skipped*, however the file's errors are dealt with otherwise; and so is a whole file
   that can't be read, unless it is needed. A loader knows a file by its name: a wrong one (`NAMES`) stays an error.
   So does one of a zip, of which nothing is unpacked then.
2. In a file with `on_error: reject-file` every other error is *skipped*: the file is left out. A required file can't be
   left out, nor one that is judged on its own: there an error stays an error, and the drop is rejected.
3. In a file with `on_error: skip-rows` an error of a row or cell with a known record number is *skipped*, and so is its
   row. Errors of the file or its header stay errors: where they are, no row can be trusted.
4. Where `skip_only` lists codes, only these are skipped, and any other error stays one: whoever agreed that guardians
   of unknown students are passed over did not agree to lose a guardian for a stray comma.

Whether so many rows may be skipped is known at the end only: see `conclude`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from watcher.model.findings import Level, Severity
from watcher.schema.model import Dataset, FileSchema, OnError, Tolerated
from watcher.validation.findings.occurrences import shown

#: Findings on rows of which no cells, or not those that were meant, can be handed on.
UNREADABLE = frozenset(
    {
        "cell-too-long",
        "encoding",
        "line-too-long",
        "lone-cr",
        "malformed-quote",
        "nul-byte",
        "ragged-row",
        "repeated-header",
        "unbalanced-quote",
    }
)
#: Findings on a file's name, which nothing makes right but renaming it.
NAMES = frozenset({"bad-file-name", "misnamed-file"})
_OF_A_ROW = (Level.ROW, Level.CELL)


class Policy:
    """The rules of one dataset, or of one file on its own. `tolerate` may name codes for all files or for some."""

    def __init__(self, dataset: Dataset | None = None, schema: FileSchema | None = None) -> None:
        self._tolerated = _by_code(dataset.tolerate if dataset is not None else ())
        self._dataset = dataset
        self._schema = schema
        required = dataset.files if dataset is not None else ()
        self._required = {file.schema.file for file in required if file.required and file.match is None}
        self.schema_of = lru_cache(maxsize=1024)(self._schema_of)

    def on_error(self, file: str) -> OnError:
        """What becomes of a file with an error, by its printable name."""
        schema = self.schema_of(file)
        if schema is None:
            return OnError.REJECT_EPOCH
        is_kept = schema.on_error is OnError.REJECT_FILE and not self.can_be_left_out(file)
        return OnError.REJECT_EPOCH if is_kept else schema.on_error

    def can_be_left_out(self, file: str) -> bool:
        """Whether the others are of use without this file: it is not required, nor judged on its own."""
        return self._schema is None and file not in self._required

    def skips_rows(self, file: str) -> bool:
        """Whether rows of this file may be left out."""
        return self.on_error(file) is OnError.SKIP_ROWS or any(
            each.file in (None, file) for code in UNREADABLE for each in self._tolerated.get(code, ())
        )

    def tolerates(self, code: str, file: str | None, column: str | None) -> bool:
        """Whether such a finding rejects nothing by itself."""
        if code in NAMES or code.startswith("zip-"):
            return False
        return any(_fits(each, file, column) for each in self._tolerated.get(code, ()))

    def weigh(
        self,
        severity: Severity,
        code: str,
        level: Level,
        file: str | None,
        column: str | None,
        *,
        has_record: bool,
        is_lost: bool = False,
    ) -> Severity:
        """The severity that counts. `is_lost`: the rows of the file can't be read for it."""
        if severity is not Severity.ERROR:
            return severity
        if self.tolerates(code, file, column):
            if is_lost and file is not None:
                return Severity.SKIPPED if self.can_be_left_out(file) else Severity.ERROR
            return Severity.SKIPPED if code in UNREADABLE and has_record else Severity.WARNING
        if file is None or level is Level.EPOCH:
            return severity
        is_of_a_row = has_record and level in _OF_A_ROW
        if self.on_error(file) is OnError.REJECT_FILE or (is_of_a_row and self._skips_row_for(code, file)):
            return Severity.SKIPPED
        return severity

    def _skips_row_for(self, code: str, file: str) -> bool:
        schema = self.schema_of(file)
        return schema is not None and schema.skips_for(code)

    def _schema_of(self, file: str) -> FileSchema | None:
        """The schema of a file that came."""
        if self._schema is not None:
            return self._schema
        return None if self._dataset is None else self._dataset.schema_for(file)


def _by_code(tolerated: Iterable[Tolerated]) -> dict[str, list[Tolerated]]:
    codes: dict[str, list[Tolerated]] = {}
    for each in tolerated:
        codes.setdefault(each.code, []).append(each)
    return codes


def _fits(tolerated: Tolerated, file: str | None, column: str | None) -> bool:
    return tolerated.file in (None, file) and (tolerated.column is None or shown(tolerated.column) == column)
