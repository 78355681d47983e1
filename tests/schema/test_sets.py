"""What a dataset says of a drop as a whole: modes, manifest, loose names, zips; what is read, and each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.model.deliveries import NameRule
from watcher.schema import Dataset, read_dataset, read_file_schema
from watcher.schema.model import (
    Absent,
    Extra,
    Intake,
    Manifest,
    Mode,
    Picture,
    Property,
    References,
    Zips,
)

HEAD = "name: d\nfiles: [{schema: a.yaml, needs: [b.csv], advice: send it}, {schema: b.yaml}, {schema: m.yaml}]\n"
FILES = {
    "a": "file: a.csv\ncolumns: [{name: id, required: true}, {name: x}, {match: '^m-.+'}]\n",
    "b": "file: b.csv\ncolumns: [{name: id}, {name: status}]\n",
    "m": "file: m.csv\ncolumns: [{name: name}, {name: value}]\n",
}


def dataset_of(folder: Path, more: str, head: str = HEAD) -> Dataset:
    for stem, text in FILES.items():
        (folder / f"{stem}.yaml").write_text(text)
    (folder / "dataset.yaml").write_text(head + more)
    return read_dataset(folder)


def problems_of(folder: Path, more: str, head: str = HEAD) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        dataset_of(folder, more, head)
    return tuple(problem.replace(f"{folder}/", "") for problem in caught.value.problems)


def test_sets_say_nothing_where_nothing_is_written(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, "")
    assert (dataset.modes, dataset.manifest, dataset.intake, dataset.zips) == ((), None, Intake(), Zips())
    assert [(file.needs, file.advice) for file in dataset.files][:2] == [(("b.csv",), "send it"), ((), "")]


def test_sets_modes_are_read_in_their_order(tmp_path: Path) -> None:
    text = "modes:\n  delta: {required: [status, m-1], header_only: error, references: ignore}\n  bulk: {blank: [x]}\n  odd: {}\n"
    assert dataset_of(tmp_path, text).modes == (
        Mode("delta", (), ("status", "m-1"), Extra.ERROR, References.IGNORE),
        Mode("bulk", ("x",)),
        Mode("odd"),
    )


def test_sets_manifest_is_read(tmp_path: Path) -> None:
    text = "modes: {bulk: {}}\nmanifest:\n  file: m.csv\n  property: name\n  value: value\n  mode: 'file.{stem}'\n  without: there is none\n"
    text += "  properties: [{name: v, required: true, const: '1.0', aliases: [w], advice: so}, {name: system}]\n"
    found = Property("v", required=True, const="1.0", aliases=("w",), advice="so")
    expected = Manifest("m.csv", "name", "value", "file.{stem}", "there is none", (found, Property("system")))
    assert dataset_of(tmp_path, text).manifest == expected


def test_sets_intake_and_zips_are_read(tmp_path: Path) -> None:
    text = "intake: {names: [{name: 'a{date}.txt', as: a.csv}, {name: 'b{date}.csv'}], expect: [a.csv], quiet_seconds: 2.5}\n"
    text += "zips: {unpack: false, folder: error, max_members: 3, max_gb: 0.5, max_member_gb: 0.25, max_ratio: 9}\n"
    dataset = dataset_of(tmp_path, text)
    assert dataset.intake == Intake(
        (NameRule("a{date}.txt", "a.csv"), NameRule("b{date}.csv", "b.csv")), ("a.csv",), 2.5
    )
    assert dataset.zips == Zips(False, Extra.ERROR, 3, 500_000_000, 250_000_000, 9)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("modes: {bulk: {blank: [statsu]}}", "dataset.yaml:3: modes.bulk.blank[0]: 'statsu' is not a column of any file; did you mean 'status'?"),
        ("modes:\n  d: {}\n  bulk: {required: [z]}", "dataset.yaml:5: modes.bulk.required[0]: 'z' is not a column of any file"),
        ("modes: {bulk: {blank: [x], required: [x]}}", "modes.bulk.blank[0]: 'x' is required in this mode, too"),
        ("modes: {bulk: {blank: [id]}}", "modes.bulk.blank[0]: 'id' is required in a.csv, and can't be blank"),
        ("modes: {absent: {}}", "modes.absent: 'absent' is what a manifest says of a file that does not come"),
        ("modes: {Bulk: {}}", "modes: found 'Bulk', expected: a mode's name of small letters"),
        ("modes: {}", "modes: "),
        ("modes: {bulk: {blnak: [x]}}", "modes.bulk.blnak: not a known key; did you mean 'blank'?"),
        ("modes: {bulk: {references: chek}}", "modes.bulk.references: expected one of check, complete, ignore, found 'chek'; write check"),
        ("manifest: {file: n.csv, property: name, value: value}", "manifest.file: 'n.csv' is not a file of this dataset; did you mean 'm.csv'?"),
        ("manifest: {file: m.csv, property: nam, value: value}", "manifest.property: 'nam' is not a column of m.csv; did you mean 'name'?"),
        ("manifest: {file: m.csv, property: name, value: name}", "manifest.value: is the column with the names"),
        ("manifest: {file: m.csv, property: name}", "manifest: 'value' is missing; add it"),
        ("manifest: {file: m.csv, property: name, value: value, mode: 'file.{stem}'}", "manifest.mode: says nothing without modes"),
        ("manifest: {file: m.csv, property: name, value: value, mode: file}", "manifest.mode: found 'file', expected: the property with the mode"),
        ("manifest: {file: m.csv, property: name, value: value, properties: [{name: a}, {name: b, aliases: [a]}]}", "manifest.properties[1]: 'a' names two properties"),
        ("manifest: {file: m.csv, property: name, value: value, properties: [{name: v, const: 1.0}]}", "properties[0].const: expected text (put it in quotes)"),
        ("intake: {names: [{name: '{date}a{date}.csv', as: a.csv}]}", "intake.names[0].name: {date} stands twice"),
        ("intake: {names: [{name: 'a{dat}.csv', as: a.csv}]}", "intake.names[0].name: '{' means nothing here"),
        ("intake: {names: [{name: 'a{date}.txt'}]}", "intake.names[0].as: 'a.txt' is neither a file of this dataset nor a zip"),
        ("intake: {names: [{name: 'a{date}.txt', as: 'a{date}.csv'}]}", "intake.names[0].as: found 'a{date}.csv', expected the file's name in the drop"),
        ("intake: {names: [{name: a.zip}, {name: a.zip}]}", "intake.names[1].name: 'a.zip' is there twice"),
        ("intake: {names: [{name: '*.zip'}]}", "intake.names[0].name: '*.zip' may be any of many names; write as: and"),
        ("intake: {names: [{name: '*.zip', as: '*.zip'}]}", "intake.names[0].name: '*.zip' may be any of many names"),
        ("intake: {names: [{name: 'a.zip', as: 'b*.zip'}]}", "intake.names[0].as: found 'b*.zip', expected the file's one name in the drop"),
        ("intake: {names: [{name: '*a*.zip', as: a.zip}]}", "intake.names[0].name: '*' stands twice"),
        ("intake: {names: [{name: 'a*', as: a.csv}]}", "intake.names[0].name: found 'a*', expected an extension behind '*', as in '*{date}.zip'"),
        ("intake: {names: [{name: 'a.c*', as: a.csv}]}", "intake.names[0].name: found 'a.c*', expected an extension"),
        ("intake: {names: [{name: x/a.csv}]}", "intake.names[0].name: "),
        ("intake: {expect: [aa.csv]}", "intake.expect[0]: 'aa.csv' is not a file of this dataset; did you mean 'a.csv'?"),
        ("intake: {quiet_seconds: 9, latest_seconds: 5}", "intake.latest_seconds: is less than quiet_seconds"),
        ("zips: {max_ratio: 0}", "zips.max_ratio: "),
        ("zips: {max_gigs: 1}", "zips.max_gigs: not a known key"),
        ("header: {ordr: any}", "header.ordr: not a known key; did you mean 'order'?"),
        ("dialect: {delimiter: ab}", "dialect.delimiter: "),
    ],
)  # fmt: skip
def test_sets_mistake_is_said_with_its_place(tmp_path: Path, more: str, problem: str) -> None:
    found = problems_of(tmp_path, more + "\n")
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("needs", "problem"),
    [
        (
            "[bb.csv]",
            "dataset.yaml:2: files[0].needs[0]: 'bb.csv' is not a file of this dataset; did you mean 'b.csv'?",
        ),
        ("[a.csv]", "dataset.yaml:2: files[0].needs[0]: is the file itself"),
    ],
)
def test_sets_needs_name_other_files(tmp_path: Path, needs: str, problem: str) -> None:
    assert problem in problems_of(tmp_path, "", HEAD.replace("[b.csv]", needs))[0]


# a file schema's keys


def test_file_keys_are_read(tmp_path: Path) -> None:
    text = "file: a.csv\nheader: {missing: error, aliases: warn}\nheader_only: error\nabsent: {delete-within: id}\n"
    text += "columns:\n- {name: id}\n- {name: x, missing: ignore}\n- {name: y, blank: true}\n"
    text += "- {name: z, type: array, separator: ;, items: {type: array, items: {maxLength: 3}}}\n"
    (tmp_path / "a.yaml").write_text(text)
    schema = read_file_schema(tmp_path / "a.yaml")
    assert (schema.header.missing, schema.header.aliases, schema.header_only) == (Extra.ERROR, Extra.WARN, Extra.ERROR)
    assert (schema.absent, schema.absent_within) == (Absent.DELETE_WITHIN, "id")
    assert [(column.missing, column.blank) for column in schema.columns][:3] == [
        (None, False),
        (Extra.IGNORE, False),
        (None, True),
    ]
    nested = schema.columns[3]
    assert (nested.separator, nested.inner_separator, nested.is_nested) == (";", ",", True)
    assert nested.judged_by["items"]["items"]["maxLength"] == 3


def test_file_picture_is_read(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("file: p.jpg\npicture: {max_bytes: 9000, name: '^[0-9]+'}\n")
    assert read_file_schema(tmp_path / "p.yaml").picture == Picture(max_bytes=9000, name="^[0-9]+")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("absent: {delete-within: idd}\ncolumns: [{name: id}]", "x.yaml:2: absent.delete-within: 'idd' is not a column; did you mean 'id'?"),
        ("absent: {delete-with: id}", "absent.delete-with: not a known key; did you mean 'delete-within'?"),
        ("absent: {}", "absent: 'delete-within' is missing"),
        ("absent: {delete-within: ''}", "absent.delete-within: "),
        ("header: {missing: maybe}", "header.missing: expected one of ignore, warn, error"),
        ("header_only: never", "header_only: expected one of ignore, warn, error"),
        ("columns: [{name: a, blank: true, required: true}]", "columns[0].blank: contradicts required"),
        ("columns: [{name: a, missing: 1}]", "columns[0].missing: expected one of"),
        ("columns: [{name: a, type: array, items: {separator: ;}}]", "columns[0].items.separator: is only for type array"),
        ("columns: [{name: a, type: array, items: {type: array}}]", "columns[0].items.separator: is that of the outer list"),
        ("columns: [{name: a, type: array, separator: ;, items: {type: array, items: {type: array}}}]", "columns[0].items.items.type: expected one of string"),
        ("picture: {name: '['}", "picture.name: not a regular expression"),
        ("picture: {formats: [gif]}", "picture.formats[0]: expected one of jpeg"),
        ("picture: {min_bytes: 9, max_bytes: 8}", "picture.min_bytes: is more than max_bytes"),
        ("picture: {}\ncolumns: [{name: a}]", "x.yaml:3: columns: says nothing about a picture"),
        ("picture: {}\ndialect: {delimiter: ';'}", "dialect: says nothing about a picture"),
        ("picture: {}\nabsent: mark", "absent: says nothing about a picture"),
    ],
)  # fmt: skip
def test_file_mistake_is_said_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "x.yaml").write_text(f"file: a.csv\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        read_file_schema(tmp_path / "x.yaml")
    assert any(problem in one for one in caught.value.problems), caught.value.problems
