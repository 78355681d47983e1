"""`epoch-watcher config`: says whether a configuration is sound, and helps to write one."""

from __future__ import annotations

import json
from pathlib import Path

import click

from watcher.cli.options import DEFAULT_CONFIG


@click.group()
def command() -> None:
    """Check the configuration, or print an example or its schema."""


@command.command()
@click.argument(
    "file", type=click.Path(path_type=Path), envvar="EPOCH_WATCHER_CONFIG", default=DEFAULT_CONFIG, required=False
)
def check(file: Path) -> None:
    """Say everything that is wrong with FILE (/etc/epoch-watcher/config.yaml).

    The whole file is judged at once, without touching a root, a database or the running service: spelling of every
    option, types and limits, loaders and datasets that roots name, folders that must keep apart, variables of the
    environment. Options of a loader are judged by the loader; see doctor.

    \b
    Each problem is one line on standard error:
      config.yaml:14: roots[0].settle: expected an option, found 'settle'; write settle_seconds

    Exit code 0 if it is sound, 2 if not. Run it before every reload.
    """
    from watcher.config import load
    from watcher.errors import ConfigError
    from watcher.service.datasets import read_intakes

    settings = load(file)
    if problems := read_intakes(settings).problems:
        raise ConfigError(problems)
    click.echo(
        f"{click.format_filename(file)} is sound: {_count(len(settings.roots), 'root entry', 'root entries')}, "
        f"{_count(len(settings.loaders), 'loader', 'loaders')}"
    )
    if settings.secrets_in_file and file.stat().st_mode & 0o007:
        click.echo("warning: a password stands in it and everybody may read it; chmod o= or use ${NAME}", err=True)


@command.command()
def example() -> None:
    """Print a commented configuration with every option.

    \b
    It is sound as it stands; what is switched off shows its default or an example:
      epoch-watcher config example > config.yaml
      epoch-watcher config check config.yaml
    """
    from watcher.config import example_text

    click.echo(example_text(), nl=False)


@command.command()
def schema() -> None:
    """Print the JSON Schema (Draft 2020-12) of the configuration.

    \b
    An editor with a YAML language server then completes and checks while you type:
      epoch-watcher config schema > config.schema.json
    and as the first line of config.yaml
      # yaml-language-server: $schema=config.schema.json
    """
    from watcher.config import schema as published

    click.echo(json.dumps(published(), indent=2, ensure_ascii=False))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
