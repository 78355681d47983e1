"""The full good drops, each built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpora.goods import Good, GoodOf, made
from watcher.schema.model import Dataset


@pytest.fixture(scope="session")
def good_of(tmp_path_factory: pytest.TempPathFactory) -> GoodOf:
    """A good drop of a dataset by its name, `full` unless said otherwise."""
    known: dict[tuple[str, str], Path] = {}

    def good(dataset: Dataset, name: str = "full") -> Good:
        if (dataset.name, name) not in known:
            known[dataset.name, name] = made(dataset, name, tmp_path_factory.mktemp("good") / "drop")
        return Good(dataset, known[dataset.name, name])

    return good
