"""The pages: links lead somewhere, examples print what is shown, configurations load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generate.commands import documented_commands
from tests.docs.console import ROOT, agrees, examples, run
from watcher.config import load

PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "schemas").rglob("*.md")]
)
RUNNABLE = [page for page in PAGES if examples(page.read_text(encoding="utf-8"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")
_CONFIGURATION = re.compile(r"^```yaml\n(# config\.yaml\n.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_links_lead_to_pages_and_headings_that_are_there(page: Path) -> None:
    for link in links_of(page):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        target, _, heading = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        if heading:
            assert heading in headings(path), link


def links_of(page: Path) -> list[str]:
    """Where its links lead. In code nothing is one, whatever a pattern looks like."""
    return _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))


def headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_pages_are_all_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.is_file():
            continue
        seen.add(page)
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links_of(page) if "://" not in link]
    assert {name_of(page) for page in PAGES} - {name_of(page) for page in seen} == set()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", RUNNABLE, ids=name_of)
def test_page_examples_print_what_is_shown(page: Path, tmp_path: Path) -> None:
    results = run(page.read_text(encoding="utf-8"), tmp_path)
    assert len(results) == len(examples(page.read_text(encoding="utf-8")))
    for example, printed in results:
        assert agrees(example.expected, printed), "\n".join([f"$ {example.command}", *printed])


def configurations() -> list[tuple[str, str]]:
    return [
        (name_of(page), text) for page in PAGES for text in _CONFIGURATION.findall(page.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("page", "text"), configurations())
def test_page_configuration_loads(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert load(path, environ={"WAREHOUSE_PASSWORD": "x", "JOURNAL_PASSWORD": "x"}).roots


_COMMAND = re.compile(r"(?:^\$? ?|`|bin/)epoch-watcher ((?:[a-z]+ ?)+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_names_only_commands_that_are_there(page: Path) -> None:
    known = documented_commands()
    for words in _COMMAND.findall(page.read_text(encoding="utf-8")):
        assert f"epoch-watcher {words.split()[0]}" in known, words


def test_glossary_is_in_order_and_explains_each_word_once() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("## States")[0]
    words = re.findall(r"^\| ([a-z ]+) \| \S", glossary, re.MULTILINE)
    assert {"root", "epoch", "marker", "settle", "claim", "plan", "finding", "batch", "loader", "journal"} <= set(words)
    assert words == sorted(set(words))
