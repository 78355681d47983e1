"""Whatever the bytes, a report comes out, and what it shows is printable and bounded."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validation.worlds import column, dataset, drop, file_schema
from watcher.errors import WatcherError
from watcher.model.codes import CODES
from watcher.model.findings import Severity
from watcher.model.report import Report, Verdict
from watcher.validation import typed_frames, validate

SCHEMA = file_schema(
    "a.csv",
    column("id", required=True),
    column("n", type="integer", minimum=0),
    column("born", format="date"),
    column("of", type="array", items={"type": "integer"}, references="a.id"),
    key=("id",),
)
PLAIN = file_schema("a.csv")
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=4), st.sampled_from([b"id,n,born,of\n", b"1,2,2020-01-01,1\n", b'"', b",", b"\n", b"\r\n"])
    ),
    max_size=40,
).map(b"".join)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.one_of(PIECES, PIECES.map(lambda tail: b"id,n,born,of\n" + tail)), plain=st.booleans())
def test_validate_any_bytes_gives_a_report(tmp_path: Path, data: bytes, plain: bool) -> None:
    schema = PLAIN if plain else SCHEMA
    counted: list[tuple[str, Severity]] = []
    where = drop(tmp_path, a=data)
    report = validate(where, dataset(schema), sink=lambda found: counted.append((found.code, found.severity)))
    assert report.files[0].size_bytes == len(data)
    for found in report.findings:
        assert found.code in CODES
        assert found.level is CODES[found.code].level
        assert found.message.isprintable()
        assert found.count == counted.count((found.code, found.severity)) or found.column is not None
        assert len(found.samples) <= 20
        assert all(len(s.value) <= 80 for s in found.samples if s.value)
    assert report.errors + report.warnings == len(counted)
    accepted_loads_whole(where / "a.csv", schema, report)


def accepted_loads_whole(path: Path, schema: object, report: Report) -> None:
    """What was accepted can be loaded, all rows of it."""
    assert isinstance(schema, type(PLAIN))
    try:
        rows = sum(frame.height for frame in typed_frames(path, schema))
    except WatcherError:
        assert report.verdict is Verdict.REJECTED
    else:
        assert rows == report.rows or report.verdict is Verdict.REJECTED
