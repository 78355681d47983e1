from __future__ import annotations

import shutil

from tests.cli.world import World


def test_doctor_prints_a_line_a_check_and_what_to_do(world: World) -> None:
    ran = world.run("doctor")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert f"ok       root: north: {world.root} can be read" in lines
    at = lines.index("warning  service: it is not running")
    assert lines[at + 1] == "         -> start it: systemctl start epoch-watcher"
    assert lines[-1].startswith("0 problems, ")


def test_doctor_with_a_problem_ends_with_1(world: World) -> None:
    shutil.rmtree(world.root)
    ran = world.run("doctor")
    assert ran.code == 1
    assert ran.out.splitlines()[-1].startswith("1 problem, ")


def test_doctor_json_has_every_result(world: World) -> None:
    checks = world.run("doctor", "--json").json["checks"]
    (root,) = (check for check in checks if check["check"] == "root")
    assert root == {
        "check": "root",
        "grade": "ok",
        "root": "north",
        "text": f"{world.root} can be read",
        "advice": None,
    }


def test_doctor_with_an_unsound_configuration_tells_every_problem(world: World) -> None:
    world.config.write_text("work_dri: /tmp\n")
    ran = world.run("doctor")
    assert ran.code == 1
    assert [line.split()[0:2] for line in ran.out.splitlines() if line.startswith("problem")] == [
        ["problem", "config:"]
    ] * 3
    assert "work_dir" in ran.out


def test_doctor_of_a_few_roots_names_each(world: World) -> None:
    world.config.write_text(
        f"work_dir: {world.work}\nroots: [{{path: {world.root}}}, {{path: {world.folder}/south, name: south}}]\n"
    )
    (world.folder / "south").mkdir()
    assert f"ok       root: south: {world.folder}/south can be read" in world.run("doctor").out.splitlines()


def test_doctor_of_many_roots_tells_the_same_trouble_once(world: World) -> None:
    for name in range(7):
        (world.folder / "many" / str(name)).mkdir(parents=True)
        (world.folder / "many" / str(name) / "results").touch()
    world.config.write_text(f"work_dir: {world.work}\nroots: [{{path: '{world.folder}/many/*'}}]\n")
    (line,) = (line for line in world.run("doctor").out.splitlines() if line.startswith("warning  results: "))
    assert line.startswith("warning  results: 7 roots (0, 1, 2 and 4 more): the report can't be put into results/")
    assert len(world.run("doctor", "-v").out.split("warning  results: ")) == 8


def test_doctor_of_many_roots_tells_good_news_once(world: World) -> None:
    for name in range(7):
        (world.folder / "many" / str(name)).mkdir(parents=True)
    world.config.write_text(f"work_dir: {world.work}\nroots: [{{path: '{world.folder}/many/*'}}]\n")
    assert "ok       root: 7 roots: well" in world.run("doctor").out.splitlines()
    long = world.run("doctor", "-v").out.splitlines()
    assert len([line for line in long if line.startswith("ok       root: ")]) == 7
