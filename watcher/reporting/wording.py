"""The words and the order that the letter and the page have in common.

Everything here is plain text without markup; a renderer escapes it as its own form needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from watcher.model.findings import Finding, Sample
from watcher.model.report import FileReport, Report, Verdict
from watcher.text import counted, some_of

#: File systems allow 255 for a name, and more is put around this one.
_NAME_BYTES = 200
#: Different values that are shown for one finding; the CSV form has every occurrence.
_MOST_PLACES = 10
#: Names that are told where there may be thousands.
_MOST_NAMES = 10
#: Lines that are named for one value.
_MOST_LINES = 5
#: An empty cell refers to nothing: where a reference is empty, it is one of a list.
_EMPTY = {"unknown-reference": "an empty value in the list"}


def headline(report: Report) -> str:
    """`REJECTED: 3 errors and 1 warning`; `ACCEPTED, 12 rows left out: 1 warning`."""
    left_out = _left_out(report) if report.verdict is Verdict.ACCEPTED else ""
    if not left_out:
        return f"{report.verdict.upper()}: {counts(report.errors, report.warnings, report.skipped_errors)}"
    tally = f": {counts(0, report.warnings)}" if report.warnings else ""
    return f"{report.verdict.upper()}, {left_out} left out{tally}"


def came_as(report: Report) -> str:
    """`OR_bulk20260901.zip`; `a.csv, b.csv and 12 more`."""
    return some_of(report.came_as, _MOST_NAMES)


def opening(report: Report) -> str:
    """One or two sentences that say what was checked and what came of it."""
    what = f"the drop {report.epoch}" if report.epoch else "what was given"
    checked = f'We checked {what} ({plural(len(report.files), "file")}) against the dataset "{report.dataset}".'
    match report.verdict:
        case Verdict.ACCEPTED if report.skipped_errors:
            left_out = _left_out(report) or "what could not be read"
            return f"{checked} It is accepted but for {left_out}: those have errors and are not used."
        case Verdict.ACCEPTED if report.warnings:
            return f"{checked} It is accepted; some things in it look wrong all the same."
        case Verdict.ACCEPTED:
            return f"{checked} Nothing in it is wrong. It is accepted."
        case Verdict.REJECTED:
            return f"{checked} It has errors, so nothing of it is used."


def steps(report: Report) -> tuple[str, ...]:
    """What the sender should do, in order; empty if there is nothing to do."""
    warned = "Look at the warnings below as well: they did not cause the rejection, but they are likely mistakes."
    if report.errors:
        return (
            "Correct the errors below where the files are made: most often in the export of your school's own system.",
            "Send the complete set of files again, not only the corrected ones.",
            *((_SKIPPED_TOO,) if report.skipped_errors else ()),
            *((warned,) if report.warnings else ()),
        )
    if report.skipped_errors:
        return (
            *_left_out_steps(report),
            "Correct what is marked as skipped where the files are made, and send the complete set of files again.",
            *(("Look at the warnings below as well: they are likely mistakes.",) if report.warnings else ()),
        )
    if report.warnings:
        return ("Nothing needs to be sent again. Look at the warnings below and correct them before the next drop.",)
    return ()


_SKIPPED_TOO = (
    "Correct what is marked as skipped as well: by itself it would not have rejected the drop, "
    "but those rows or files would have been left out."
)


def skipped_file_name(name: str) -> str:
    """What the file is called that lists the rows left out of a file of this printable name."""
    stem = name[: -len(".csv")] if name.lower().endswith(".csv") else name
    shortened = stem.encode()[:_NAME_BYTES].decode(errors="ignore")
    if shortened != stem:  # another file may begin with the same letters
        shortened += f"-{sha256(stem.encode(errors='replace')).hexdigest()[:8]}"
    return f"skipped-{shortened.replace('/', '_')}.csv"


def _left_out_steps(report: Report) -> Iterator[str]:
    """What the sender should know of what is left out."""
    names = [file.name for file in report.files_left_out]
    if len(names) == 1:
        yield f"The file {names[0]} was left out whole: nothing of it is used."
    elif names:
        files = f"{number(len(names))} files were left out whole"
        yield f"{files}, nothing of them is used: {some_of(names, _MOST_NAMES)}."
    yield from (_skipped_rows(file, report.epoch) for file in report.files if file.skipped and not file.is_left_out)


def _skipped_rows(file: FileReport, epoch: str | None) -> str:
    """The service lays the list of rows beside the report that it delivers, under the epoch's name as all there."""
    were = "was" if len(file.skipped) == 1 else "were"
    rows = f"{plural(len(file.skipped), 'row')} of {file.name} {were} left out"
    name = skipped_file_name(file.name)
    if epoch is None:
        return f"{rows}. The option --skipped of `epoch-watcher validate` lists them in {name}."
    return f"{rows}. Find them, with what is wrong, in {epoch}.{name} beside this report."


def left_out_of(file: FileReport) -> str:
    """`12 rows left out`, `the file is left out`, or nothing."""
    if file.is_left_out:
        return "the file is left out"
    return f"{plural(len(file.skipped), 'row')} left out" if file.skipped else ""


def _left_out(report: Report) -> str:
    """`2 files and 12 rows`; empty if nothing is left out."""
    files = len(report.files_left_out)
    parts = [plural(files, "file")] if files else []
    parts += [plural(report.skipped_rows, "row")] if report.skipped_rows else []
    return " and ".join(parts)


def place(finding: Finding) -> str:
    """`column grades, line 3`, or `column grades, 1,204 times, first on line 3`; empty for a whole file."""
    parts = [] if finding.column is None else [f"column {finding.column}"]
    if finding.count > 1:
        parts.append(f"{number(finding.count)} times")
    if finding.line is not None:
        parts.append(f"first on line {number(finding.line)}" if finding.count > 1 else f"line {number(finding.line)}")
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Place:
    """What was found, and where; `rows` counts the shown occurrences of it."""

    where: str
    found: str
    rows: int


def places(finding: Finding) -> tuple[Place, ...]:
    """The first of the samples, those of one value together; none if no sample has a value to show."""
    if all(sample.value is None for sample in finding.samples):
        return ()
    alike: dict[str | None, list[Sample]] = {}
    for sample in finding.samples:
        alike.setdefault(sample.value, []).append(sample)
    shown = list(alike.values())[:_MOST_PLACES]
    return tuple(
        Place(_where(group), value_of(group[0], finding.code), sum(sample.count for sample in group)) for group in shown
    )


def rest(finding: Finding) -> int:
    """How many occurrences neither `places` nor `lines` shows."""
    shown = places(finding)
    rows = sum(place.rows for place in shown) if shown else sum(sample.count for sample in finding.samples)
    return max(0, finding.count - rows)


def lines(finding: Finding) -> str:
    """`On lines 14, 19 and 1,200 more.` for samples without values; empty if that adds nothing to the place."""
    shown = list(dict.fromkeys(number(sample.line) for sample in finding.samples if sample.line is not None))
    if places(finding) or len(shown) < 2:  # noqa: PLR2004 (one line is the place itself)
        return ""
    more = [f"{number(rest(finding))} more"] if rest(finding) else []
    *first, last = shown + more
    return f"On lines {', '.join(first)} and {last}."


def value_of(sample: Sample, code: str) -> str:
    """The value in quotes, or `an empty cell`; empty text where there is none to show."""
    if sample.value is None:
        return ""
    return f'"{sample.value}"' if sample.value else _EMPTY.get(code, "an empty cell")


def _where(group: list[Sample]) -> str:
    """The place of one sample; `lines 5, 45, 85 and 17 more` of several."""
    lines_of_all = list(dict.fromkeys(number(sample.line) for sample in group if sample.line is not None))
    if len(lines_of_all) < 2:  # noqa: PLR2004
        return line_of(group[0])
    more = len(lines_of_all) - _MOST_LINES
    *first, last = [*lines_of_all[:_MOST_LINES], f"{more} more"] if more > 0 else lines_of_all
    return f"lines {', '.join(first)} and {last}"


def line_of(sample: Sample) -> str:
    """`line 1,204`; `line 1,204, row 1,190` where they don't go together; `row 7` where no line is known."""
    if sample.line is not None:
        goes_with_it = sample.record is None or sample.record in (sample.line, sample.line - 1)
        return f"line {number(sample.line)}" + ("" if goes_with_it else f", row {number(sample.record or 0)}")
    return "" if sample.record is None else f"row {number(sample.record)}"


def rows_of(file: FileReport) -> str:
    """`1,200 rows`; empty for a picture, and for a file that the dataset does not know, which nobody has read."""
    return "" if file.schema is None or file.is_picture else plural(file.rows, "row")


def result_of(file: FileReport) -> str:
    """What was found in a file, in a few words, and the mode that it was judged in."""
    if file.schema is None:
        return "not part of the dataset"
    tally = counts(file.errors, file.warnings, file.skipped_errors)
    left_out = left_out_of(file)
    said = f"{left_out}: {tally}" if left_out else tally
    return said if file.mode is None else f"{said} ({file.mode})"


def counts(errors: int, warnings: int, skipped: int = 0) -> str:
    """`no errors`, `1 error`, `2 errors and 1 warning`, `2 errors, 3 skipped errors and 1 warning`."""
    tallied = ((errors, "error"), (skipped, "skipped error"), (warnings, "warning"))
    parts = [plural(count, noun) for count, noun in tallied if count]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:]))) or "no errors"


def anchor(name: str | None) -> str:
    """What a link within the page calls the section of a file."""
    return "drop" if name is None else f"file-{sha256(name.encode(errors='replace')).hexdigest()[:12]}"


def plural(count: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def number(count: int) -> str:
    """Grouped by thousands: `40,000`."""
    return f"{count:,}"


def size(size_bytes: int) -> str:
    """A size for people, in powers of 1,000: `812 bytes`, `1.4 MB`."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":  # noqa: PLR2004 (a thousand is a thousand)
            break
        amount /= 1000
    return counted(size_bytes, "byte") if unit == "bytes" else f"{amount:,.1f} {unit}"
