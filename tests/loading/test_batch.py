from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.validation.manifestworld import ORGS_BULK, USERS_DELTA, lines, sets
from tests.validation.worlds import column, dataset, drop, file_schema
from watcher.errors import PermanentError
from watcher.loading.contract import contract_dataset, make_batch
from watcher.loading.manifest import MANIFEST, idempotency_key, manifest_bytes, read_batch, write_manifest
from watcher.model.report import FileReport
from watcher.schema import find_dataset
from watcher.schema.model import Dialect, FileSchema
from watcher.validation import validate

A = FileReport("a.csv", "a.csv", 3, "aa", 1)
B = FileReport("b.csv", "b.csv", 3, "bb", 1)


def test_key_is_the_same_in_any_order_of_files() -> None:
    assert idempotency_key("r", "e", [A, B]) == idempotency_key("r", "e", [B, A])


def test_key_is_what_the_documentation_says() -> None:
    """Others must be able to compute it: sha256 of the compact JSON text."""
    text = '["r","e",[["a.csv","aa"],["b.csv","bb"]]]'
    assert idempotency_key("r", "e", [B, A]) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        ("x", "e", (A, B)),
        ("r", "x", (A, B)),
        ("r", "e", (A,)),
        ("r", "e", (A, replace(B, sha256="xx"))),
        ("r", "e", (A, replace(B, name="x.csv"))),
    ],
)
def test_key_differs_with_root_epoch_names_and_contents(other: tuple[str, str, tuple[FileReport, ...]]) -> None:
    assert idempotency_key(*other) != idempotency_key("r", "e", [A, B])


def test_read_batch_gives_what_was_written(tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"b.csv": "id\n1\n2\n", "a.csv": "id\n"})
    assert (batch.root, batch.epoch, batch.dataset) == ("lakeview", "20260901-020000", "contract")
    assert [(file.name, file.rows, file.size_bytes) for file in batch.files] == [("a.csv", 0, 3), ("b.csv", 2, 7)]
    assert batch.key == idempotency_key(batch.root, batch.epoch, batch.files)
    assert sum(frame.height for frame in batch.files[1].frames()) == 2


def test_read_batch_knows_the_mode_of_each_file(tmp_path: Path) -> None:
    """And none where it was not written down, as in envelopes of earlier versions."""
    (tmp_path / "files").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "files" / name).write_bytes(b"xyz")
    reports = [FileReport("a.txt", None, 3, "aa", 0, mode="delta"), FileReport("b.txt", None, 3, "bb", 0)]
    key = write_manifest(tmp_path, root="r", epoch="e", dataset="students", files=reports)
    batch = read_batch(tmp_path, find_dataset("students"))
    assert [(file.name, file.mode) for file in batch.files] == [("a.txt", "delta"), ("b.txt", None)]
    entries = json.loads((tmp_path / MANIFEST).read_bytes())["files"]
    assert (entries[0]["mode"], "mode" in entries[1]) == ("delta", False)
    assert key == idempotency_key("r", "e", [replace(report, mode=None) for report in reports])
    assert json.loads(manifest_bytes(batch))["files"][0]["mode"] == "delta"


def test_batch_of_a_validated_set_has_its_modes_and_reads_blank_columns(tmp_path: Path) -> None:
    """A file is read by its schema, whatever a mode makes of it."""
    judged_by = sets()
    where = drop(tmp_path, manifest=lines(file_users="delta"), orgs=ORGS_BULK, users=USERS_DELTA)
    where.rename(tmp_path / "files")
    report = validate(tmp_path / "files", judged_by)
    write_manifest(tmp_path, root="r", epoch="e", dataset="sets", files=report.files, judged_by=judged_by)
    files = {file.name: file for file in read_batch(tmp_path, judged_by).files}
    assert {name: file.mode for name, file in files.items()} == {
        "manifest.csv": None,
        "orgs.csv": "bulk",
        "users.csv": "delta",
    }
    assert [name for name, file in files.items() if file.brings_changes] == ["users.csv"]
    rows = [row for frame in files["orgs.csv"].frames() for row in frame.rows(named=True)]
    assert rows == [{"id": "A", "status": None}]


def test_batch_is_not_read_by_a_dataset_without_the_mode(tmp_path: Path) -> None:
    """A file of changes would be taken for the whole list, and everybody else removed."""
    judged_by = sets()
    where = drop(tmp_path, manifest=lines(file_users="delta"), orgs=ORGS_BULK, users=USERS_DELTA)
    where.rename(tmp_path / "files")
    report = validate(tmp_path / "files", judged_by)
    write_manifest(tmp_path, root="r", epoch="e", dataset="sets", files=report.files, judged_by=judged_by)
    renamed = tuple(replace(mode, name=mode.name.replace("delta", "changes")) for mode in judged_by.modes)
    with pytest.raises(PermanentError, match=r"^users\.csv: the dataset no longer has its mode 'delta'; validate it"):
        read_batch(tmp_path, replace(judged_by, modes=renamed))


def test_manifest_keeps_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / name).write_bytes(b"xyz")
    write_manifest(tmp_path, root="r", epoch="e", dataset="students", files=[FileReport(name, None, 3, "aa", 0)])
    (file,) = read_batch(tmp_path, find_dataset("students")).files
    assert (file.name, file.schema) == (name, None)


def test_batch_is_not_read_by_a_schema_that_reads_otherwise(tmp_path: Path) -> None:
    """Text became null where a column was made a number between validation and load."""
    plain = file_schema("a.csv", column("id"), column("n"))
    judged_by = dataset(plain)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text("id,n\n1,x\n")
    report = FileReport("a.csv", "a.csv", 9, "aa", 1)
    write_manifest(tmp_path, root="r", epoch="e", dataset="test", files=[report], judged_by=judged_by)
    for harmless in (
        plain,
        replace(plain, title="new", key=("id",)),
        file_schema("a.csv", column("id", enum=["1"]), column("n")),
    ):
        assert read_batch(tmp_path, dataset(harmless)).files[0].rows == 1
    for other in (
        file_schema("a.csv", column("id"), column("n", type="integer")),
        file_schema("a.csv", column("id"), column("n", nulls=("x",))),
        replace(plain, dialect=Dialect(delimiter=";")),
    ):
        with pytest.raises(PermanentError, match=r"a\.csv: its schema has changed since it was validated"):
            read_batch(tmp_path, dataset(other))


def test_batch_is_not_read_by_a_schema_that_splits_its_lists_otherwise(tmp_path: Path) -> None:
    def lists(kind: str = "string", **about: str) -> FileSchema:
        inner = {"type": "array", "items": {"type": kind}}
        return file_schema("a.csv", column("n", type="array", separator=";", items=inner, **about))

    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text("n\n1;2\n")
    report = FileReport("a.csv", "a.csv", 6, "aa", 1)
    write_manifest(tmp_path, root="r", epoch="e", dataset="test", files=[report], judged_by=dataset(lists()))
    assert read_batch(tmp_path, dataset(lists())).files[0].rows == 1
    for other in (lists(inner_separator="|"), lists("integer")):
        with pytest.raises(PermanentError, match=r"a\.csv: its schema has changed"):
            read_batch(tmp_path, dataset(other))


def test_frames_of_a_file_without_schema_are_refused(tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    with pytest.raises(PermanentError, match=r"a\.csv: the dataset has no schema"):
        replace(batch.files[0], schema=None).frames()


@pytest.mark.parametrize("skipped", [{}, {"typed.csv": (1, 3)}])
def test_manifest_bytes_are_those_of_the_envelope(tmp_path: Path, skipped: dict[str, tuple[int, ...]]) -> None:
    batch = make_batch(tmp_path, {"typed.csv": "id\n1\n2\n3\n"}, skipped=skipped)
    assert manifest_bytes(batch) == (batch.folder.parent / MANIFEST).read_bytes()


def _change(batch_folder: Path, **changes: object) -> None:
    path = batch_folder.parent / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 3}, "expected version 1 or 2, found 3"),
        ({"epoch": "20260902-020000"}, "key does not fit"),
        ({"files": []}, "key does not fit"),
    ],
)
def test_read_batch_refuses_a_manifest_that_does_not_fit(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    _change(batch.folder, **changes)
    with pytest.raises(PermanentError, match=words):
        read_batch(batch.folder.parent, contract_dataset())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"version": 1}', b'{"version": 1, "files": [{}]}'])
def test_read_batch_refuses_what_is_no_manifest(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(PermanentError, match="not a manifest"):
        read_batch(tmp_path, find_dataset("students"))


def test_read_batch_without_manifest_says_so(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="not found"):
        read_batch(tmp_path, find_dataset("students"))


def test_read_batch_refuses_a_file_that_is_gone_or_changed(tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    dataset = contract_dataset()
    batch.files[0].path.write_bytes(b"longer than before")
    with pytest.raises(PermanentError, match=r"a\.csv: gone or changed"):
        read_batch(batch.folder.parent, dataset)


def test_read_batch_refuses_a_dataset_that_no_longer_knows_the_file(tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    with pytest.raises(PermanentError, match="'contract' has changed"):
        read_batch(batch.folder.parent, replace(contract_dataset(), files=()))


def test_read_batch_refuses_another_dataset_than_it_was_validated_as(tmp_path: Path) -> None:
    """A root's dataset was changed in the configuration while a drop waited for its loader."""
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    with pytest.raises(PermanentError, match=r"^was validated as 'contract', the root now says 'acme'; replay it$"):
        read_batch(batch.folder.parent, replace(contract_dataset(), name="acme"))


# --- what is left out --------------------------------------------------------------------------------------------------

SKIPPING = replace(B, rows=9, skipped=(2, 3, 4, 9))
LEFT_OUT = replace(A, is_left_out=True)


def test_key_is_that_of_what_is_handed_over() -> None:
    text = '["r","e",[["b.csv","bb",[[2,4],[9,9]]]]]'
    assert idempotency_key("r", "e", [SKIPPING, LEFT_OUT]) == hashlib.sha256(text.encode()).hexdigest()
    assert idempotency_key("r", "e", [B, LEFT_OUT]) == idempotency_key("r", "e", [B])


def test_manifest_is_of_version_1_unless_something_is_left_out(tmp_path: Path) -> None:
    """Whoever doesn't know of gaps must refuse them, and only them."""
    for files, version in (((A, B), 1), ((A, SKIPPING), 2), ((LEFT_OUT, B), 2)):
        write_manifest(tmp_path, root="r", epoch="e", dataset="d", files=files)
        assert json.loads((tmp_path / MANIFEST).read_bytes())["version"] == version


def test_manifest_with_gaps_reads_as_the_documentation_says(tmp_path: Path) -> None:
    write_manifest(tmp_path, root="r", epoch="e", dataset="d", files=(SKIPPING, LEFT_OUT))
    text = (tmp_path / MANIFEST).read_text()
    said = json.loads(text)
    assert said["left_out"] == ["a.csv"]
    [entry] = said["files"]
    assert (entry["name"], entry["rows"], entry["skipped"]) == ("b.csv", 5, [[2, 4], [9, 9]])
    assert '"skipped": [[2, 4], [9, 9]]' in text


def test_read_batch_has_the_gaps_and_not_the_files_left_out(tmp_path: Path) -> None:
    batch = make_batch(
        tmp_path, {"a.csv": "id\n1\n2\n3\n", "b.csv": "id\n1\n"}, skipped={"a.csv": (2,)}, left_out=("b.csv",)
    )
    [file] = batch.files
    assert (file.name, file.rows, file.skipped, batch.left_out) == ("a.csv", 2, ((2, 2),), ("b.csv",))
    assert [cell for frame in file.frames() for cell in frame["id"].to_list()] == ["1", "3"]
    assert b"".join(file.blocks()) == b"id\n1\n3\n"


def test_blocks_of_a_file_that_changed_end_in_an_error(tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n2\n"}, skipped={"a.csv": (2,)})
    batch.files[0].path.write_bytes(b"id\n1\n3\n")
    with pytest.raises(PermanentError, match=r"a\.csv: changed"):
        list(batch.files[0].blocks())


@pytest.mark.parametrize("gaps", [[[1]], "no", [[1, 2, 3]], 7])
def test_read_batch_refuses_gaps_that_are_none(tmp_path: Path, gaps: object) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n"})
    path = batch.folder.parent / MANIFEST
    said = json.loads(path.read_text())
    said["files"][0]["skipped"] = gaps
    path.write_text(json.dumps(said))
    with pytest.raises(PermanentError, match="not a manifest"):
        read_batch(batch.folder.parent, contract_dataset())
