"""Options that several commands share, so that they are called and explained alike everywhere."""

from __future__ import annotations

from pathlib import Path

import click

DEFAULT_CONFIG = Path("/etc/epoch-watcher/config.yaml")

#: `--config PATH`, handed to the command as `config: Path`. Whether it can be read is said by `watcher.config.load`.
config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="EPOCH_WATCHER_CONFIG",
    show_envvar=True,
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The configuration file.",
)

#: `--json`, handed to the command as `as_json: bool`.
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
