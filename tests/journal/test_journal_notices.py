from __future__ import annotations

from dataclasses import replace

from tests.journal.world import NOON
from watcher.journal import Journal
from watcher.model.records import Notice

STALE = Notice("north", "stale-epoch", "20260301-120000", "11:7", "no COMPLETE since 02:10")


def test_add_notice_says_a_thing_once(journal: Journal) -> None:
    assert journal.add_notice(STALE, NOON)
    assert not journal.add_notice(replace(STALE, text="no COMPLETE since 02:10, still"), NOON)
    assert journal.notices("north") == (STALE,)


def test_add_notice_tells_root_kind_subject_and_identity_apart(journal: Journal) -> None:
    others = (
        replace(STALE, identity="11:8"),
        replace(STALE, kind="unknown-entry"),
        replace(STALE, subject="20260301-1200001", identity="1:7"),
    )
    for notice in (STALE, *others, replace(STALE, root="south")):
        assert journal.add_notice(notice, NOON)
    assert journal.notices("north") == (STALE, *others)


def test_add_notice_keeps_hostile_and_long_names_exactly(journal: Journal) -> None:
    hostile = replace(STALE, subject="\udcff\\udcff\n\x00" * 60, identity="i" * 5000, text="an \udcff entry")
    assert journal.add_notice(hostile, NOON)
    assert not journal.add_notice(hostile, NOON)
    assert journal.notices("north") == (hostile,)
    journal.drop_notices("north", frozenset({hostile.key}))
    assert journal.notices("north") == ()


def test_drop_notices_forgets_these_and_no_others(journal: Journal) -> None:
    """A notice that was added since it was found out what is gone stays."""
    gone, elsewhere = replace(STALE, identity="11:8"), replace(STALE, root="south")
    for notice in (STALE, gone, elsewhere):
        journal.add_notice(notice, NOON)
    journal.drop_notices("north", frozenset({gone.key}))
    assert journal.notices("north") == (STALE,)
    assert journal.notices("south") == (elsewhere,)
    assert journal.notices() == (STALE, elsewhere)
    assert journal.add_notice(gone, NOON)
