from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher import yamlfile
from watcher.errors import ConfigError


def data(text: str) -> Any:
    return yamlfile.parse(text, "f.yaml").data


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        yamlfile.parse(text, "f.yaml")
    return caught.value.problems


def problems_if_any(text: str) -> tuple[str, ...]:
    try:
        yamlfile.parse(text, "f.yaml")
    except ConfigError as error:
        return error.problems
    return ()


# values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("0123", "0123"),
        ("0x1f", "0x1f"),
        ("12:30:00", "12:30:00"),
        ("2026-09-01", "2026-09-01"),
        ("1_000", "1_000"),
        ("'12'", "12"),
        ("[a, 1]", ["a", 1]),
        ("{a: {b: }}", {"a": {"b": None}}),
        ("=", "="),
        ("{<<: {a: 1}}", {"<<": {"a": 1}}),
        ("{1: a, true: b}", {"1": "a", "true": "b"}),
    ],
)
def test_parse_value_is_what_it_looks_like(text: str, value: Any) -> None:
    assert data(text) == value
    assert type(data(text)) is type(value)


def test_parse_alias_is_repeated() -> None:
    assert data("a: &x [1]\nb: *x") == {"a": [1], "b": [1]}


def test_read_takes_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\n")
    assert yamlfile.read(file).data == {"a": "é"}


# lines


def test_line_of_key_item_and_nearest_parent() -> None:
    document = yamlfile.parse("a: 1\nb:\n  c:\n    - x\n    - d: 2\n", "f.yaml")
    assert document.line(("a",)) == 1
    assert document.line(("b", "c", 1, "d")) == 5
    assert document.line(("b", "c", 0)) == 4
    assert document.line(("b", "gone", 3)) == 2
    assert document.line(()) == 1
    assert document.problem(("b", "c", 1, "d"), "no") == "f.yaml:5: b.c[1].d: no"


# problems


def test_parse_key_twice_names_both_lines() -> None:
    assert problems("a: 1\nb: {c: 1, c: 2}\na: 2") == (
        "f.yaml:2: b.c: stands twice, first on line 2; keep one",
        "f.yaml:3: a: stands twice, first on line 1; keep one",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "f.yaml:1: not sound YAML"),
        ("a: 1\n\tb: 2", "f.yaml:2: not sound YAML"),
        ("a: \x00", "f.yaml:1: not sound YAML"),
        ("a: 1\n---\nb: 2", "f.yaml:2: not sound YAML"),
        ("a: *gone", "f.yaml:1: not sound YAML"),
        ("a: &x [*x]", "f.yaml:1: an alias that contains itself"),
        ("{[1]: a}", "f.yaml:1: a key must be a word"),
        ("a: !!python/object/apply:os.system [x]", "f.yaml:1: a: the tag"),
        ("a: !!set {x, y}", "f.yaml:1: a: the tag"),
        ("a: !!python/name:os.system x", "f.yaml:1: a: the tag"),
        ("a: !!int x", "f.yaml:1: a: "),
        ("a: !!float x", "f.yaml:1: a: "),
        ("a: !!float nan", "f.yaml:1: a: "),
        ("a: 1e999", "f.yaml:1: a: "),
        ("a: " + "9" * 400, "f.yaml:1: a: "),
        ("a: !!bool yes", "f.yaml:1: a: the tag"),
        ("a: " + "9" * 5000, "f.yaml:1: a: "),
        ("[" * 5000, "f.yaml:1: nested too deeply"),
    ],
)
def test_parse_unsound_text_is_a_problem_with_its_line(text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


def test_parse_aliases_that_blow_up_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "more than" in problems("\n".join(lines))[0]


def test_read_file_that_is_not_there_or_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        yamlfile.read(tmp_path / "gone.yaml")
    (tmp_path / "f.yaml").write_bytes(b"a: \xe9")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 3"):
        yamlfile.read(tmp_path / "f.yaml")


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("ab:-[]{}!&*#'\"|> \n0123.~?,<=", max_size=60))
@example("? a")
@example("!!int")
@example("!!timestamp 1")
def test_parse_any_text_gives_values_or_config_error(text: str) -> None:
    assert all(problem.startswith("f.yaml") for problem in problems_if_any(text))


@pytest.mark.parametrize("depth", [100, 300, 400, 450, 470, 480, 490, 500, 600])
@pytest.mark.parametrize("marks", ["[]", "{}"])
def test_parse_any_depth_gives_values_or_config_error(depth: int, marks: str) -> None:
    opening = "[" if marks == "[]" else "{a: "
    assert problems_if_any(opening * depth + marks[1] * depth) in ((), ("f.yaml:1: nested too deeply",))


# libyaml


BUNDLED = sorted(Path(__file__).parents[1].joinpath("schemas").glob("*/*.yaml"))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_read_gives_the_same_with_and_without_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = yamlfile.read(path)
    monkeypatch.setattr(yamlfile, "_LibyamlLoader", None)
    slow = yamlfile.read(path)
    assert (quick.data, quick.lines) == (slow.data, slow.lines)


def test_parse_leaves_no_deep_text_to_libyaml() -> None:
    assert problems("[" * 100_000 + "]" * 100_000) == ("f.yaml:1: nested too deeply",)
