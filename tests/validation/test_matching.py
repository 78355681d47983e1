"""Patterns are matched as Python does, and never for ever."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processes import is_running
from tests.validation.worlds import check, column
from watcher.errors import WatcherError
from watcher.validation.cells import matcher, matching
from watcher.validation.cells.costs import safe_length
from watcher.validation.cells.keywords import validator_for
from watcher.validation.cells.matching import Matcher, NotMatchedInTimeError

EVIL = "(a+)+$"
LONG = "a" * 50 + "!"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "TEXT_SECONDS", 0.1)
    monkeypatch.setattr(matching, "LOST_SECONDS", 0.25)


# How long a text may be


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$", r"(a|a)*$", r"(a|aa)+$", r"(.*a){12}x", r"^(\w+\s?)*$", r"(\w)\1", r"(a?){30}a{30}", r"((a*)*)*b",
        r"(?:a+|b)*+c", r"(x)?(?(1)a|b)", r"(?=(a+)+$)a", r"^(([a-z])+.)+[A-Z]([a-z])+$",
    ],
)  # fmt: skip
def test_safe_length_of_what_may_take_for_ever_is_none(pattern: str) -> None:
    assert safe_length(pattern) == 0


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        (r"^[0-9A-Za-z.\-_/@]+$", 100_000), (r"^\d{4}-\d{2}$", 50_000), (r"^[A-Z]{2}$|^X\d+$", 500),
        (r"\d", 500), (r"^[^@\s]+@[^@\s]+\.[^@\s]+$", 50), (r"^(?=.*\d)(?=.*[a-z]).{8,20}$", 50), ("", 1000),
    ],
)  # fmt: skip
def test_safe_length_of_a_simple_pattern_covers_ordinary_cells(pattern: str, least: int) -> None:
    assert safe_length(pattern) >= least


@pytest.mark.parametrize(
    ("pattern", "unit"),
    [
        (r"a*b", "a"), (r"a*a*b", "a"), (r"a*a*a*b", "a"), (r"^a*a*a*a*b", "a"), (r"(?=a*b)a", "a"), (r"a{0,50}a{0,50}b", "a"),
        (r"^(?:a?){1}a?a?a?a?a?a?a?a?b", "a"), (r"(?:a|b|c)*d", "abc"), (r"\s+$", " "), (r".*\d.*\d.*x", "1"), (r"(?:ab)*c", "ab"),
    ],
)  # fmt: skip
def test_safe_length_is_judged_at_once(pattern: str, unit: str) -> None:
    length = min(safe_length(pattern), 1 << 20)
    text = (unit * (length // len(unit) + 1))[:length]
    began = time.process_time()
    re.search(pattern, text)
    assert time.process_time() - began < 10


# What is found


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([r"^\d+$", r"(a+)+b", r"(\w)\1", r"[^é]\s$", r"(?i)^(straße|k)+$", r"(a|b)*c"]),
    st.lists(st.text("abcé1\n 2k\u212aK\u0661\x00\U0001f600sS", max_size=12), max_size=30),
)
def test_found_is_what_python_says(pattern: str, texts: list[str]) -> None:
    assert Matcher(pattern).found_all(texts) == [re.search(pattern, text) is not None for text in texts]
    expected = [re.fullmatch(pattern, text) is not None for text in texts]
    assert Matcher(pattern, full=True).found_all(texts) == expected


def test_found_all_of_more_texts_than_a_batch_are_in_order() -> None:
    texts = [f"{i}a" for i in range(4_500)]
    assert Matcher("(?:[0-4]+)+a").found_all(texts) == [re.search("[0-4]a", text) is not None for text in texts]


def test_found_of_a_long_text_goes_to_the_process() -> None:
    assert Matcher("(a|b)+$").found("ab" * 200_000) is True
    assert Matcher("[ab]+[ab]+", full=True).found("ab" * 20_000) is True


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "pattern", [EVIL, "(a|a)*$", "(a|aa)+$", r"^(\w+\s?)*$", "(.*a){25}$", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
@pytest.mark.usefixtures("impatient")
def test_found_of_what_takes_for_ever_is_not_known(pattern: str) -> None:
    assert Matcher(pattern).found(LONG) is None


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("impatient")
def test_found_all_goes_on_after_a_text_that_takes_for_ever() -> None:
    assert Matcher(EVIL).found_all(["a", LONG, "b", "ba"]) == [True, None, False, True]


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("impatient")
def test_found_all_of_many_such_texts_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of a million such cells would take a week otherwise."""
    asked: list[int] = []
    whole = matcher.found_in_process

    def counted(pattern: str, texts: list[str], *, full: bool, seconds: float) -> list[bool | None]:
        asked.append(len(texts))
        return whole(pattern, texts, full=full, seconds=seconds)

    monkeypatch.setattr(matching, "found_in_process", counted)
    assert Matcher(EVIL).found_all([LONG + str(i) for i in range(10_000)]) == [None] * 10_000
    assert asked == [10_000, 9_999, 9_998]


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("impatient")
def test_validator_raises_where_a_pattern_takes_for_ever() -> None:
    validator = validator_for({"not": {"pattern": EVIL}})
    assert validator.is_valid("b")
    with pytest.raises(NotMatchedInTimeError):
        validator.is_valid(LONG)


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("impatient")
def test_cell_that_takes_for_ever_is_a_breach_of_its_pattern(tmp_path: Path) -> None:
    report = check(tmp_path, f"n\naa\n{LONG}\nb\n", column("n", pattern=EVIL))
    timed_out, wrong = (found for found in report.findings if found.code == "pattern")
    assert "in time" in timed_out.message
    assert [(sample.line, sample.value) for sample in timed_out.samples] == [(3, LONG)]
    assert [(sample.line, sample.value) for sample in wrong.samples] == [(4, "b")]


# The process


def running() -> int | None:
    process = matcher._MATCHER._process
    return None if process is None else process._popen.pid


def test_process_runs_within_the_limits_and_signals_of_its_parent() -> None:
    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
        signal.signal(signal.SIGVTALRM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGVTALRM])

    batches = [{"pattern": EVIL, "full": False, "seconds": 0.1, "texts": texts} for texts in (["a", "b"], [LONG])]
    lines = "".join(json.dumps(batch) + "\n" for batch in batches).encode()
    done = subprocess.run(
        [sys.executable, "-I", "-S", matcher._CHILD],
        check=False,
        input=lines,
        capture_output=True,
        preexec_fn=narrow,
        timeout=30,
    )
    assert (done.stdout, done.returncode) == (b"10", -signal.SIGVTALRM)


def test_process_that_cannot_run_is_trouble_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not of the cells: they are not told to be wrong."""
    matcher._MATCHER.end()
    (tmp_path / "child.py").write_text("raise SystemExit(1)")
    monkeypatch.setattr(matcher, "_CHILD", tmp_path / "child.py")
    with pytest.raises(WatcherError, match="ends by itself"):
        Matcher(EVIL).found("a")
    monkeypatch.undo()
    assert Matcher(EVIL).found("a") is True


def test_process_that_was_killed_is_started_again() -> None:
    assert Matcher(EVIL).found("a") is True
    pid = running()
    assert pid is not None
    os.kill(pid, 9)
    assert Matcher(EVIL).found("aa") is True
    assert running() != pid


def test_process_is_ended_when_its_answers_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt between request and answers; the next request must not get them."""
    assert Matcher(EVIL).found("a") is True
    with monkeypatch.context() as patched:
        patched.setattr(matcher._Process, "_read", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            Matcher(EVIL).found_all(["a", "aa"])
    assert Matcher(EVIL).found_all(["b", "c"]) == [False, False]


def test_process_of_the_parent_is_not_used_after_a_fork() -> None:
    assert Matcher(EVIL).found("a") is True
    pid = running()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 on: a fork beside threads; it waits for none
        child = os.fork()
    if child == 0:  # pragma: no cover (os._exit tells coverage nothing)
        fine = running() is None and Matcher(EVIL).found("aaa") is True and running() != pid
        matcher._MATCHER.end()
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert Matcher(EVIL).found("aaaa") is True
    assert running() == pid


def test_process_ends_with_its_parent() -> None:
    code = (
        f"from watcher.validation.cells.matching import Matcher\nfrom watcher.validation.cells import matcher\n"
        f"assert Matcher({EVIL!r}).found('a')\nprint(matcher._MATCHER._process._popen.pid, flush=True)\nimport os\nos._exit(0)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    pid, deadline = int(out.stdout), time.monotonic() + 60
    while is_running(pid):
        assert time.monotonic() < deadline


@pytest.mark.timeout(60)
def test_found_in_threads_is_what_each_asked_for() -> None:
    right: list[bool] = []

    def ask(number: int) -> None:
        texts = [f"{number}{'a' * i}" for i in range(50)]
        right.extend(Matcher(f"(?:{number}a+)+$").found_all(texts) == [False, *[True] * 49] for _ in range(5))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 30


class _Forgetful(dict[str, "bool | None"]):
    """Forgets everything between two questions, as another thread may make it."""

    def __contains__(self, key: object) -> bool:
        is_known = super().__contains__(key)
        self.clear()
        return is_known


def test_what_another_thread_forgets_meanwhile_is_judged_anew() -> None:
    judge = Matcher(EVIL)
    judge._known = _Forgetful({"aaa": True, "b": False})
    assert judge.found("aaa") is True
    assert judge.found_all(["b", "aaa"]) == [False, True]
