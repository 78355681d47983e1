"""Runs the console blocks of a page, as a reader would type them, and compares what they print.

In a block that begins with ```console, a line `$ ...` is a command, `> ...` its continuation, and everything else what
it prints. A line `...` stands for any lines, `...` within a line for any text. All blocks of a page run in one shell.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "--- end of one command ---"


@dataclass
class Example:
    """A command and the lines that it is said to print."""

    command: str
    expected: list[str] = field(default_factory=list)


def examples(page: str) -> list[Example]:
    """The commands of a page, in order."""
    found: list[Example] = []
    for block in _BLOCK.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Example(line[2:]))
            elif line == ">" or line.startswith("> "):
                found[-1].command += "\n" + line[2:]
            else:
                found[-1].expected.append(line)
    return found


def run(page: str, folder: Path) -> list[tuple[Example, list[str]]]:
    """Each example with the lines that it printed, run one after the other in the folder."""
    listed = examples(page)
    # the status of each command is handed on, so that `echo $?` works
    script = folder / ".script"
    script.write_text("".join(f"{each.command}\n_status=$?; echo '{_END}'; (exit $_status)\n" for each in listed))
    done = subprocess.run(
        ["bash", script],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env=_environment(folder),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=280,
        check=False,
    )
    printed = [part.strip("\n").splitlines() for part in done.stdout.split(_END + "\n")]
    return list(zip(listed, printed, strict=False))


def agrees(expected: list[str], printed: list[str]) -> bool:
    """Whether the lines are those that the page shows."""
    pattern = "".join(_line(line) for line in _trimmed(expected))
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in printed), re.DOTALL) is not None


def _line(line: str) -> str:
    if line.strip() == "...":
        return r"(?:[^\n]*\n)*?"
    return r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("...")) + r"\n"


def _trimmed(lines: list[str]) -> list[str]:
    return "\n".join(lines).strip("\n").splitlines()


def _environment(folder: Path) -> dict[str, str]:
    """The reader's: the command on the path, a home of its own, nothing of the test's."""
    programs = folder / ".programs"
    programs.mkdir(exist_ok=True)
    command = programs / "epoch-watcher"
    # as pip writes it: a worker process imports this file again and must not begin anew
    start = "if __name__ == '__main__':\n    sys.exit(main())\n"
    command.write_text(f"#!{sys.executable}\nimport sys\nfrom watcher.cli import main\n{start}")
    command.chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
