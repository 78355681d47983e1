"""`epoch-watcher once`: one run of the service over what is there, for cron and for trying things out."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.cli.options import config_option
from watcher.model.states import State

_WANTING = frozenset({State.REJECTED, State.HELD, State.FAILED})


@click.command()
@config_option
@click.option(
    "--patience",
    "patience_seconds",
    type=click.FloatRange(min=0),
    default=600,
    show_default=True,
    help="Seconds to wait at the most for drops that have come but still change.",
)
def command(config: Path, patience_seconds: float) -> int:
    """Take, validate, load and report what is there, then end.

    It does what the service does, and waits until everything that can settle has settled and been dealt with. What
    waits for its sender (no COMPLETE yet, files that belong together) is left for the next time; see `explain`.

    Exit code 1 if a drop was rejected, held or failed meanwhile. Refuses to run beside the service.
    """
    from watcher import config as configuration
    from watcher import logs
    from watcher.clock import utc_now
    from watcher.journal import open_journal
    from watcher.service import daemon

    settings = configuration.load(config)
    logs.setup(settings.log)
    began = utc_now()
    daemon.run_once(settings, patience_seconds=patience_seconds)
    with open_journal(settings.journal, read_only=True) as journal:
        ended = [record for record in journal.history(limit=10_000) if record.since >= began]
    for record in reversed(ended):
        click.echo(f"{record.root} {record.epoch}: {record.state}" + (f" ({record.reason})" if record.reason else ""))
    return 1 if any(record.state in _WANTING for record in ended) else 0
