"""A stranger's loader may answer anything; only what was agreed gets past the worker."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.errors import WatcherError
from watcher.loading.checked import checked_result, checked_wait
from watcher.loading.loader import Loaded
from watcher.text import printable

SECRET = "Wednesday Addams"
_ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers())
)


class _Text(str):
    __slots__ = ()


def test_result_that_was_agreed_passes_unchanged() -> None:
    for loaded in (Loaded(0), Loaded(2**63 - 1, already=True), Loaded(7, note="3 tables")):
        assert checked_result(loaded) == loaded


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "load() returned NoneType, expected Loaded"),
        (SECRET, "load() returned str, expected Loaded"),
        (Loaded, "load() returned type, expected Loaded"),
        (Loaded(SECRET), "Loaded.rows is str, expected int"),  # type: ignore[arg-type]
        (Loaded(True), "Loaded.rows is bool, expected int"),
        (Loaded(np.int64(3)), "Loaded.rows is int64, expected int"),  # type: ignore[arg-type]
        (Loaded(-1), "Loaded.rows is negative"),
        (Loaded(10**5000), "Loaded.rows is too large"),
        (Loaded(1, already=SECRET), "Loaded.already is str, expected bool"),  # type: ignore[arg-type]
        (Loaded(1, note=None), "Loaded.note is NoneType, expected str"),  # type: ignore[arg-type]
        (Loaded(1, note=SECRET.encode()), "Loaded.note is bytes, expected str"),  # type: ignore[arg-type]
    ],
)
def test_result_that_was_not_agreed_names_the_mistake_and_no_value(value: object, words: str) -> None:
    with pytest.raises(WatcherError) as caught:
        checked_result(value)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


def test_result_has_a_note_of_one_short_line() -> None:
    assert checked_result(Loaded(1, note="a\n\x1b[31m\udce9")).note == r"a\n\x1b[31m\xe9"
    assert len(checked_result(Loaded(1, note="x" * 100_000)).note) == 200


def test_result_holds_no_class_of_the_loaders() -> None:
    """The service does not import loaders; it could not unpickle one."""

    class Mine(Loaded):
        __slots__ = ()

    loaded = checked_result(Mine(3, already=False, note=_Text("fine")))
    assert (type(loaded), type(loaded.note)) == (Loaded, str)
    assert pickle.loads(pickle.dumps(loaded)) == Loaded(3, note="fine")


@given(_ANYTHING, _ANYTHING, _ANYTHING)
def test_result_is_sound_or_refused(rows: Any, already: Any, note: Any) -> None:
    try:
        loaded = checked_result(Loaded(rows, already, note))
    except WatcherError:
        return
    assert 0 <= loaded.rows < 2**63
    assert isinstance(loaded.already, bool)
    assert len(loaded.note) <= 200
    assert printable(loaded.note) == loaded.note


@pytest.mark.parametrize(
    ("retry_in", "seconds"),
    [
        (30, 30.0),
        (2.5, 2.5),
        (0, 1.0),
        (-7.0, 1.0),
        (10**400, 86_400.0),
        (1e300, 86_400.0),
        (np.float64(12.5), 12.5),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (float("-inf"), None),
        ("30", None),
        ([30], None),
    ],
)
def test_wait_is_within_bounds_or_none(retry_in: object, seconds: float | None) -> None:
    wait = checked_wait(retry_in)
    assert wait == seconds
    assert type(wait) in (float, type(None))


@given(_ANYTHING)
def test_wait_of_anything_is_a_wait_or_none(retry_in: object) -> None:
    wait = checked_wait(retry_in)
    assert wait is None or 1 <= wait <= 86_400
