"""The generated pages say what the code says."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from docs.generate import datasets
from docs.generate.commands import documented_commands
from docs.generate.markdown import plain, table
from docs.generate.pages import PAGES, ROOT, out_of_date, with_part
from docs.generate.schema_format import described_keys, undescribed_keys
from docs.generate.states import documented
from watcher.model.codes import CODES
from watcher.model.states import State
from watcher.reporting.jsonform import schema
from watcher.schema import dataset_names, find_dataset


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


@pytest.mark.parametrize("name", dataset_names())
def test_dataset_page_has_every_file_column_and_word(name: str) -> None:
    page = datasets.page(name)
    dataset = find_dataset(name)
    assert re.findall(r"^\| \[.+\]\(#(.+?)\)", page, re.MULTILINE) == [
        re.sub(r"[^\w-]", "", file.name.lower()) for file in dataset.files
    ]
    sections = page.split("\n## ")[-len(dataset.files) :]
    for file, section in zip(dataset.files, sections, strict=True):
        listed = re.findall(
            r"^\| (?:each )?`((?:[^`])+)` \|", section.partition("What holds in each row")[0], re.MULTILINE
        )
        columns = file.schema.columns
        assert [text.replace("\\|", "|") for text in listed] == [column.match or column.name for column in columns]
        for word in {str(word) for column in columns for word in column.judged_by.get("enum", ())}:
            assert re.search(rf"\b{re.escape(word)}\b", section), f"{file.name}: {word}"
    for check in dataset.checks:
        assert f"| {check.title} | {check.severity} |" in page


def test_dataset_index_lists_every_dataset() -> None:
    page = datasets.index()
    assert sorted(re.findall(r"^\| \[(.+?)\]", page, re.MULTILINE)) == sorted(dataset_names())


def test_plain_text_means_nothing_to_markdown() -> None:
    assert plain("a*b [c](d) snake_case _e_ <f> `g` 1\\2") == r"a\*b \[c\](d) snake_case \_e\_ \<f> \`g\` 1\\2"


def test_commands_page_has_every_command() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^##+ (epoch-watcher.*)$", page, re.MULTILINE)) == documented_commands()
