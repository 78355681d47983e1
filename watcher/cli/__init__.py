"""The command `epoch-watcher`: one file per command, parsing and printing only; what is decided is decided below.

Exit codes: 0 done or accepted, 1 rejected, found wanting or trouble that we know, 2 usage or configuration, 3 our bug.
Standard output carries the answer alone, everything else goes to standard error. A command's module is imported when
the command runs, so that `--help` and completion stay quick.

Beside the commands (see `COMMANDS`) lie what several of them share (`options`, `listing`, `outputs`, `drops`,
`running`, `schema_dirs`) and the parts of one: of `validate` `judging`, `targets`, `rosterfile`, `spool` and
`progress`, of `explain` `explained`, of `status` `standing`, of `demo` `demo_drops`, of `schema` all `schema_*`.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import select
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

import click

import watcher
from watcher.errors import ConfigError, WatcherError
from watcher.text import nearest, printable

PROGRAM = "epoch-watcher"

DONE, FOUND_WANTING, MISUSED, OUR_BUG = 0, 1, 2, 3
_INTERRUPTED = 130
#: As a shell tells that SIGPIPE ended a program; a verdict has other codes.
_READER_GONE = 141
#: Set by the shell's completion script, which click makes and answers.
_COMPLETION = "_EPOCH_WATCHER_COMPLETE"

#: What `--help` shows without importing a command; each is `command` in the module of its name.
COMMANDS = {
    "run": "Watch the roots until told to stop; what systemd starts.",
    "once": "Look at every root once, do what is due, and end.",
    "validate": "Check a directory or a file against a dataset.",
    "explain": "Say what the service would do next with each root, and why.",
    "status": "Show each root at a glance.",
    "history": "List the drops that came, newest first.",
    "show": "Show one drop: its states, attempts and report.",
    "replay": "Run an epoch again from validation on.",
    "doctor": "Look for what would keep the service from working.",
    "config": "Check the configuration, or print an example or its schema.",
    "schema": "List, show and check datasets and file schemas.",
    "demo": "See it at work in a temporary folder.",
}


class _Commands(click.Group):
    """A group that imports a command only when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for name in COMMANDS if importlib.util.find_spec(f"watcher.cli.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"watcher.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = nearest(args[0], self.list_commands(ctx))
            ctx.fail(f"no command '{printable(args[0], 80)}'" + (f"; did you mean {near}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command has its own --help. Exit codes: 0 done, 1 rejected or trouble, 2 usage, 3 our bug.",
)
@click.version_option(watcher.__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
def commands() -> None:
    """Receive school-data drops: watch upload roots, validate what comes, load it, tell the sender."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code; never raises. `argv` is without the program's name."""
    try:
        code = _run(sys.argv[1:] if argv is None else list(argv))
        _flush_stdout()
        return code if isinstance(code, int) else DONE if code is None else FOUND_WANTING
    except Exception as error:  # noqa: BLE001 (the last line of defence: every error becomes a line and a code)
        return _code_of(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        _flush_stderr()


def program() -> NoReturn:
    """What the shell starts: `main`, and the end of the process with its code."""
    code = main()
    if code == _INTERRUPTED:
        # Python would first wait for each thread, also for one that the interruption left waiting for ever.
        os._exit(code)
    sys.exit(code)


def _run(argv: list[str]) -> object:
    """What the command returned, or the code that it ended with."""
    try:
        if _COMPLETION in os.environ:
            commands.main(argv, PROGRAM)
        # Not through click's own main: it takes every broken pipe for that of standard output, and ends with 1.
        with commands.make_context(PROGRAM, argv) as context:
            return commands.invoke(context)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except SystemExit as ending:
        return ending.code


def _code_of(error: Exception) -> int:
    """Says on standard error what went wrong and returns the exit code for it."""
    match error:
        case ConfigError():
            _say(*error.problems)
            return MISUSED
        case WatcherError():
            _say(*f"{PROGRAM}: {error}".splitlines())
            _say_traceback_if_wanted(error)
            return FOUND_WANTING
        case click.ClickException():
            with contextlib.suppress(OSError):
                error.show()
            return error.exit_code
        case click.Abort():
            return _INTERRUPTED
        case BrokenPipeError() if _reader_is_gone():
            _silence(sys.stdout)
            return _READER_GONE
        case OSError():
            where = "" if error.filename is None else f": {error.filename}"
            _say(f"{PROGRAM}: {error.strerror or type(error).__name__}{where}")
            _say_traceback_if_wanted(error)
            return FOUND_WANTING
        case _:
            place = _place_of(error)
            _say(f"{PROGRAM}: our mistake, not yours: {type(error).__name__} {place}; please report this line")
            _say_traceback_if_wanted(error)
            return OUR_BUG


def _say(*lines: str) -> None:
    with contextlib.suppress(OSError):  # with standard error gone the code must do
        for line in lines:
            click.echo(printable(line), err=True)


def _say_traceback_if_wanted(error: Exception) -> None:
    if os.environ.get("EPOCH_WATCHER_DEBUG") == "1":
        from watcher.logs import traceback_text

        _say(*traceback_text(error).splitlines())


def _place_of(error: Exception) -> str:
    """`in watcher/cli/run.py:14`: where it was raised; names no value."""
    at = error.__traceback__
    if at is None:
        return "in an unknown place"
    while at.tb_next is not None:
        at = at.tb_next
    return f"in {'/'.join(at.tb_frame.f_code.co_filename.split('/')[-3:])}:{at.tb_lineno}"


def _flush_stdout() -> None:
    """Brings a full disk or a reader that left to light while it can still be told; `>&-` leaves no stdout at all."""
    flush = getattr(sys.stdout, "flush", None)
    if flush is not None:
        flush()


def _flush_stderr() -> None:
    """What can't be said there must not change the code: Python would try once more at its end, and exit with 120."""
    if sys.stderr is not None:
        try:
            sys.stderr.flush()
        except (OSError, ValueError):
            _silence(sys.stderr)


def _reader_is_gone() -> bool:
    """Whether it is standard output whose reader left (`| head`), not some other pipe of ours."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        return False
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


def _silence(stream: TextIO) -> None:
    """Python flushes a standard stream once more at its end, and would complain."""
    with contextlib.suppress(OSError, ValueError):  # it may have no descriptor at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
