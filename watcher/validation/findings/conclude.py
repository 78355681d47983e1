"""Concludes on each file once everything is known of it: are its bad rows few enough to be skipped, is it left out.

Where no file is left to be used, the drop is rejected: its sender should not read that it was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from watcher.model.findings import Severity
from watcher.model.report import FileReport
from watcher.schema.model import OnError
from watcher.text import counted
from watcher.validation.findings.collect import Collector, occurrence


def conclude(files: Iterable[FileReport], collector: Collector, manifest: str | None = None) -> tuple[FileReport, ...]:
    """The reports of the files with their counts and with what is left out of them.

    `manifest` is the name of the file, in its schema, that says how the others are meant: it holds no data itself.

    Where more rows are bad than may be skipped, their findings become errors again and one `too-many-skipped-rows`
    stands beside them; where every file would be left out, one `nothing-left` does. To be called once, after the last
    finding.
    """
    spoilt = _spoilt(collector)
    concluded = tuple(_concluded(file, collector, spoilt) for file in files)
    if not _is_nothing_left(file for file in concluded if file.schema not in (None, manifest)):
        return concluded
    left_out = {file.name for file in concluded if file.is_left_out}
    collector.unskip(left_out)
    which = "the file has errors" if len(left_out) == 1 else f"each of the {counted(len(left_out), 'file')} has errors"
    collector.add(occurrence("nothing-left", f"{which}, and nothing is left to be used"))
    return tuple(_concluded(file, collector, frozenset()) for file in concluded)


def _is_nothing_left(files: Iterable[FileReport]) -> bool:
    """Whether all of these are left out, if there are any: of the files that the dataset knows, those with data."""
    left_out = [file.is_left_out for file in files]
    return bool(left_out) and all(left_out)


def _spoilt(collector: Collector) -> frozenset[str | None]:
    """The files with a skipped finding that is not tolerated. Asked once: of ten thousand files each may have one."""
    skipped = (f for f in collector.findings() if f.severity is Severity.SKIPPED)
    return frozenset(f.file for f in skipped if not collector.policy.tolerates(f.code, f.file, f.column))


def _concluded(file: FileReport, collector: Collector, spoilt: frozenset[str | None]) -> FileReport:
    is_left_out = _is_left_out(file.name, collector, spoilt)
    skipped = () if is_left_out else _skipped_rows(file, collector)
    return replace(
        file,
        errors=collector.count(file.name, Severity.ERROR),
        warnings=collector.count(file.name, Severity.WARNING),
        skipped=skipped,
        is_left_out=is_left_out,
        skipped_errors=collector.count(file.name, Severity.SKIPPED),
        reasons=collector.reasons(file.name) if skipped else (),
    )


def _is_left_out(name: str, collector: Collector, spoilt: frozenset[str | None]) -> bool:
    """Whether an error leaves the whole file out; a tolerated one only leaves out its row, if that is all it spoils."""
    if collector.is_lost(name) and collector.count(name, Severity.SKIPPED):
        return not collector.count(name, Severity.ERROR)
    return collector.policy.on_error(name) is OnError.REJECT_FILE and name in spoilt


def _skipped_rows(file: FileReport, collector: Collector) -> tuple[int, ...]:
    """The record numbers of the rows to be skipped; none where they are too many."""
    bad = collector.bad_records(file.name)
    schema = collector.policy.schema_of(file.name)
    has_limit = collector.policy.on_error(file.name) is OnError.SKIP_ROWS
    if schema is None or not has_limit or schema.max_skipped_rows.allows(len(bad), file.rows):
        return tuple(bad.tolist())
    found = f"{len(bad):,} of {counted(file.rows, 'row')} {'is' if len(bad) == 1 else 'are'} wrong"
    collector.unskip((file.name,))
    message = f"{found}, expected at most {schema.max_skipped_rows} to be skipped"
    collector.add(occurrence("too-many-skipped-rows", message, file=file.name))
    return ()
