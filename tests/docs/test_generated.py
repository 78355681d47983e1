"""The generated pages say what the code says."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from docs.generate.commands import documented_commands
from docs.generate.markdown import table
from docs.generate.pages import PAGES, ROOT, out_of_date, with_part
from docs.generate.schema_format import described_keys, undescribed_keys
from docs.generate.states import documented
from watcher.model.codes import CODES
from watcher.model.states import State
from watcher.reporting.jsonform import schema


def test_pages_are_up_to_date() -> None:
    assert {path.name for path in out_of_date()} == set(), "run python -m docs.generate"


def test_part_is_replaced_between_its_marks() -> None:
    page = "before\n<!-- generated: x -->\nold\n<!-- end of x -->\nafter\n"
    assert with_part(page, "x", "new\n") == "before\n<!-- generated: x -->\nnew\n<!-- end of x -->\nafter\n"


def test_part_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="'x'"):
        with_part("no marks", "x", "new\n")


def test_table_takes_care_of_bars_and_line_ends() -> None:
    assert table(("a",), [("x | y\nz",)]) == "| a |\n| --- |\n| x \\| y z |\n"


@pytest.mark.parametrize("kind", ["dataset", "file"])
def test_schema_format_explains_every_key(kind: str) -> None:
    some = {"name", "files.required"} if kind == "dataset" else {"columns.name", "dialect.quote"}
    assert described_keys(kind) > some
    assert undescribed_keys(kind) == set()


def test_documented_refuses_a_member_without_comment() -> None:
    class Bare(StrEnum):
        A = "a"

    with pytest.raises(ValueError, match="Bare"):
        documented(Bare)


def test_states_page_has_every_state() -> None:
    page = (ROOT / "docs/reference/states.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z]+)` \| [^|]+ \| [^|]+ \| (?:yes|no) \|$", page, re.MULTILINE)) == set(State)


def test_report_page_has_every_key() -> None:
    page = (ROOT / "docs/reference/report-format.md").read_text(encoding="utf-8")
    described = schema()
    keys = set(described["properties"])
    for part in described["$defs"].values():
        keys |= set(part.get("properties", ()))
    assert keys <= set(re.findall(r"^\| `([a-z_0-9]+)` \|", page, re.MULTILINE))


def test_every_generated_page_says_so() -> None:
    for name in PAGES:
        assert "Made by `python -m docs.generate`" in (ROOT / name).read_text(encoding="utf-8").splitlines()[0]


def test_finding_codes_page_has_every_code() -> None:
    page = (ROOT / "docs/reference/finding-codes.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == set(CODES)


def test_commands_page_has_every_command() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^##+ (epoch-watcher.*)$", page, re.MULTILINE)) == documented_commands()
