"""What a person should know of a root, each said once: pure decisions over one look's facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from watcher.model.actions import ForgetNotices, RemoveTest, Tell, WaitFor, Waiting
from watcher.model.deliveries import AUTO, NameRules, expected_name
from watcher.model.facts import TEST_FILE_BYTES, Entry, EpochFacts, Kind, LooseFacts
from watcher.model.names import (
    MARKER,
    is_epoch_name,
    is_near_marker,
    is_temporary_name,
    nearest_epoch_name,
    safe_name,
)
from watcher.model.records import Notice, NoticeKey
from watcher.service import plan_reports
from watcher.service.situation import Situation
from watcher.text import counted, quoted

#: `_AUTO`, `-auto`, `_auto.csv` before the suffix, and the number that a browser or the Explorer adds to a copy.
_NEARLY_AUTO = re.compile(r"(?i:[_ .-]auto(?:\.[a-z]+)?)?(?: ?\([0-9]+\))?\Z")


def steps(at: Situation, waits: Mapping[str, str]) -> Iterator[Tell | ForgetNotices | RemoveTest | Waiting]:
    """What to say of the epochs and of the loose things in a root, what to forget, what to clear away.

    `waits` is why epochs wait, by their names.
    """
    if at.facts.problem:
        return
    said, current = at.records.notices, set[NoticeKey]()
    for item, wait_seconds in _all_notices(at, waits):
        # What was said stays said while it stands there, also at the first look after a start, when all seems new.
        if item.key not in said and wait_seconds > 0:
            # It may be on its way to another name.
            yield Waiting(item.subject, WaitFor.SETTLE, "is not a drop; it may be on its way", wait_seconds)
            continue
        current.add(item.key)
        if item.key not in said:
            yield Tell(item)
    yield from _test_steps(at)
    if said - current:
        yield ForgetNotices(said - current)


def _test_steps(at: Situation) -> Iterator[RemoveTest | Waiting]:
    """Connection tests are cleared away after a while; one under the name of a file may yet become that file."""
    for item in at.named_tests():
        wait = at.rest_wait(item)
        if wait is None and _is_of_age(at, item):
            yield RemoveTest(item.entry)
        else:
            reason = "is one byte and came alone: taken for a connection test until more comes"
            yield wait or Waiting(safe_name(item.entry.name), WaitFor.UPLOAD, reason)
    yield from (RemoveTest(i.entry) for i in at.facts.loose if _is_connection_test(i) and _is_of_age(at, i))


def _is_of_age(at: Situation, item: LooseFacts) -> bool:
    return at.seconds_since(item.entry.ctime_ns) >= at.policy.connection_test_seconds


def _all_notices(at: Situation, waits: Mapping[str, str]) -> Iterator[tuple[Notice, float]]:
    """Each with the seconds that are to pass before it is said."""
    for epoch in at.facts.epochs:
        if not at.is_taken_epoch(epoch):
            for found in _epoch_notices(at, epoch, waits):
                yield found, 0.0
    for found in plan_reports.notices(at):
        yield found, 0.0
    if at.records.trouble is not None:
        yield at.records.trouble, 0.0
    for item in at.facts.loose:
        if item.target is None and not is_temporary_name(item.entry.name):
            yield _loose_notice(at, item), at.policy.settle_seconds - item.still.seconds
    for item in at.named_tests():
        found = _test_notice(at, item)
        # Why it is waited for is said with the other steps of tests.
        if at.rest_wait(item) is None or found.key in at.records.notices:
            yield found, 0.0


def _epoch_notices(at: Situation, epoch: EpochFacts, waits: Mapping[str, str]) -> Iterator[Notice]:
    root, identity, stale_seconds = at.facts.root, str(epoch.inode), at.policy.stale_seconds
    if epoch.problem:
        text = f"the epoch {epoch.problem}; it is left alone until that is mended"
        yield Notice(root, "unreadable-epoch", epoch.name, identity, text)
        return
    if epoch.has_marker:
        if epoch.still.seconds >= stale_seconds:
            why = waits.get(epoch.name) or _last_trouble(at)
            text = f"complete, and not taken for {timedelta(seconds=int(epoch.still.seconds))}: {why}"
            yield Notice(root, "stuck-epoch", epoch.name, identity, text)
        return
    for name in sorted(filter(is_near_marker, epoch.names)):
        text = f"found {quoted(safe_name(name))} where {MARKER} is meant: in capitals, without an ending"
        yield Notice(root, "near-marker", epoch.name, f"{identity}:{safe_name(name)}", text)
    if at.is_stale(epoch):
        age = timedelta(seconds=int(at.seconds_since(epoch.changed_ns)))
        text = f"incomplete: no {MARKER} and no change for {age}; the sender's upload probably stopped"
        yield Notice(root, "stale-epoch", epoch.name, f"{identity}:{epoch.changed_ns}", text)


def _last_trouble(at: Situation) -> str:
    """Why something is not done that could be done."""
    if at.records.trouble is not None:
        return at.records.trouble.text
    return "no trouble with it is in the journal; the service's log may name some, and `doctor` tries what it needs"


def _loose_notice(at: Situation, item: LooseFacts) -> Notice:
    if _is_connection_test(item):
        return _test_notice(at, item)
    entry = item.entry
    subject, identity = safe_name(entry.name), f"{entry.inode}:{entry.ctime_ns}"
    # What was meant takes a search: of ten thousand strange files that was done once.
    is_said = ("unknown-entry", subject, identity) in at.records.notices
    meant = "" if is_said else _meant(entry, at.policy.rules)
    return Notice(
        at.facts.root, "unknown-entry", subject, identity, f"a {entry.kind} that is no drop{meant}; left alone"
    )


def _test_notice(at: Situation, item: LooseFacts) -> Notice:
    entry = item.entry
    text = f"a file of {counted(entry.size_bytes, 'byte')}, taken for a connection test; it is removed after a while"
    return Notice(at.facts.root, "connection-test", safe_name(entry.name), f"{entry.inode}:{entry.ctime_ns}", text)


def _is_connection_test(item: LooseFacts) -> bool:
    entry = item.entry
    return (
        item.target is None
        and entry.kind is Kind.FILE
        and entry.size_bytes <= TEST_FILE_BYTES
        and not is_temporary_name(entry.name)
        and not _is_stray_marker(entry.name)
    )


def _is_stray_marker(name: str) -> bool:
    """A marker is empty, too: one beside the epochs is no test but a mistake, whose drop waits for it."""
    return name == MARKER or is_near_marker(name)


def _meant(entry: Entry, rules: NameRules) -> str:
    name = entry.name
    if entry.kind is Kind.DIRECTORY:
        nearest = nearest_epoch_name(name)
        return f"; did the sender mean {nearest}?" if nearest else "; an epoch is named like 20260901-020000"
    if entry.kind is not Kind.FILE:
        return "; only regular files and epoch directories are taken"
    if _is_stray_marker(name):
        return f"; {MARKER} belongs into the epoch directory"
    if is_epoch_name(name) or nearest_epoch_name(name):
        return "; an epoch is a directory"
    expected = expected_name(name, rules)
    return f"; expected {expected}" if expected else _meant_auto(name, rules)


def _meant_auto(name: str, rules: NameRules) -> str:
    stem, _, extension = name.rpartition(".")
    if not stem or extension.lower() not in rules.auto_extensions:
        return ""
    stem = _NEARLY_AUTO.sub("", stem)
    if not stem:
        return f"; the name of the file belongs before {AUTO}, as in students{AUTO}.{extension.lower()}"
    return f"; did the sender mean {safe_name(stem)}{AUTO}.{extension.lower()}?"
