"""The page that explains findings to their senders: every code, with an example that really has it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from docs.generate.pages import ROOT
from docs.generate.rejected.contents import in_full, in_short
from docs.generate.rejected.examples import Example, examples
from docs.generate.rejected.judge import said
from docs.generate.rejected.page import page
from watcher.model.codes import CODES

EXAMPLES = {example.code: example for example in examples()}
PAGE = (ROOT / "docs/districts/your-file-was-rejected.md").read_text(encoding="utf-8")


def entry(code: str) -> str:
    """What the page says of a code."""
    return PAGE.partition(f"\n### {code}\n")[2].partition("\n### ")[0]


def test_examples_are_there_for_every_code_and_no_other() -> None:
    assert [example.code for example in examples()] == list(EXAMPLES)
    assert EXAMPLES.keys() == CODES.keys(), "add an example to docs/generate/rejected/*.yaml"


@pytest.mark.parametrize("code", CODES)
def test_page_says_of_a_code_what_the_report_says_of_its_example(code: str) -> None:
    """`said` fails by itself where the drop does not have the code, or the corrected drop has any finding."""
    assert f"```text\n{said(EXAMPLES[code]).words}\n```" in entry(code)
    assert CODES[code].advice in entry(code)
    assert f"(#{code})" in PAGE


def test_page_has_a_place_for_every_code() -> None:
    assert re.findall("^### (.+)$", PAGE, re.MULTILINE) == list(EXAMPLES)


def test_page_holds_no_character_that_cannot_be_seen() -> None:
    assert [character for character in page() if not character.isprintable() and character != "\n"] == []


@pytest.fixture
def example() -> Example:
    return EXAMPLES["required"]


def test_example_without_its_code_is_refused(example: Example) -> None:
    with pytest.raises(ValueError, match="the example of required does not have it"):
        said(replace(example, drop=example.fixed))


def test_example_that_is_not_put_right_is_refused(example: Example) -> None:
    with pytest.raises(ValueError, match="the corrected example of required is not sound"):
        said(replace(example, fixed=example.drop))


def test_text_repeated_often_is_told_in_short() -> None:
    assert in_full("a<<bc*3>>d") == "abcbcbcd"
    assert in_short("a<<bc*3>>d") == "abcbcbcd"
    assert in_short("a<<bc*3000>>d") == "abcbcbc... (3,000 times)d"
    assert in_short("<<b\n*3000>>d") == "b\nb\nb\n... (3,000 times)\nd"
    assert in_short("a\0b\tc\rd\n") == "a␀b␉c␍d\n"
