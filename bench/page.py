"""How the figures are shown: a table of text for each part, and the page docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
_LIBRARIES = ("watchdog", "SQLAlchemy", "polars", "numpy", "jsonschema", "PyYAML")


@dataclass(frozen=True, slots=True)
class Table:
    """One part's figures. `part` is its name on the command line; `about` says how they were taken."""

    part: str
    title: str
    about: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_markdown(self) -> str:
        """The table with its heading, columns as wide as they need to be."""
        widths = [max(len(row[i]) for row in (self.head, *self.rows)) for i in range(len(self.head))]
        lines = [_line(self.head, widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
        lines += [_line(row, widths) for row in self.rows]
        return f"## {self.title}\n\n{self.about}\n\n" + "\n".join(lines) + "\n"


def machine() -> str:
    """What the figures depend on: processor, memory, kernel, versions. No names of hosts or folders."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = platform.release().partition("-")[0]
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB; "
        f"Linux {kernel}; Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{libraries}; {datetime.now(UTC):%Y-%m-%d}"
    )


def write(table: Table, page: Path = PAGE) -> None:
    """Put a table in its place on the page, between its two marks; the rest of the page stays as it is."""
    text = page.read_text(encoding="utf-8")
    content = f"{table.to_markdown()}\nMeasured on: {machine()}."
    page.write_text(_replace(text, table.part, content), encoding="utf-8")


def _replace(text: str, part: str, content: str) -> str:
    begin, end = f"<!-- begin {part} -->", f"<!-- end {part} -->"
    before, found, rest = text.partition(begin)
    _, found_too, after = rest.partition(end)
    if not found or not found_too:
        raise ValueError(f"the page has no place for {part!r}: expected {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
