"""`epoch-watcher explain`: the plan of the next look at each root, and the reason for every wait."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any, assert_never

import click

from watcher.cli.explained import MOST_HELD, ExplainedRoot, explained_roots
from watcher.cli.listing import count, duration, echo_json, line, notice_json, notice_line
from watcher.cli.options import config_option, json_option
from watcher.cli.running import Running, running_service
from watcher.model import actions
from watcher.model.actions import Action, Waiting
from watcher.model.facts import LeaseLevel
from watcher.model.names import safe_name
from watcher.text import human_size

_LEASES = {
    LeaseLevel.GRANTED: "an open writer is seen (leases are granted)",
    LeaseLevel.REFUSED: "open writers can't be seen (no leases here): what is claimed is copied to be sure",
    LeaseLevel.UNKNOWN: "nothing that has settled lies here now, on which to try whether open writers can be seen",
}


@click.command()
@click.argument("root", required=False)
@json_option
@config_option
def command(*, root: str | None, as_json: bool, config: Path) -> None:
    """Say what the service would do next with each root, and why it waits with the rest.

    Looks at the roots afresh, reads the journal and makes the very plan that the service would perform now; it changes
    nothing and may run beside the service. ROOT is a root's id, as `status` shows it; without one all are explained.

    How long something has stood still takes two looks to see: a single look goes by the time of the last change, the
    running service measures it.

    Exit code 0, also if something waits; 1 if there is no such root.
    """
    from watcher.config import load

    # A process that holds a lease, if only for a moment, gets SIGIO when a writer knocks; that would kill it.
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    settings = load(config)
    running = running_service(settings)
    explained, problems = explained_roots(settings, root, running)
    if as_json:
        roots = [_json(each) for each in explained]
        echo_json({"running": running.runs, "problems": [line(text) for text in problems], "roots": roots})
        return
    for text in filter(None, (*problems, _service(running))):
        click.echo(line(text))
    for each in explained:
        _print(each)


def _service(running: Running) -> str:
    """What to say where a running service is not to be seen."""
    match running.runs:
        case True:
            return ""
        case False:
            return "no service is running: this is what `run` or `once` would do"
        case None:
            return "whether a service runs can't be seen by this user: what is in work may be told as if it were due"


# --- for people -------------------------------------------------------------------------------------------------------


def _print(root: ExplainedRoot) -> None:
    each = root.explained
    click.echo(f"\n{each.root.id}  {safe_name(str(each.root.path), 500)}")
    for action in each.actions:
        click.echo(f"  now     {words(action)}")
    for wait in each.waits:
        click.echo(f"  waits   {_subject(wait)}: {line(wait.reason)}{_next(wait)}")
    for notice in each.notices:
        click.echo(f"  notice  {notice_line(notice)}")
    if root.held > MOST_HELD:
        more = count(root.held - MOST_HELD, "more drop")
        click.echo(f"  held    {more}; `history {each.root.id} --state held` lists them")
    if root.failed:
        click.echo(f"  failed  {count(root.failed, 'drop')}: {_what_failed(each.root.id)}")
    if not (each.actions or each.waits):
        click.echo("  nothing to do by itself" if root.failed else "  nothing to do")
    click.echo(f"  leases  {_LEASES[each.lease]}")


def _what_failed(root: str) -> str:
    return f"`history {root} --state failed` lists them, `show` says why; repair that, then `replay`"


def _subject(wait: Waiting) -> str:
    return line(wait.subject)


def _next(wait: Waiting) -> str:
    return "" if wait.seconds is None else f" (worth another look in {duration(max(wait.seconds, 1.0))})"


def words(action: Action) -> str:
    """An action in a few words, subject included."""
    match action:
        case actions.Claim(epoch):
            total = human_size(sum(entry.size_bytes for entry in epoch.entries))
            return f"claim {epoch.name}: {len(epoch.entries):,} entries, {total}"
        case actions.Gather(files, missing, newer):
            names = ", ".join(safe_name(item.entry.name) for item in files)
            if newer:
                return f"set aside {names}, for newer ones: {', '.join(map(safe_name, newer))}"
            return f"gather {names} into an epoch" + (f", without {', '.join(missing)}" if missing else "")
        case actions.ResumeClaim(record):
            return f"go on with the claim of {record.epoch}"
        case actions.ForgetSource(record):
            return f"forget the original of {record.epoch}, which is gone from the root"
        case actions.Validate(record):
            return f"validate {record.epoch}"
        case actions.Load(record, loader):
            return f"load {record.epoch} with {line(loader)}"
        case actions.Finish(record):
            return f"finish {record.epoch}: every loader has it"
        case actions.Hold(record, reason):
            return f"hold {record.epoch} for a person: {line(reason)}"
        case actions.Supersede(record, reason):
            return f"keep {record.epoch} without looking into it: {line(reason)}"
        case actions.Reject(record, reason):
            return f"reject {record.epoch}: {line(reason)}"
        case actions.Fail(record, reason):
            return f"fail {record.epoch}: {line(reason)}"
        case actions.FileAway(record):
            return f"move {record.epoch} to where its state says ({record.state})"
        case actions.Deliver(record):
            return f"deliver the report of {record.epoch} to its sender"
        case actions.Tell(notice):
            return f"tell of {notice_line(notice)}"
        case actions.ForgetNotices():
            return "forget notices of what is gone"
        case actions.RemoveTest(entry):
            return f"remove the connection test {safe_name(entry.name)}"
        case _:
            assert_never(action)


# --- for programs -----------------------------------------------------------------------------------------------------


def _json(root: ExplainedRoot) -> dict[str, Any]:
    each = root.explained
    return {
        "root": each.root.id,
        "path": safe_name(str(each.root.path), 1000),
        "lease": each.lease.value,
        "plan": [_action_json(action) for action in each.actions],
        "waits": [
            {"subject": _subject(w), "waits_for": w.waits_for.value, "reason": line(w.reason), "seconds": w.seconds}
            for w in each.waits
        ],
        "notices": [notice_json(notice) for notice in each.notices],
        "held": root.held,
        "failed": root.failed,
    }


def _action_json(action: Action) -> dict[str, str | None]:
    name: str | None
    match action:
        case actions.Claim(epoch):
            name = epoch.name
        case actions.Gather() | actions.Tell() | actions.ForgetNotices() | actions.RemoveTest():
            name = None
        case _:
            name = action.record.epoch
    kind = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(action).__name__)
    return {"action": kind.removeprefix("-"), "epoch": name, "text": words(action)}
