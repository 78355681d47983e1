"""`epoch-watcher status`: is the service running, and how does each root stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watcher import fsops
from watcher.cli.listing import echo_json, line, moment, notice_json, notice_line, record_json, table
from watcher.cli.options import config_option, json_option
from watcher.cli.running import Running, running_service
from watcher.clock import utc_now
from watcher.errors import JournalError
from watcher.model.names import safe_name
from watcher.model.states import OPEN_STATES, State

if TYPE_CHECKING:
    from watcher.journal import Journal, RootStatus
    from watcher.model.records import Notice, Record
    from watcher.service.roots import Root

_TITLES = ("ROOT", "NEWEST", "STATE", "SINCE", "LAST LOADED", "OPEN", "HELD", "FAILED", "NOTICES", "WANTS")


@dataclass(frozen=True, slots=True)
class _Standing:
    """One root. `problem` says why it can't be read.

    `failed` and `undecided`, of those held, count drops that no later one has made up for.
    """

    root: str
    path: str
    problem: str
    newest: Record | None = None
    loaded: Record | None = None
    counts: Mapping[State, int] = field(default_factory=dict)
    failed: int = 0
    undecided: int = 0
    notices: tuple[Notice, ...] = ()
    left: tuple[Record, ...] = ()
    #: drops that are tried again later, since something on our side is not as it should be
    waiting: tuple[Record, ...] = ()

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN_STATES)

    @property
    def held(self) -> int:
        return self.counts.get(State.HELD, 0)

    @property
    def wants(self) -> str:
        """What a person has to see to, in a few words; empty if nothing."""
        needs = []
        if self.problem:
            needs.append("the root can't be read")
        if self.undecided:
            needs.append("a decision on what is held")
        if self.failed:
            needs.append("a look at what failed")
        if self.waiting:
            needs.append("a look at what waits")
        return ", ".join(needs)


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
    standings, trouble = _standings(settings.journal, discovery.roots)
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


def _standings(url: str, roots: Mapping[str, Root]) -> tuple[tuple[_Standing, ...], tuple[str, ...]]:
    """All roots, the configured and those that only the journal still knows; and what kept us from asking it."""
    from watcher.journal import open_journal

    try:
        with open_journal(url, read_only=True) as journal:
            return _asked(journal, roots), ()
    except JournalError as error:
        blank = tuple(_Standing(root.id, str(root.path), _problem(root)) for root in roots.values())
        return blank, (str(error),)


def _asked(journal: Journal, roots: Mapping[str, Root]) -> tuple[_Standing, ...]:
    notices, left = _grouped(journal.notices()), _grouped(journal.sources_left())
    gone = sorted(journal.roots_with_open_records() - roots.keys())
    return tuple(
        _Standing(
            root=status.root,
            path=str(roots[status.root].path) if status.root in roots else "",
            problem=_problem(roots[status.root]) if status.root in roots else "it is no longer configured",
            newest=status.newest,
            loaded=status.newest_loaded,
            counts=status.counts,
            failed=failed_since_loaded(journal, status),
            undecided=_undecided(journal, status),
            notices=tuple(notices.get(status.root, ())),
            left=tuple(left.get(status.root, ())),
            waiting=_waiting(journal, status),
        )
        for status in journal.latest([*roots, *gone])
    )


def _undecided(journal: Journal, status: RootStatus) -> int:
    """Held drops for which nothing newer was loaded since: a person who left one lying has decided by then."""
    total = status.counts.get(State.HELD, 0)
    held = journal.history(status.root, total, State.HELD) if total else ()
    loaded = status.newest_loaded
    return sum(loaded is None or record.since > loaded.since for record in held)


def _waiting(journal: Journal, status: RootStatus) -> tuple[Record, ...]:
    if not any(status.counts.get(state) for state in OPEN_STATES):
        return ()
    now = utc_now()
    return tuple(record for record in journal.open_records(status.root) if record.waits_for_a_try(now))


def failed_since_loaded(journal: Journal, status: RootStatus) -> int:
    """Failed drops newer than the newest loaded one: a later full drop has made up for the others."""
    total = status.counts.get(State.FAILED, 0)
    if not total:
        return 0
    newest = status.newest_loaded.epoch if status.newest_loaded else ""
    return sum(record.epoch > newest for record in journal.history(status.root, total, State.FAILED))


def _grouped(items: tuple[Any, ...]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for item in items:
        groups.setdefault(item.root, []).append(item)
    return groups


def _problem(root: Root) -> str:
    """Why a root can't be read; empty if it can."""
    try:
        with fsops.open_root(root.path):
            return ""
    except OSError as error:
        return f"{safe_name(str(root.path))}: {error.strerror}"


def _print_text(service: str, problems: tuple[str, ...], standings: tuple[_Standing, ...], *, verbose: bool) -> None:
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


def _row(each: _Standing) -> tuple[str, ...]:
    newest = (
        (each.newest.folder_name, each.newest.state.value, moment(each.newest.since)) if each.newest else ("-",) * 3
    )
    notices = len(each.notices) + len(each.left)
    loaded = each.loaded.epoch if each.loaded else "-"
    counts = (str(count) if count else "-" for count in (each.open, each.held, each.failed, notices))
    return (each.root, *newest, loaded, *counts, each.wants)


def _print_json(running: Running, problems: tuple[str, ...], standings: tuple[_Standing, ...]) -> None:
    roots = [_json(each) for each in standings]
    about = {"running": running.runs, "text": _service(running)}
    echo_json({"service": about, "problems": [line(problem) for problem in problems], "roots": roots})


def _json(each: _Standing) -> dict[str, Any]:
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
