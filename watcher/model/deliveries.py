"""Which loose files of an upload root are deliveries: by name rules, the date in a name taken off and kept as a stamp.

A rule is a name with at most one `{date}`; that stands for 8, 14, 16 or 17 digits, with `_`, `-`, `.` or nothing before
them, or for no date at all. Exporters document the digits and not their place: they are known where the rule has them,
and behind the whole name.

    students{date}.txt    students.txt  students20260901.txt  students_20260901020000.txt  students.txt.20260901

`students_auto.csv` is a delivery whatever the rules; so is `students_20260901_auto.csv`, and where a drop has a file
students.csv it is that file, of 20260901, if that can be a day. A `*` in a rule stands for any characters, for zips
that a sender may name freely: such a rule comes after all others and after `_auto`, and takes neither hidden names nor
near misses of the marker. The date is taken off first, so that `*` may be left with nothing beside it.

    *{date}.zip           oneroster.zip  lakeview.zip  lakeview_20260901.zip (of 20260901)  20260901.zip (the same)

Names are compared as they are written, but for the suffix, what follows the last dot: exporters write `.CSV` as well as
`.csv`, and a sender can seldom choose. The name in the drop is that of the rule. Where a rule has `{date}`, one that no
calendar has still counts, for the sender's clock is not ours to judge. Pure: no disk, and no name makes it raise or
dawdle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from watcher.model.names import MARKER, is_near_marker, is_possible_day, is_temporary_name
from watcher.text import nearest

#: What stands for a date in the name of a rule.
DATE = "{date}"
#: What stands for any characters there, one or more.
ANY = "*"
#: What a loose file's name ends in, before its extension, to be gathered whatever the dataset.
AUTO = "_auto"
#: The extensions that `_auto` is known with for every dataset.
AUTO_EXTENSIONS = ("csv", "zip")
#: yyyymmdd, and yyyymmddhhmmss; what follows are milliseconds in two or three digits.
_DIGITS_OF_DAY, _DIGITS_OF_SECOND = 8, 14
_DIGITS = "[0-9]{17}|[0-9]{16}|[0-9]{14}|[0-9]{8}"
_DATED_STEM = re.compile(f"(?P<stem>.+?)[_.-]?(?<![0-9])(?P<date>{_DIGITS})", re.DOTALL)
_HOW_MANY = "8, 14, 16 or 17 digits"
_ANYTHING, _ANYTHING_OR_NOTHING = "(?P<any>.+?)", "(?P<any>.*?)"
_INCIDENTAL = re.compile(r"[0-9_.\-\s]+")


@dataclass(frozen=True, slots=True)
class NameRule:
    """A name under which a loose file comes, with at most one `{date}` and one `*`, and the file's name in the drop.

    Where `each` counts (files of changes), a newer one does not take an older one's place: both are taken, one by one.
    """

    name: str
    target: str
    each: bool = False

    @property
    def undated(self) -> str:
        """The name without what stands for a date."""
        return self.name.replace(DATE, "")

    @property
    def is_free(self) -> bool:
        """Whether names that nobody wrote down fit it."""
        return ANY in self.name


@dataclass(frozen=True, slots=True)
class NameRules:
    """The rules of one root; `auto_extensions` are those that `_auto` is known with, `files` the names of a drop.

    The first rule that fits counts, and one with `*` only where no other fits.
    """

    names: tuple[NameRule, ...] = ()
    auto_extensions: tuple[str, ...] = AUTO_EXTENSIONS
    files: frozenset[str] = frozenset()


#: What holds for a root whose dataset says nothing.
USUAL_RULES = NameRules()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a loose file is by its name: `target` is its name in the epoch, `stamp` the digits of its date, if any.

    `each` is that of the rule.
    """

    target: str
    stamp: str = ""
    each: bool = False


def recognise(name: str, rules: NameRules = USUAL_RULES) -> Delivery | None:
    """What a loose file of this name is; None if it is not to be gathered.

    `students_auto.csv` -> `students.csv`; with a rule for it, `students_20260901.txt` -> `students.txt` of 20260901.
    """
    if name == MARKER or is_temporary_name(name):
        return None
    return _by_rule(name, rules) or _by_suffix(name, rules) or _by_free_rule(name, rules)


def stamp_order(stamp: str) -> tuple[str, int]:
    """What stamps are sorted by: no date comes first, a day before its hours, milliseconds count as a number."""
    fraction = stamp[_DIGITS_OF_SECOND:]
    return stamp[:_DIGITS_OF_SECOND], int(fraction) if fraction else -1


def moment_of(stamp: str, modified: str) -> str:
    """When a file was made, as far as can be told, as a stamp: by its name, else by when it was modified (14 digits).

    A day of which the name does not say the hour has that of the modification, or the end of it that is nearest. So
    files with a date and without one can be put in order.
    """
    if not stamp:
        return modified
    if len(stamp) > _DIGITS_OF_DAY:
        return stamp
    return min(max(modified, f"{stamp}000000"), f"{stamp}235959")


def day_of(stamp: str) -> str:
    """The day of a stamp, in eight digits; empty for no date."""
    return stamp[:_DIGITS_OF_DAY]


def is_older(one: str, other: str) -> bool:
    """Whether one stamp is surely older than another: a day is not older than an hour of it, and no date than none."""
    if min(len(one), len(other)) > _DIGITS_OF_SECOND:
        return stamp_order(one) < stamp_order(other)
    known = min(len(one), len(other), _DIGITS_OF_SECOND)
    return one[:known] < other[:known]


def expected_name(name: str, rules: NameRules) -> str:
    """How a file of nearly this name is expected, in words; nothing where no rule is near.

    `students2026.txt` -> `students{date}.txt with 8, 14, 16 or 17 digits`.
    """
    free = _free_rule_but_for_case(name, rules)
    if free:
        return f"{_in_words(free)}, capitals and small letters as here"
    bare = {_bare(rule.name): rule.name for rule in reversed(rules.names) if not rule.is_free}
    near = nearest(_bare(name), bare)
    return _in_words(bare[near]) if near is not None else ""


def _in_words(rule: str) -> str:
    return f"{rule} with {_HOW_MANY}" if DATE in rule else rule


def _free_rule_but_for_case(name: str, rules: NameRules) -> str:
    free = (rule.name for rule in rules.names if rule.is_free and not _is_barred(name))
    return next((rule for rule in free if _rule_pattern(rule.casefold()).fullmatch(name.casefold())), "")


def _bare(name: str) -> str:
    """The name without what varies or is easily got wrong."""
    return _INCIDENTAL.sub("", name.replace(DATE, "")).casefold()


def _by_rule(name: str, rules: NameRules) -> Delivery | None:
    return next((found for rule in rules.names if not rule.is_free and (found := _fitting(name, rule))), None)


def _by_free_rule(name: str, rules: NameRules) -> Delivery | None:
    if _is_barred(name):
        return None
    return next((found for rule in rules.names if rule.is_free and (found := _fitting(name, rule))), None)


def _is_barred(name: str) -> bool:
    """Whether no rule with `*` takes it: a hidden file, or what was probably meant to be the marker."""
    return name.startswith(".") or is_near_marker(name)


def _fitting(name: str, rule: NameRule) -> Delivery | None:
    match = _rule_pattern(rule.name).fullmatch(name)
    if match is None or (rule.is_free and not (match["any"] or _stamp(match))):
        return None
    return Delivery(rule.target, _stamp(match), rule.each)


def _by_suffix(name: str, rules: NameRules) -> Delivery | None:
    """What `_auto` makes of it: without that, the name by the rules, or the very name."""
    match = _auto_pattern(rules.auto_extensions).fullmatch(name)
    if match is None:
        return None
    plain = f"{match['stem']}.{_as_known(match['extension'], rules.auto_extensions)}"
    known = _by_rule(plain, rules) or _by_file(plain, rules)
    if known is None:
        return Delivery(plain, _stamp(match))
    return Delivery(known.target, _stamp(match) or known.stamp, known.each)


def _by_file(name: str, rules: NameRules) -> Delivery | None:
    """`students_20260901.csv` where a drop has a file students.csv: an exporter's name to which `_auto` was added.

    No rule says that a date stands there. Digits of no day may be a school's number: of two schools none is older.
    """
    stem, dot, suffix = name.rpartition(".")
    match = _DATED_STEM.fullmatch(stem)
    if match is None or not is_possible_day(day_of(match["date"])):
        return None
    if name in rules.files or (target := f"{match['stem']}{dot}{suffix}") not in rules.files:
        return None
    return Delivery(target, match["date"])


def _as_known(extension: str, known: tuple[str, ...]) -> str:
    """The extension as a name in the drop has it: as it came, if it is known so, else as it is known."""
    if extension in known:
        return extension
    return next((each for each in known if each.lower() == extension.lower()), extension)


def _stamp(match: re.Match[str]) -> str:
    dates = match.groupdict("")
    return dates.get("inside") or dates.get("behind") or ""


@lru_cache(maxsize=1024)
def _rule_pattern(name: str) -> re.Pattern[str]:
    before, date, after = name.partition(DATE)
    front, back = _patterns_of(before, after)
    if not date:
        return re.compile(front, re.DOTALL)
    # Beside `*` the date is all of the digits that stand there: of 20 digits nobody knows which are one.
    whole = f"(?<![0-9])(?P<inside>{_DIGITS})(?![0-9])" if ANY in name else f"(?P<inside>{_DIGITS})"
    dated = f"(?:[_.-]?{whole})?" if before else f"(?:{whole}[_.-]?)?"
    if before.endswith(ANY) or after.startswith(ANY):
        front, back = (part.replace(_ANYTHING, _ANYTHING_OR_NOTHING) for part in (front, back))
    return re.compile(f"{front}(?:{dated}{back}|{back.replace('?P<any>', '?:')}[_.-]?(?P<behind>{_DIGITS}))", re.DOTALL)


def _patterns_of(before: str, after: str) -> tuple[str, str]:
    """Those of the two parts of a rule's name; what follows its last dot fits in any case."""
    stem, dot, suffix = after.rpartition(".")
    if dot:
        return _pattern_of(before), _pattern_of(stem + dot) + _in_any_case(suffix)
    stem, dot, suffix = before.rpartition(".")
    if dot:
        return _pattern_of(stem + dot) + _in_any_case(suffix), _in_any_case(after)
    return _pattern_of(before), _pattern_of(after)


def _pattern_of(part: str) -> str:
    return re.escape(part).replace(re.escape(ANY), _ANYTHING)


def _in_any_case(suffix: str) -> str:
    """By ASCII's letters alone: the sign of Kelvin is no k in the name of a file."""
    return f"(?ai:{_pattern_of(suffix)})" if suffix else ""


@lru_cache(maxsize=64)
def _auto_pattern(extensions: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(re.escape(extension) for extension in extensions)
    dated = rf"(?:[_.-]?(?P<inside>{_DIGITS}))?\.(?P<extension>(?ai:{either}))"
    behind = rf"(?:[_.-]?(?P<behind>{_DIGITS}))?"
    return re.compile(rf"(?P<stem>.+){AUTO}{dated}{behind}", re.DOTALL)
