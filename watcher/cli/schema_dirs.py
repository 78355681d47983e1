"""Where a command looks for datasets: folders that are named to it, then those of the service's configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from watcher.cli.options import DEFAULT_CONFIG
from watcher.errors import ConfigError

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)

_given = click.option(
    "--schema-dir", "schema_dirs", type=_FOLDER, multiple=True, help="Look for datasets here before anywhere else."
)
#: None: not named. Unlike the other commands, these do without a configuration.
_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="EPOCH_WATCHER_CONFIG",
    show_envvar=True,
    help=f"The configuration file, for its schema_dirs.  [default: {DEFAULT_CONFIG}, if there]",
)


def schema_dirs_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--schema-dir DIR...` and `--config PATH`, handed to the command as `schema_dirs` and `config` for `all_dirs`."""
    return _given(_config(command))


def all_dirs(given: tuple[Path, ...], config: Path | None, usual: Path = DEFAULT_CONFIG) -> tuple[Path, ...]:
    """The folders in which datasets are looked for before the bundled ones, in their order.

    Of the configuration only `schema_dirs` must be sound: variables of the service's environment are seldom there when
    a person types. Where none is named and the usual one can't be read, that is said on standard error.
    Raises ConfigError for one that is named.
    """
    if config is None and not _is_there(usual):
        return given
    from watcher.config import load_schema_dirs  # late: it costs as much as a small file

    if config is not None:
        return (*given, *load_schema_dirs(config))
    try:
        return (*given, *load_schema_dirs(usual))
    except ConfigError as error:
        for problem in error.problems:
            click.echo(f"warning: datasets of the configuration are not known: {problem}", err=True)
        return given


def _is_there(file: Path) -> bool:
    """Whether there is a configuration, be it one that we may not read."""
    try:
        return file.exists()
    except OSError:
        return True
