"""How the reports word what they count."""

from __future__ import annotations

import pytest

from watcher.reporting.wording import size


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (812, "812 bytes"), (1_400_000, "1.4 MB"), (30_000_000_000_000, "30,000.0 GB")],
)
def test_size_is_said_as_people_say_it(size_bytes: int, said: str) -> None:
    """A file of one byte had `1 bytes`."""
    assert size(size_bytes) == said
