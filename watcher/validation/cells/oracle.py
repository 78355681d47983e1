"""The last word on a value: the `jsonschema` library, asked once for each distinct one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from watcher.model.codes import CODES
from watcher.schema.keywords import TITLE, untitled
from watcher.schema.model import Column, ColumnType
from watcher.validation.cells.convert import NOT_CONVERTED, convert, convert_item, convert_value, inner_texts
from watcher.validation.cells.direct import direct_tests
from watcher.validation.cells.keywords import validator_for
from watcher.validation.cells.matching import Matcher, NotMatchedInTimeError
from watcher.validation.cells.spreadsheets import spreadsheet_advice
from watcher.validation.cells.suggestions import Suggestions, allowed_texts, meant_start, open_starts
from watcher.validation.cells.wording import (
    Part,
    Rule,
    limit_advice,
    nearest_advice,
    not_converted_rule,
    not_in_time_rule,
    rule,
    start_advice,
)

#: More verdicts are not remembered at once, and none of longer texts.
_REMEMBERED = 20_000
_REMEMBERED_CHARACTERS = 1_000
#: Of a cell with more items than this, only the first are asked for what was meant.
_ASKED = 100
#: Codes for which an allowed value that is near may be named.
_SUGGESTED = frozenset({"enum", "const", "any-of", "one-of"})

Rules = tuple[Rule, ...]


class Oracle:
    """Judges the cells of one column."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._whole = _Judge(_without_items(column.judged_by), column, Part.WHOLE)
        items = column.judged_by.get("items")
        self._items = None if items is None else _Judge(_without_items(items), column, Part.ITEM)
        inner = None if items is None or not column.is_nested else items.get("items")
        self._inner = None if inner is None else _Judge(inner, column, Part.INNER)
        self._not_converted = (not_converted_rule(column),)
        self._verdicts: dict[str, Rules] = {}
        self._matcher = self._whole.matchers.get(column.judged_by["pattern"]) if _is_mostly_pattern(column) else None
        self._suggestions: Suggestions | None = None

    def broken_rules(self, text: str) -> Rules:
        """The rules that a cell breaks, each once; nothing for a sound one. The text is not empty.

        Raises WatcherError if the process that matches hard patterns can't be started.
        """
        verdict = self._verdicts.get(text)
        if verdict is None:
            verdict = _remembered(self._verdicts, text, self._judge(text))
        return verdict

    def broken(self, texts: Iterable[str]) -> dict[str, Rules]:
        """Those of the texts that break a rule. The texts are distinct."""
        return {text: rules for text in self._doubtful(list(texts)) if (rules := self.broken_rules(text))}

    def advice_for(self, rule: Rule) -> Callable[[Iterable[str]], str | None]:
        """What finds better advice than the rule's, if there is any.

        There is for texts that are nearly an allowed value, that have a format but for a limit of ours, that show what
        a spreadsheet did to them, and for inner lists.
        """
        return partial(self._advice_with_place if self._column.is_nested else self._advice, rule)

    def _advice_with_place(self, rule: Rule, texts: Iterable[str]) -> str:
        """Advice, and which of the many values of a cell it is about: the first one in the first cell."""
        cells = list(texts)
        advice = self._advice(rule, cells) or rule.advice or CODES[rule.code].advice
        place = next((place for cell in cells[:1] for place in self._places(cell, rule)), None)
        where = "it is" if len(cells) == 1 else "in the first of these cells it is"
        return advice if place is None else f"{advice}; {where} {place}"

    def _places(self, text: str, rule: Rule) -> Iterator[str]:
        """`list 2`, `value 1 of list 2`: what in a cell breaks a rule."""
        for i, item in enumerate(text.split(self._column.separator), 1):
            if self._items is not None and rule in self._items.broken_by(item):
                yield f"list {i}"
            for j, value in enumerate(inner_texts(item, self._column), 1):
                if self._breaks(value, rule):
                    yield f"value {j} of list {i}"

    def _breaks(self, value: str, rule: Rule) -> bool:
        """Whether a value of an inner list breaks a rule."""
        if rule in self._not_converted:
            return convert_value(value, self._column) is NOT_CONVERTED
        return self._inner is not None and rule in self._inner.broken_by(value)

    def _advice(self, rule: Rule, texts: Iterable[str]) -> str | None:
        cells = list(texts)
        better: str | None = None
        if rule.limited:
            better = limit_advice(rule.limited, [part for cell in cells for part in self._wrong(cell, rule)])
        elif rule.code in _SUGGESTED:
            better = self._advice_on_allowed(cells)
        return better or spreadsheet_advice(cells, self._column, lambda text: not self.broken_rules(text))

    def _advice_on_allowed(self, cells: list[str]) -> str | None:
        near = [self._nearest(text) for text in cells]
        known = dict.fromkeys(text for text in near if text is not None)
        if known:
            return nearest_advice(tuple(known), every=None not in near)
        starts = tuple(open_starts(self._column.judged_by))
        meant = (start for cell in cells for part in self._wrong(cell) if (start := meant_start(part, starts)))
        return None if (start := next(meant, None)) is None else start_advice(start)

    def _doubtful(self, texts: list[str]) -> list[str]:
        """Most texts of a column that no mask decides have the right form; matching them here is the cheapest."""
        if self._matcher is None:
            return texts
        schema, matched = self._column.judged_by, self._matcher.found_all(texts)
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        return [
            text
            for text, found in zip(texts, matched, strict=True)
            if not found or len(text) < least or (most is not None and len(text) > most)
        ]

    def _judge(self, text: str) -> Rules:
        value = convert(text, self._column)
        if value is NOT_CONVERTED:
            return self._not_converted
        found = {rule.code: rule for rule in self._whole.broken(value)}
        for judge, part in self._parts(text):
            for broken in judge.broken_by(part):
                found.setdefault(broken.code, broken)
        return tuple(found.values())

    def _parts(self, text: str) -> Iterator[tuple[_Judge, str]]:
        """The distinct items of a list with what judges them, and the distinct values of its inner lists."""
        if self._items is None:
            return
        items = dict.fromkeys(text.split(self._column.separator))
        yield from ((self._items, item) for item in items)
        if self._inner is not None:
            values = dict.fromkeys(value for item in items for value in inner_texts(item, self._column))
            yield from ((self._inner, value) for value in values)

    def _nearest(self, text: str) -> str | None:
        if self._suggestions is None:
            self._suggestions = Suggestions(allowed_texts(self._column.judged_by))
        wrong = self._wrong(text)
        return self._suggestions.nearest(wrong[0]) if len(wrong) == 1 else None

    def _wrong(self, text: str, rule: Rule | None = None) -> list[str]:
        """The wrong values of a cell that breaks a rule, of the first ones: the cell itself unless it is a list.

        With `rule`, only those that break this one.
        """
        if self._column.type is not ColumnType.ARRAY:
            return [text]
        judge = self._inner if self._column.is_nested else self._items
        parts = (part for each, part in self._parts(text) if each is judge)
        broken = ((part, judge.broken_by(part)) for part in islice(parts, _ASKED) if judge is not None)
        return [part for part, rules in broken if (rules if rule is None else rule in rules)]


class _Judge:
    """Judges values by one schema: that of a whole cell, that of its items, that of the values of its inner lists."""

    def __init__(self, schema: Mapping[str, Any], column: Column, part: Part) -> None:
        self._part = part
        self._schema = schema
        self._column = column
        kind = {Part.WHOLE: column.type, Part.ITEM: column.item_type, Part.INNER: column.value_type}[part]
        self.matchers: dict[str, Matcher] = {}
        self._tests = direct_tests(untitled(schema), kind, self.matchers)
        # A validator is a class of its own: making it for each column costs more than a small file's rows.
        self._validator = validator_for(schema) if self._tests is None else None
        self._worded: dict[tuple[str, int], Rule] = {}
        self._verdicts: dict[str, Rules] = {}

    def broken(self, value: Any) -> Rules:
        """The rules that a converted value breaks: the first of each keyword."""
        found: dict[str, Rule] = {}
        try:
            for keyword, expected, title in self._errors(value):
                broken = self._rule(keyword, expected, title)
                found.setdefault(broken.code, broken)
        except NotMatchedInTimeError:
            return (not_in_time_rule(),)
        return tuple(found.values())

    def _errors(self, value: Any) -> Iterator[tuple[str, Any, str]]:
        """Keywords that the value breaks, inside `allOf` too, each with what it expects and the title beside it."""
        if self._tests is not None:
            title = self._schema.get(TITLE, "")
            yield from ((keyword, self._schema[keyword], title) for keyword, test in self._tests if not test(value))
        elif self._validator is not None:
            for error in self._validator.iter_errors(value):
                title = error.schema.get(TITLE, "") if isinstance(error.schema, Mapping) else ""
                yield str(error.validator), error.validator_value, title

    def broken_by(self, text: str) -> Rules:
        """The same for the text of an item, or of a value of an inner list.

        Nothing for a text that is not of its type: that is no rule of a schema.
        """
        verdict = self._verdicts.get(text)
        if verdict is None:
            value = (convert_item if self._part is Part.ITEM else convert_value)(text, self._column)
            verdict = _remembered(self._verdicts, text, () if value is NOT_CONVERTED else self.broken(value))
        return verdict

    def _rule(self, keyword: str, expected: Any, title: str) -> Rule:
        """The same rule for the same keyword: worded once."""
        # The schema holds what is expected, so that its identity stays: `allOf` may have the same keyword twice.
        key = keyword, id(expected)
        if key not in self._worded:
            self._worded[key] = rule(keyword, expected, self._column, self._part, title=title)
        return self._worded[key]


def _without_items(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The items are judged by themselves: a cell may hold half a million of them, nearly all the same."""
    return {keyword: expected for keyword, expected in schema.items() if keyword != "items"}


def _is_mostly_pattern(column: Column) -> bool:
    """Whether the rules of a text column are a pattern, and lengths at most: then a match says nearly all."""
    keywords = set(column.judged_by) - {TITLE}
    is_simple = column.type is ColumnType.STRING and not column.formats
    return is_simple and "pattern" in keywords and keywords <= {"type", "pattern", "minLength", "maxLength"}


def _remembered(verdicts: dict[str, Rules], text: str, verdict: Rules) -> Rules:
    if len(text) <= _REMEMBERED_CHARACTERS:
        if len(verdicts) >= _REMEMBERED:
            verdicts.clear()
        verdicts[text] = verdict
    return verdict
