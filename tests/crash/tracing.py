"""Runs the zygote's children under strace, which counts system calls, fails the N-th, or kills on it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: What a child of the zygote ends with: its work is done; it could not start, and said why.
DONE = 0
NOT_STARTED = 3
_INJECTED = re.compile(r"\(INJECTED\)|\(DELAYED\)")


@dataclass(frozen=True, slots=True)
class Point:
    """The `nth` system call of that name in a life of the service, counted from 1: strace counts each name apart."""

    call: str
    nth: int


@dataclass(frozen=True, slots=True)
class Run:
    """One life of the service. `code` is negative for a signal; `calls` are the traced calls, one line each."""

    code: int
    log: str
    calls: tuple[str, ...]

    @property
    def was_injected(self) -> bool:
        return self.code < 0 or any(map(_INJECTED.search, self.calls))


@dataclass(slots=True)
class Zygote:
    """Makes services quickly; see the program."""

    process: subprocess.Popen[str]
    folder: Path
    _count: int = 0

    def run(
        self, config: Path, *, trace: str | None = None, inject: str | None = None, fail_at: str | None = None
    ) -> Run:
        """One service for this configuration, from its start to its end, traced if asked."""
        self._count += 1
        gate, log, calls = (self.folder / f"{name}-{self._count}" for name in ("gate", "log", "calls"))
        os.mkfifo(gate)
        asked = {"config": str(config), "log": str(log), "gate": str(gate), "fail_at": fail_at}
        self._write(json.dumps(asked))
        pid = int(self._read())
        tracer = _attach(pid, calls, trace, inject) if trace else None
        os.close(os.open(gate, os.O_WRONLY))
        code = int(self._read())
        if tracer is not None:
            tracer.communicate(timeout=60)
        return Run(code, _text(log), tuple(_text(calls).splitlines()))

    def points(self, config: Path, calls: str) -> tuple[Point, ...]:
        """Each of these calls that an undisturbed service makes, in order: its name, and the how-manieth of its name."""
        run = self.run(config, trace=calls)
        assert run.code == DONE, run.log
        seen: Counter[str] = Counter()
        found = []
        for line in run.calls:
            name = line.partition("(")[0]
            if name.isidentifier():
                seen[name] += 1
                found.append(Point(name, seen[name]))
        return tuple(found)

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def zygote(folder: Path) -> Iterator[Zygote]:
    """A zygote with its files in this folder."""
    folder.mkdir(exist_ok=True)
    checkout = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.zygote"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
    )
    try:
        yield Zygote(process, folder)
    finally:
        process.kill()
        process.communicate()


def _attach(pid: int, calls: Path, trace: str, inject: str | None) -> subprocess.Popen[str]:
    command = ["strace", "-o", str(calls), "-p", str(pid), "-e", f"trace={trace}", "-e", "signal=none"]
    tracer = subprocess.Popen(
        [*command, *(["-e", f"inject={trace}:{inject}"] if inject else [])], stderr=subprocess.PIPE, text=True
    )
    stderr: IO[str] | None = tracer.stderr
    assert stderr is not None
    said = stderr.readline()
    assert "attached" in said, said
    return tracer


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
