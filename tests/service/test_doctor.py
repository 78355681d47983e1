"""doctor against real directories, as root and as a user who may less."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

# Imported here so that a child without rights on this checkout has them.
import watcher.journal.checking
import watcher.loading.files
import watcher.loading.registry
import watcher.schema
from tests.journal.world import record_in
from tests.needs import needs
from watcher import fsops
from watcher.clock import Clock
from watcher.config import Settings, load
from watcher.intake.scanner import scan
from watcher.intake.settle import observe
from watcher.journal import open_journal
from watcher.model.names import is_temporary_name
from watcher.model.records import Source
from watcher.model.states import State
from watcher.service import lock
from watcher.service.checks import probing
from watcher.service.checks.result import Grade, Result
from watcher.service.doctor import examine
from watcher.service.planner import plan
from watcher.service.policy import Policy, RootRecords

REPOSITORY = Path(watcher.__file__).parents[1]
STRANGER, SENDER = 61_234, 61_235
AS_ROOT = needs(root=True)


class Place:
    """A folder that every user may pass through, with one root `north`, a work directory and a configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.work, self.config = folder / "north", folder / "work", folder / "config.yaml"
        folder.chmod(0o755)
        self.root.mkdir(mode=0o755)
        self.work.mkdir(mode=0o700)
        self.configure()

    def configure(self, *lines: str, options: str = "") -> None:
        root = f"  - {{path: {self.root}, name: north, {options}}}"
        self.config.write_text("\n".join((f"work_dir: {self.work}", *lines, "roots:", root, "")))

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def examine(self) -> list[Result]:
        return list(examine(self.settings))

    def examine_as(self, uid: int) -> list[Result]:
        """The results that a user of no group gets, in a child process."""
        return as_user(uid, self.examine)

    def epoch(self, *, owner: int = 0, mode: int = 0o755, file_mode: int = 0o644) -> Path:
        """A complete epoch with one file."""
        epoch = self.root / "20260901-020000"
        epoch.mkdir()
        for name in ("students.csv", "COMPLETE"):
            (epoch / name).write_text("id\n")
            (epoch / name).chmod(file_mode)
            os.chown(epoch / name, owner, owner)
        os.chown(epoch, owner, owner)
        epoch.chmod(mode)
        return epoch

    def give_to(self, uid: int) -> None:
        """Make root and work directory this user's."""
        for path in (self.root, self.work):
            os.chown(path, uid, uid)


def as_user(uid: int, work: Callable[[], list[Result]]) -> list[Result]:
    """What `work` returns in a child that has dropped to this user."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads: the child runs nothing of theirs
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(pickle.dumps(work()))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    results: list[Result] = pickle.loads(content)
    return results


def of(results: list[Result], check: str) -> list[tuple[Grade, str]]:
    return [(result.grade, result.text) for result in results if result.check == check]


def grades(results: list[Result], check: str) -> list[Grade]:
    return [grade for grade, _ in of(results, check)]


def one(results: list[Result], check: str, grade: Grade) -> str:
    """The text of the only result of this check with this grade."""
    (text,) = (text for found, text in of(results, check) if found is grade)
    return text


@pytest.fixture
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="doctor-", dir="/tmp"))
    yield Place(folder)
    shutil.rmtree(folder)


# as a whole


def test_doctor_finds_no_problem_where_all_is_well(place: Place) -> None:
    open_journal(place.settings.journal).close()
    results = place.examine()
    assert [result for result in results if result.grade is Grade.PROBLEM] == []
    assert {result.check for result in results if result.grade is Grade.OK} >= {
        *("config", "work-dir", "journal", "root", "claim", "results", "leases"),
        *("dataset", "space", "inotify", "open-files", "python"),
    }


def test_doctor_says_what_to_do_about_everything_that_is_not_well(place: Place) -> None:
    shutil.rmtree(place.root)
    results = place.examine()
    assert Grade.PROBLEM in {result.grade for result in results}
    assert all(bool(result.advice) is (result.grade is not Grade.OK) for result in results)


def test_doctor_leaves_nothing_behind(place: Place) -> None:
    open_journal(place.settings.journal).close()
    place.epoch()
    (place.root / "results").mkdir()
    before = sorted(place.folder.rglob("*"))
    place.examine()
    # SQLite keeps its companions -wal and -shm beside a journal that somebody reads.
    assert sorted(path for path in place.folder.rglob("*") if not path.match("journal.db-*")) == before


@AS_ROOT
def test_doctor_run_as_root_leaves_the_journal_to_its_owner(place: Place) -> None:
    open_journal(place.settings.journal).close()
    place.give_to(STRANGER)
    os.chown(place.work / "journal.db", STRANGER, STRANGER)
    place.examine()
    assert {path.stat().st_uid for path in place.work.iterdir()} == {STRANGER}
    assert grades(place.examine_as(STRANGER), "journal") == [Grade.OK]


def test_doctor_scratch_is_no_drop_to_a_running_service(place: Place) -> None:
    name = probing.scratch_name()
    assert is_temporary_name(name)
    (place.root / name).mkdir()
    (place.root / probing.scratch_name()).write_text("doctor\n")
    facts, _ = observe(scan("north", place.root), {}, 0.0)
    made = plan(facts, RootRecords(), Policy(settle_seconds=0, gather_settle_seconds=0), Clock().local())
    assert (made.actions, made.waits) == ((), ())


def test_doctor_clears_what_a_killed_one_left(place: Place) -> None:
    fresh, other = place.root / probing.scratch_name(), place.root / ".epoch-watcher-doctor-notes"
    fresh.mkdir()
    other.touch()
    with fsops.open_root(place.root) as root:
        probing.clear_abandoned(root)
        assert fresh.exists()  # another doctor may be at it
        probing.clear_abandoned(root, abandoned_seconds=-1)
    assert sorted(place.root.iterdir()) == [other]


# configuration and user


@pytest.mark.parametrize(("mode", "grade"), [(0o644, Grade.PROBLEM), (0o640, Grade.OK)])
def test_doctor_password_in_a_readable_configuration_is_a_problem(place: Place, mode: int, grade: Grade) -> None:
    place.configure("journal: postgresql://watcher:secret@127.0.0.1:1/x")
    place.config.chmod(mode)
    results = place.examine()
    assert grades(results, "config") == [grade]
    assert "secret" not in str(results)


@AS_ROOT
def test_doctor_run_as_root_for_another_user_says_what_to_run(place: Place) -> None:
    assert grades(place.examine(), "user") == []
    place.give_to(STRANGER)
    (result,) = (result for result in place.examine() if result.check == "user")
    assert (result.grade, result.advice) == (Grade.WARNING, f"runuser -u #{STRANGER} -- epoch-watcher doctor")


# the work directory


def test_doctor_absent_work_directory_is_made_by_the_service(place: Place) -> None:
    place.work.rmdir()
    results = place.examine()
    assert "is not there yet; the service makes it" in one(results, "work-dir", Grade.OK)
    assert "renamed into the work directory" in one(results, "claim", Grade.OK)
    assert not place.work.exists()


@AS_ROOT
def test_doctor_work_directory_that_can_not_be_made_is_a_problem(place: Place) -> None:
    place.work.rmdir()
    assert "can't be made" in one(place.examine_as(STRANGER), "work-dir", Grade.PROBLEM)


def test_doctor_work_directory_open_to_others_is_a_problem(place: Place) -> None:
    place.work.chmod(0o750)
    assert "has mode 0750" in one(place.examine(), "work-dir", Grade.PROBLEM)


@AS_ROOT
def test_doctor_work_directory_of_another_user_is_a_problem(place: Place) -> None:
    texts = [text for grade, text in of(place.examine_as(STRANGER), "work-dir") if grade is Grade.PROBLEM]
    assert "belongs to user 0" in texts[0]
    assert "Permission denied" in texts[1]


def test_doctor_file_in_place_of_the_work_directory_is_a_problem(place: Place) -> None:
    place.work.rmdir()
    place.work.touch()
    assert "is no directory" in one(place.examine(), "work-dir", Grade.PROBLEM)


# roots


def test_doctor_absent_root_is_a_problem(place: Place) -> None:
    place.root.rmdir()
    results = place.examine()
    assert "No such file or directory" in one(results, "root", Grade.PROBLEM)
    assert of(results, "claim") == []


def test_doctor_glob_without_a_match_is_a_warning(place: Place) -> None:
    place.config.write_text(f"work_dir: {place.work}\nroots: [{{path: {place.folder}/none/*/upload}}]\n")
    assert "matches no folder" in one(place.examine(), "root", Grade.WARNING)


def test_doctor_folder_that_is_not_made_yet_is_a_warning(place: Place) -> None:
    place.config.write_text(
        f"work_dir: {place.work}\nroots: [{{path: {place.root}, name: north, folders: {{users: {{}}}}}}]\n"
    )
    assert "/users matches no folder" in one(place.examine(), "root", Grade.WARNING)
    (place.root / "users").mkdir()
    assert "users can be read" in one(place.examine(), "root", Grade.OK)


@AS_ROOT
def test_doctor_root_that_can_not_be_listed_is_a_problem(place: Place) -> None:
    place.give_to(STRANGER)
    os.chown(place.root, SENDER, SENDER)
    place.root.chmod(0o700)
    assert "Permission denied" in one(place.examine_as(STRANGER), "root", Grade.PROBLEM)


@AS_ROOT
def test_doctor_root_that_can_not_be_written_means_copies(place: Place) -> None:
    place.give_to(STRANGER)
    os.chown(place.root, SENDER, SENDER)
    results = place.examine_as(STRANGER)
    assert one(results, "claim", Grade.WARNING) == (
        "can't be written (Permission denied): each drop is copied, and its original stays"
    )
    assert "Permission denied" in one(results, "results", Grade.WARNING)


@AS_ROOT
def test_doctor_sticky_root_means_copies(place: Place) -> None:
    place.give_to(STRANGER)
    os.chown(place.root, SENDER, STRANGER)
    place.root.chmod(0o1775)
    assert "is sticky" in one(place.examine_as(STRANGER), "claim", Grade.WARNING)


@AS_ROOT
def test_doctor_epoch_of_the_sender_without_group_write_is_copied(place: Place) -> None:
    place.give_to(STRANGER)
    place.epoch(owner=SENDER, mode=0o755)
    assert one(place.examine_as(STRANGER), "claim", Grade.WARNING).startswith("20260901-020000: can't be moved")


@AS_ROOT
def test_doctor_verdict_on_an_epoch_is_that_of_the_claim(place: Place) -> None:
    """What doctor calls movable can be renamed by that user, and what it does not call so can't."""
    place.give_to(STRANGER)
    epoch = place.epoch(owner=SENDER, mode=0o755)

    def rename() -> list[Result]:
        try:
            epoch.rename(place.work / "moved")
        except PermissionError:
            return []
        return [Result("renamed", Grade.OK, "")]

    assert grades(place.examine_as(STRANGER), "claim") == [Grade.OK, Grade.WARNING]
    assert as_user(STRANGER, rename) == []
    epoch.chmod(0o777)
    assert grades(place.examine_as(STRANGER), "claim") == [Grade.OK]
    assert len(as_user(STRANGER, rename)) == 1


@AS_ROOT
def test_doctor_epochs_and_files_that_can_not_be_read_are_problems(place: Place) -> None:
    place.give_to(STRANGER)
    epoch = place.epoch(owner=SENDER, mode=0o777, file_mode=0o600)
    assert one(place.examine_as(STRANGER), "readable", Grade.PROBLEM) == (
        "20260901-020000/COMPLETE, 20260901-020000/students.csv: can't be read, so the drop would be rejected"
    )
    epoch.chmod(0o700)
    assert "can't be listed, so never taken" in one(place.examine_as(STRANGER), "readable", Grade.PROBLEM)


def test_doctor_root_on_another_file_system_means_copies(place: Place) -> None:
    other = Path(tempfile.mkdtemp(prefix="doctor-", dir="/dev/shm"))
    try:
        if other.stat().st_dev == place.root.stat().st_dev:
            pytest.skip("/dev/shm is no file system of its own here")
        place.work = other
        place.configure()
        assert "lies on another mount" in one(place.examine(), "claim", Grade.WARNING)
        assert [*other.iterdir(), *place.root.iterdir()] == []
    finally:
        shutil.rmtree(other)


@needs("unshare", root=True)
def test_doctor_root_that_is_bind_mounted_means_copies(place: Place) -> None:
    """The same file system and the same st_dev, but another mount: only a rename tells."""
    script = 'mount --bind "$1" "$1" && shift && exec "$@"'
    command = [sys.executable, "-m", "watcher", "doctor", "--json", "--config", str(place.config)]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", str(place.root), *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    if "mount:" in done.stderr or "unshare" in done.stderr:
        pytest.skip("mounts can't be made here")
    (claim,) = (check for check in json.loads(done.stdout)["checks"] if check["check"] == "claim")
    assert (claim["grade"], claim["root"]) == ("warning", "north")
    assert "lies on another mount" in claim["text"]


def test_doctor_link_in_place_of_results_is_a_warning(place: Place) -> None:
    (place.root / "results").symlink_to(place.work)
    assert "can't be put into results/" in one(place.examine(), "results", Grade.WARNING)
    assert list(place.work.iterdir()) == []


def test_doctor_root_without_results_is_not_asked_for_them(place: Place) -> None:
    place.configure(options="results: false")
    assert of(place.examine(), "results") == []


# leases


@AS_ROOT
def test_doctor_leases_on_the_senders_files(place: Place) -> None:
    place.give_to(STRANGER)
    place.epoch(owner=SENDER, mode=0o777)
    assert one(place.examine(), "leases", Grade.OK).startswith("granted on the sender's files")
    assert one(place.examine_as(STRANGER), "leases", Grade.OK).startswith("refused on the sender's files")


@AS_ROOT
def test_doctor_leases_without_a_file_of_the_sender(place: Place) -> None:
    place.give_to(STRANGER)
    place.epoch(owner=STRANGER)
    assert one(place.examine_as(STRANGER), "leases", Grade.OK).startswith("no CAP_LEASE")


@AS_ROOT
def test_doctor_leases_without_any_file(place: Place) -> None:
    place.give_to(STRANGER)
    assert "an open writer will be seen" in one(place.examine(), "leases", Grade.OK)
    assert one(place.examine_as(STRANGER), "leases", Grade.OK).startswith("no CAP_LEASE")


# the journal and the service


def test_doctor_before_the_first_start_makes_no_journal(place: Place) -> None:
    assert "is not there yet" in one(place.examine(), "journal", Grade.OK)
    assert list(place.work.iterdir()) == []


def test_doctor_damaged_journal_is_a_problem(place: Place) -> None:
    with open_journal(place.settings.journal) as journal:
        for _ in range(100):
            record_in(journal, State.LOADED)
    path = place.work / "journal.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 4096)
        file.write(b"\xff" * 4096)
    assert "is damaged" in one(place.examine(), "journal", Grade.PROBLEM)


def test_doctor_journal_that_is_none_is_a_problem(place: Place) -> None:
    (place.work / "journal.db").write_text("hello")
    assert "file is not a database" in one(place.examine(), "journal", Grade.PROBLEM)


@AS_ROOT
def test_doctor_journal_that_can_only_be_read_is_a_problem(place: Place) -> None:
    open_journal(place.settings.journal).close()
    place.give_to(STRANGER)
    (place.work / "journal.db").chmod(0o644)
    assert "readonly" in one(place.examine_as(STRANGER), "journal", Grade.PROBLEM)


def test_doctor_beside_a_running_service_names_it_and_takes_nothing_from_it(place: Place) -> None:
    with open_journal(place.settings.journal) as journal, lock.hold(place.work / "lock", Clock().local()):
        record = record_in(journal, State.CLAIMED)
        results = place.examine()
        assert journal.open_records("north") == (record,)
        assert one(results, "service", Grade.OK).startswith(f"running: process {os.getpid()} on")
    assert "is not running" in one(place.examine(), "service", Grade.WARNING)


def test_doctor_names_originals_that_could_not_be_removed(place: Place) -> None:
    with open_journal(place.settings.journal) as journal:
        record_in(journal, State.LOADED, source_left=True)
    assert one(place.examine(), "source-left", Grade.WARNING).startswith("20260301-120000 was taken as a copy")


# targets


def test_doctor_pictures_without_pillow_are_a_problem(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dataset itself is sound; yet every drop of it would wait."""
    place.configure(options="dataset: infinite-campus-photos")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    text = one(place.examine(), "dataset", Grade.PROBLEM)
    assert text.startswith("infinite-campus-photos: ")
    assert "pip install 'epoch-watcher[photos]'" in text


def test_doctor_unknown_dataset_is_a_problem(place: Place) -> None:
    place.configure(options="dataset: plian")
    assert "did you mean 'plain'?" in one(place.examine(), "dataset", Grade.PROBLEM)


def test_doctor_one_table_for_files_of_two_datasets_is_a_warning(place: Place) -> None:
    """users.csv of two formats went into one table, or was refused for its types, when the second one came."""
    second = place.folder / "second"
    second.mkdir()
    loaders = f"  base: {{type: sql, url: 'sqlite:///{place.folder}/base.db'}}"
    place.configure("loaders:", loaders, options="dataset: samegoal, loaders: [base]")
    before = place.config.read_text()
    assert not [result for result in place.examine() if "one table" in result.text]
    place.config.write_text(before + f"  - {{path: {second}, dataset: oneroster-1.1, loaders: [base]}}\n")
    text = one(place.examine(), "loader", Grade.WARNING)
    assert text == "base: users.csv of samegoal and of oneroster-1.1 would be one table"


def test_doctor_tries_each_loader(place: Place) -> None:
    place.configure(
        "loaders:",
        f"  good: {{type: files, folder: {place.folder}}}",
        f"  bad: {{type: files, folder: {place.folder}/none}}",
        "  wrong: {type: files, flder: /tmp}",
        "  unused: {type: sql, url: 'sqlite:////nowhere/db'}",
        options="loaders: [good, bad, wrong]",
    )
    results = place.examine()
    assert one(results, "loader", Grade.OK) == "good (files) can be loaded"
    assert one(results, "loader", Grade.WARNING) == "unused: no root uses it"
    problems = [text for grade, text in of(results, "loader") if grade is Grade.PROBLEM]
    assert [text.split()[0] for text in problems] == ["bad", "loaders.wrong.folder:", "unused"]


# space, kernel, clock


def test_doctor_space_counts_the_largest_drop_that_came(place: Place) -> None:
    with open_journal(place.settings.journal) as journal:
        source = Source(0, 0, ())
        journal.intend("north", "20260901-020000", watcher.model.records.DropKind.EPOCH, source, size_bytes=10**15)
    assert "the largest drop takes 1000.0 TB" in one(place.examine(), "space", Grade.PROBLEM)


@needs("unshare")
def test_doctor_inotify_without_watches_left_is_a_problem(place: Place) -> None:
    """The limit of a user name space of one's own, never the machine's."""
    script = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"'
    command = [sys.executable, "-m", "watcher", "doctor", "--json", "--config", str(place.config)]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    if not done.stdout:
        pytest.skip("user name spaces can't be made here")
    (found,) = (check for check in json.loads(done.stdout)["checks"] if check["check"] == "inotify")
    assert found["grade"] == "problem"
    assert found["text"].startswith("a watch can't be made: No space left on device (0 watches")


def test_doctor_inotify_is_not_asked_for_where_it_is_not_used(place: Place) -> None:
    place.configure("watch: poll")
    assert one(place.examine(), "inotify", Grade.OK) == "not used (watch: poll)"


def test_doctor_checks_that_can_not_be_made_do_not_end_it(place: Place) -> None:
    """The configuration vanished after it was read: that check can't be made, all others are."""
    settings = replace(place.settings, source=place.folder / "gone.yaml")
    results = list(examine(settings))
    assert one(results, "config", Grade.PROBLEM).startswith("could not be found out:")
    assert grades(results, "python") == [Grade.OK]
