"""`epoch-watcher history`: the drops that came, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.listing import echo_json, line, moment, number, record_json, table
from watcher.cli.options import config_option, json_option
from watcher.model.states import State

if TYPE_CHECKING:
    from watcher.model.records import Record

_TITLES = ("WHEN", "ROOT", "EPOCH", "STATE", "FILES", "ROWS", "ERRORS", "REASON")


@click.command()
@click.argument("root", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many drops.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only drops in this state.")
@json_option
@config_option
def command(*, root: str | None, limit: int, state: str | None, as_json: bool, config: Path) -> None:
    """List the drops that came, newest first.

    ROOT is a root's id, as `status` shows it; without one the drops of all roots are listed. WHEN is the time at which
    the drop came into its state. An epoch that came more than once is listed as often: .2 is the second.

    \b
      epoch-watcher history lakeview --state rejected
      epoch-watcher history --limit 1000 --json

    Exit code 0, also if there is none.
    """
    from watcher.config import load
    from watcher.journal import open_journal

    settings = load(config)
    with open_journal(settings.journal, read_only=True) as journal:
        records = journal.history(root, limit, State(state) if state else None)
    if as_json:
        echo_json({"drops": [record_json(record) for record in records]})
    elif records:
        click.echo(table(_TITLES, [_row(record) for record in records]))
    else:
        click.echo("no drops", err=True)


def _row(record: Record) -> tuple[str, ...]:
    return (
        *(moment(record.since), record.root, record.folder_name, record.state.value),
        *(number(record.files), number(record.rows), number(record.errors), line(record.reason)),
    )
