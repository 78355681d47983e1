"""`epoch-watcher run`: the service."""

from __future__ import annotations

from pathlib import Path

import click

from watcher.cli.options import config_option


@click.command()
@config_option
def command(config: Path) -> None:
    """Watch the roots until told to stop.

    This is what systemd starts. It stays in the foreground and logs to standard error. SIGTERM lets what is under way
    end and stops it; SIGHUP reads the configuration again and keeps the old one if the new one is wrong.

    Only one service can use a work directory: a second one refuses to start and names the first.
    """
    from watcher import config as configuration
    from watcher import logs
    from watcher.service import daemon

    settings = configuration.load(config)
    logs.setup(settings.log)
    daemon.run(settings)
