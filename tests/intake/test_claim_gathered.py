"""Loose files become an epoch: each by its own rename, visible only when it is whole."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.intake.children import held_open
from tests.intake.drops import FILES, GUARDIANS, STUDENTS, gather_intent, names_in, staged, wait_for_tick
from watcher.intake.bring import Gone, NotYet
from watcher.intake.claim import Taken, take
from watcher.model.names import MARKER

signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the service does before it takes its first lease

WHOLE = {**FILES, MARKER: b""}
BOTH = Taken("gathered", 2, len(STUDENTS) + len(GUARDIANS), source_left=False)


@pytest.fixture
def loose(root: Path) -> Path:
    """A root with two loose files."""
    (root / "students_auto.csv").write_bytes(STUDENTS)
    (root / "guardians_auto.csv").write_bytes(GUARDIANS)
    return root


def test_gather_moves_each_file_and_closes_the_epoch(loose: Path, envelope: Path) -> None:
    assert take(gather_intent(loose), loose, envelope) == BOTH
    assert staged(envelope) == WHOLE
    assert names_in(loose) == []
    assert names_in(envelope) == ["files"]


def test_gather_takes_only_what_was_planned(loose: Path, envelope: Path) -> None:
    record = gather_intent(loose)
    (loose / "enrollments_auto.csv").write_bytes(b"late")
    assert take(record, loose, envelope) == BOTH
    assert names_in(loose) == ["enrollments_auto.csv"]


def test_gather_leaves_a_file_that_was_replaced_meanwhile(loose: Path, envelope: Path) -> None:
    record = gather_intent(loose)
    wait_for_tick(loose)
    (loose / "new").write_bytes(b"replaced")
    (loose / "new").rename(loose / "students_auto.csv")
    assert take(record, loose, envelope) == Taken("gathered", 1, len(GUARDIANS), source_left=False)
    assert staged(envelope) == {"guardians.csv": GUARDIANS, MARKER: b""}
    assert (loose / "students_auto.csv").read_bytes() == b"replaced"


def test_gather_of_files_that_are_all_gone_takes_nothing(loose: Path, envelope: Path) -> None:
    record = gather_intent(loose)
    for path in loose.iterdir():
        path.unlink()
    assert take(record, loose, envelope) == Gone("the sender took the files away before they were gathered")
    assert names_in(envelope) == []


def test_gather_file_replaced_by_a_link_is_not_followed(loose: Path, envelope: Path, tmp_path: Path) -> None:
    record = gather_intent(loose)
    (tmp_path / "secret").write_bytes(b"secret")
    (loose / "students_auto.csv").unlink()
    (loose / "students_auto.csv").symlink_to(tmp_path / "secret")
    assert isinstance(take(record, loose, envelope), Taken)
    assert names_in(envelope / "files") == [MARKER, "guardians.csv"]
    assert names_in(loose) == ["students_auto.csv"]


@pytest.mark.parametrize("moved", [["guardians"], ["guardians", "students"]])
@pytest.mark.parametrize("marker", [False, True])
def test_gather_goes_on_from_every_stage(loose: Path, envelope: Path, moved: list[str], *, marker: bool) -> None:
    record = gather_intent(loose)
    partial = envelope / "files.partial"
    partial.mkdir(parents=True)
    for name in moved:
        (loose / f"{name}_auto.csv").rename(partial / f"{name}.csv")
    if marker:
        (partial / MARKER).touch()
    assert take(record, loose, envelope) == BOTH
    assert staged(envelope) == WHOLE
    assert names_in(loose) == []


def test_gather_cut_off_then_replaced_keeps_what_it_has_and_leaves_the_new(loose: Path, envelope: Path) -> None:
    """A file that came again under the same name after the first was moved is a new one, for the next gather."""
    record = gather_intent(loose)
    partial = envelope / "files.partial"
    partial.mkdir(parents=True)
    (loose / "students_auto.csv").rename(partial / "students.csv")
    (loose / "students_auto.csv").write_bytes(b"second")
    assert take(record, loose, envelope) == BOTH
    assert staged(envelope) == WHOLE
    assert (loose / "students_auto.csv").read_bytes() == b"second"


def test_gather_after_it_is_whole_never_reaches_into_the_root_again(loose: Path, envelope: Path) -> None:
    record = gather_intent(loose)
    take(record, loose, envelope)
    (loose / "students_auto.csv").write_bytes(b"next day")
    assert take(record, loose, envelope) == BOTH
    assert staged(envelope) == WHOLE
    assert names_in(loose) == ["students_auto.csv"]


def test_gather_file_with_an_open_writer_waits_out_of_reach(loose: Path, envelope: Path) -> None:
    record = gather_intent(loose)
    with held_open(loose / "students_auto.csv"):
        assert take(record, loose, envelope) == NotYet("students.csv is still open for writing")
        assert names_in(loose) == []
    assert take(record, loose, envelope) == BOTH


def test_gather_file_with_another_link_is_copied(loose: Path, envelope: Path) -> None:
    os.link(loose / "students_auto.csv", loose / "kept")
    assert take(gather_intent(loose), loose, envelope) == BOTH
    (loose / "kept").write_bytes(b"changed later")
    assert staged(envelope) == WHOLE


def test_gather_a_loose_file_called_like_the_marker_is_no_marker(root: Path, envelope: Path) -> None:
    """`COMPLETE_auto.csv` becomes `COMPLETE.csv`: data with an odd name."""
    (root / "COMPLETE_auto.csv").write_bytes(b"a\n1\n")
    assert take(gather_intent(root), root, envelope) == Taken("gathered", 1, 4, source_left=False)
    assert staged(envelope) == {"COMPLETE.csv": b"a\n1\n", MARKER: b""}
