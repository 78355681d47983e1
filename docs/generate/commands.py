"""What every command says of itself."""

from __future__ import annotations

from collections.abc import Iterator

import click

from docs.generate.markdown import NOTE
from watcher.cli import PROGRAM, commands

_WIDTH = 100


def page() -> str:
    return f"""{NOTE}
# Commands

What `--help` says. Standard output carries the answer alone; everything else goes to standard error.

| Exit code | Meaning |
| --- | --- |
| 0 | done, or accepted |
| 1 | rejected, found wanting, or trouble that is known and told |
| 2 | usage or configuration |
| 3 | a mistake of ours |

{"".join(_sections(commands, (PROGRAM,)))}"""


def documented_commands() -> set[str]:
    """Every command as it is typed: `epoch-watcher config check`."""
    return {" ".join(path) for path, _ in _walk(commands, (PROGRAM,))}


def _sections(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    for names, found in _walk(command, path):
        yield f"{'#' * (len(names) + 1)} {' '.join(names)}\n\n```text\n{_help(found, names)}\n```\n\n"


def _walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _walk(child, (*path, name))


def _help(command: click.Command, names: tuple[str, ...]) -> str:
    context = click.Context(
        command, info_name=" ".join(names), terminal_width=_WIDTH, help_option_names=["-h", "--help"]
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
