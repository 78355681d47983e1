"""What every loader must do, as tests: run them against your own.

    from watcher.loading.contract import LoaderContract

    class TestMyLoader(LoaderContract):
        @pytest.fixture
        def target(self, tmp_path):
            return MyTarget(tmp_path)       # has the methods of `Target`

For tests of your own there are the contract's batches: `make_batch`, and `broken`, which fails while it is read. Needs
pytest; nothing else in the package imports this module.
"""

# ruff: noqa: S101, PLR2004 (these are tests)

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Protocol

import pytest

from watcher.errors import LoaderError, TransientError
from watcher.loading.batch import Batch
from watcher.loading.checked import checked_result
from watcher.loading.contractbatches import TYPED_FILE, InterruptedReadError, broken, contract_dataset, make_batch
from watcher.loading.loader import Loaded, Loader

__all__ = [
    "TYPED_FILE",
    "InterruptedReadError",
    "LoaderContract",
    "Row",
    "Target",
    "broken",
    "contract_dataset",
    "make_batch",
]

#: One row of a file as text: what the CSV said, None for an empty cell.
Row = Mapping[str, str | None]


class Target(Protocol):
    """Where the loader under test puts its rows; each test gets a new, empty one."""

    def loader(self) -> Loader:
        """A loader for this target; called more than once, also from several threads."""

    def rows(self, root: str, file_name: str) -> list[Row]:
        """What a reader finds now of that root's file, in any order: [] if nothing.

        Columns stand in the file's order, under its own names where the target can hold them; cells are text as in
        the CSV (`true`, `1.5`, `2026-09-01`, `a;b`).
        """

    def unreachable(self) -> Loader:
        """A loader, soundly configured, whose target is down or gone."""


class LoaderContract:
    """Subclass it as `Test...` and override `target`."""

    @pytest.fixture
    def target(self) -> Target:
        """A new, empty target; override this."""
        raise NotImplementedError

    def test_load_puts_every_row_in_place(self, target: Target, tmp_path: Path) -> None:
        batch = make_batch(tmp_path, {"a.csv": "id,name\n1,Ada\n2,Grace\n", "b.csv": "id\n7\n"})
        assert _outcome(_load(target, batch)) == (3, False)
        assert _sorted(target.rows("lakeview", "a.csv")) == [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Grace"}]
        assert target.rows("lakeview", "b.csv") == [{"id": "7"}]

    def test_load_typed_columns_keep_their_values(self, target: Target, tmp_path: Path) -> None:
        text = "id,count,score,active,born,tags\nx,9007199254740993,1.5,true,2012-02-29,a;b\n"
        _load(target, make_batch(tmp_path, {TYPED_FILE: text}))
        (row,) = target.rows("lakeview", TYPED_FILE)
        assert list(row.values()) == ["x", "9007199254740993", "1.5", "true", "2012-02-29", "a;b"]

    def test_load_empty_cells_become_null(self, target: Target, tmp_path: Path) -> None:
        _load(target, make_batch(tmp_path, {TYPED_FILE: "id,count,score,active,born,tags\nx,,,,,\n"}))
        (row,) = target.rows("lakeview", TYPED_FILE)
        assert list(row.values()) == ["x", None, None, None, None, None]

    def test_load_again_changes_nothing(self, target: Target, tmp_path: Path) -> None:
        """Another process, after a crash in which nobody saw the first load end."""
        batch = make_batch(tmp_path, {"a.csv": "id\n1\n2\n"})
        _load(target, batch)
        assert _outcome(_load(target, batch)) == (2, True)
        assert _sorted(target.rows("lakeview", "a.csv")) == [{"id": "1"}, {"id": "2"}]

    def test_load_again_of_the_newest_changes_nothing(self, target: Target, tmp_path: Path) -> None:
        """Also where other contents came before it under the same epoch name."""
        older, newest = (make_batch(tmp_path, {"a.csv": f"id\n{number}\n"}) for number in (1, 2))
        _load(target, older)
        _load(target, newest)
        before = _sorted(target.rows("lakeview", "a.csv"))
        assert _outcome(_load(target, newest)) == (1, True)
        assert _sorted(target.rows("lakeview", "a.csv")) == before

    @pytest.mark.parametrize("epoch", ["20260901-020000", "20260902-020000"])
    def test_load_again_of_an_older_one_has_its_rows_in_place(self, target: Target, tmp_path: Path, epoch: str) -> None:
        """A person replays it, or a sender takes a correction back; `already` must not hide that others replaced it."""
        older = make_batch(tmp_path, {"a.csv": "id\n1\n"})
        _load(target, older)
        _load(target, make_batch(tmp_path, {"a.csv": "id\n2\n"}, epoch=epoch))
        assert _load(target, older).rows == 1
        assert {"id": "1"} in target.rows("lakeview", "a.csv")
        assert _outcome(_load(target, older)) == (1, True)

    def test_load_failing_half_way_leaves_nothing(self, target: Target, tmp_path: Path) -> None:
        batch = make_batch(tmp_path, {"a.csv": "id\n1\n", "b.csv": "id\n7\n"})
        with pytest.raises((InterruptedReadError, LoaderError)):
            _load(target, broken(batch))
        assert target.rows("lakeview", "a.csv") == []
        assert target.rows("lakeview", "b.csv") == []

    def test_load_after_a_failed_one_loads_all(self, target: Target, tmp_path: Path) -> None:
        batch = make_batch(tmp_path, {"a.csv": "id\n1\n", "b.csv": "id\n7\n"})
        with pytest.raises((InterruptedReadError, LoaderError)):
            _load(target, broken(batch))
        assert not _load(target, batch).already
        assert target.rows("lakeview", "a.csv") == [{"id": "1"}]
        assert target.rows("lakeview", "b.csv") == [{"id": "7"}]

    def test_load_two_at_once_of_one_batch_load_it_once(self, target: Target, tmp_path: Path) -> None:
        batch = make_batch(tmp_path, {"a.csv": "id\n" + "".join(f"{i}\n" for i in range(2000))})
        barrier = Barrier(2, timeout=30)

        def load() -> Loaded | TransientError:
            barrier.wait()
            try:
                return _load(target, batch)
            except TransientError as error:
                return error

        with ThreadPoolExecutor(2) as pool:
            results = [future.result() for future in [pool.submit(load) for _ in range(2)]]
        assert len([r for r in results if isinstance(r, Loaded) and not r.already]) == 1
        assert len(target.rows("lakeview", "a.csv")) == 2000

    def test_load_two_roots_at_once_both_arrive(self, target: Target, tmp_path: Path) -> None:
        batches = [make_batch(tmp_path, {"a.csv": f"id\n{root}\n"}, root=root) for root in ("lakeview", "hillside")]
        barrier = Barrier(2, timeout=30)

        def load(batch: Batch) -> Loaded:
            barrier.wait()
            return _load(target, batch)

        with ThreadPoolExecutor(2) as pool:
            assert [result.already for result in pool.map(load, batches)] == [False, False]
        assert target.rows("lakeview", "a.csv") == [{"id": "lakeview"}]
        assert target.rows("hillside", "a.csv") == [{"id": "hillside"}]

    def test_load_file_without_rows(self, target: Target, tmp_path: Path) -> None:
        assert _load(target, make_batch(tmp_path, {"a.csv": "id,name\n"})).rows == 0
        assert target.rows("lakeview", "a.csv") == []

    def test_load_leaves_skipped_rows_out(self, target: Target, tmp_path: Path) -> None:
        """Also one over several lines, and one that nobody could split."""
        text = 'id,name\n1,Ada\n2,"Gra\nce"\n3\n4,Linus\n5,Ken\n'
        batch = make_batch(tmp_path, {"a.csv": text}, skipped={"a.csv": (2, 3, 5)})
        batch = replace(batch, files=(replace(batch.files[0], rows=2),))  # the text has more line ends than records
        assert _outcome(_load(target, batch)) == (2, False)
        assert _sorted(target.rows("lakeview", "a.csv")) == [{"id": "1", "name": "Ada"}, {"id": "4", "name": "Linus"}]
        assert _outcome(_load(target, batch)) == (2, True)

    def test_load_with_other_rows_skipped_is_another_batch(self, target: Target, tmp_path: Path) -> None:
        files = {"a.csv": "id\n1\n2\n"}
        _load(target, make_batch(tmp_path, files, skipped={"a.csv": (2,)}))
        assert _outcome(_load(target, make_batch(tmp_path, files))) == (2, False)

    def test_load_passes_over_a_file_that_is_left_out(self, target: Target, tmp_path: Path) -> None:
        files = {"a.csv": "id\n1\n", "b.csv": "id\n7\n"}
        assert _outcome(_load(target, make_batch(tmp_path, files, left_out=("b.csv",)))) == (1, False)
        assert target.rows("lakeview", "b.csv") == []

    def test_load_of_changes_only_removes_nothing_that_did_not_come(self, target: Target, tmp_path: Path) -> None:
        """A row of a file of changes may stand in place of the one with its key, or beside it; all others stay."""
        _load(target, make_batch(tmp_path, {TYPED_FILE: "id,count\nx,1\ny,2\n"}, modes={TYPED_FILE: "bulk"}))
        changes = {TYPED_FILE: "id,count\ny,3\nz,4\n"}
        later = make_batch(tmp_path, changes, epoch="20260902-020000", modes={TYPED_FILE: "delta"})
        assert _outcome(_load(target, later)) == (2, False)
        rows = target.rows("lakeview", TYPED_FILE)
        for row in ({"id": "x", "count": "1"}, {"id": "y", "count": "3"}, {"id": "z", "count": "4"}):
            assert row in rows
        assert _outcome(_load(target, later)) == (2, True)
        assert _sorted(target.rows("lakeview", TYPED_FILE)) == _sorted(rows)

    def test_load_of_changes_only_into_nothing(self, target: Target, tmp_path: Path) -> None:
        changes = {TYPED_FILE: "id,count\ny,3\n"}
        assert _outcome(_load(target, make_batch(tmp_path, changes, modes={TYPED_FILE: "delta"}))) == (1, False)
        assert target.rows("lakeview", TYPED_FILE) == [{"id": "y", "count": "3"}]

    def test_load_odd_names_and_values_come_through(self, target: Target, tmp_path: Path) -> None:
        columns = (
            '"a ""b""; DROP TABLE x--"',
            "%s",
            "%(x)s",
            ":c",
            "order",
            "Größe 学年",
            "a.b",
            "[z]",
            "{y}",
            "_root",
        )
        values = ("'; DROP TABLE x--", "%s", "\\N", "\\.", "NULL", "Zoë 🎓 \u202ex", "<b>", "=1+1", '"",""', " padded ")
        text = ",".join(columns) + "\n" + ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"
        _load(target, make_batch(tmp_path, {"odd name.v2.csv": text}))
        (row,) = target.rows("lakeview", "odd name.v2.csv")
        assert tuple(row.values()) == values

    def test_check_of_a_good_target_passes_and_leaves_no_trace(self, target: Target, tmp_path: Path) -> None:
        loader = target.loader()
        loader.check()
        loader.close()
        assert not _load(target, make_batch(tmp_path, {"a.csv": "id\n1\n"})).already

    def test_check_of_an_unreachable_target_says_so(self, target: Target) -> None:
        loader = target.unreachable()
        with pytest.raises(LoaderError, match=r"\w"):
            loader.check()
        loader.close()

    def test_load_into_an_unreachable_target_asks_for_later(self, target: Target, tmp_path: Path) -> None:
        loader = target.unreachable()
        with pytest.raises(TransientError, match=r"\w"):
            loader.load(make_batch(tmp_path, {"a.csv": "id\n1\n"}))
        loader.close()

    def test_close_twice_is_fine(self, target: Target) -> None:
        loader = target.loader()
        loader.close()
        loader.close()


def _load(target: Target, batch: Batch) -> Loaded:
    loader = target.loader()
    try:
        return checked_result(loader.load(batch))  # as the service does
    finally:
        loader.close()


def _outcome(loaded: Loaded) -> tuple[int, bool]:
    return loaded.rows, loaded.already


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(cell or "" for cell in row.values()))
