"""Names that a sender may give to what he uploads: which mean something, which nearly do, which never are data."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.model.names import (
    MARKER,
    has_possible_time,
    is_dropping,
    is_epoch_name,
    is_near_marker,
    is_temporary_name,
    is_uploading_name,
    nearest_epoch_name,
    safe_name,
    shown_names,
)

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31))  # noqa: DTZ001 (names have no zone)
#: What a directory listing can give: any text, and bytes that are not UTF-8 as surrogates.
NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=60) | st.binary(min_size=1).map(
    lambda raw: raw.replace(b"/", b"").replace(b"\0", b"").decode("utf-8", "surrogateescape") or "x"
)

# epoch names


@given(MOMENTS, MOMENTS)
def test_epoch_names_sort_as_their_times(one: datetime, other: datetime) -> None:
    """The planner orders drops by comparing names: every moment of four-digit years must allow that."""
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)
    first, second = (f"{moment.year:04}{moment:%m%d-%H%M%S}" for moment in (one, other))
    assert (first < second) == (one < other)
    assert is_epoch_name(first)
    assert has_possible_time(first)


@pytest.mark.parametrize(
    "name",
    [
        "20260901-02000",
        "20260901-0200000",
        "2026091-020000",
        "20260901_020000",
        "20260901-020000\n",
        "\n20260901-020000",
        "20260901-020000 ",
        "20260901-020000.1",
        "٢٠٢٦٠٩٠١-٠٢٠٠٠٠",
        "²0260901-020000",
        "",
    ],
)
def test_is_epoch_name_near_miss_is_none(name: str) -> None:
    assert not is_epoch_name(name)


@pytest.mark.parametrize("name", ["20200101-139029", "20260230-000000", "00000000-000000", "20260901-240000"])
def test_epoch_name_impossible_time_is_a_name_all_the_same(name: str) -> None:
    assert is_epoch_name(name)
    assert not has_possible_time(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("2026-09-01_0200", "20260901-020000"),
        ("20260901", "20260901-000000"),
        ("2026-09-01T02:00:00", "20260901-020000"),
        ("20260901020000", "20260901-020000"),
        ("20260901_020000", "20260901-020000"),
        ("2026.09.01 02.00", "20260901-020000"),
    ],
)
def test_nearest_epoch_name_of_another_way_to_write_a_time(name: str, meant: str) -> None:
    assert nearest_epoch_name(name) == meant


@pytest.mark.parametrize("name", ["20260901-020000", "backup", "2026", "v20260901", "1234567", "archive-2026", ""])
def test_nearest_epoch_name_of_anything_else_is_none(name: str) -> None:
    assert nearest_epoch_name(name) is None


@given(NAMES)
def test_nearest_epoch_name_is_always_an_epoch_name(name: str) -> None:
    nearest = nearest_epoch_name(name)
    assert nearest is None or is_epoch_name(nearest)


@given(st.text("0123456789", min_size=14, max_size=14), st.sampled_from("-_.: T"))
def test_nearest_epoch_name_keeps_the_digits(digits: str, between: str) -> None:
    meant = f"{digits[:8]}-{digits[8:]}"
    assert nearest_epoch_name(f"{digits[:8]}{between}{digits[8:]}") == (None if between == "-" else meant)


# the marker


@pytest.mark.parametrize(
    "name",
    ["complete", "Complete", "COMPLETE.txt", "COMPLETE.TXT", "completed", "COMPLETED.csv", "done", "DONE", ".complete",
     "COMPLETE ", "complete.ok", "COMPELTE", "COMPLET"],
)  # fmt: skip
def test_is_near_marker_knows_what_was_meant(name: str) -> None:
    assert is_near_marker(name)


@pytest.mark.parametrize("name", [MARKER, "students.csv", "incomplete", "complete_students.csv", "completely", "", "."])
def test_is_near_marker_of_others_is_false(name: str) -> None:
    assert not is_near_marker(name)


# temporary names


@pytest.mark.parametrize(
    "name",
    [
        "students.csv.filepart",
        ".in.students.csv",
        ".in.students.csv.",
        ".sftpgo-upload.c8hs2.students.csv",
        ".pureftpd-upload.5f3e.15.1a2b",
        "students.csv.partial",
        "students.csv.part",
        "students.csv.ocTransferId123456789.part",
        ".students.csv.Ab3dE9",
        "students.csv.tmp",
        "STUDENTS.CSV.TMP",
        "students.csv.crdownload",
        "students.csv-0f8fad5b-d9cb-469f-a165-70867728950e",
        "with\nnewline.csv.part",
    ],
)
def test_uploading_names_of_clients_are_known(name: str) -> None:
    assert is_uploading_name(name)
    assert is_temporary_name(name)


@pytest.mark.parametrize(
    "name",
    ["~$students.xlsx", ".~lock.students.csv#", ".students.csv.swp", "students.csv~", ".DS_Store", "._students.csv",
     "Thumbs.db", "desktop.ini", "__MACOSX", "@eaDir", ".Trash-1000", ".nfs0000000012345678", "#students.csv#"],
)  # fmt: skip
def test_droppings_are_known_and_never_an_upload_in_progress(name: str) -> None:
    assert is_dropping(name)
    assert is_temporary_name(name)
    assert not is_uploading_name(name)


@pytest.mark.parametrize(
    "name",
    ["students.csv", "students_auto.csv", MARKER, "20260901-020000", "part.csv", "tmp.csv", "my_document.pdf",
     "temperature.csv", "partial", "students.csv.partials", "{x}.csv", "students.v1.csv"],
)  # fmt: skip
def test_data_names_are_never_temporary(name: str) -> None:
    assert not is_temporary_name(name)


# names in text


@given(NAMES)
def test_safe_name_is_one_printable_line(name: str) -> None:
    """Whatever a sender names a file, it can't break a log line, and can be encoded as UTF-8."""
    safe = safe_name(name)
    assert len(safe.splitlines()) == 1
    assert len(safe) <= 120
    safe.encode("utf-8")
    assert safe_name(safe) == safe


# several names


def test_shown_names_alike_are_told_apart_by_a_number() -> None:
    begin = "b" * 120
    shown = shown_names([f"{begin}1.csv", f"{begin}2.csv", "a\n.csv", r"a\n.csv", "a.csv"])
    assert shown == {
        "a.csv": "a.csv",
        r"a\n.csv": r"a\n.csv",
        "a\n.csv": r"a\n.csv…2",
        f"{begin}1.csv": "b" * 119 + "…",
        f"{begin}2.csv": "b" * 117 + "…2",
    }


@given(st.lists(st.tuples(st.sampled_from(["", "n" * 117, "n" * 119, "é\x1b" * 30]), NAMES), unique=True, max_size=9))
def test_shown_names_are_distinct_and_printable_whatever_they_are(parts: list[tuple[str, str]]) -> None:
    names = {begin + end for begin, end in parts}
    names |= set(shown_names(names).values())
    shown = shown_names(names)
    assert len(set(shown.values())) == len(names)
    assert all(len(form) <= 120 and safe_name(form) == form for form in shown.values())
    assert all(shown[name] == name for name in names if safe_name(name) == name)
