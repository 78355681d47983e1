"""The process that matches patterns which may take for ever: started when first needed, one for each of ours.

It ends by itself when a text takes too long, and when its input ends, so that nothing outlives us. After a fork the
new process starts its own.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from watcher.errors import WatcherError

_CHILD = Path(__file__).with_name("matching_child.py")
#: The process ends itself after seconds of processor time; this is for one that gets no processor at all.
_SILENCE_SECONDS = 120
_MOMENT_SECONDS = 5
_TRIES = 3
_BATCH_TEXTS = 2_000
_BATCH_CHARACTERS = 1 << 20


class _Process:
    """The running process."""

    def __init__(self) -> None:
        self._is_at_end = False
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env={},
            )
        except OSError as error:
            raise WatcherError(f"cannot start a process to match patterns: {error.strerror}") from error

    def answers(self, request: bytes, count: int) -> bytes:
        """One byte for each text, fewer if the process ended on the way."""
        assert self._popen.stdin is not None  # noqa: S101 (for the type checker)
        rest = memoryview(request)
        try:
            while rest:
                rest = rest[self._popen.stdin.write(rest) :]
        except BrokenPipeError:
            self._is_at_end = True
            return b""
        return b"".join(self._read(count))

    def _read(self, count: int) -> Iterator[bytes]:
        assert self._popen.stdout is not None  # noqa: S101 (for the type checker)
        out = self._popen.stdout.fileno()
        poll = select.poll()
        poll.register(out, select.POLLIN)
        while count and poll.poll(_SILENCE_SECONDS * 1000):
            found = os.read(out, count)
            if not found:
                self._is_at_end = True
                return
            count -= len(found)
            yield found

    def end(self) -> bool:
        """End it and wait for it. Whether it ran still or was ended by its clock: then a text took long."""
        try:
            status = self._popen.wait(_MOMENT_SECONDS if self._is_at_end else 0)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
            status = None
        self._close()
        return status in (None, -signal.SIGVTALRM)

    def forget(self) -> None:
        """In a forked process: it is the parent's."""
        self._popen.returncode = 0
        self._close()

    def _close(self) -> None:
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _line(request: dict[str, object]) -> bytes:
    return (json.dumps(request) + "\n").encode()


class _Matcher:
    """Asks the process, one batch at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def found(self, pattern: str, texts: Sequence[str], *, full: bool, seconds: float) -> list[bool | None]:
        """What was found of the first texts: all of them, or up to one that could not be judged in time, None."""
        head = {"pattern": pattern, "full": full, "seconds": seconds}
        with self._lock:
            answers = self._ask(_line({**head, "texts": list(texts)}), len(texts))
        found: list[bool | None] = [{"1": True, "0": False}.get(answer) for answer in answers]
        return found if len(found) == len(texts) else [*found, None]

    def _ask(self, request: bytes, count: int) -> str:
        """The answers: all, or up to the text that took too long. What a stranger ended is started again."""
        answers = b""
        for _ in range(_TRIES):
            self._process = self._process or _Process()
            try:
                answers = self._process.answers(request, count)
            except BaseException:
                self.end()  # answers that nobody read would be taken for those to the next request
                raise
            if len(answers) == count:
                break
            process, self._process = self._process, None
            if process.end():
                break
        else:
            self._prove()
        return answers.decode()

    def _prove(self) -> None:
        """After a process ended several times, whether it can run at all. Otherwise the text is to blame."""
        self._process = _Process()
        request = {"pattern": "a", "full": True, "seconds": 60, "texts": ["a"]}
        if self._process.answers(_line(request), 1) != b"1":
            self.end()
            raise WatcherError("the process that matches patterns ends by itself")

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def after_fork(self) -> None:
        """Start anew in a forked process."""
        self._lock = threading.Lock()
        if self._process is not None:
            self._process.forget()
            self._process = None


_MATCHER = _Matcher()
atexit.register(_MATCHER.end)
os.register_at_fork(after_in_child=_MATCHER.after_fork)


def found_in_process(pattern: str, texts: Sequence[str], *, full: bool, seconds: float) -> list[bool | None]:
    """Whether each text matches; it stops after the first that took more seconds of processor time, which is None.

    Raises WatcherError if no process can be run.
    """
    found: list[bool | None] = []
    for batch in _batches(texts):
        found += _MATCHER.found(pattern, batch, full=full, seconds=seconds)
        if None in found:
            break
    return found


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == _BATCH_TEXTS or characters + len(text) > _BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch
