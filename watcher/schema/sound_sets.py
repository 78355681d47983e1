"""What is wrong with what a dataset says of a drop as a whole: needs, modes, manifest, names of loose files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from watcher.model.deliveries import ANY, DATE, NameRule
from watcher.model.names import is_zip_name
from watcher.schema.keywords import hint
from watcher.schema.model import Column, Dataset, Manifest, Mode
from watcher.schema.problem import KeyPath, Problem
from watcher.schema.setmodel import ABSENT


def set_problems(dataset: Dataset) -> Iterator[Problem]:
    """All of them, with their places in `dataset.yaml`."""
    names = [file.name for file in dataset.files]
    for i, file in enumerate(dataset.files):
        for j, needed in enumerate(file.needs):
            at: KeyPath = ("files", i, "needs", j)
            if needed == file.name:
                yield Problem(at, "is the file itself; remove it")
            elif needed not in names:
                yield Problem(at, f"{needed!r} is not a file of this dataset{hint(needed, names)}")
    for mode in dataset.modes:
        yield from _mode_problems(dataset, mode, ("modes", mode.name))
    if dataset.manifest is not None:
        yield from _manifest_problems(dataset, dataset.manifest)
    yield from _intake_problems(dataset)


def _mode_problems(dataset: Dataset, mode: Mode, at: KeyPath) -> Iterator[Problem]:
    if mode.name == ABSENT:
        yield Problem(at, f"{ABSENT!r} is what a manifest says of a file that does not come; name the mode otherwise")
    columns = [(file.schema.file, column) for file in dataset.files for column in file.schema.columns]
    is_open = any(not file.schema.columns and file.schema.picture is None for file in dataset.files)
    names = list(dict.fromkeys(column.name for _, column in columns if column.match is None))
    for key, wanted in (("blank", mode.blank), ("required", mode.required)):
        for i, name in enumerate(wanted):
            if not is_open and not any(_is_called(column, name) for _, column in columns):
                yield Problem((*at, key, i), f"{name!r} is not a column of any file{hint(name, names)}")
    for i, name in enumerate(mode.blank):
        if name in mode.required:
            yield Problem((*at, "blank", i), f"{name!r} is required in this mode, too; keep one of them")
        for file, column in columns:
            if column.name == name and column.required:
                yield Problem(
                    (*at, "blank", i), f"{name!r} is required in {file}, and can't be blank; correct one of them"
                )


def _is_called(column: Column, name: str) -> bool:
    return column.name == name if column.match is None else re.fullmatch(column.match, name) is not None


def _manifest_problems(dataset: Dataset, manifest: Manifest) -> Iterator[Problem]:
    named = dataset.named_files()
    file = next((each for each in named if each.schema.file == manifest.file), None)
    if file is None:
        said = f"{manifest.file!r} is not a file of this dataset"
        yield Problem(("manifest", "file"), said + hint(manifest.file, [each.name for each in named]))
    else:
        names = [column.name for column in file.schema.columns if column.match is None]
        for key, name in (("property", manifest.property), ("value", manifest.value)):
            if name not in names and file.schema.columns:
                yield Problem(("manifest", key), f"{name!r} is not a column of {manifest.file}{hint(name, names)}")
        if manifest.property == manifest.value:
            yield Problem(("manifest", "value"), "is the column with the names; write the one with the values")
    if manifest.mode and not dataset.modes:
        yield Problem(("manifest", "mode"), "says nothing without modes; add them or remove it")
    seen: set[str] = set()
    for i, each in enumerate(manifest.properties):
        for name in (each.name, *each.aliases):
            if name in seen:
                yield Problem(("manifest", "properties", i), f"{name!r} names two properties; keep one")
            seen.add(name)


def _intake_problems(dataset: Dataset) -> Iterator[Problem]:
    rules = dataset.intake.names
    count = Counter(rule.name for rule in rules)
    for i, rule in enumerate(rules):
        at: KeyPath = ("intake", "names", i)
        if count[rule.name] > 1 and rule.name in {each.name for each in rules[:i]}:
            yield Problem((*at, "name"), f"{rule.name!r} is there twice; keep one")
        yield from _rule_problems(dataset, rule, at)
    known = [*(file.name for file in dataset.files), *(rule.target for rule in rules)]
    for i, name in enumerate(dataset.intake.expect):
        if name not in known and dataset.schema_for(name) is None:
            yield Problem(("intake", "expect", i), f"{name!r} is not a file of this dataset{hint(name, known)}")
    quiet, latest = dataset.intake.quiet_seconds, dataset.intake.latest_seconds
    if quiet is not None and latest is not None and latest < quiet:
        yield Problem(("intake", "latest_seconds"), "is less than quiet_seconds, which is never reached then")


def _free_name_problems(rule: NameRule, at: KeyPath) -> Iterator[Problem]:
    """What is wrong with a `*`: names that nobody wrote down are told by their extension alone."""
    if rule.name.count(ANY) > 1:
        yield Problem((*at, "name"), f"{ANY!r} stands twice; write it once at most")
    extension = PurePath(rule.undated).suffix
    if ANY in rule.name and (not extension or ANY in extension):
        said = f"found {rule.name!r}, expected an extension behind {ANY!r}, as in '{ANY}{DATE}.zip'"
        yield Problem((*at, "name"), said)
    if ANY in rule.target and rule.target == rule.undated:
        yield Problem((*at, "name"), f"{rule.name!r} may be any of many names; write as: and the one in the drop")
    elif ANY in rule.target:
        yield Problem((*at, "as"), f"found {rule.target!r}, expected the file's one name in the drop, without {ANY!r}")


def _rule_problems(dataset: Dataset, rule: NameRule, at: KeyPath) -> Iterator[Problem]:
    if ANY in rule.name or ANY in rule.target:
        yield from _free_name_problems(rule, at)
    if rule.name.count(DATE) > 1:
        yield Problem((*at, "name"), f"{DATE} stands twice; write it once at most")
    odd = re.findall(r"[{}]", rule.undated)
    if odd:
        yield Problem((*at, "name"), f"{odd[0]!r} means nothing here: only {DATE} does; remove it")
    if not odd and re.search(r"[{}]", rule.target):
        yield Problem((*at, "as"), f"found {rule.target!r}, expected the file's name in the drop, without braces")
    elif not is_zip_name(rule.target) and dataset.schema_for(rule.target) is None:
        said = f"{rule.target!r} is neither a file of this dataset nor a zip"
        yield Problem((*at, "as"), said + hint(rule.target, [file.name for file in dataset.files]))
