"""`epoch-watcher status`: is the service running, and how does each root stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watcher.cli.listing import echo_json, line, moment, notice_json, notice_line, record_json, table
from watcher.cli.options import config_option, json_option
from watcher.cli.running import Running, running_service
from watcher.cli.standing import Standing, standings_of

if TYPE_CHECKING:
    from watcher.model.records import Record

_TITLES = ("ROOT", "NEWEST", "STATE", "SINCE", "LAST LOADED", "OPEN", "HELD", "FAILED", "NOTICES", "WANTS")


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="List the notices and the originals that could not be removed.")
@json_option
@config_option
def command(*, verbose: bool, as_json: bool, config: Path) -> None:
    """Show each root at a glance.

    One line a root: the drop claimed last and its state, the newest epoch loaded, how many drops are open (being worked
    on), held and failed, how many notices there are (stale epochs, unknown entries, originals that could not be
    removed), and what a person has to see to. A failed drop counts until a later epoch of its root is loaded; a held
    one wants a decision until then. Below the table stands each drop that is tried again later, when, and why.

    Exit code 0 if nothing needs a person; 1 if the service is not running, a root can't be read, a drop is held or
    failed or waits for a loader or a dataset to work again, or the journal can't be read.
    """
    from watcher.config import load
    from watcher.service.roots import discover

    settings = load(config)
    discovery = discover(settings)
    running = running_service(settings)
    standings, trouble = standings_of(settings.journal, discovery.roots)
    problems = (*discovery.problems, *trouble)
    if as_json:
        _print_json(running, problems, standings)
    else:
        _print_text(_service(running), problems, standings, verbose=verbose)
    if not running.runs or problems or any(each.wants for each in standings):
        click.get_current_context().exit(1)


def _service(running: Running) -> str:
    match running.runs:
        case True:
            return f"the service is running: {running.who}"
        case False:
            return "the service is not running; start it: systemctl start epoch-watcher"
        case None:
            return "whether the service is running can't be seen by this user; run as the service's user"


def _print_text(service: str, problems: tuple[str, ...], standings: tuple[Standing, ...], *, verbose: bool) -> None:
    click.echo(service)
    for problem in problems:
        click.echo(line(problem))
    click.echo()
    click.echo(table(_TITLES, [_row(each) for each in standings]) if standings else "no roots")
    for each in standings:
        if each.problem:
            click.echo(f"{each.root}: {each.problem}")
        for record in each.waiting:
            click.echo(f"{each.root}: {_waits(record)}")
        if verbose:
            for notice in each.notices:
                click.echo(f"{each.root}: {notice_line(notice)}")
            for record in each.left:
                click.echo(f"{each.root}: source-left {record.epoch}: taken as a copy; the original can't be removed")


def _waits(record: Record) -> str:
    when = f", tried again at {moment(record.retry_at)}" if record.retry_at else ""
    return line(f"{record.folder_name} is {record.state}{when}: {record.reason}")


def _row(each: Standing) -> tuple[str, ...]:
    newest = (
        (each.newest.folder_name, each.newest.state.value, moment(each.newest.since)) if each.newest else ("-",) * 3
    )
    notices = len(each.notices) + len(each.left)
    loaded = each.loaded.epoch if each.loaded else "-"
    counts = (str(count) if count else "-" for count in (each.open, each.held, each.failed, notices))
    return (each.root, *newest, loaded, *counts, each.wants)


def _print_json(running: Running, problems: tuple[str, ...], standings: tuple[Standing, ...]) -> None:
    roots = [_json(each) for each in standings]
    about = {"running": running.runs, "text": _service(running)}
    echo_json({"service": about, "problems": [line(problem) for problem in problems], "roots": roots})


def _json(each: Standing) -> dict[str, Any]:
    return {
        "root": each.root,
        "path": line(each.path),
        "problem": each.problem or None,
        "newest": record_json(each.newest) if each.newest else None,
        "newest_loaded": record_json(each.loaded) if each.loaded else None,
        "open": each.open,
        "held": each.held,
        "failed": each.failed,
        "waiting": [record_json(record) for record in each.waiting],
        "counts": {state.value: count for state, count in sorted(each.counts.items())},
        "notices": [notice_json(notice) for notice in each.notices],
        "sources_left": [record.epoch for record in each.left],
        "wants": each.wants or None,
    }
