"""Epoch Watcher: receives school-data file drops and hands each on, whole and once.

`watcher.validate(path, dataset)`, `watcher.validate_zip(path, dataset)`, `watcher.validate_file(path, schema)`,
`watcher.typed_frames(path, schema)` and `watcher.write_skipped(path, dataset, report, folder)` are the library; they
are imported when first used, so that `import watcher` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watcher.reporting.skippedrows import write_skipped
    from watcher.validation import typed_frames, validate, validate_file, validate_zip

__version__ = "0.1.0"

__all__ = ["__version__", "typed_frames", "validate", "validate_file", "validate_zip", "write_skipped"]


def __getattr__(name: str) -> Any:
    # polars takes half a second to import
    if name in ("typed_frames", "validate", "validate_file", "validate_zip"):
        from watcher import validation  # noqa: PLC0415

        return getattr(validation, name)
    if name == "write_skipped":
        from watcher.reporting import skippedrows  # noqa: PLC0415

        return skippedrows.write_skipped
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
