"""The page: nothing from the data becomes markup, nothing is fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reporting.builders import HOSTILE, a_finding, a_report, hostile_report
from watcher.model.findings import Sample
from watcher.reporting import render
from watcher.text import printable

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects the tags, their attributes and the text of a page, and checks that they nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


HARMLESS = Page(render(hostile_report("students"), "html")).tags


@pytest.mark.parametrize("text", HOSTILE)
def test_page_with_hostile_text_has_the_same_tags_as_with_harmless_text(text: str) -> None:
    assert Page(render(hostile_report(text), "html")).tags == HARMLESS


@given(st.text(min_size=1, max_size=60))
def test_page_shows_any_value_and_stays_the_same_markup(value: str) -> None:
    page = Page(render(hostile_report(value), "html"))
    assert page.tags == HARMLESS
    assert f'"{printable(value)}"' in page.text


def test_page_fetches_nothing_and_runs_nothing() -> None:
    page = render(hostile_report("x"), "html")
    names = {name for _, attributes in Page(page).tags for name in attributes}
    assert not names & {"src", "onclick", "onload", "style"}
    assert "href" in names
    places = {f"#{place}" for place in re.findall(r' id="([^"]*)"', page)}
    assert set(re.findall(r'href="([^"]*)"', page)) <= places
    assert "script" not in {tag for tag, _ in Page(page).tags}
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_page_has_all_that_the_letter_says() -> None:
    finding = a_finding(count=1204, samples=(Sample(3, 2, "13", 1200),))
    words = " ".join(" ".join(Page(render(a_report(finding), "html")).text).split())
    for said in (
        "REJECTED: 1,204 errors",
        "column grade, 1,204 times, first on line 3",
        "expected one of 'KG', '01'",
        '"13" 1,200',
        "and 4 more",
        "map the grade to a listed value",
        "Send the complete set of files again",
    ):
        assert said in words


def test_page_of_a_clean_drop_asks_for_nothing() -> None:
    page = render(a_report(), "html")
    assert "Nothing in it is wrong." in page
    assert "What to do" not in page
    assert 'class="card verdict accepted"' in page


def test_page_follows_a_dark_screen_and_paper() -> None:
    page = render(a_report(), "html")
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
