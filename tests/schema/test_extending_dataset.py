"""Datasets that extend another: what is taken over, what wins, and where each mistake is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.model.findings import Severity
from watcher.schema import Dataset, dataset_names, find_dataset, read_dataset, schema_files
from watcher.schema.model import Case, Extra, OnError, Order

BASE = """
name: base
title: Base
description: The whole.
extra_files: error
files:
- {schema: a.yaml, required: true, advice: send it, on_error: reject-file}
- {schema: b.yaml}
- {schema: any.yaml, match: '*.log'}
checks:
- {title: c1, sql: SELECT id AS value FROM b}
- {title: c2, sql: SELECT id AS value FROM a}
tolerate: [column-order]
modes: {bulk: {blank: [x]}}
intake:
  names: [{name: 'a{date}.txt', as: a.csv}, {name: 'all{date}.zip'}]
  quiet_seconds: 5
zips: {max_members: 3}
"""
A = "file: a.csv\nheader: {order: strict}\ncolumns: [{name: id}, {name: x}]\n"
B = "file: b.csv\ncolumns: [{name: id, references: a.id}]\n"


def folders(folder: Path, text: str, base: str = BASE, **schemas: str) -> Path:
    """The folder of a dataset that extends the one beside it."""
    for name, files in (
        ("base", {"dataset": base, "a": A, "b": B, "any": "file: any.log\n"}),
        ("mine", {"dataset": f"name: mine\nextends: base\n{text}", **schemas}),
    ):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for stem, content in files.items():
            (folder / name / f"{stem}.yaml").write_text(content)
    return folder / "mine"


def extended(folder: Path, text: str, base: str = BASE, **schemas: str) -> Dataset:
    return read_dataset(folders(folder, text, base, **schemas))


def problems_of(folder: Path, text: str, base: str = BASE, **schemas: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        extended(folder, text, base, **schemas)
    return tuple(problem.replace(f"{folder}/", "") for problem in caught.value.problems)


def test_extending_dataset_takes_all_but_its_name_and_title(tmp_path: Path) -> None:
    dataset = extended(tmp_path, "")
    base = read_dataset(tmp_path / "base")
    assert (dataset.name, dataset.title, dataset.description, dataset.folder) == ("mine", "", "", tmp_path / "mine")
    assert (dataset.files, dataset.checks, dataset.tolerate) == (base.files, base.checks, base.tolerate)
    assert (dataset.modes, dataset.intake, dataset.zips) == (base.modes, base.intake, base.zips)
    assert dataset.extra_files is Extra.ERROR


def test_extending_dataset_file_of_the_same_name_is_replaced(tmp_path: Path) -> None:
    mine = "extends: ../base/a.yaml\ncolumns: [{name: y}]\n"
    dataset = extended(tmp_path, "files: [{schema: mine.yaml}, {schema: c.yaml}]\n", mine=mine, c="file: c.csv\n")
    assert [file.name for file in dataset.files] == ["a.csv", "b.csv", "*.log", "c.csv"]
    first = dataset.files[0]
    assert [column.name for column in first.schema.columns] == ["id", "x", "y"]
    assert (first.required, first.advice, first.schema.on_error) == (True, "send it", OnError.REJECT_FILE)


@pytest.mark.parametrize(
    ("more", "codes"), [("", ("enum",)), (", skip_only: [type]", ("type",)), (", skip_only: []", ())]
)
def test_extending_dataset_entry_hands_skip_only_on(tmp_path: Path, more: str, codes: tuple[str, ...]) -> None:
    base = BASE.replace("on_error: reject-file", "on_error: skip-rows, skip_only: [enum]")
    dataset = extended(tmp_path, f"files: [{{schema: a.yaml, required: false{more}}}]\n", base)
    assert dataset.files[0].schema.skip_only == codes


def test_extending_dataset_entry_wins_by_what_it_writes(tmp_path: Path) -> None:
    text = (
        "files: [{schema: a.yaml, required: false, advice: so}, {schema: any.yaml, match: '*.log', required: true}]\n"
    )
    dataset = extended(tmp_path, text)
    assert [(file.required, file.advice) for file in dataset.files] == [(False, "so"), (False, ""), (True, "")]


def test_extending_dataset_lists_are_joined(tmp_path: Path) -> None:
    text = "checks:\n- {title: c1, sql: SELECT 1 AS value FROM a, severity: warning}\n- {title: c3, sql: SELECT 1 AS value FROM a}\n"
    text += "tolerate: [enum]\nintake: {names: [{name: 'a{date}.txt', as: b.csv}, {name: b.zip}], latest_seconds: 9}\n"
    dataset = extended(tmp_path, text)
    assert [(check.title, check.severity) for check in dataset.checks] == [
        ("c1", Severity.WARNING),
        ("c2", Severity.ERROR),
        ("c3", Severity.ERROR),
    ]
    assert [each.code for each in dataset.tolerate] == ["column-order", "enum"]
    assert [(rule.name, rule.target) for rule in dataset.intake.names] == [
        ("a{date}.txt", "b.csv"),
        ("all{date}.zip", "all.zip"),
        ("b.zip", "b.zip"),
    ]
    assert (dataset.intake.quiet_seconds, dataset.intake.latest_seconds) == (5, 9)


def test_extending_dataset_other_keys_are_replaced_whole(tmp_path: Path) -> None:
    dataset = extended(tmp_path, "modes: {delta: {required: [x]}}\nzips: {folder: error}\nextra_files: ignore\n")
    assert [mode.name for mode in dataset.modes] == ["delta"]
    assert (dataset.zips.folder, dataset.zips.max_members, dataset.extra_files) == (Extra.ERROR, 10_000, Extra.IGNORE)


def test_extending_dataset_leaves_out_files_and_checks(tmp_path: Path) -> None:
    dataset = extended(tmp_path, "leave_out: [b.csv, c1, '*.log']\n")
    assert [file.name for file in dataset.files] == ["a.csv"]
    assert [check.title for check in dataset.checks] == ["c2"]


def test_extending_dataset_leaves_out_what_is_said_of_a_file_that_is_left_out(tmp_path: Path) -> None:
    """The mistake was told of the other dataset, which one may not be able to edit."""
    base = """
name: base
files: [{schema: a.yaml}, {schema: b.yaml}]
tolerate: [column-order, {code: type, file: b.csv}, {code: type, file: a.csv}]
intake:
  names: [{name: 'x{date}.txt', as: b.csv}, {name: 'b{date}.csv'}, {name: 'a{date}.csv'}]
  expect: [a.csv, b.csv]
"""
    dataset = extended(tmp_path, "leave_out: [b.csv]\n", base)
    assert [rule.name for rule in dataset.intake.names] == ["a{date}.csv"]
    assert dataset.intake.expect == ("a.csv",)
    assert [(each.code, each.file) for each in dataset.tolerate] == [("column-order", None), ("type", "a.csv")]


def test_extending_dataset_file_that_is_left_out_and_written_anew_keeps_its_names(tmp_path: Path) -> None:
    base = BASE.replace("quiet_seconds: 5", "expect: [a.csv]").replace("[column-order]", "[{code: enum, file: a.csv}]")
    text = "leave_out: [a.csv, b.csv, c1, c2]\nfiles: [{schema: a.yaml}]\n"
    dataset = extended(tmp_path, text, base, a="file: a.csv\n")
    assert [rule.target for rule in dataset.intake.names] == ["a.csv", "all.zip"]
    assert (dataset.intake.expect, [each.file for each in dataset.tolerate]) == (("a.csv",), ["a.csv"])


def test_extending_dataset_leaves_out_a_pattern_with_the_names_of_its_files(tmp_path: Path) -> None:
    base = BASE.replace("as: a.csv}", "as: a.csv}, {name: 'x{date}.log'}, {name: 'y{date}.log'}")
    assert len(extended(tmp_path / "whole", "", base).intake.names) == 4
    text = "leave_out: ['*.log']\nfiles: [{schema: x.yaml}]\n"
    dataset = extended(tmp_path, text, base, x="file: x.log\n")
    assert [rule.target for rule in dataset.intake.names] == ["a.csv", "x.log", "all.zip"]


def test_dataset_header_and_dialect_are_merged_over_those_of_every_file(tmp_path: Path) -> None:
    dataset = extended(tmp_path, 'header: {case: ignore, missing: warn}\ndialect: {delimiter: "\\t"}\n')
    headers = [file.schema.header for file in dataset.files]
    assert [header.order for header in headers] == [Order.STRICT, Order.ANY, Order.ANY]
    assert {(header.case, header.missing) for header in headers} == {(Case.IGNORE, Extra.WARN)}
    assert {file.schema.dialect.delimiter for file in dataset.files} == {"\t"}


def test_dataset_header_is_none_of_a_pictures_business(tmp_path: Path) -> None:
    (tmp_path / "dataset.yaml").write_text(
        "name: d\nheader: {order: strict}\nfiles: [{schema: p.yaml, match: '*.jpg'}]\n"
    )
    (tmp_path / "p.yaml").write_text("file: photo.jpg\npicture: {max_bytes: 9000}\n")
    [file] = read_dataset(tmp_path).files
    assert (file.schema.picture is not None, file.schema.header.order) == (True, Order.ANY)


def test_extending_dataset_over_two_steps(tmp_path: Path) -> None:
    folders(tmp_path, "header: {order: any}\n")
    (tmp_path / "third").mkdir()
    (tmp_path / "third/dataset.yaml").write_text(
        "name: third\nextends: mine\nfiles: [{schema: b.yaml, required: true}]\n"
    )
    dataset = read_dataset(tmp_path / "third")
    assert [(file.name, file.required) for file in dataset.files] == [
        ("a.csv", True),
        ("b.csv", True),
        ("*.log", False),
    ]
    assert {file.schema.header.order for file in dataset.files} == {Order.ANY}
    assert schema_files(tmp_path / "third") == tuple(tmp_path / "base" / f"{stem}.yaml" for stem in ("a", "b", "any"))


def test_extending_dataset_is_found_by_name(tmp_path: Path) -> None:
    """Beside it, in the folders that one gives, among the bundled ones: in this order."""
    folders(tmp_path / "given", "")
    (tmp_path / "given/mine/dataset.yaml").write_text("name: mine\nextends: ../base\n")
    assert len(read_dataset(tmp_path / "given/mine").files) == 3
    (tmp_path / "own").mkdir()
    (tmp_path / "own/dataset.yaml").write_text("name: own\nextends: base\n")
    with pytest.raises(ConfigError, match="extends: 'base': no such dataset beside this one or by this name"):
        find_dataset(tmp_path / "own")
    for file in tmp_path.rglob("*.yaml"):
        os.utime(file, (1_000_000, 1_000_000))  # so old that what is found is remembered
    assert len(find_dataset(tmp_path / "own", [tmp_path / "given"]).files) == 3
    with pytest.raises(ConfigError):
        find_dataset(tmp_path / "own")
    (tmp_path / "own/dataset.yaml").write_text("name: own\nextends: students\n")
    assert find_dataset(tmp_path / "own").files == find_dataset("students").files
    assert set(dataset_names([tmp_path / "given"])) > {"base", "mine"}


# mistakes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("leave_out: [bb.csv]\n", "mine/dataset.yaml:3: leave_out[0]: 'bb.csv' is neither a file nor the title of a check of base; did you mean 'b.csv'?"),
        ("leave_out: [a.csv]\n", "base/b.yaml:2: columns[0].references: 'a.id': no such file in this dataset"),
        ("leave_out: [b.csv]\n", "base/dataset.yaml:11: checks[0]: "),
        ("\nfiles:\n- {schema: z.yaml}\n", "mine/z.yaml: No such file or directory"),
        ("\nfiles:\n- {schema: a.yaml, needs: [c.csv]}\n", "mine/dataset.yaml:5: files[0].needs[0]: 'c.csv' is not a file"),
        ("files: [{schema: a.yaml}, {schema: a.yaml}]\n", "mine/dataset.yaml:3: files[1]: 'a.csv' is there twice"),
        ("checks: [{title: c9, sql: SELECT no FROM a}]\n", "mine/dataset.yaml:3: checks[0]: "),
        ("tolerate: [enums]\n", "mine/dataset.yaml:3: tolerate[0]: 'enums' is not the code of a finding"),
        ("intake: {names: [{name: c.csv}]}\n", "mine/dataset.yaml:3: intake.names[0].as: 'c.csv' is neither"),
        ("dialect: {quote: ','}\n", "mine/dataset.yaml:3: dialect.quote: must differ from the delimiter"),
        ("extend: base\n", "mine/dataset.yaml:3: extend: not a known key; did you mean 'extends'?"),
    ],
)  # fmt: skip
def test_extending_dataset_mistake_is_told_where_it_is_written(tmp_path: Path, text: str, problem: str) -> None:
    found = problems_of(tmp_path, text)
    assert any(problem in one for one in found), found


def test_extending_dataset_mistakes_of_the_base_are_told_with_their_places(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, "", BASE.replace("column-order", "colum-order"))
    assert problem.startswith("base/dataset.yaml:13: tolerate[0]: 'colum-order' is not the code of a finding")
    [problem] = problems_of(tmp_path, "", BASE.replace("as: a.csv", "as: aa.csv"))
    assert problem.startswith("base/dataset.yaml:16: intake.names[0].as: 'aa.csv' is neither a file")


def test_extending_dataset_in_a_circle_is_told(tmp_path: Path) -> None:
    folders(tmp_path, "")
    (tmp_path / "base/dataset.yaml").write_text("name: base\nextends: mine\n")
    with pytest.raises(ConfigError, match=r"base/dataset\.yaml:2: extends: 'mine' extends this one in the end"):
        read_dataset(tmp_path / "mine")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: d\n", "dataset.yaml:1: 'files' is missing; add it"),
        ("name: d\nfiles: [{schema: a.yaml}]\nleave_out: [a.csv]\n", "dataset.yaml:3: leave_out: says nothing without extends"),
        ("extends: students\n", "dataset.yaml:1: 'name' is missing; add it"),
        ("name: d\nextends: studnts\n", "extends: 'studnts': no such dataset beside this one or by this name; did you mean 'students'?"),
    ],
)  # fmt: skip
def test_extending_dataset_keys_that_must_be_there(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "dataset.yaml").write_text(text)
    (tmp_path / "a.yaml").write_text("file: a.csv\n")
    with pytest.raises(ConfigError) as caught:
        read_dataset(tmp_path)
    assert any(problem in one for one in caught.value.problems), caught.value.problems


def test_extending_dataset_is_read_again_when_its_base_changes(tmp_path: Path) -> None:
    mine = folders(tmp_path, "files: [{schema: mine.yaml}]\n", mine="extends: ../base/a.yaml\n")
    for file in tmp_path.rglob("*.yaml"):
        os.utime(file, (1_000_000, 1_000_000))
    before = find_dataset(mine)
    assert find_dataset(mine) is before
    for name, text in (("dataset.yaml", BASE), ("a.yaml", A), ("b.yaml", B)):
        (tmp_path / "base" / name).write_text(f"{text}# more\n")
        os.utime(tmp_path / "base" / name, (2_000_000, 2_000_000))
        changed = find_dataset(mine)
        assert changed is not before, name
        assert find_dataset(mine) is changed
        before = changed
