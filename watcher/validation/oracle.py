"""The last word on a value: the `jsonschema` library, asked once for each distinct one."""

from __future__ import annotations

from collections.abc import Iterable

from jsonschema import Draft202012Validator

from watcher.schema.formats import CHECKER
from watcher.schema.model import Column
from watcher.validation.convert import NOT_CONVERTED, convert
from watcher.validation.wording import Rule, rule, type_rule

#: More verdicts are not remembered at once.
_REMEMBERED = 200_000


class Oracle:
    """Judges the cells of one column."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._validator = Draft202012Validator(dict(column.judged_by), format_checker=CHECKER)
        self._verdicts: dict[str, tuple[Rule, ...]] = {}
        self._rules: dict[str, Rule] = {}

    def broken_rules(self, text: str) -> tuple[Rule, ...]:
        """The rules that a cell breaks, each once; nothing for a sound one. The text is not empty."""
        verdict = self._verdicts.get(text)
        if verdict is None:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[text] = self._judge(text)
        return verdict

    def broken(self, texts: Iterable[str]) -> dict[str, tuple[Rule, ...]]:
        """Those of the texts that break a rule."""
        return {text: rules for text in texts if (rules := self.broken_rules(text))}

    def _judge(self, text: str) -> tuple[Rule, ...]:
        value = convert(text, self._column)
        if value is NOT_CONVERTED:
            return (type_rule(self._column),)
        errors = {str(error.validator): error.validator_value for error in self._validator.iter_errors(value)}
        return tuple(self._rule(keyword, expected) for keyword, expected in errors.items())

    def _rule(self, keyword: str, expected: object) -> Rule:
        """The same rule for the same keyword: worded once."""
        if keyword not in self._rules:
            self._rules[keyword] = rule(keyword, expected, self._column)
        return self._rules[keyword]
