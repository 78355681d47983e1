"""The planner's decisions, as tables: given facts, records and time, expect these actions and these waits."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from tests.service.build import LONG, NOW, POLICY, epoch, facts, loose, record, source_of
from watcher.config import Late
from watcher.model.actions import (
    Action,
    Claim,
    Deliver,
    Fail,
    FileAway,
    Finish,
    ForgetNotices,
    ForgetSource,
    Gather,
    Hold,
    Load,
    Plan,
    Reject,
    RemoveTest,
    ResumeClaim,
    Supersede,
    Tell,
    Validate,
    WaitFor,
)
from watcher.model.deliveries import NameRule, NameRules
from watcher.model.facts import Kind, LooseFacts, Stillness
from watcher.model.records import DropKind, Record, Source, SourceEntry, Step
from watcher.model.states import Folder, State, may_follow
from watcher.service.plan_epochs import CLAIMS_PER_LOOK
from watcher.service.plan_loose import OLDER_PER_LOOK
from watcher.service.planner import plan
from watcher.service.policy import Policy, RootRecords

PATIENT = replace(POLICY, gather_timeout_seconds=POLICY.stale_seconds * 2)
Attempts = dict[tuple[int, Step, str | None], int]


def planned(*items: object, records: RootRecords | None = None, policy: Policy = POLICY, problem: str = "") -> Plan:
    return plan(facts(*items, problem=problem), records or RootRecords(), policy, NOW)  # type: ignore[arg-type]


def kinds(made: Plan) -> list[type[Action]]:
    return [type(action) for action in made.actions]


def waits(made: Plan) -> list[WaitFor]:
    return [wait.waits_for for wait in made.waits]


# --- epochs arriving ---


def test_plan_settled_epoch_with_marker_is_claimed() -> None:
    item = epoch()
    assert planned(item).actions == (Claim(item),)


def test_plan_epoch_without_marker_waits_for_it() -> None:
    """Camel: a file without its done file is never taken, however long it has been there."""
    made = planned(epoch(marker=False))
    assert made.actions == ()
    assert waits(made) == [WaitFor.MARKER]
    assert made.waits[0].reason == "waiting for COMPLETE since 2026-09-01 02:09:00"


@pytest.mark.parametrize("name", ["complete", "Complete", "COMPLETE.txt", "COMPLETED", "complete.csv", "DONE"])
def test_plan_epoch_with_near_marker_says_what_was_found(name: str) -> None:
    made = planned(epoch("20260901-020000", "students.csv", name, marker=False))
    assert f"found {name!r}" in made.waits[0].reason
    assert [a.notice.kind for a in made.actions if isinstance(a, Tell)] == ["near-marker"]


def test_plan_epoch_with_marker_that_still_changes_waits_to_settle() -> None:
    made = planned(epoch(still=4))
    assert made.actions == ()
    assert waits(made) == [WaitFor.SETTLE]
    assert made.next_look_seconds == 2.5


def test_plan_marker_without_files_waits_then_is_claimed() -> None:
    """Camel: the marker arrives first. It is not half a drop after ten seconds, and not an eternal wait either."""
    assert waits(planned(epoch("20260901-020000", ".DS_Store", still=11))) == [WaitFor.FILES]
    assert kinds(planned(epoch("20260901-020000", ".DS_Store", still=121))) == [Claim]


def test_plan_epoch_with_a_zip_does_not_wait_for_what_may_be_in_it() -> None:
    item = epoch("20260901-020000", "Roster.ZIP", still=10)
    assert planned(item, policy=replace(POLICY, awaited=("guardians.csv",))).actions == (Claim(item),)


def test_plan_epoch_with_a_whole_zip_waits_for_the_file_beside_it() -> None:
    """A zip that the dataset takes as it is holds none of the other files; once any zip ended the waiting."""
    policy = replace(POLICY, awaited=("students.csv", "photos.zip"), whole_zips=("photos.zip",))
    assert waits(planned(epoch("20260901-020000", "photos.zip", still=11), policy=policy)) == [WaitFor.FILES]


def test_plan_awaited_file_missing_waits_a_little_longer() -> None:
    policy = replace(POLICY, awaited=("guardians.csv",))
    made = planned(epoch(still=11), policy=policy)
    assert waits(made) == [WaitFor.FILES]
    assert "not yet guardians.csv" in made.waits[0].reason
    assert kinds(planned(epoch(still=121), policy=policy)) == [Claim]


@pytest.mark.parametrize(
    "name", ["students.csv.filepart", ".in.students.csv", "students.csv.part", ".students.csv.aB3xYz", "a.csv.partial"]
)
def test_plan_temporary_name_blocks_while_fresh_and_not_for_ever(name: str) -> None:
    assert waits(planned(epoch("20260901-020000", "students.csv", name, still=15))) == [WaitFor.UPLOAD]
    assert kinds(planned(epoch("20260901-020000", "students.csv", name, still=121))) == [Claim]


@pytest.mark.parametrize("name", [".DS_Store", "~$students.xlsx", "students.csv~", "._students.csv", "Thumbs.db"])
def test_plan_droppings_do_not_hold_an_epoch_up(name: str) -> None:
    assert kinds(planned(epoch("20260901-020000", "students.csv", name, still=11))) == [Claim]


def test_plan_open_writer_waits_for_it() -> None:
    made = planned(epoch(writers=("students.csv",)))
    assert made.actions == ()
    assert made.waits[0].reason == "students.csv is still open for writing"


def test_plan_unreadable_epoch_is_told_and_waits() -> None:
    made = planned(epoch(problem="can't be listed: Permission denied"))
    assert waits(made) == [WaitFor.ACCESS]
    assert kinds(made) == [Tell]


def test_plan_impossible_time_is_an_epoch_all_the_same() -> None:
    """A vendor's own documentation names an epoch 20200101-139029."""
    assert kinds(planned(epoch("20200101-139029"))) == [Claim]


def test_plan_writer_that_never_closes_is_waited_for_until_nothing_more_can_be_expected() -> None:
    """A connection that died may hold its file open for ever; the content has not changed for an hour."""
    stuck = epoch(writers=("students.csv",), still=POLICY.gather_timeout_seconds)
    assert kinds(planned(stuck)) == [Claim]


# --- order among epochs ---


def test_plan_epochs_are_claimed_in_the_order_of_their_names() -> None:
    names = ["20260903-000000", "20260901-000000", "20260902-000000"]
    claimed = [a.epoch.name for a in planned(*map(epoch, names)).actions if isinstance(a, Claim)]
    assert claimed == sorted(names)


def test_plan_later_epoch_waits_for_earlier_one_that_is_about_to_settle() -> None:
    made = planned(epoch("20260901-000000", still=3), epoch("20260902-000000"))
    assert made.actions == ()
    assert waits(made) == [WaitFor.SETTLE, WaitFor.TURN]


def test_plan_incomplete_epoch_holds_nobody_up() -> None:
    made = planned(epoch("20260901-000000", marker=False), epoch("20260902-000000"))
    assert kinds(made) == [Claim]


def test_plan_epoch_that_never_settles_holds_the_later_ones_only_until_it_is_stale() -> None:
    stuck = epoch("20260901-000000", writers=("students.csv",), age=POLICY.stale_seconds + 1)
    assert kinds(planned(stuck, epoch("20260902-000000"))) == [Claim]


def test_plan_many_epochs_are_claimed_a_few_at_a_look() -> None:
    made = planned(*(epoch(f"20260901-{i:06d}") for i in range(30)))
    assert kinds(made) == [Claim] * CLAIMS_PER_LOOK
    assert made.next_look_seconds == 0


# --- originals that could not be removed ---


def test_plan_original_left_in_the_root_is_not_taken_again() -> None:
    item = epoch()
    left = record(State.LOADED, source=source_of(item), source_left=True, delivered=True)
    assert planned(item, records=RootRecords(left=(left,))) == Plan()


def test_plan_original_with_new_content_is_a_new_drop() -> None:
    item = epoch()
    left = record(State.LOADED, source=source_of(item), source_left=True, delivered=True)
    again = replace(item, entries=(replace(item.entries[0], size_bytes=99), *item.entries[1:]))
    assert kinds(planned(again, records=RootRecords(left=(left,)))) == [Claim]


def test_plan_original_is_not_forgotten_below_an_empty_mount_point() -> None:
    source = replace(source_of(epoch()), device=99)
    left = record(State.LOADED, source=source, source_left=True, delivered=True)
    assert planned(records=RootRecords(left=(left,))) == Plan()


def test_plan_original_that_is_gone_is_forgotten() -> None:
    left = record(State.LOADED, source_left=True, delivered=True)
    assert planned(records=RootRecords(left=(left,))).actions == (ForgetSource(left),)


# --- loose files ---


def test_plan_settled_auto_files_are_gathered_together() -> None:
    files = (loose("guardians_auto.csv"), loose("students_auto.csv"))
    assert planned(*files).actions == (Gather(files, ()),)


def test_plan_auto_files_wait_for_the_last_of_them_to_settle() -> None:
    made = planned(loose("students_auto.csv"), loose("guardians_auto.csv", still=30))
    assert made.actions == ()
    assert waits(made) == [WaitFor.SETTLE]


def test_plan_auto_file_with_open_writer_waits() -> None:
    assert waits(planned(loose("students_auto.csv", writers=("students_auto.csv",)))) == [WaitFor.WRITER]


def test_plan_auto_file_that_never_rests_does_not_keep_the_others_for_ever() -> None:
    restless, still = loose("a_auto.csv", still=1), loose("b_auto.csv", still=POLICY.gather_timeout_seconds)
    made = planned(restless, still)
    assert made.actions == (Gather((still,), ()),)
    assert waits(made) == [WaitFor.SETTLE]


def test_plan_expected_file_is_waited_for_and_named() -> None:
    policy = replace(POLICY, expect=("students.csv", "guardians.csv"), awaited=("students.csv", "guardians.csv"))
    made = planned(loose("students_auto.csv", still=200), policy=policy)
    assert made.actions == ()
    reason = "waits for guardians.csv, which belongs with it, and goes on without at 03:06:40"
    assert made.waits[0].reason == reason
    assert made.waits[0].seconds == 3400


def test_plan_expected_file_that_never_comes_is_named_as_missing() -> None:
    policy = replace(POLICY, expect=("students.csv", "guardians.csv"), awaited=("students.csv", "guardians.csv"))
    item = loose("students_auto.csv", still=3600)
    assert planned(item, policy=policy).actions == (Gather((item,), ("guardians.csv",)),)


def test_plan_required_file_is_waited_for_too_and_missed_by_the_validation() -> None:
    policy = replace(POLICY, awaited=("students.csv",))
    assert waits(planned(loose("guardians_auto.csv", still=200), policy=policy)) == [WaitFor.FILES]
    item = loose("guardians_auto.csv", still=3600)
    assert planned(item, policy=policy).actions == (Gather((item,)),)


def test_plan_expected_file_is_not_waited_for_where_a_zip_has_come() -> None:
    """What is in it is found when the drop is judged."""
    policy = replace(POLICY, expect=("students.csv", "photos.zip"), awaited=("students.csv", "photos.zip"))
    files = (loose("oneroster_auto.zip", still=200), loose("photos_auto.zip", still=200))
    assert planned(*files, policy=policy).actions == (Gather(files),)
    assert planned(files[0], policy=policy).waits[0].reason.startswith("waits for photos.zip, which")
    assert planned(files[1], policy=policy).waits[0].reason.startswith("waits for students.csv, which")


def test_plan_expected_zip_that_is_unpacked_ends_the_waiting_for_required_files() -> None:
    """Once a root that expects `oneroster.zip` waited its time out for the files that are in it."""
    policy = replace(POLICY, expect=("oneroster.zip",), awaited=("oneroster.zip", "users.csv"))
    assert kinds(planned(loose("oneroster_auto.zip", still=200), policy=policy)) == [Gather]


# --- zips without an end ---


def test_plan_zip_without_its_end_waits_until_the_latest_time() -> None:
    item = loose("roster_auto.zip", still=600, lacks_end=True)
    made = planned(item)
    assert made.actions == ()
    (wait,) = made.waits
    assert (wait.waits_for, wait.seconds) == (WaitFor.UPLOAD, 3000)
    assert wait.reason == "the zip's end is not there yet; it is taken as it is at 03:00:00"


def test_plan_older_zip_without_its_end_keeps_the_newest_not_waiting() -> None:
    older, newer = loose("roster_auto20260831.zip", lacks_end=True), loose("roster_auto20260901.zip")
    assert kinds(planned(older, newer)) == [Gather, Gather]
    assert waits(planned(replace(older, lacks_end=False), replace(newer, lacks_end=True))) == [WaitFor.UPLOAD]
    assert waits(planned(replace(older, each=True), replace(newer, each=True))) == [WaitFor.UPLOAD]


def test_plan_zip_without_its_end_is_gathered_after_the_latest_time() -> None:
    item = loose("roster_auto.zip", still=3600, lacks_end=True)
    assert planned(item).actions == (Gather((item,)),)


# --- several files of one kind ---

DATED = NameRules((NameRule("students{date}.txt", "students.csv"), NameRule("g{date}.txt", "g.csv")))


def dated(name: str, **values: Any) -> LooseFacts:
    return loose(name, rules=DATED, **values)


def gathers(*items: LooseFacts, policy: Policy = POLICY) -> list[tuple[list[str], tuple[str, ...], dict[str, int]]]:
    """Of each gather: names, newer names, how many are older."""
    made = planned(*items, policy=policy).actions
    found = [action for action in made if isinstance(action, Gather)]
    assert len(found) == len(made)
    return [([i.entry.name for i in each.files], each.newer, dict(each.older)) for each in found]


def test_plan_newest_by_its_date_is_gathered_after_the_older_one_is_set_aside() -> None:
    made = gathers(dated("students20260831.txt", age=1), dated("students20260901.txt", age=99))
    assert made == [
        (["students20260831.txt"], ("students20260901.txt",), {}),
        (["students20260901.txt"], (), {"students.csv": 1}),
    ]


def test_plan_newest_is_told_by_date_then_time_then_name() -> None:
    def newest(*items: LooseFacts) -> str:
        return gathers(*items)[-1][0][0]

    assert (
        newest(dated("students_20260901.txt", age=5), dated("students20260901.txt", age=9)) == "students_20260901.txt"
    )
    assert newest(dated("students-20260901.txt"), dated("students.20260901.txt")) == "students.20260901.txt"
    assert newest(dated("students.txt", age=5), dated("students_auto.csv", age=9)) == "students.txt"


@pytest.mark.parametrize(
    ("name", "seconds_ago", "undated_is_newest"),
    [
        ("students20260831.txt", 30, True),
        ("students_20260831235959.txt", 99, True),
        ("students20260902.txt", 30, False),
        ("students20260901.txt", 99, True),
        ("students20260901.txt", 30, False),
        ("students20260901020830.txt", 30, True),
        ("students20260901020930.txt", 99, False),
        ("students99999999.txt", 99, False),
    ],
)
def test_plan_file_without_a_date_is_as_old_as_its_modification(
    name: str, seconds_ago: float, *, undated_is_newest: bool
) -> None:
    """Once it was the oldest: whoever took the date off his names had yesterday's file loaded and today's set aside."""
    files = dated("students.txt", age=60), dated(name, age=seconds_ago)
    assert gathers(*files)[-1][0] == ["students.txt" if undated_is_newest else name]


def test_plan_file_without_a_date_is_as_old_as_its_modification_by_the_local_clock() -> None:
    """02:09 of 1 September by UTC is still the day before in Chicago."""
    files = facts(dated("students.txt", age=60), dated("students20260901.txt", age=99))
    for hours, newest in ((0, "students.txt"), (-5, "students20260901.txt")):
        last = plan(files, RootRecords(), POLICY, NOW.astimezone(timezone(timedelta(hours=hours)))).actions[-1]
        assert isinstance(last, Gather)
        assert [item.entry.name for item in last.files] == [newest]


@pytest.mark.parametrize("mtime_ns", [-(10**21), -(10**18), 0, 2**62, 10**21])
def test_plan_file_without_a_date_and_of_an_impossible_time_came_when_it_came_at_the_latest(mtime_ns: int) -> None:
    """A client may keep the times of the sender's disk, and that clock may be ahead; no file is from the future."""
    item, other = dated("students.txt"), dated("students20260901.txt", age=3600)
    item = replace(item, entry=replace(item.entry, mtime_ns=mtime_ns))
    assert gathers(item, other)[-1][0] == ["students.txt" if mtime_ns > 0 else "students20260901.txt"]
    assert gathers(item, dated("students20260902.txt"))[-1][0] == ["students20260902.txt"]


def test_plan_files_without_a_date_and_with_one_are_each_gathered_in_the_order_of_their_making() -> None:
    rules = NameRules((NameRule("delta{date}.zip", "delta.zip", each=True),))
    files = [loose("delta.zip", rules=rules, age=60)]
    files += [loose(f"delta2026{day}.zip", rules=rules) for day in ("0831", "0902")]
    assert [names for names, _, _ in gathers(*files)] == [["delta20260831.zip"], ["delta.zip"], ["delta20260902.zip"]]


def test_plan_older_files_are_set_aside_in_drops_as_they_came_oldest_first() -> None:
    names = ("g20260830.txt", "g20260831.txt", "students20260829.txt", "students20260830.txt", "students20260831.txt")
    assert gathers(*map(dated, names)) == [
        (["students20260829.txt"], ("students20260831.txt",), {}),
        (["g20260830.txt", "students20260830.txt"], ("g20260831.txt", "students20260831.txt"), {}),
        (["g20260831.txt", "students20260831.txt"], (), {"students.csv": 2, "g.csv": 1}),
    ]


def test_plan_many_older_files_take_several_looks_before_the_newest_has_its_turn() -> None:
    items = [dated(f"students202608{day:02}.txt") for day in range(1, 1 + OLDER_PER_LOOK + 2)]
    made = gathers(*items)
    assert len(made) == OLDER_PER_LOOK
    assert made[0][0] == ["students20260801.txt"]
    assert all(newer == ("students20260812.txt",) for _, newer, _ in made)
    rest = gathers(*items[OLDER_PER_LOOK:])
    assert [names for names, _, _ in rest] == [["students20260811.txt"], ["students20260812.txt"]]


def test_plan_older_file_is_not_set_aside_while_the_newer_one_has_not_settled() -> None:
    made = planned(dated("students20260831.txt"), dated("students20260901.txt", still=1))
    assert (made.actions, waits(made)) == ((), [WaitFor.SETTLE])


def test_plan_older_file_is_not_set_aside_while_others_are_waited_for() -> None:
    policy = replace(POLICY, expect=("g.csv",), awaited=("g.csv",))
    made = planned(dated("students20260831.txt"), dated("students20260901.txt"), policy=policy)
    assert (made.actions, waits(made)) == ((), [WaitFor.FILES])
    assert made.waits[0].subject == "students20260901.txt"


def test_plan_files_of_changes_are_each_gathered_the_oldest_first() -> None:
    rules = NameRules((NameRule("delta{date}.zip", "delta.zip", each=True), *DATED.names))
    names = ("delta20260831.zip", "delta20260901.zip", "students20260831.txt", "students20260901.txt")
    assert gathers(*(loose(name, rules=rules) for name in names)) == [
        (["students20260831.txt"], ("students20260901.txt",), {}),
        (["delta20260831.zip"], (), {}),
        (["delta20260901.zip", "students20260901.txt"], (), {"students.csv": 1}),
    ]


def test_plan_changes_beside_whole_lists_are_all_gathered_and_only_an_older_list_is_set_aside() -> None:
    """A list that a newer change made outdated, or a change that a newer list did, would be lost."""
    rules = NameRules((NameRule("bulk{date}.zip", "set.zip"), NameRule("*{date}.zip", "set.zip", each=True)))
    names = ("bulk20260901.zip", "x20260902.zip", "bulk20260903.zip", "y20260904.zip")
    assert gathers(*(loose(name, rules=rules) for name in names)) == [
        (["bulk20260901.zip"], ("bulk20260903.zip",), {}),
        (["x20260902.zip"], (), {}),
        (["bulk20260903.zip"], (), {"set.zip": 1}),
        (["y20260904.zip"], (), {}),
    ]


def test_plan_thousands_of_older_files_take_no_longer_each() -> None:
    """Each layer used to go through all the files."""
    items = tuple(dated(f"students{10**13 + number}.txt") for number in range(20_000))
    began = time.process_time()
    made = planned(*items)
    assert len(made.actions) == OLDER_PER_LOOK
    assert time.process_time() - began < 20


# --- files of different days ---

A_SET = replace(POLICY, awaited=("students.csv", "g.csv"))


def test_plan_file_of_an_earlier_day_than_the_others_has_not_come_yet() -> None:
    """Once six files of today and the seventh of yesterday were one drop, and nobody was told."""
    files = (dated("g20260831.txt", still=200), dated("students20260901.txt", still=200))
    made = planned(*files, policy=A_SET)
    assert (made.actions, waits(made)) == ((), [WaitFor.FILES])
    said = "waits for g.csv of 20260901, which belongs with it, and goes on with that of an earlier day at 03:06:40"
    assert (made.waits[0].reason, made.waits[0].seconds) == (said, 3400)
    assert gathers(dated("g20260901.txt", still=1000), *files, policy=A_SET) == [
        (["g20260831.txt"], ("g20260901.txt",), {}),
        (["g20260901.txt", "students20260901.txt"], (), {"g.csv": 1}),
    ]


def test_plan_file_of_an_earlier_day_is_taken_after_the_latest_time_and_told() -> None:
    """Where one export runs before midnight and another after it this is so every night."""
    files = (dated("g20260831.txt", still=9999), dated("students20260901.txt", still=3600))
    assert planned(*files, policy=A_SET).actions == (Gather(files, mixed=("g.csv", "students.csv")),)


def test_plan_file_of_an_earlier_day_is_no_missing_one_when_the_time_is_over() -> None:
    policy = replace(A_SET, expect=("g.csv", "x.csv"), awaited=(*A_SET.awaited, "x.csv"))
    files = (dated("g20260831.txt", still=3599), dated("students20260901.txt", still=3599))
    assert "waits for g.csv of 20260901, x.csv, which" in planned(*files, policy=policy).waits[0].reason
    late = tuple(replace(item, still=replace(item.still, seconds=3600)) for item in files)
    assert planned(*late, policy=policy).actions == (Gather(late, ("x.csv",), mixed=("g.csv", "students.csv")),)


@pytest.mark.parametrize(
    "names",
    [
        ("g20260901.txt", "students20260901020000.txt"),
        ("g.txt", "students20260901.txt"),
        ("g20260831.txt", "students.txt"),
        ("g_auto.csv", "students.txt"),
    ],
)
def test_plan_files_of_one_day_or_without_a_date_wait_for_nothing(names: tuple[str, str]) -> None:
    files = tuple(map(dated, names))
    assert planned(*files, policy=A_SET).actions == (Gather(files),)


def test_plan_file_of_an_earlier_day_that_nobody_asked_for_is_told_and_not_waited_for() -> None:
    files = (dated("g20260901.txt"), dated("more_auto20260831.csv"), dated("students20260901.txt"))
    mixed = ("g.csv", "more.csv", "students.csv")
    assert planned(*files, policy=A_SET).actions == (Gather(files, mixed=mixed),)


def test_plan_changes_of_a_later_day_make_no_list_late() -> None:
    rules = NameRules((NameRule("delta{date}.zip", "delta.zip", each=True), *DATED.names))
    names = ("delta20260902.zip", "g20260901.txt", "students20260901.txt")
    files = tuple(loose(name, rules=rules) for name in names)
    assert planned(*files, policy=A_SET).actions == (Gather(files),)


def test_plan_older_files_that_are_only_kept_are_not_told_to_be_of_different_days() -> None:
    names = ("g20260830.txt", "g20260901.txt", "students20260831.txt", "students20260901.txt")
    assert [a.mixed for a in planned(*map(dated, names), policy=A_SET).actions if isinstance(a, Gather)] == [(), ()]


# --- connection tests under the name of a file ---


def test_plan_one_byte_alone_under_the_name_of_a_file_is_a_connection_test() -> None:
    """Nobody knows what Campus calls its test; once such a file was a rejected drop."""
    item = dated("students20260901.txt", size=1)
    made = planned(item, policy=A_SET)
    (action,) = made.actions
    assert isinstance(action, Tell)
    assert (action.notice.kind, action.notice.subject) == ("connection-test", "students20260901.txt")
    assert action.notice.text.startswith("a file of 1 byte, taken for a connection test")
    assert [(w.waits_for, w.seconds) for w in made.waits] == [(WaitFor.UPLOAD, None)]
    said = frozenset({action.notice.key})
    again = planned(replace(item, still=Stillness()), records=RootRecords(notices=said), policy=A_SET)
    assert (again.actions, waits(again)) == ((), [WaitFor.SETTLE])


def test_plan_several_of_one_byte_are_connection_tests_each() -> None:
    made = planned(dated("students.txt", size=1), dated("g.txt", size=1))
    assert kinds(made) == [Tell, Tell]


@pytest.mark.parametrize(
    "item", [dated("students.txt", size=1, still=119), dated("students.txt", size=1, writers=("a",))]
)
def test_plan_one_byte_that_may_grow_is_not_yet_a_connection_test(item: LooseFacts) -> None:
    made = planned(item)
    assert (made.actions, len(made.waits)) == ((), 1)
    assert made.waits[0].waits_for in (WaitFor.SETTLE, WaitFor.WRITER)
    old = replace(item, entry=replace(item.entry, ctime_ns=0))
    assert planned(old).actions == ()


@pytest.mark.parametrize("other", [dated("g.txt"), dated("g.txt", size=0), dated("g.txt", still=1)])
def test_plan_one_byte_with_others_beside_it_is_a_file_like_them(other: LooseFacts) -> None:
    item = dated("students.txt", size=1, age=10**6)
    made = planned(other, item)
    assert made.actions == (() if other.still.seconds == 1 else (Gather((other, item)),))


def test_plan_one_byte_beside_what_is_no_file_of_a_drop_is_a_connection_test() -> None:
    made = planned(
        dated("students.txt", size=1), loose("notes.txt"), loose("g.txt.filepart"), loose("campus.tst", size=1)
    )
    assert kinds(made) == [Tell, Tell, Tell]


def test_plan_empty_file_alone_under_the_name_of_a_file_is_judged() -> None:
    """An export that went wrong is often empty: that somebody should hear of."""
    assert kinds(planned(dated("students.txt", size=0))) == [Gather]


def test_plan_connection_test_under_the_name_of_a_file_is_removed_like_any_other() -> None:
    item = dated("students.txt", size=1, age=86_401)
    assert RemoveTest(item.entry) in planned(item).actions
    assert RemoveTest(item.entry) not in planned(dated("students.txt", size=1, age=86_399)).actions


def test_plan_one_byte_that_is_left_of_a_drop_is_no_connection_test() -> None:
    """It was taken as a copy and can't be removed; or the others of its gather are in the drop already."""
    item = dated("students.txt", size=1, age=10**6)
    entry = SourceEntry(item.entry.name, "students.csv", *item.entry.signature[1:])
    source = Source(1, 0, (entry,))
    left = record(State.LOADED, kind=DropKind.GATHERED, source=source, source_left=True, delivered=True)
    assert planned(item, records=RootRecords(left=(left,))) == Plan()
    claiming = record(State.CLAIMING, kind=DropKind.GATHERED, source=source)
    assert kinds(planned(item, records=RootRecords(open=(claiming,)))) == [ResumeClaim]


@pytest.mark.parametrize("size", [0, 1])
def test_plan_connection_test_under_the_name_of_a_file_sets_nothing_aside(size: int) -> None:
    made = gathers(dated("students20260902.txt", size=size), dated("students20260901.txt"))
    assert made[-1] == (["students20260901.txt"], (), {"students.csv": 1})
    assert made[0][:2] == (["students20260902.txt"], ("students20260901.txt",))


def outdated(state: State, **changes: Any) -> Record:
    entry = SourceEntry("students20260831.txt", "students.csv", 1, 10, 0, 0, "20260831")
    source = Source(1, 0, (entry,), newer=("students20260901.txt", "a", "b", "x\ny"))
    return record(state, kind=DropKind.GATHERED, source=source, **changes)


def test_plan_outdated_drop_is_superseded_and_never_validated() -> None:
    item = outdated(State.CLAIMED)
    made = planned(records=RootRecords(open=(item,)))
    assert made.actions == (Supersede(item, "newer than its files: students20260901.txt, a, b and 1 more"),)
    assert may_follow(State.CLAIMED, State.SUPERSEDED)


def test_plan_outdated_drop_keeps_no_other_waiting() -> None:
    item, other = outdated(State.CLAIMING), record(State.CLAIMED, "20260901-030000")
    assert planned(records=RootRecords(open=(item, other))).actions == (ResumeClaim(item), Validate(other))


def test_plan_superseded_drop_is_filed_away_and_replayed_like_any_other() -> None:
    item = outdated(State.SUPERSEDED, place=Folder.STAGE)
    assert planned(records=RootRecords(open=(item,))).actions == (FileAway(item),)
    again = outdated(State.CLAIMED, run=2)
    assert planned(records=RootRecords(open=(again,))).actions == (Validate(again),)


# --- older files that come after newer ones ---


def dated_record(stamp: str, **changes: Any) -> Record:
    entry = SourceEntry(f"students{stamp}.txt", "students.csv", 1, 10, 0, 0, stamp)
    source = Source(1, 0, (entry,))
    return record(State.ACCEPTED, kind=DropKind.GATHERED, source=source, **changes)


@pytest.mark.parametrize(("late", "kind"), [(Late.HOLD, Hold), (Late.REJECT, Reject), (Late.LOAD, Load)])
def test_plan_older_file_after_a_newer_one_was_loaded_is_late(late: Late, kind: type[Action]) -> None:
    known = RootRecords(open=(dated_record("20260831"),), newest_stamps={"students.csv": "20260901020000"})
    (action,) = planned(records=known, policy=replace(POLICY, late=late)).actions
    assert isinstance(action, kind)
    if isinstance(action, Hold):
        reason = "it is late: students20260831.txt is older than the one of 20260901020000, which was loaded before"
        assert action.reason == reason


@pytest.mark.parametrize("stamp", ["20260901", "20260902", ""])
def test_plan_file_that_is_not_surely_older_is_loaded(stamp: str) -> None:
    known = RootRecords(open=(dated_record(stamp),), newest_stamps={"students.csv": "20260901020000", "x.csv": "2099"})
    assert kinds(planned(records=known)) == [Load]


def test_plan_older_file_that_a_person_asked_for_again_is_loaded() -> None:
    known = RootRecords(open=(dated_record("20260831", run=2),), newest_stamps={"students.csv": "20260901"})
    assert kinds(planned(records=known)) == [Load]


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.FIFO, Kind.DIRECTORY, Kind.DEVICE])
def test_plan_auto_name_that_is_no_file_is_told_and_left_alone(kind: Kind) -> None:
    assert kinds(planned(loose("students_auto.csv", kind=kind))) == [Tell]


# --- other things in a root ---


@pytest.mark.parametrize("size", [0, 1])
def test_plan_tiny_unknown_file_is_a_connection_test(size: int) -> None:
    made = planned(loose("campus.tst", size=size))
    assert [a.notice.kind for a in made.actions if isinstance(a, Tell)] == ["connection-test"]


def test_plan_old_connection_test_is_removed() -> None:
    item = loose("campus.tst", size=1, age=86401)
    assert RemoveTest(item.entry) in planned(item).actions


@pytest.mark.parametrize(
    ("name", "kind", "meant"),
    [
        ("2026-09-01-020000", Kind.DIRECTORY, "did the sender mean 20260901-020000?"),
        ("20260901", Kind.DIRECTORY, "did the sender mean 20260901-000000?"),
        ("monday", Kind.DIRECTORY, "an epoch is named like 20260901-020000"),
        ("students.csv", Kind.FILE, "did the sender mean students_auto.csv?"),
        ("students_AUTO.CSV", Kind.FILE, "did the sender mean students_auto.csv?"),
        ("students-auto.csv", Kind.FILE, "did the sender mean students_auto.csv?"),
        ("students_auto (1).csv", Kind.FILE, "did the sender mean students_auto.csv?"),
        ("students_auto.csv.csv", Kind.FILE, "did the sender mean students_auto.csv?"),
        ("_auto.csv", Kind.FILE, "the name of the file belongs before _auto, as in students_auto.csv"),
        ("COMPLETE", Kind.FILE, "COMPLETE belongs into the epoch directory"),
    ],
)
def test_plan_unknown_entry_is_told_with_the_nearest_valid_name(name: str, kind: Kind, meant: str) -> None:
    notices = [a.notice for a in planned(loose(name, kind=kind)).actions if isinstance(a, Tell)]
    assert [n.kind for n in notices] == ["unknown-entry"]
    assert meant in notices[0].text


def test_plan_unknown_entry_is_told_by_what_the_rules_expect() -> None:
    policy = replace(POLICY, rules=NameRules((NameRule("students{date}.txt", "students.txt"),)))
    (action,) = planned(loose("students2026.txt"), policy=policy).actions
    assert isinstance(action, Tell)
    assert "; expected students{date}.txt with 8, 14, 16 or 17 digits; left alone" in action.notice.text


def test_plan_unknown_entry_is_told_once_and_anew_when_it_changes() -> None:
    item = loose("students.csv")
    said = frozenset({("unknown-entry", "students.csv", f"{item.entry.inode}:{item.entry.ctime_ns}")})
    assert planned(item, records=RootRecords(notices=said)).actions == ()
    changed = replace(item, entry=replace(item.entry, ctime_ns=item.entry.ctime_ns + 1))
    assert kinds(planned(changed, records=RootRecords(notices=said))) == [Tell, ForgetNotices]


def test_plan_notice_of_something_gone_is_forgotten() -> None:
    said = frozenset({("unknown-entry", "students.csv", "1:1")})
    assert planned(records=RootRecords(notices=said)).actions == (ForgetNotices(said),)


def test_plan_stale_incomplete_epoch_is_a_notice_never_a_silence() -> None:
    made = planned(epoch(marker=False, age=POLICY.stale_seconds + 60))
    assert [a.notice.kind for a in made.actions if isinstance(a, Tell)] == ["stale-epoch"]
    assert "no COMPLETE and no change for 6:01:00" in made.actions[0].notice.text  # type: ignore[union-attr]


def test_plan_complete_epoch_that_is_not_taken_is_a_notice_too() -> None:
    made = planned(epoch(problem="", writers=("students.csv",), still=POLICY.stale_seconds), policy=PATIENT)
    assert [a.notice.kind for a in made.actions if isinstance(a, Tell)] == ["stuck-epoch"]


def test_plan_unavailable_root_waits_and_forgets_nothing() -> None:
    said = frozenset({("unknown-entry", "x", "1:1")})
    made = planned(problem="/srv/x: No such file or directory", records=RootRecords(notices=said))
    assert made.actions == ()
    assert waits(made) == [WaitFor.ACCESS]


# --- records ---


def test_plan_claimed_drop_is_validated() -> None:
    item = record(State.CLAIMED)
    assert planned(records=RootRecords(open=(item,))).actions == (Validate(item),)


def test_plan_accepted_drop_goes_to_each_loader_in_turn_then_is_finished() -> None:
    policy = replace(POLICY, loaders=("a", "b"))
    item = record(State.ACCEPTED)
    assert planned(records=RootRecords(open=(item,)), policy=policy).actions == (Load(item, "a"),)
    item = replace(item, loaded_by=("a",))
    assert planned(records=RootRecords(open=(item,)), policy=policy).actions == (Load(item, "b"),)
    item = replace(item, loaded_by=("a", "b"))
    assert planned(records=RootRecords(open=(item,)), policy=policy).actions == (Finish(item),)


def test_plan_drop_being_worked_on_waits_for_the_worker() -> None:
    item = record(State.CLAIMED)
    made = planned(records=RootRecords(open=(item,), busy=frozenset({item.id})))
    assert made.actions == ()
    assert waits(made) == [WaitFor.WORK]


def test_plan_older_drop_that_comes_while_a_newer_is_worked_on_waits_for_the_worker() -> None:
    older, newer = record(State.CLAIMED, "20260901-020000"), record(State.CLAIMED, "20260902-020000")
    made = planned(records=RootRecords(open=(older, newer), busy=frozenset({newer.id})))
    assert made.actions == ()
    assert waits(made) == [WaitFor.WORK, WaitFor.TURN]


def test_plan_one_drop_of_a_root_at_a_time_in_order() -> None:
    first, second = record(State.DEFERRED, retry_at=NOW + timedelta(minutes=5)), record(epoch_name="20260902-020000")
    made = planned(records=RootRecords(open=(first, second)))
    assert made.actions == ()
    assert waits(made) == [WaitFor.RETRY, WaitFor.TURN]
    assert made.next_look_seconds == 300


def test_plan_drop_that_broke_its_worker_three_times_is_failed_with_the_reason() -> None:
    item = record(State.CLAIMED, reason="its worker was ended by signal 9", retry_at=NOW)
    broken: Attempts = {(item.id, Step.VALIDATE, None): 3}
    (action,) = planned(records=RootRecords(open=(item,), attempts=broken)).actions
    assert isinstance(action, Fail)
    assert action.reason == "its validation broke 3 times; its worker was ended by signal 9"


def test_plan_loader_that_broke_three_times_fails_the_drop_not_other_loaders_tries() -> None:
    policy = replace(POLICY, loaders=("a", "b"))
    item = record(State.ACCEPTED, loaded_by=("a",))
    others: Attempts = {(item.id, Step.LOAD, "a"): 3}
    assert kinds(planned(records=RootRecords(open=(item,), attempts=others), policy=policy)) == [Load]
    own: Attempts = {(item.id, Step.LOAD, "b"): 3}
    assert kinds(planned(records=RootRecords(open=(item,), attempts=own), policy=policy)) == [Fail]


def test_plan_deferred_for_too_long_is_failed() -> None:
    item = record(State.DEFERRED, since=NOW - timedelta(hours=73), reason="loader warehouse: connection refused")
    (action,) = planned(records=RootRecords(open=(item,))).actions
    assert isinstance(action, Fail)
    assert "connection refused" in action.reason


@pytest.mark.parametrize(("late", "expected"), [(Late.HOLD, Hold), (Late.REJECT, Reject), (Late.LOAD, Load)])
def test_plan_epoch_older_than_the_newest_loaded_is_late(late: Late, expected: type[Action]) -> None:
    item = record(State.ACCEPTED, "20260901-020000")
    known = RootRecords(open=(item,), newest_loaded="20260902-020000")
    assert kinds(planned(records=known, policy=replace(POLICY, late=late))) == [expected]


def test_plan_deferred_epoch_that_is_late_by_now_can_be_rejected() -> None:
    """A reload may change `late` while a drop is deferred."""
    item = record(State.DEFERRED, "20260901-020000")
    known = RootRecords(open=(item,), newest_loaded="20260902-020000")
    (action,) = planned(records=known, policy=replace(POLICY, late=Late.REJECT)).actions
    assert isinstance(action, Reject)
    assert may_follow(State.DEFERRED, State.REJECTED)


def test_plan_retry_after_the_clock_was_put_back_is_due() -> None:
    item = record(State.CLAIMED, retry_at=NOW + timedelta(days=2), reason="its worker was ended by signal 9")
    assert kinds(planned(records=RootRecords(open=(item,)))) == [Validate]


def test_plan_replayed_drop_may_be_deferred_however_old_it_is() -> None:
    item = record(State.DEFERRED, created=NOW - timedelta(days=30), since=NOW, run=2)
    assert kinds(planned(records=RootRecords(open=(item,)))) == [Load]


def test_plan_same_epoch_again_is_a_correction_not_late() -> None:
    item = record(State.ACCEPTED, "20260902-020000", take=2)
    assert kinds(planned(records=RootRecords(open=(item,), newest_loaded="20260902-020000"))) == [Load]


def test_plan_replayed_late_epoch_is_loaded_because_a_person_said_so() -> None:
    item = record(State.ACCEPTED, "20260901-020000", run=2)
    assert kinds(planned(records=RootRecords(open=(item,), newest_loaded="20260902-020000"))) == [Load]


def test_plan_ended_drop_is_filed_away_then_its_report_delivered() -> None:
    item = record(State.REJECTED, place=Folder.STAGE)
    assert planned(records=RootRecords(open=(item,))).actions == (FileAway(item),)
    item = replace(item, place=Folder.REJECTED)
    assert planned(records=RootRecords(open=(item,))).actions == (Deliver(item),)
    item = replace(item, delivered=True)
    assert planned(records=RootRecords(open=(item,))) == Plan()


def test_plan_report_waits_for_an_unavailable_root() -> None:
    item = record(State.LOADED)
    made = planned(records=RootRecords(open=(item,)), problem="gone")
    assert made.actions == ()


def test_plan_replayed_drop_is_brought_back_before_it_is_validated() -> None:
    item = record(State.CLAIMED, place=Folder.ARCHIVE, run=2)
    assert planned(records=RootRecords(open=(item,))).actions == (FileAway(item),)


def test_plan_begun_claim_is_resumed_and_its_epoch_not_claimed_twice() -> None:
    item = record(State.CLAIMING)
    assert planned(epoch(), records=RootRecords(open=(item,))).actions == (ResumeClaim(item),)


def test_plan_begun_claim_loses_patience_with_writers() -> None:
    item = record(State.CLAIMING, created=NOW - timedelta(seconds=POLICY.gather_timeout_seconds))
    assert planned(records=RootRecords(open=(item,))).actions == (ResumeClaim(item, settle_for_copy=True),)


def test_plan_begun_claim_waits_for_an_unavailable_root() -> None:
    """A missing mount looks like a root from which the sender took everything back."""
    made = planned(records=RootRecords(open=(record(State.CLAIMING),)), problem="gone")
    assert made.actions == ()
    assert WaitFor.ACCESS in waits(made)


def test_plan_original_is_known_again_by_inode_and_entries_whatever_the_device() -> None:
    """A network share may get another device number at the next boot."""
    item = epoch()
    left = record(State.LOADED, source=source_of(item), source_left=True, delivered=True)
    assert planned(replace(item, device=item.device + 1), records=RootRecords(left=(left,))) == Plan()


def test_plan_claim_that_waits_keeps_its_turn() -> None:
    first = record(State.CLAIMING, retry_at=NOW + timedelta(seconds=5), reason="students.csv is still open for writing")
    second = record(State.CLAIMED, "20260902-020000")
    made = planned(records=RootRecords(open=(first, second)))
    assert made.actions == ()
    assert waits(made) == [WaitFor.WRITER, WaitFor.TURN]


def test_plan_of_an_empty_root_is_empty() -> None:
    assert planned() == Plan()


def test_plan_still_for_ever_has_no_next_look() -> None:
    assert planned(epoch(still=LONG)).next_look_seconds is None
