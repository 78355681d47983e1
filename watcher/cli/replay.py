"""`epoch-watcher replay`: asks the service to run a drop again from validation on."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.drops import find_drop, take_option
from watcher.cli.listing import echo_json, iso, line, moment, record_json
from watcher.cli.options import config_option, json_option
from watcher.cli.running import Running, running_service
from watcher.errors import WatcherError
from watcher.model.records import RequestKind
from watcher.model.states import OPEN_STATES, State, may_follow

if TYPE_CHECKING:
    from watcher.config import Settings
    from watcher.journal import Journal
    from watcher.model.records import Record, Request


@click.command()
@click.argument("root")
@click.argument("epoch")
@take_option
@click.option("--older", is_flag=True, help="Also where a newer drop was loaded: the older data go over the newer.")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept with the request.")
@json_option
@config_option
def command(*, root: str, epoch: str, take: int | None, older: bool, reason: str, as_json: bool, config: Path) -> None:
    """Run a drop again from validation on: after a schema was corrected, a loader mended, or to load what is held.

    A drop that waits for a later try, since a loader or a dataset was not as it should be, is tried at once.

    The wish is written into the journal with your name; the running service performs it at its next look, else the next
    `run` or `once`. What a loader has, it does not load twice: it knows a batch by its key. What newer data took the
    place of is loaded again, over them; so a drop that is older than the newest loaded one wants --older, unless it
    is held for its age, or the root has `late: load`.

    \b
      epoch-watcher replay lakeview 20260901-020000 --reason "grade 13 is allowed now"

    Exit code 0 if it was asked for, 1 if a replay makes no sense in the drop's state, or there is no such drop.
    """
    from watcher.clock import utc_now
    from watcher.config import load
    from watcher.journal import open_journal

    settings = load(config)
    with open_journal(settings.journal, read_only=True) as journal:
        record = find_drop(journal, root, epoch, take)
        newer = _newer_loaded(journal, record)
    asked = utc_now()
    waits = record.waits_for_a_try(asked)
    if not waits:
        _check_state(record)
        if not older:
            _check_age(record, newer, settings)
    with open_journal(settings.journal) as journal:
        request = journal.request(RequestKind.REPLAY, record, _signed(reason), at=asked)
    is_new = request.at == asked
    next_step = _next_step(running_service(settings))
    if as_json:
        wish = {"kind": request.kind, "by": line(request.by), "at": iso(request.at), "new": is_new, "next": next_step}
        echo_json({"request": wish, "drop": record_json(record)})
    else:
        click.echo(f"{_said(record, request, is_new=is_new, waits=waits)}; {next_step}")


def _check_state(record: Record) -> None:
    """Raises WatcherError where a replay makes no sense, saying what happens instead."""
    name = f"{record.root} {record.folder_name}"
    if record.state in OPEN_STATES:
        raise WatcherError(
            f"{name} is {record.state}: it is not finished, the service goes on with it by itself; "
            f"`explain {record.root}` says what it waits for"
        )
    if record.state is State.WITHDRAWN or not may_follow(record.state, State.CLAIMED):
        raise WatcherError(
            f"{name} is {record.state}: nothing was taken, so nothing can be run again; ask the sender for a new drop"
        )


def _newer_loaded(journal: Journal, record: Record) -> str:
    """The folder name of the newest loaded drop, if that is newer than this one; else nothing.

    A name that lies ahead of the time is a wrong clock's, and says nothing of the age of others.
    """
    from watcher.clock import utc_now
    from watcher.intake.gather import latest_sensible_name

    newest = journal.newest_loaded(record.root, latest_sensible_name(utc_now().astimezone())) or ""
    if newest != record.epoch:
        return newest if newest > record.epoch else ""
    takes = journal.find(record.root, record.epoch)
    return next((each.folder_name for each in takes if each.take > record.take and each.state is State.LOADED), "")


def _check_age(record: Record, newer: str, settings: Settings) -> None:
    """Raises WatcherError where a loader might put older data over newer, and nobody said that it should."""
    from watcher.config import Late
    from watcher.service.roots import discover

    if not newer or record.state is State.HELD:
        return
    root = discover(settings).roots.get(record.root)
    if root is None or root.policy.late is not Late.LOAD:
        raise WatcherError(
            f"{record.root} {record.folder_name} is older than {newer}, which was loaded: a replay would put older "
            "data over newer; with --older it does"
        )


def _signed(reason: str) -> str:
    """Who asks, and why if he says so: `alice (grade 13 is allowed now)`."""
    return f"{person()} ({line(reason)})" if reason.strip() else person()


def person() -> str:
    """The person behind a sudo, as far as the system knows him."""
    try:
        return line(os.getlogin())
    except OSError:
        pass  # no terminal: a timer, a script
    if os.environ.get("SUDO_USER"):
        return line(os.environ["SUDO_USER"])
    try:
        return line(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:
        return f"user {os.getuid()}"


def _next_step(running: Running) -> str:
    match running.runs:
        case True:
            return "the running service performs it at its next look, in a few seconds"
        case False:
            return "no service is running: the next `epoch-watcher run` or `once` performs it"
        case None:
            return "the service performs it at its next look"


def _said(record: Record, request: Request, *, is_new: bool, waits: bool) -> str:
    name = f"{record.root} {record.folder_name}"
    if is_new and waits:
        return f"asked for another try of {name} at once, which is {record.state}"
    if is_new:
        return f"asked for a replay of {name}, which is {record.state}"
    return f"a replay of {name} was asked for already, by {line(request.by)} at {moment(request.at)}"
