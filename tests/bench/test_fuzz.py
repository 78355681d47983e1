"""A sample of the random cases on which both validators must agree; `python -m bench.fuzz` makes a hundred thousand."""

from __future__ import annotations

from collections import Counter
from unittest.mock import patch

import pytest

from bench.fuzz import compare, gaps
from bench.fuzz.cases import make_case
from bench.fuzz.compare import differences
from bench.fuzz.reference import NotComparedError, judge
from watcher.validation.cells.cells import CellRules

_SAMPLE = 300


@pytest.mark.parametrize("first", range(0, _SAMPLE, 50))
def test_random_cases_agree_with_the_obvious_validator(first: int) -> None:
    assert {seed: found for seed in range(first, first + 50) if (found := differences(seed))} == {}


def test_case_is_the_same_for_the_same_seed() -> None:
    assert make_case(5) == make_case(5) != make_case(6)


def test_sample_has_most_kinds_of_findings() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(_SAMPLE):
        try:
            found, _ = judge(make_case(seed))
        except NotComparedError:
            continue
        kinds.update({code for *_, code in found})
    assert len(kinds) > 28
    assert kinds.keys() >= {"ragged-row", "encoding", "unbalanced-quote", "duplicate-key", "unknown-reference", "rule"}


def test_comparison_sees_a_validator_that_finds_nothing_in_cells() -> None:
    with patch.object(CellRules, "broken", lambda *_: []):
        assert any("only the reference" in line for seed in range(5) for line in differences(seed))


def test_comparison_sees_a_finding_too_many() -> None:
    with patch.object(compare, "judge", lambda case: (Counter(), dict.fromkeys(case.files, 0))):
        assert any("only ours" in line for seed in range(5) for line in differences(seed))


def test_comparison_sees_rows_that_should_have_been_left_out() -> None:
    with patch.object(gaps, "trimmed", lambda *asked: asked[-1]):
        assert any("is still there" in line for seed in range(0, 30, 3) for line in differences(seed))
