"""Where the bundled datasets and shared definitions lie."""

from __future__ import annotations

from importlib import util
from pathlib import Path


def bundled_folder() -> Path:
    """The installed package of the bundled datasets, or `schemas/` beside the code in a checkout."""
    found = util.find_spec("watcher.bundled")
    if found is not None and found.submodule_search_locations:
        return Path(next(iter(found.submodule_search_locations)))
    return Path(__file__).resolve().parents[2] / "schemas"
