"""Which pages are made from what, and whether they are up to date."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from docs.generate import commands, datasets, finding_codes, report_format, schema_format, scripts, states
from docs.generate.rejected.page import page as rejected_page

ROOT = Path(__file__).resolve().parents[2]

#: Whole pages.
PAGES: dict[str, Callable[[], str]] = {
    "docs/districts/your-file-was-rejected.md": rejected_page,
    "docs/reference/commands.md": commands.page,
    "docs/reference/finding-codes.md": finding_codes.page,
    "docs/reference/report-format.md": report_format.page,
    "docs/reference/schema-format.md": schema_format.page,
    "docs/reference/states.md": states.page,
    **datasets.pages(),
}
#: Parts of pages that are otherwise written by hand: page, name of the part, what makes it.
PARTS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("docs/explanation.md", "transitions", states.transitions),
    ("docs/glossary.md", "states", states.meanings),
    *scripts.parts(),
)


def out_of_date() -> dict[Path, str]:
    """Each page that is not what the code says, with what it should be."""
    wanted = {ROOT / name: make() for name, make in PAGES.items()}
    for name, part, make in PARTS:
        path = ROOT / name
        wanted[path] = with_part(wanted.get(path) or path.read_text(encoding="utf-8"), part, make())
    return {path: text for path, text in wanted.items() if _current(path) != text}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def with_part(text: str, name: str, content: str) -> str:
    """The page with the text between the marks of this part replaced. Raises ValueError if there are no such marks."""
    begin, end = f"<!-- generated: {name} -->\n", f"<!-- end of {name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"expected the marks of the generated part {name!r}")
    return pattern.sub(lambda _: f"{begin}{content}{end}", text, count=1)


def _current(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
