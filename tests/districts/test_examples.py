"""The example scripts as text: sound, alike, and on their pages. What they do is in test_scripts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from docs.generate.scripts import PAGES, shown
from tests.districts.scripts import EXAMPLES, SCRIPTS

ROOT = EXAMPLES.parent
SHELL = sorted(EXAMPLES.glob("*.sh"))
POWERSHELL = sorted(EXAMPLES.glob("*.ps1"))
WINSCP = sorted(EXAMPLES.glob("*.txt"))
#: the commands of WinSCP's scripting that there are, as far as they are used, and the options of `option`
WINSCP_COMMANDS = {"option", "open", "mkdir", "put", "get", "exit"}
WINSCP_OPTIONS = {"option batch abort", "option confirm off", "option failonnomatch on"}


def page_of(script: str) -> str:
    return (ROOT / PAGES[script]).read_text(encoding="utf-8")


def test_examples_are_all_on_a_page() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == set(PAGES)


@pytest.mark.parametrize("script", PAGES)
def test_page_shows_the_very_script(script: str) -> None:
    assert f"\n{shown(script)}" in page_of(script)
    assert (EXAMPLES / script).read_text(encoding="utf-8") in shown(script)


@pytest.mark.parametrize("script", PAGES)
def test_page_of_a_script_has_every_part(script: str) -> None:
    titles = ["You need", "The script", "Try it once by hand", "Every night", "See what came of it", "What goes wrong"]
    assert re.findall("^## (.+)$", page_of(script), re.MULTILINE) == titles


@pytest.mark.parametrize("script", sorted(set(PAGES) - set(SCRIPTS)))
def test_page_of_a_script_that_no_test_runs_says_so(script: str) -> None:
    assert re.search("not run: there was no Windows|were not run: there was no Windows", page_of(script))


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_shell_script_is_clean(path: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, "--enable=all", *_EXCLUDED, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert os.access(path, os.X_OK)


#: braces around every variable; `set -e` in functions that are conditions, which all return their last status;
#: a command's status in an argument, where it is `date`
_EXCLUDED = ("--exclude=SC2250,SC2310,SC2312",)


def test_shell_scripts_differ_only_in_how_they_send() -> None:
    """What finds the files, tries again and waits is one text."""
    tails = {path.read_text(encoding="utf-8").partition("scratch=$(mktemp -d)\n")[2] for path in SHELL}
    assert len(SHELL) == 3
    assert len(tails) == 1
    assert "exit 3" in tails.pop()


def flaws(node: Node) -> list[tuple[int, str]]:
    """Line and kind of everything that is no PowerShell."""
    here = [(node.start_point.row + 1, node.type)] if node.is_error or node.is_missing else []
    return here + [flaw for child in node.children for flaw in flaws(child)]


def parsed(source: bytes) -> Node:
    return Parser(Language(tree_sitter_powershell.language())).parse(source).root_node


@pytest.mark.parametrize("path", POWERSHELL, ids=lambda path: path.name)
def test_powershell_script_has_its_syntax(path: Path) -> None:
    assert flaws(parsed(path.read_bytes())) == []


def test_powershell_syntax_is_really_looked_at() -> None:
    assert flaws(parsed(b"if ($a { return 1 }\n")) != []


@pytest.mark.parametrize("path", WINSCP, ids=lambda path: path.name)
def test_winscp_script_has_known_commands_and_checks_the_host(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert {line.split()[0] for line in lines} <= WINSCP_COMMANDS
    assert {line for line in lines if line.startswith("option")} <= WINSCP_OPTIONS
    assert lines[0] == "option batch abort"
    assert [line for line in lines if line.startswith("open")] == [
        'open "%1%" -hostkey="%2%" -privatekey="%3%" -timeout=30'
    ]


def test_winscp_script_puts_complete_last() -> None:
    puts = re.findall("^put .*$", (EXAMPLES / "send-drop-winscp.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert [put.endswith('/COMPLETE"') for put in puts] == [False, True]


@pytest.mark.parametrize("path", WINSCP, ids=lambda path: path.name)
def test_winscp_script_gets_as_many_values_as_it_has_places(path: Path) -> None:
    caller = (EXAMPLES / "send-drop-winscp.ps1").read_text(encoding="utf-8")
    (given,) = re.findall(rf"Invoke-WinScp '{path.name}' @\((.+?)\)$", caller.replace("))) {", ")\n"), re.MULTILINE)
    places = {int(number) for number in re.findall(r"%(\d)%", path.read_text(encoding="utf-8"))}
    logins = ("$login", "$hostKey", "$key")
    assert f"/parameter // {' '.join(logins)} @more" in caller
    assert places == set(range(1, len(logins) + len(given.split(", ")) + 1))
