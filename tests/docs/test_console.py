"""The runner of the pages' examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import agrees, examples, run

PAGE = """
```console
$ cat > names <<END
> one
> two
> END
$ wc -l < names
2
$ false
$ echo $?
1
```
```sh
rm -rf not-run
```
"""


def test_examples_takes_commands_continuations_and_output() -> None:
    found = examples(PAGE)
    assert [(example.command, example.expected) for example in found] == [
        ("cat > names <<END\none\ntwo\nEND", []),
        ("wc -l < names", ["2"]),
        ("false", []),
        ("echo $?", ["1"]),
    ]


def test_run_keeps_files_and_status_between_commands(tmp_path: Path) -> None:
    assert [printed for _, printed in run(PAGE, tmp_path)] == [[], ["2"], [], ["1"]]


@pytest.mark.parametrize(
    ("expected", "printed", "agreed"),
    [
        (["a", "...", "d"], ["a", "b", "c", "d"], True),
        (["a", "...", "d"], ["a", "d"], True),
        (["a", "...", "d"], ["a", "b"], False),
        (["took ... s"], ["took 1.2 s"], True),
        (["took ... s"], ["took 1.2 m"], False),
        (["a"], ["a", "b"], False),
        ([], ["a"], False),
        (["(a)*"], ["(a)*"], True),
    ],
)
def test_agrees_takes_dots_for_anything_and_nothing_else(expected: list[str], printed: list[str], agreed: bool) -> None:
    assert agrees(expected, printed) is agreed
