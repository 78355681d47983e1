"""How a file is meant, as a table: what the manifest says, what the rows show, and what becomes of both."""

from __future__ import annotations

import polars as pl
import pytest

from tests.validation.manifestworld import BULK, DELTA, ORGS, STATUS, sets
from tests.validation.worlds import column, file_schema
from watcher.schema.model import Dataset, DatasetFile, Mode, References
from watcher.validation.cells.cells import BoundColumn
from watcher.validation.sets.manifest import Listing, Stated
from watcher.validation.sets.meant import Conflict, Meant, meant
from watcher.validation.sets.modes import Shown, shown_by

ANY = Mode("any", references=References.CHECK)
MORE = Mode("more", required=("status",), references=References.IGNORE)
DATASET = Dataset("d", (DatasetFile(ORGS),), modes=(BULK, DELTA, ANY, MORE))

#: the columns of the one, the references of the other
FILLED_LINKED = Mode("delta", required=("status",), header_only=BULK.header_only, references=References.COMPLETE)
UNFILLED = Mode("delta", header_only=DELTA.header_only, references=References.IGNORE)

BLANK, FILLED, HALF, ODD = Shown(BULK), Shown(DELTA), Shown(partly=DELTA), Shown()


def listing(orgs: str | None, **others: str) -> Listing:
    """What the manifest says; `orgs` None: of the others only."""
    said = others if orgs is None else {"orgs": orgs, **others}
    return Listing(
        "manifest.csv",
        {stem: Stated(f"file.{stem}", 2, None if mode == "absent" else mode) for stem, mode in said.items()},
    )


def of(listed: Listing | None, shown: Shown) -> tuple[str, Mode]:
    found = meant(DATASET, listed, "orgs", shown)
    return found.name, found.judged_as


@pytest.mark.parametrize(
    ("said", "shown", "name", "judged_as"),
    [
        ("bulk", BLANK, "bulk", BULK),
        ("bulk", ODD, "bulk", BULK),
        ("bulk", HALF, "bulk", BULK),
        ("delta", FILLED, "delta", DELTA),
        ("delta", HALF, "delta", DELTA),
        ("delta", ODD, "delta", DELTA),
        ("any", ODD, "any", ANY),
    ],
)
def test_meant_as_the_manifest_says_where_the_rows_show_the_same_or_nothing(
    said: str, shown: Shown, name: str, judged_as: Mode
) -> None:
    assert meant(DATASET, listing(said), "orgs", shown) == Meant(name, judged_as)


@pytest.mark.parametrize(
    ("said", "shown", "name", "judged_as", "linked"),
    [
        ("bulk", FILLED, "delta", FILLED_LINKED, "bulk"),
        ("delta", BLANK, "delta", UNFILLED, "delta"),
        ("bulk", Shown(ANY), "any", ANY, "any"),
        ("delta", Shown(MORE), "more", MORE, "more"),
    ],
)
def test_meant_where_manifest_and_rows_contradict_each_other_removes_less(
    said: str, shown: Shown, name: str, judged_as: Mode, linked: str
) -> None:
    assert shown.mode is not None
    conflict = Conflict(Stated("file.orgs", 2, said), shown.mode.name, linked)
    assert meant(DATASET, listing(said), "orgs", shown) == Meant(name, judged_as, conflict)


@pytest.mark.parametrize("listed", [None, Listing("m.csv"), listing(None, users="bulk", roles="delta")])
def test_meant_as_the_rows_show_where_the_manifest_says_nothing(listed: Listing | None) -> None:
    assert of(listed, BLANK) == ("bulk", BULK)
    assert of(listed, FILLED) == ("delta", DELTA)
    assert of(listed, ODD) == ("bulk", BULK)
    assert of(listed, HALF) == ("delta", FILLED_LINKED)


@pytest.mark.parametrize(
    "listed", [listing("absent", users="bulk"), listing("absent"), listing(None, users="delta", roles="absent")]
)
def test_meant_as_changes_where_the_manifest_gives_no_leave_to_remove(listed: Listing) -> None:
    assert of(listed, BLANK) == ("delta", BULK)
    assert of(listed, FILLED) == ("delta", DELTA)
    assert of(listed, ODD) == of(listed, HALF) == ("delta", FILLED_LINKED)


def test_meant_as_the_first_mode_where_no_mode_is_one_of_changes() -> None:
    dataset = Dataset("d", (DatasetFile(ORGS),), modes=(ANY, BULK))
    assert meant(dataset, listing("absent"), "orgs", ODD) == Meant("any", ANY)
    assert meant(sets(), listing("absent"), "orgs", ODD).name == "delta"


# ---- what rows show


def shown(rows: str, *, dated: bool = True, modes: tuple[Mode, ...] = ()) -> Shown:
    """What rows show in the columns status and date, a letter for each: `-` neither, `s`, `d`, `b` both."""
    columns = (column("id"), STATUS, column("date")) if dated else (column("id"), STATUS)
    both = Mode("delta", required=("status", "date"), references=References.IGNORE)
    frame = pl.DataFrame(
        {
            "1": ["active" if row in "sb" else None for row in rows],
            "2": ["2026-09-01" if row in "db" else None for row in rows],
        }
    )
    bound = tuple(BoundColumn(i, each) for i, each in enumerate(columns[1:], 1))
    dataset = Dataset(
        "d",
        (DatasetFile(file_schema("a.csv", *columns)),),
        modes=modes or (Mode("bulk", blank=("status", "date")), both),
    )
    return shown_by(frame, bound, dataset.files[0].schema, dataset)


@pytest.mark.parametrize(
    ("rows", "mode", "partly"),
    [
        ("--", "bulk", None),
        ("bb", "delta", None),
        ("ss", None, None),
        ("dd", None, None),
        ("sd", None, None),
        ("-b", None, "delta"),
        ("sb", None, "delta"),
    ],
)
def test_shown_by_rows(rows: str, mode: str | None, partly: str | None) -> None:
    found = shown(rows)
    assert (found.mode and found.mode.name, found.partly and found.partly.name) == (mode, partly)


def test_shown_by_rows_asks_only_for_columns_that_the_file_may_have() -> None:
    found = shown("-s", dated=False)
    assert found.partly is not None
    assert found.partly.name == "delta"


def test_shown_by_rows_without_the_column_that_a_mode_requires_is_no_part_of_it() -> None:
    schema = file_schema("a.csv", column("id"), STATUS, column("date"))
    delta = Mode("delta", required=("status", "date"), references=References.IGNORE)
    dataset = Dataset("d", (DatasetFile(schema),), modes=(Mode("bulk", blank=("status",)), delta))
    bound = (BoundColumn(1, STATUS),)
    frame = pl.DataFrame({"1": ["active", None]})
    assert shown_by(frame, bound, schema, dataset) == Shown()


def test_shown_by_rows_is_no_part_of_a_mode_that_requires_nothing() -> None:
    loose = Mode("loose", blank=("date",), references=References.IGNORE)
    assert shown("-b", modes=(Mode("bulk", blank=("status",)), loose)) == Shown()
