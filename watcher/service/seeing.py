"""What is asked of a root's disk, by a look as by who only explains the next one: so both see the same."""

from __future__ import annotations

from watcher.intake.scanner import scan
from watcher.intake.settle import ask_for_writers
from watcher.intake.zipends import ZipEnds, ask_for_ends
from watcher.model.facts import RootFacts
from watcher.service.roots import Root


def scanned(root: Root) -> RootFacts:
    """What lies in the root; nothing is known yet of how long it has stood still."""
    return scan(root.id, root.path, root.policy.rules, may_be_link=root.may_be_link)


def asked(facts: RootFacts, root: Root, zip_ends: ZipEnds) -> tuple[RootFacts, ZipEnds]:
    """The facts with what is asked only of what has stood still: whether somebody writes it, whether a zip has its end.

    `zip_ends` are the answers of the look before; those of this one come back.
    """
    policy = root.policy
    facts = ask_for_writers(
        facts,
        root.path,
        settle_seconds=policy.settle_seconds,
        gather_settle_seconds=policy.gather_settle_seconds,
    )
    return ask_for_ends(facts, root.path, zip_ends, settle_seconds=policy.gather_settle_seconds)
