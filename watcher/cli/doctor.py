"""`epoch-watcher doctor`: looks for what would keep the service from working."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.listing import count, echo_json, line
from watcher.cli.options import config_option, json_option
from watcher.errors import ConfigError

if TYPE_CHECKING:
    from watcher.service.checks.result import Result

#: So many roots of which the same is to be told are told of one by one.
_ROOTS_ONE_BY_ONE = 5


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="List every root, also where the same is true of many.")
@json_option
@config_option
def command(*, verbose: bool, as_json: bool, config: Path) -> None:
    """Look for what would keep the service from working.

    Tries out what the service does: makes scratch files in each root (named like an upload under way, so that a running
    service passes over them), renames them into the work directory, asks for leases, writes into the journal and takes
    it back, asks each loader for its target. Nothing stays, nothing disturbs a running service.

    Run it as the service's user: root is refused nothing, so root finds out little.

    One line a check: ok, warning or problem, and what to do. Exit code 0, or 1 if there is a problem.
    """
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    results = _results(config)
    found: list[Result] = []
    if as_json:
        found.extend(results)
        _print_json(found)
    else:
        for group in _grouped(_noted(results, found), verbose=verbose):
            _print(group)
        _print_sum(found)
    if any(result.grade == "problem" for result in found):
        click.get_current_context().exit(1)


def _results(config: Path) -> Iterator[Result]:
    from watcher.config import load
    from watcher.service.checks.result import problem
    from watcher.service.doctor import examine

    try:
        settings = load(config)
    except ConfigError as error:
        for text in error.problems:
            yield problem("config", text, "correct the configuration; nothing else was looked at")
        return
    yield from examine(settings)


def _noted(results: Iterable[Result], found: list[Result]) -> Iterator[Result]:
    for result in results:
        found.append(result)
        yield result


def _grouped(results: Iterable[Result], *, verbose: bool) -> Iterator[list[Result]]:
    """Results one by one, but what is the same of many roots as one group: any good news, or the very same words."""
    for _, run in itertools.groupby(results, key=lambda result: (result.check, bool(result.root))):
        same: dict[tuple[str, ...], list[Result]] = {}
        for result in run:
            words = () if result.grade == "ok" else (result.text, result.advice)
            same.setdefault((result.grade, *words), []).append(result)
        for group in same.values():
            if group[0].root and len(group) > _ROOTS_ONE_BY_ONE and not verbose:
                yield group
            else:
                yield from ([each] for each in group)


def _print(group: list[Result]) -> None:
    from watcher.service.checks.result import some

    first = group[0]
    about = line(first.text)
    if len(group) > 1:
        roots = f"{len(group):,} roots"
        is_well = first.grade == "ok"
        about = f"{roots}: well" if is_well else f"{roots} ({some([each.root for each in group])}): {about}"
    elif first.root:
        about = f"{first.root}: {about}"
    click.echo(f"{first.grade:<8} {first.check}: {about}")
    if first.advice:
        click.echo(f"{'':<9}-> {line(first.advice)}")


def _print_sum(found: list[Result]) -> None:
    problems = sum(result.grade == "problem" for result in found)
    warnings = sum(result.grade == "warning" for result in found)
    click.echo(f"\n{count(problems, 'problem')}, {count(warnings, 'warning')}")


def _print_json(found: list[Result]) -> None:
    checks = [
        {
            "check": result.check,
            "grade": result.grade.value,
            "root": result.root or None,
            "text": line(result.text),
            "advice": line(result.advice) or None,
        }
        for result in found
    ]
    echo_json({"checks": checks})
