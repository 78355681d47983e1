"""The kernel's limits and rights, in a child with a user name space of its own: the machine's settings stay as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.needs import needs

ROOTS = 10
OURS = Path(__file__).parents[2]

#: Watches ten roots in argv[1], more than argv[2] of them from above, under limits; then lifts the limits.
UNDER_LIMITS = """
import json, sys
from pathlib import Path
from tests.intake.hints_world import World, logged

def limit(name, value):
    Path("/proc/sys/user/max_inotify_" + name).write_text(str(value))

def said(world, lines):
    state = world.hints.state
    found = dict(watching=state.watching, unwatched=state.unwatched, blind=state.blind, reason=state.reason)
    found |= dict(events=[event for event, _ in lines], text=" ".join(text for _, text in lines))
    lines.clear()
    return found

folder, many, kind, low = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
roots = [f"d{number}" for number in range(10)]
world = World(folder, many=many)
limit(kind, low)
result = []
with logged() as lines:
    world.watch(*roots)
    result.append(said(world, lines))
    for _ in range(20):
        world.hints.check()
    result.append(said(world, lines))
    limit(kind, 1000)
    world.hints.check()
    result.append(said(world, lines))
    world.check_until(lambda: world.hints._canary.problem or world.hints._canary._written is None)  # came back
    world.clock.now += 301
    world.check_until(lambda: world.hints.state.watching == 10)
    for root in roots:
        (world.root(root) / "x").touch()
        world.ear.wait_for(root)
    result.append(said(world, lines))
world.hints.close()
print(json.dumps(result))
"""

#: Watches two roots, one of them closed to us, and opens it.
UNREADABLE = """
import json, sys
from pathlib import Path
from tests.intake.hints_world import World, logged

world = World(Path(sys.argv[1]), many=int(sys.argv[2]))
result = []
with logged() as lines:
    world.root("shut").chmod(0o300)
    world.watch("a", "b", "shut")
    world.hints.check()
    world.hints.check()
    result.append([world.hints.state.watching, world.hints.state.unwatched, world.hints.state.repairs, list(lines)])
    world.root("shut").chmod(0o700)
    world.check_until(lambda: world.hints.state.watching == 3)
    (world.root("shut") / "x").touch()
    world.ear.wait_for("shut")
world.hints.close()
print(json.dumps(result))
"""


def run(program: str, *arguments: object, within: tuple[str, ...] = ()) -> Any:
    done = subprocess.run(
        [*within, sys.executable, "-W", "error", "-c", program, *map(str, arguments)],
        check=False,
        cwd=OURS,
        env={**os.environ, "PYTHONPATH": str(OURS)},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _new_user_namespace_has_limits() -> bool:
    probe = "echo 5 > /proc/sys/user/max_inotify_watches"
    return subprocess.run(["unshare", "-Ur", "sh", "-c", probe], check=False, capture_output=True).returncode == 0


in_own_user_namespace = pytest.mark.skipif(
    not _new_user_namespace_has_limits(), reason="no user name space of our own to lower the limits in"
)


@needs("unshare")
@in_own_user_namespace
@pytest.mark.parametrize("many", [200, 2], ids=["own watches", "shared watch"])
def test_hints_used_up_watches_are_said_once_and_heal(tmp_path: Path, many: int) -> None:
    first, later, lifted, healed = run(UNDER_LIMITS, tmp_path, many, "watches", 6, within=("unshare", "-Ur"))
    assert 0 < first["unwatched"] <= ROOTS
    assert first["watching"] + first["unwatched"] == ROOTS
    assert "sysctl fs.inotify.max_user_watches=" in first["reason"]
    assert first["events"] == ["roots-unwatched"]
    assert (later["unwatched"], later["events"]) == (first["unwatched"], [])
    assert (lifted["unwatched"], lifted["events"]) == (first["unwatched"], [])
    assert (healed["watching"], healed["unwatched"], healed["blind"], healed["reason"]) == (ROOTS, 0, False, "")
    assert "roots-watched" in healed["events"]


@needs("unshare")
@in_own_user_namespace
def test_hints_used_up_instances_are_said_once_and_heal(tmp_path: Path) -> None:
    first, later, lifted, healed = run(UNDER_LIMITS, tmp_path, 200, "instances", 0, within=("unshare", "-Ur"))
    assert first["unwatched"] == ROOTS
    assert "sysctl fs.inotify.max_user_instances=" in first["reason"]
    assert first["events"].count("roots-unwatched") == 1
    assert later["events"] == lifted["events"] == []
    assert (healed["watching"], healed["blind"]) == (ROOTS, False)


@pytest.mark.parametrize("many", [200, 2], ids=["own watches", "shared watch"])
@needs("setpriv")
def test_hints_unreadable_root_is_said_once_and_watched_when_opened(tmp_path: Path, many: int) -> None:
    """watchdog watches nothing then, and says nothing."""
    within = () if os.geteuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    ((watching, unwatched, repairs, lines),) = run(UNREADABLE, tmp_path, many, within=within)
    assert (watching, unwatched, repairs) == (2, 1, 0)
    assert lines == [["roots-unwatched", "roots left to the rescan: 1, first 'shut': permission denied"]]
