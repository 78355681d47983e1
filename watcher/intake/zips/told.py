"""The findings on one zip: one for each kind, with the members that it is about as its samples."""

from __future__ import annotations

from collections.abc import Iterable

from watcher.intake.zips.refusal import RefusedError
from watcher.model.findings import Occurrence, Severity
from watcher.model.names import safe_name
from watcher.model.occurrences import occurrence


class Told:
    """Gathers them. `zip_name` is the zip's name in the drop."""

    def __init__(self, zip_name: str) -> None:
        self.found: list[Occurrence] = []
        self._zip_name = safe_name(zip_name)

    def refuse(self, error: RefusedError) -> None:
        """An error on the zip as such, or on the member that it names."""
        self.error(error.code, error.message, None if error.member is None else (error.member,))

    def error(self, code: str, message: str, members: Iterable[str] | None = None, *, asked: str | None = None) -> None:
        """One occurrence for each of the members, by their printable names; one for the zip itself without any."""
        for member in (None,) if members is None else members:
            self._add(code, Severity.ERROR, message, member, asked)

    def warn(self, code: str, message: str) -> None:
        self._add(code, Severity.WARNING, message, None)

    def _add(self, code: str, severity: Severity, message: str, member: str | None, asked: str | None = None) -> None:
        self.found.append(occurrence(code, message, severity=severity, file=self._zip_name, value=member, asked=asked))
