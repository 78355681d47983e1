"""Epoch directories as they lie on a district's own machine."""

from __future__ import annotations

from pathlib import Path

_FILES = {"students": "student_id\n1\n2\n", "schools": "school_id\n7\n"}


def write_epoch(folder: Path, **files: str) -> Path:
    """Make `folder` an epoch with its COMPLETE; `files` are names without .csv and their contents."""
    folder.mkdir()
    for stem, text in (files or _FILES).items():
        (folder / f"{stem}.csv").write_text(text)
    (folder / "COMPLETE").touch()
    return folder
