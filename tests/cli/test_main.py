from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

import watcher
from watcher import cli
from watcher.cli.options import config_option, json_option
from watcher.config import example_text
from watcher.errors import ConfigError, JournalError

REPOSITORY = Path(watcher.__file__).parents[1]
Capture = pytest.CaptureFixture[str]


def run_program(*argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "watcher", *argv],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environ},
    )


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a command in the place of `status`, whose body is the given function."""

    def install(body: Callable[..., object], *options: Callable[..., Callable[..., object]]) -> None:
        for option in options:
            body = option(body)
        made = click.command("status")(body)
        monkeypatch.setattr(cli._Commands, "get_command", lambda *_: made)

    return install


def raising(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


# help and usage


def test_help_imports_nothing_heavy() -> None:
    program = "import sys; from watcher.cli import main; code = main(['--help']); print(code, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert "click" in modules
    heavy = {"sqlalchemy", "polars", "numpy", "jsonschema", "alembic", "loguru", "rich", "jinja2", "watchdog", "yaml"}
    assert heavy.isdisjoint(modules)


def test_help_lists_each_command_that_is_there_with_its_line(capsys: Capture) -> None:
    assert cli.main(["--help"]) == cli.DONE
    out = capsys.readouterr().out
    there = [name for name in cli.COMMANDS if (REPOSITORY / "watcher" / "cli" / f"{name}.py").exists()]
    assert "config" in there
    for name in there:
        assert f"  {name} " in out
        assert cli.COMMANDS[name] in " ".join(out.split())


def test_each_command_has_help_of_its_own(capsys: Capture) -> None:
    context = click.Context(cli.commands)
    for name in cli.commands.list_commands(context):
        assert cli.main([name, "--help"]) == cli.DONE
        assert f"Usage: epoch-watcher {name}" in capsys.readouterr().out


def test_version_is_printed(capsys: Capture) -> None:
    assert cli.main(["--version"]) == cli.DONE
    assert capsys.readouterr().out == f"epoch-watcher {watcher.__version__}\n"


@pytest.mark.parametrize("argv", [[], ["confg"], ["--nope"], ["config", "chek"], ["config", "check", "a", "b"]])
def test_misuse_is_told_on_stderr_with_code_2(capsys: Capture, argv: list[str]) -> None:
    assert cli.main(argv) == cli.MISUSED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: epoch-watcher" in captured.err


def test_unknown_command_names_the_nearest(capsys: Capture) -> None:
    cli.main(["confg"])
    assert "no command 'confg'; did you mean config?" in capsys.readouterr().err


def test_shell_completion_offers_commands() -> None:
    done = run_program(_EPOCH_WATCHER_COMPLETE="bash_complete", COMP_WORDS="epoch-watcher conf", COMP_CWORD="1")
    assert (done.returncode, done.stdout) == (0, "plain,config\n")


# exit codes


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigError(("c.yaml:1: a", "c.yaml:2: b\x1b")), 2, "c.yaml:1: a\nc.yaml:2: b\\x1b\n"),
        (JournalError("locked by\n pid 7"), 1, "epoch-watcher: locked by\n pid 7\n"),
        (PermissionError(13, "Permission denied", "/x\ny"), 1, "epoch-watcher: Permission denied: /x\\ny\n"),
        (click.UsageError("no"), 2, "Error: no\n"),
        (click.ClickException("no"), 1, "Error: no\n"),
        (click.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(1), 1, ""),
        (SystemExit(None), 0, ""),
    ],
)
def test_error_becomes_code_and_line(
    command: Callable[..., None], capsys: Capture, error: BaseException, code: int, said: str
) -> None:
    command(raising(error))
    assert cli.main(["status"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(said)
    assert (captured.err == "") is (not said)


@pytest.mark.parametrize(("value", "code"), [(None, 0), (0, 0), (1, 1)])
def test_value_of_a_command_is_its_code(command: Callable[..., None], value: int | None, code: int) -> None:
    command(lambda: value)
    assert cli.main(["status"]) == code


def test_our_bug_is_one_line_without_its_text(command: Callable[..., None], capsys: Capture) -> None:
    command(raising(KeyError("Zoë Quux")))
    assert cli.main(["status"]) == cli.OUR_BUG
    err = capsys.readouterr().err
    assert err.startswith("epoch-watcher: our mistake, not yours: KeyError in ")
    assert "tests/cli/test_main.py:" in err
    assert err.count("\n") == 1
    assert "Zoë" not in err


def test_our_bug_has_a_traceback_on_demand(
    command: Callable[..., None], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPOCH_WATCHER_DEBUG", "1")
    command(raising(KeyError("Zoë Quux")))
    cli.main(["status"])
    err = capsys.readouterr().err
    assert "in body" in err
    assert "Zoë" not in err


@pytest.mark.parametrize("argv", [["config", "schema"], ["config", "example"], ["--version"]])
def test_reader_that_left_ends_it_quietly(argv: list[str]) -> None:
    """`epoch-watcher config schema | true`: no traceback, and no code that looks like a verdict."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "watcher", *argv],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
        # buffered, as for a person: what is left in the buffer must not make noise at the end
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": ""},
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_broken_pipe_of_something_else_is_told(command: Callable[..., None], capsys: Capture) -> None:
    command(raising(BrokenPipeError(32, "Broken pipe")))
    assert cli.main(["status"]) == cli.FOUND_WANTING
    assert capsys.readouterr().err == "epoch-watcher: Broken pipe\n"


def test_full_disk_behind_stdout_is_told() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "watcher", "config", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "epoch-watcher: No space left on device"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("argv", "code"), [("config schema", 0), ("confg", 2), ("config check /gone", 2)])
def test_closed_streams_keep_the_code(closed: str, argv: str, code: int) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m watcher {argv} {closed}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


# shared options


def test_config_option_comes_from_line_environment_or_default(
    command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def body(config: Path, *, as_json: bool) -> None:
        seen.append((config, as_json))

    command(body, config_option, json_option)
    cli.main(["status"])
    monkeypatch.setenv("EPOCH_WATCHER_CONFIG", "/from/env")
    cli.main(["status"])
    cli.main(["status", "--config", "/from/line", "--json"])
    default = Path("/etc/epoch-watcher/config.yaml")
    assert seen == [(default, False), (Path("/from/env"), False), (Path("/from/line"), True)]


# config


def test_config_check_sound_file_is_said(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(example_text(), encoding="utf-8")
    assert cli.main(["config", "check", str(file)]) == cli.DONE
    assert capsys.readouterr().out == f"{file} is sound: 1 root entry, 0 loaders\n"


def test_config_check_each_problem_is_a_line(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("work_dir: /w\nroots: [{path: /a, settle: 5}]\nworkers: 0\n", encoding="utf-8")
    assert cli.main(["config", "check", str(file)]) == cli.MISUSED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        f"{file}:2: roots[0].settle: expected an option, found 'settle'; write settle_seconds",
        f"{file}:3: workers: expected a whole number from 1 to 1000, found 0",
    ]


def test_config_check_unknown_dataset_is_a_problem(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("work_dir: /w\nroots: [{path: /a, dataset: samegaol}]\n", encoding="utf-8")
    assert cli.main(["config", "check", str(file)]) == cli.MISUSED
    captured = capsys.readouterr()
    assert (captured.out, "did you mean 'samegoal'?" in captured.err) == ("", True)


@pytest.mark.parametrize(("mode", "warned"), [(0o640, False), (0o644, True)])
def test_config_check_password_that_all_may_read_is_warned_of(
    tmp_path: Path, capsys: Capture, mode: int, warned: bool
) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("work_dir: /w\nroots: [{path: /a}]\njournal: postgresql://u:pw@h/db\n", encoding="utf-8")
    file.chmod(mode)
    assert cli.main(["config", "check", str(file)]) == cli.DONE
    assert ("a password stands in it" in capsys.readouterr().err) is warned


def test_config_check_file_that_is_not_there_is_named(tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["config", "check", str(tmp_path / "gone.yaml")]) == cli.MISUSED
    assert capsys.readouterr().err == f"{tmp_path / 'gone.yaml'}: No such file or directory\n"


def test_config_check_takes_the_file_of_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(example_text(), encoding="utf-8")
    done = run_program("config", "check", EPOCH_WATCHER_CONFIG=str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(file))


def test_config_example_is_the_example(capsys: Capture) -> None:
    assert cli.main(["config", "example"]) == cli.DONE
    assert capsys.readouterr().out == example_text()


def test_config_schema_is_a_json_schema(capsys: Capture) -> None:
    assert cli.main(["config", "schema"]) == cli.DONE
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))
