from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.loading.targets import FilesTarget
from watcher.errors import PermanentError, TransientError
from watcher.loading.batch import Batch
from watcher.loading.contract import broken, make_batch
from watcher.loading.files import FilesLoader
from watcher.loading.manifest import idempotency_key
from watcher.schema.model import FileSchema, Picture

EPOCH = "20260901-020000"


@pytest.fixture
def target(tmp_path: Path) -> FilesTarget:
    return FilesTarget(tmp_path / "inbox")


def visible(target: FilesTarget, root: str = "lakeview") -> list[str]:
    """What someone who lists the root's folder takes for epochs."""
    return sorted(path.name for path in (target.folder / root).iterdir() if not path.name.startswith("."))


def hidden(target: FilesTarget) -> list[str]:
    return sorted(path.name for path in (target.folder / "lakeview").iterdir() if path.name.startswith("."))


def test_load_lays_files_and_manifest_flat(target: FilesTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n", "b.csv": "id\n"})
    loaded = target.loader().load(batch)
    folder = target.folder / "lakeview" / EPOCH
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.csv", "manifest.json"]
    assert (folder / "a.csv").read_bytes() == b"id\n1\n"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["version"], manifest["key"], manifest["dataset"]) == (1, batch.key, "contract")
    assert loaded.note == EPOCH


def test_load_lays_pictures_as_they_came(target: FilesTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n"})
    picture = replace(batch.files[0], schema=FileSchema("photo.jpg", picture=Picture()), rows=0)
    assert target.loader().load(replace(batch, files=(picture,))).rows == 0
    assert (target.folder / "lakeview" / EPOCH / "a.csv").read_bytes() == b"id\n1\n"


def test_load_other_files_of_the_same_epoch_stand_beside_the_first(target: FilesTarget, tmp_path: Path) -> None:
    batches = [make_batch(tmp_path, {"a.csv": f"id\n{number}\n"}) for number in range(3)]
    assert [target.loader().load(batch).note for batch in batches] == [EPOCH, f"{EPOCH}.2", f"{EPOCH}.3"]
    assert target.loader().load(batches[2]).already
    assert (target.folder / "lakeview" / f"{EPOCH}.2" / "a.csv").read_text() == "id\n1\n"


def test_load_of_earlier_contents_once_more_is_the_newest_again(target: FilesTarget, tmp_path: Path) -> None:
    """A correction was taken back: whoever reads the highest number must find the first contents."""
    first, second = (make_batch(tmp_path, {"a.csv": f"id\n{number}\n"}) for number in range(2))
    loaded = [target.loader().load(batch) for batch in (first, second, first, first)]
    assert [(each.note, each.already) for each in loaded] == [
        (EPOCH, False),
        (f"{EPOCH}.2", False),
        (f"{EPOCH}.3", False),
        (f"{EPOCH}.3", True),
    ]
    assert (target.folder / "lakeview" / f"{EPOCH}.3" / "a.csv").read_text() == "id\n0\n"


def test_load_of_an_epoch_that_is_not_the_roots_last_is_known_again(target: FilesTarget, tmp_path: Path) -> None:
    """Each epoch has its own folder: an older one replayed is still there."""
    batches = [make_batch(tmp_path, {"a.csv": "id\n"}, epoch=epoch) for epoch in (EPOCH, "20260902-020000")]
    assert [target.loader().load(batch).already for batch in (*batches, batches[0])] == [False, False, True]


def test_load_number_of_a_folder_that_was_taken_away_is_not_used_again(target: FilesTarget, tmp_path: Path) -> None:
    batches = [make_batch(tmp_path, {"a.csv": f"id\n{number}\n"}) for number in range(12)]
    for batch in batches[:10]:
        target.loader().load(batch)
    for name in (EPOCH, f"{EPOCH}.4"):
        (target.folder / "lakeview" / name).rename(tmp_path / name)
    assert [target.loader().load(batch).note for batch in batches[9:]] == [f"{EPOCH}.{n}" for n in (10, 11, 12)]


def test_load_knows_its_newest_beside_what_someone_else_put_there(target: FilesTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    target.loader().load(batch)
    for name in (f"{EPOCH}.2", f"{EPOCH}.1", f"{EPOCH}.07", f"{EPOCH}.bak"):
        (target.folder / "lakeview" / name).mkdir()
    assert (target.loader().load(batch).note, target.loader().load(batch).already) == (EPOCH, True)
    assert target.loader().load(make_batch(tmp_path, {"a.csv": "id\n1\n"})).note == f"{EPOCH}.3"


def test_load_never_touches_what_someone_else_put_there(target: FilesTarget, tmp_path: Path) -> None:
    foreign = target.folder / "lakeview" / EPOCH
    foreign.mkdir(parents=True)
    (foreign / "manifest.json").write_text("not ours")
    assert target.loader().load(make_batch(tmp_path, {"a.csv": "id\n"})).note == f"{EPOCH}.2"
    assert (foreign / "manifest.json").read_text() == "not ours"


def test_load_new_folders_and_files_have_the_targets_permissions(target: FilesTarget, tmp_path: Path) -> None:
    """The service's umask would make them its own alone; the one that picks them up is another user."""
    target.folder.chmod(0o2750)
    before = os.umask(0o077)
    try:
        target.loader().load(make_batch(tmp_path, {"a.csv": "id\n"}))
    finally:
        os.umask(before)
    folder = target.folder / "lakeview" / EPOCH
    modes = [
        path.stat().st_mode & 0o7777 for path in (folder.parent, folder, folder / "a.csv", folder / "manifest.json")
    ]
    assert modes == [0o2750, 0o2750, 0o640, 0o640]


def test_load_of_a_file_that_changed_is_refused(target: FilesTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n"})
    batch.files[0].path.write_bytes(b"id\n2\n")
    with pytest.raises(PermanentError, match=r"a\.csv: changed since it was validated"):
        target.loader().load(batch)
    assert visible(target) == []


def test_load_into_a_folder_that_is_not_there_names_it_once(target: FilesTarget, tmp_path: Path) -> None:
    loader = FilesLoader("laid", {"folder": str(tmp_path / "none")})
    with pytest.raises(TransientError) as caught:
        loader.check()
    assert str(caught.value) == f"{tmp_path}/none: No such file or directory"


def test_load_that_failed_leaves_only_its_lock(target: FilesTarget, tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="No such file"):
        target.loader().load(broken(make_batch(tmp_path, {"a.csv": "id\n", "b.csv": "id\n"})))
    assert (visible(target), hidden(target)) == ([], [".lock"])


def test_load_of_a_file_called_like_the_manifest_is_refused(target: FilesTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    file = replace(batch.files[0], name="manifest.json")
    with pytest.raises(PermanentError, match=r"called manifest\.json, as our own; have it sent without, or renamed"):
        target.loader().load(replace(batch, files=(file,)))
    assert visible(target) == []


def test_load_into_a_folder_that_is_a_link_follows_it(tmp_path: Path) -> None:
    """The folder is the operator's own path; only what lies below it is not followed."""
    target = FilesTarget(tmp_path / "real")
    (tmp_path / "link").symlink_to(target.folder)
    FilesLoader("inbox", {"folder": str(tmp_path / "link")}).load(make_batch(tmp_path, {"a.csv": "id\n"}))
    assert visible(target) == [EPOCH]


def test_load_through_a_link_below_the_folder_is_refused(target: FilesTarget, tmp_path: Path) -> None:
    (target.folder / "lakeview").symlink_to(tmp_path)
    with pytest.raises(TransientError, match="lakeview"):
        target.loader().load(make_batch(tmp_path, {"a.csv": "id\n"}))
    assert not (tmp_path / EPOCH).exists()


# crash and a full disk

_KILLED = """
import os, signal, sys
from pathlib import Path
import watcher.loading.files as files
from tests.loading.targets import FilesTarget
from watcher.loading.contract import make_batch

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(files.fsops, sys.argv[1], die)
here = Path(sys.argv[2])
files.FilesLoader("inbox", {"folder": str(here / "inbox")}).load(make_batch(here, {"a.csv": "id\\n1\\n"}))
"""


def test_load_killed_before_the_rename_is_cleared_and_done_again(target: FilesTarget, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _KILLED, "move", str(tmp_path)]
    assert subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode == -9
    assert (visible(target), hidden(target)) == ([], [".incoming", ".lock"])
    (target.folder / "lakeview" / ".incoming" / "stale.csv").write_text("of a batch that was since withdrawn")
    assert not target.loader().load(make_batch(tmp_path, {"a.csv": "id\n1\n"})).already
    assert sorted(path.name for path in (target.folder / "lakeview" / EPOCH).iterdir()) == ["a.csv", "manifest.json"]
    assert hidden(target) == [".lock"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _large(tmp_path: Path) -> Batch:
    return make_batch(tmp_path, {"a.csv": "id\n", "b.csv": "id\n" + "x" * 500_000 + "\n"})


def test_load_onto_a_full_disk_asks_for_later_and_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    target = FilesTarget(small_disk / "inbox")
    with pytest.raises(TransientError, match="No space left"):
        target.loader().load(_large(tmp_path))
    assert (visible(target), hidden(target)) == ([], [".lock"])
    target.loader().load(make_batch(tmp_path, {"a.csv": "id\n"}))
    assert visible(target) == [EPOCH]


def test_key_is_the_batchs_not_the_copys(target: FilesTarget, tmp_path: Path) -> None:
    """A reader can check the folder against the key by itself."""
    batch = make_batch(tmp_path, {"a.csv": "id\n"})
    target.loader().load(batch)
    manifest = json.loads((target.folder / "lakeview" / EPOCH / "manifest.json").read_text())
    assert manifest["key"] == idempotency_key("lakeview", EPOCH, batch.files)


def test_load_of_a_file_with_gaps_lays_down_the_other_records_as_they_came(target: FilesTarget, tmp_path: Path) -> None:
    text = 'id,name\r\n"1",Ada\r\n2,"Gra\r\nce"\r\n3,"L"\r\n4'
    batch = make_batch(tmp_path, {"a.csv": text, "b.csv": "id\n1\n"}, skipped={"a.csv": (2, 4)}, left_out=("b.csv",))
    target.loader().load(batch)
    folder = target.folder / "lakeview" / EPOCH
    laid_down = b'id,name\r\n"1",Ada\r\n3,"L"\r\n'
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "manifest.json"]
    assert (folder / "a.csv").read_bytes() == laid_down
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["version"], manifest["left_out"], manifest["key"]) == (2, ["b.csv"], batch.key)
    [entry] = manifest["files"]
    assert (entry["sha256"], entry["skipped"]) == (hashlib.sha256(text.encode()).hexdigest(), [[2, 2], [4, 4]])
    assert entry["laid_down"] == {"size_bytes": len(laid_down), "sha256": hashlib.sha256(laid_down).hexdigest()}


def test_load_of_a_changed_file_with_gaps_leaves_nothing(target: FilesTarget, tmp_path: Path) -> None:
    batch = make_batch(tmp_path, {"a.csv": "id\n1\n2\n"}, skipped={"a.csv": (1,)})
    batch.files[0].path.write_text("id\n1\n3\n")
    with pytest.raises(PermanentError, match="changed since it was validated"):
        target.loader().load(batch)
    assert visible(target) == []
