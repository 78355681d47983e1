"""Loose zips that are still without their end: asked for once, and only of what has settled."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from watcher.intake.scanner import scan
from watcher.intake.zipends import ZipEnds, ask_for_ends
from watcher.model.facts import RootFacts, Stillness


def zipped(*names: str, comment: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "id\n1\n")
        file.comment = comment
    return made.getvalue()


def facts_of(root: Path, still: float = 120) -> RootFacts:
    seen = scan("lakeview", root)
    return replace(seen, loose=tuple(replace(item, still=Stillness(still)) for item in seen.loose))


def lacking(root: Path, before: ZipEnds | None = None, still: float = 120) -> tuple[list[str], ZipEnds]:
    facts, known = ask_for_ends(facts_of(root, still), root, before or {}, settle_seconds=120)
    return [item.entry.name for item in facts.loose if item.lacks_end], known


@pytest.mark.parametrize("cut", [1, 21, 22, 60])
def test_zip_cut_off_lacks_its_end(tmp_path: Path, cut: int) -> None:
    (tmp_path / "roster_auto.zip").write_bytes(zipped("users.csv")[:-cut])
    assert lacking(tmp_path)[0] == ["roster_auto.zip"]


@pytest.mark.parametrize(
    "content",
    [zipped("users.csv"), zipped(), zipped("users.csv", comment=b"x" * 65_535), b"", b"7z\xbc\xaf", b"<html>", b"P"],
)
def test_whole_zip_and_what_is_none_lack_nothing(tmp_path: Path, content: bytes) -> None:
    """What is no zip at all will never get an end: it is not waited for, and refused when it is judged."""
    (tmp_path / "roster_auto.zip").write_bytes(content)
    assert lacking(tmp_path)[0] == []


def test_zip_that_has_not_settled_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "roster_auto.zip").write_bytes(b"PK")
    assert lacking(tmp_path, still=119) == ([], {})


def test_only_zips_that_are_deliveries_are_opened(tmp_path: Path) -> None:
    for name in ("roster_auto.csv", "roster.zip"):
        (tmp_path / name).write_bytes(b"PK")
    os.mkfifo(tmp_path / "pipe_auto.zip")
    (tmp_path / "link_auto.zip").symlink_to("roster.zip")
    assert lacking(tmp_path) == ([], {})


def test_answer_is_kept_while_the_file_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "roster_auto.zip"
    file.write_bytes(b"PK\3\4")
    names, known = lacking(tmp_path)
    (signature,) = known
    assert names == ["roster_auto.zip"]
    assert lacking(tmp_path, {signature: False}) == ([], {signature: False})  # it was not opened again
    file.write_bytes(zipped("users.csv"))
    names, known = lacking(tmp_path, known)
    assert (names, signature in known) == ([], False)


def test_file_replaced_since_the_scan_is_asked_for_again_at_the_next_look(tmp_path: Path) -> None:
    file = tmp_path / "roster_auto.zip"
    file.write_bytes(b"PK\3\4")
    facts = facts_of(tmp_path)
    file.write_bytes(b"PK\3\4 and more")
    assert ask_for_ends(facts, tmp_path, {}, settle_seconds=120) == (facts, {})
    file.unlink()
    assert ask_for_ends(facts, tmp_path, {}, settle_seconds=120) == (facts, {})
