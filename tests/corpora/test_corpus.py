"""The harness of the corpora tells what it is there to tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpora import corpus
from tests.corpora.corpus import build, differences, read_case
from watcher.model.findings import Finding, Level, Severity

FOUND = (Finding("enum", Severity.ERROR, Level.CELL, "odd", "a.csv", 3, "role", 2),)


def case(root: Path, name: str, text: str = "", **files: str) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    if text:
        (folder / "case.yaml").write_text(text)
    for stem, content in files.items():
        (folder / f"{stem}.csv").write_bytes(content.encode())
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(corpus, "CORPORA", tmp_path)
    return tmp_path


def test_findings_that_are_listed_differ_in_nothing() -> None:
    assert not differences(FOUND, (("error", "enum", "a.csv", 3, "role"),))
    assert not differences(FOUND, (("error", "enum", "a.csv", 3, "role", 2),))


@pytest.mark.parametrize(
    "listed",
    [
        (),
        (("error", "enum", "a.csv", 3, "role", 1),),
        (("warning", "enum", "a.csv", 3, "role"),),
        (("error", "enum", "a.csv", 3, "role"), ("error", "enum", "a.csv", 3, "role")),
    ],
)
def test_findings_that_are_listed_otherwise_differ(listed: tuple[corpus.Row, ...]) -> None:
    assert differences(FOUND, listed)


def test_build_takes_the_base_and_changes_it(root: Path) -> None:
    case(root, "some/good/full", a="id\n1\n2\n3\n", b="x\n", c="y\n")
    text = 'base: good/full\nremove: [b.csv]\nedit: {a.csv: {2: "10", 3: null, 5: "4"}}\n'
    drop = build(read_case(case(root, "some/bad/odd", text, c="z\n")), root / "drop")
    assert {file.name: file.read_text() for file in drop.iterdir()} == {"a.csv": "id\n10\n3\n4\n", "c.csv": "z\n"}


def test_build_keeps_line_ends(root: Path) -> None:
    case(root, "some/good/full", a="id\r\n1\r\n")
    drop = build(read_case(case(root, "other/bad/odd", "base: some/good/full\nedit: {a.csv: {2: x}}\n")), root / "drop")
    assert (drop / "a.csv").read_bytes() == b"id\r\nx\r\n"


def test_case_with_an_unknown_key_is_refused(root: Path) -> None:
    with pytest.raises(TypeError, match="edits"):
        read_case(case(root, "some/bad/odd", "edits: {}\n"))
