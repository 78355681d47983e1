"""Epoch Watcher: receives school-data file drops and hands each on, whole and once.

`watcher.validate(path, dataset)`, `watcher.validate_file(path, schema)` and `watcher.typed_frames(path, schema)` are
the library; they are imported when first used, so that `import watcher` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watcher.validation import typed_frames, validate, validate_file

__version__ = "0.1.0"

__all__ = ["__version__", "typed_frames", "validate", "validate_file"]


def __getattr__(name: str) -> Any:
    if name not in ("typed_frames", "validate", "validate_file"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from watcher import validation  # noqa: PLC0415 (polars takes half a second to import)

    return getattr(validation, name)
