from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from watcher import logs
from watcher.config import LogSettings
from watcher.errors import JournalError

Setup = Callable[..., io.StringIO]


@pytest.fixture
def setup() -> Iterator[Setup]:
    """Sets logging up on a stream that it returns; afterwards all is as loguru starts."""

    def set_up(*, journald: bool = True, **settings: Any) -> io.StringIO:
        stream = io.StringIO()
        logs.setup(LogSettings(**settings), journald=journald, stream=stream)
        return stream

    yield set_up
    logger.remove()
    logger.add(sys.stderr)
    for handler in logging.getLogger().handlers.copy():
        if type(handler).__module__ == "watcher.logs":
            logging.getLogger().removeHandler(handler)


def claimed(**extra: Any) -> None:
    bound = logger.bind(root="lakeview", epoch="20260901-020000")
    bound.info("claimed {files} files, 12 kB ({way})", files=3, way="renamed", event="claimed", **extra)


# text


def test_text_under_journald_is_a_story_with_priority(setup: Setup) -> None:
    out = setup()
    claimed()
    assert out.getvalue() == "<6>lakeview 20260901-020000: claimed 3 files, 12 kB (renamed)\n"


def test_text_on_a_terminal_has_time_and_level(setup: Setup) -> None:
    out = setup(journald=False)
    logger.warning("no root is there yet")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WARNING no root is there yet\n", out.getvalue())


def test_text_with_a_root_alone_names_it(setup: Setup) -> None:
    out = setup()
    logger.bind(root="lakeview", epoch=None).info("unavailable")
    assert out.getvalue() == "<6>lakeview: unavailable\n"


def test_text_each_level_has_its_priority(setup: Setup) -> None:
    out = setup(level="TRACE")
    for level in ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL"):
        logger.log(level, "x")
    assert out.getvalue().split() == ["<7>x", "<7>x", "<6>x", "<6>x", "<4>x", "<3>x", "<2>x"]


def test_level_below_the_setting_is_not_logged(setup: Setup) -> None:
    out = setup(level="WARNING")
    claimed()
    assert out.getvalue() == ""


def test_setup_again_replaces_the_first(setup: Setup) -> None:
    first = setup()
    second = setup(level="DEBUG")
    logger.debug("once")
    assert (first.getvalue(), second.getvalue()) == ("", "<7>once\n")


# hostile values


@pytest.mark.parametrize(
    "name", ["a\n<2>forged", "\udce9.csv", "{x} {0} {", "</red> <b>", "\x1b[2J", "\u202ecsv", "a\rb"]
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_hostile_name_stays_in_its_line(setup: Setup, name: str, form: str) -> None:
    out = setup(format=form)
    logger.bind(root=name, epoch=name).info("ignored {name}", name=name, event="ignored")
    text = out.getvalue()
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1
    assert text.startswith("<6>")
    assert text[:-1].isprintable()
    text.encode()


def test_long_value_is_cut(setup: Setup) -> None:
    out = setup()
    logger.info("ignored {name}", name="x" * 100_000)
    assert len(out.getvalue()) <= logs.MAX_CHARACTERS + 4


# JSON lines


def test_json_has_every_bound_value(setup: Setup) -> None:
    out = setup(format="json", journald=False)
    claimed(bytes=12.5, path=b"x", level="not mine", odd=float("nan"))
    line = json.loads(out.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {
        "level": "INFO",
        "event": "claimed",
        "message": "claimed 3 files, 12 kB (renamed)",
        "root": "lakeview",
        "epoch": "20260901-020000",
        "files": 3,
        "way": "renamed",
        "bytes": 12.5,
        "path": "b'x'",
        "odd": "nan",
    }


def test_json_value_whose_text_raises_is_still_logged(setup: Setup) -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError

    out = setup(format="json", journald=False)
    logger.bind(odd=Odd()).info("x")
    assert json.loads(out.getvalue())["odd"] == "a Odd without text"


# exceptions


def fail(error: Exception) -> None:
    try:
        student = "Zoë Quux"
        int(student)
    except ValueError:
        raise error  # noqa: B904 (the implicit context is what is tested)


def log_failure(error: Exception) -> None:
    try:
        fail(error)
    except Exception:  # noqa: BLE001 (as the service does)
        logger.bind(root="lakeview").exception("broke", event="broke")


def test_traceback_every_line_has_its_priority_and_no_value(setup: Setup) -> None:
    out = setup()
    log_failure(KeyError("Zoë Quux"))
    lines = out.getvalue().splitlines()
    assert lines[0] == "<3>lakeview: broke"
    assert all(line.startswith("<3>") for line in lines)
    assert lines[-1] == "<3>KeyError (its text is kept back: it may hold data)"
    assert any("in fail" in line for line in lines)
    assert any(line.startswith("<3>ValueError") for line in lines)
    # The source line of the test quotes the name; no rendered exception does.
    assert not any("Zoë" in line for line in lines if "student =" not in line)


def test_traceback_in_json_is_one_line(setup: Setup) -> None:
    out = setup(format="json", journald=False)
    log_failure(KeyError("Zoë Quux"))
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue())["traceback"].splitlines()[-1].startswith("KeyError (")


def test_summary_own_and_system_errors_say_their_text() -> None:
    assert logs.summary(JournalError("locked\nby 7")) == r"JournalError: locked\nby 7"
    assert logs.summary(FileNotFoundError(2, "No such file", "a\nb")) == r"FileNotFoundError: No such file: 'a\nb'"


def test_traceback_of_endless_recursion_is_short() -> None:
    def odd(depth: int) -> int:
        return even(depth + 1) + 1

    def even(depth: int) -> int:  # two that take turns are not folded into "repeated" by Python
        return odd(depth + 1) + 1

    with pytest.raises(RecursionError) as caught:
        odd(0)
    assert len(logs.traceback_text(caught.value).splitlines()) < 100


# the stream


def test_stream_that_fails_does_not_stop_the_caller(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    out = setup()
    out.close()
    claimed()
    with open("/dev/full", "w", encoding="utf-8", buffering=1) as full:
        logs.setup(LogSettings(), journald=True, stream=full)
        claimed()
        setup()  # before the file is closed: nothing more is written to it
        with pytest.raises(OSError):
            full.close()
    assert capsys.readouterr().err == ""


def test_library_warning_comes_in_the_same_form(setup: Setup) -> None:
    out = setup()
    logging.getLogger("somelibrary").warning("queue\noverflow %d", 3)
    logging.getLogger("somelibrary").info("not interesting")
    assert out.getvalue() == "<4>somelibrary: queue\\noverflow 3\n"


PROGRAM = """
from loguru import logger
from watcher import logs
from watcher.config import LogSettings
logs.setup(LogSettings())
logger.info("hello")
"""


def test_journal_stream_is_known_by_device_and_inode() -> None:
    read, write = os.pipe()
    status = os.fstat(write)
    base = {**os.environ, "PYTHONPATH": str(Path(logs.__file__).parents[1])}
    for stream in (f"{status.st_dev}:{status.st_ino}", "1:2"):
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**base, "JOURNAL_STREAM": stream}, stderr=write, check=True
        )
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as lines:
        first, second = lines.read().splitlines()
    assert first == "<6>hello"
    assert re.fullmatch(r"\d{4}-.* INFO    hello", second)
