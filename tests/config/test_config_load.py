from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config import Late, LoaderSettings, LogSettings, RootSettings, Settings, Watch, load
from watcher.errors import ConfigError

Write = Callable[..., Path]
HEAD = "work_dir: /srv/ew\n"
ROOTS = "roots: [{path: /srv/sftp/*/upload}]\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes config.yaml with this text and returns its path."""

    def write_text(text: str) -> Path:
        file = tmp_path / "config.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write_text


@pytest.fixture
def problems(write: Write) -> Callable[..., list[str]]:
    """The problems of a text, without the file's name: `3: roots[0].late: ...`."""

    def problems_of(text: str, **environ: str) -> list[str]:
        file = write(text)
        with pytest.raises(ConfigError) as caught:
            load(file, environ)
        assert all(problem.startswith(f"{file}:") for problem in caught.value.problems)
        return [problem.removeprefix(f"{file}:") for problem in caught.value.problems]

    return problems_of


# values


def test_load_least_file_gives_every_default(write: Write) -> None:
    file = write(HEAD + ROOTS)
    root = RootSettings(path="/srv/sftp/*/upload")
    assert load(file, {}) == Settings(
        work_dir=Path("/srv/ew"), journal="sqlite:////srv/ew/journal.db", roots=(root,), source=file
    )


def test_load_full_file_gives_every_value(write: Write, tmp_path: Path) -> None:
    settings = load(
        write("""
work_dir: ew
journal: sqlite:///other/j.db?timeout=5
watch: poll
rescan_seconds: 5
workers: 8.0
schema_dirs: [schemas, /etc/s]
log: {level: DEBUG, format: json}
loaders:
  archive: {type: files, folder: x}
  none: {type: sql}
defaults: {settle_seconds: 3, loaders: [archive], late: load}
roots:
  - path: up/./load/
    name: lakeview
    dataset: ./sets/own
    expect: [a.csv, b.csv]
    results: false
  - {path: /srv/b, settle_seconds: 4, loaders: [], late: reject}
"""),
        {},
    )
    here = str(tmp_path)
    assert settings.work_dir == tmp_path / "ew"
    assert settings.journal == f"sqlite:///{here}/other/j.db?timeout=5"
    assert (settings.watch, settings.rescan_seconds, settings.workers) == (Watch.POLL, 5.0, 8)
    assert type(settings.workers) is int
    assert settings.schema_dirs == (tmp_path / "schemas", Path("/etc/s"))
    assert settings.log == LogSettings(level="DEBUG", format="json")
    assert settings.loaders == {
        "archive": LoaderSettings(name="archive", type="files", options={"folder": "x"}),
        "none": LoaderSettings(name="none", type="sql"),
    }
    assert settings.roots == (
        RootSettings(
            path=f"{here}/up/load",
            name="lakeview",
            dataset=f"{here}/sets/own",
            loaders=("archive",),
            settle_seconds=3,
            expect=("a.csv", "b.csv"),
            late=Late.LOAD,
            results=False,
        ),
        RootSettings(path="/srv/b", settle_seconds=4, late=Late.REJECT),
    )


def test_load_relative_file_name_still_gives_absolute_paths(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("work_dir: ew\nroots: [{path: up}]")
    monkeypatch.chdir(file.parent)
    settings = load(Path("config.yaml"), {})
    assert (settings.work_dir, settings.source) == (file.parent / "ew", file)
    assert settings.roots[0].path == str(file.parent / "up")


def test_settings_travel_to_a_worker(write: Write) -> None:
    settings = load(write(HEAD + ROOTS + "loaders: {a: {type: sql, url: x}}"), {})
    assert pickle.loads(pickle.dumps(settings)) == settings


# variables


def test_load_variables_are_filled_in(write: Write) -> None:
    text = HEAD + "roots: [{path: '/srv/${NAME}/${SUB:-up}${EMPTY}', name: '${UNSET:-x}'}]\n"
    text += "loaders: {a: {type: sql, url: 'a$${B}$C', list: ['${NAME}'], '${NAME}': 1}}"
    settings = load(write(text), {"NAME": "lake", "EMPTY": "", "SUB": ""})
    assert settings.roots[0].path == "/srv/lake/up"
    assert settings.roots[0].name == "x"
    assert settings.loaders["a"].options == {"url": "a${B}$C", "list": ["lake"], "${NAME}": 1}


def test_load_variable_filled_in_is_not_read_again(write: Write) -> None:
    settings = load(write(HEAD + ROOTS + "loaders: {a: {type: sql, url: '${A}'}}"), {"A": "${B}: [x]"})
    assert settings.loaders["a"].options["url"] == "${B}: [x]"


def test_load_missing_variable_is_named_once(problems: Callable[..., list[str]]) -> None:
    assert problems(HEAD + ROOTS + "journal: ${DB}") == [
        "3: journal: expected the variable DB in the environment, found none; set it or write ${DB:-default}"
    ]


@pytest.mark.parametrize("text", ["${}", "${1A}", "${A", "${A-b}", "${A:-${B}}"])
def test_load_misspelt_variable_is_a_problem(problems: Callable[..., list[str]], text: str) -> None:
    assert "expected ${NAME}" in problems(HEAD + ROOTS + f"journal: '{text}'", A="x", B="y")[0]


# secrets


def test_secret_is_in_no_message_and_no_repr(write: Write, problems: Callable[..., list[str]]) -> None:
    text = HEAD + "journal: '${DB}'\nloaders: {a: {type: sql, password: '${PW}'}}\n"
    environ = {"DB": "postgresql://u:hunter2@h/db", "PW": "hunter2"}
    settings = load(write(text + ROOTS), environ)
    assert settings.journal == environ["DB"]
    assert "hunter2" not in repr(settings)
    broken = text + "roots: [{path: '/${PW}', name: '${DB}', late: '${PW}', dataset: '${PW}', expect: ['/${PW}']}]\n"
    broken += "watch: ${PW}\nworkers: ${PW}\ndefaults: {loaders: ['${PW}']}\nschema_dirs: ${DB}"
    found = problems(broken, **environ)
    assert len(found) == 7
    assert "${PW}" in "".join(found)
    assert "hunter2" not in "".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "journal: mysql://u:hunter2@h/db",
        "journal: x://u:${PW:-hunter2}@h/db",
        "journal: 'x://h?password=hunter2&a=b'",
        "watch: ${W:-hunter2}",
        "api_token: hunter2",
        "workers: {password: hunter2}",
        "log: {level: {secret: hunter2}}",
    ],
)
def test_literal_secret_is_in_no_message(problems: Callable[..., list[str]], line: str) -> None:
    assert "hunter2" not in "".join(problems(HEAD + ROOTS + line))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("journal: postgresql://u:pw@h/db", True),
        ("journal: postgresql://u:${PW}@h/db", False),
        ("journal: postgresql://u:${PW:-pw}@h/db", True),
        ("journal: postgresql://h/db?password=pw", True),
        ("loaders: {a: {type: x, password: pw}}", True),
        ("loaders: {a: {type: x, password: 123}}", True),
        ("loaders: {a: {type: x, db: {api_token: pw}}}", True),
        ("loaders: {a: {type: x, password: '${PW}'}}", False),
        ("loaders: {a: {type: x, password: }}", False),
        ("loaders: {a: {type: x, secret_file: /run/pw, token_url: u, verify_token: true}}", False),
    ],
)
def test_secrets_in_file_tells_literal_ones(write: Write, line: str, expected: bool) -> None:
    assert load(write(HEAD + ROOTS + line), {"PW": "hunter2"}).secrets_in_file is expected


# problems of the schema


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("rescan: 5", "3: rescan: expected an option, found 'rescan'; write rescan_seconds"),
        ("rescan_seconds: 5m", "3: rescan_seconds: expected seconds above 0, found '5m'; write 300"),
        ("rescan_seconds: 0", "3: rescan_seconds: expected seconds above 0, found 0"),
        ("workers: 1.5", "3: workers: expected a whole number from 1 to 1000, found 1.5"),
        ("workers: true", "3: workers: expected a whole number from 1 to 1000, found true"),
        ("workers:", "3: workers: expected a whole number from 1 to 1000, found nothing"),
        ("watch: event", "3: watch: expected one of events, poll, found 'event'; write events"),
        ("log: [x]", "3: log: expected a mapping of log options, found a list"),
        ("log: {lvl: x}", "3: log.lvl: expected an option, found 'lvl'; write level"),
        ("late: load", "3: late: expected an option, found 'late'; it belongs under a root, or under defaults for all of them"),
        ("defaults: {path: x}", "3: defaults.path: expected an option, found 'path'; it belongs under each root"),
        ("defaults: {workers: 3}", "3: defaults.workers: expected an option, found 'workers'; it belongs at the top level"),
        ("defaults: {results: no}", "3: defaults.results: expected true or false, found 'no'; write false"),
        ("schema_dirs: /etc/s", "3: schema_dirs: expected a list of folders, found '/etc/s'; write [/etc/s]"),
        ("loaders: {a: {}}", "3: loaders.a: expected the key type, found none; write type: files"),
        ("loaders: {'a b': {type: x}}", "3: loaders.a b: expected a name of up to 64 letters, digits, '_', '.', '-', found 'a b'; rename it"),
        ('defaults: {dataset: "a\\nb"}', r"3: defaults.dataset: expected the name or the folder of a dataset, found 'a\nb'"),
        ("journal: journal.db", "3: journal: expected the URL of an SQLite file or a PostgreSQL database, found 'journal.db'"),
        ("journal: 'sqlite:///:memory:'", "3: journal: expected a file, found a database in memory, which forgets; write sqlite:////path/journal.db"),
    ],
)  # fmt: skip
def test_load_wrong_option_is_told_with_advice(problems: Callable[..., list[str]], line: str, problem: str) -> None:
    assert problems(HEAD + ROOTS + line) == [problem]


@pytest.mark.parametrize("text", ["", "- a", "x", "5"])
def test_load_file_that_is_no_mapping_is_told(problems: Callable[..., list[str]], text: str) -> None:
    assert problems(text)[0].startswith("1: expected a ")


def test_load_missing_keys_are_told_with_an_example(problems: Callable[..., list[str]]) -> None:
    assert problems("workers: 2") == [
        "1: expected the key work_dir, found none; write work_dir: /srv/sftp/.epoch-watcher",
        "1: expected the key roots, found none; write roots: ...",
    ]


def test_load_all_problems_at_once_in_the_order_of_the_file(problems: Callable[..., list[str]]) -> None:
    found = problems("""\
work_dir: ~/ew
roots:
  - path: /srv/a
    loaders: [gone]
    late: soon
  - settle: 5
  - 7
  - path: ${GONE}
watch: no
""")
    assert [problem.split(": expected")[0] for problem in found] == [
        "1: work_dir",
        "4: roots[0].loaders[0]",
        "5: roots[0].late",
        "6: roots[1]",
        "6: roots[1].settle",
        "7: roots[2]",
        "8: roots[3].path",
        "9: watch",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "roots: [{path: /a, name: 'n%'}]",
        "roots: [{path: '/a%'}]",
        "roots: [{path: /a, dataset: 'd%'}]",
        "roots: [{path: /a, expect: ['e%']}]",
        "journal: 'sqlite:////a%'",
        "loaders: {'a%': {type: x}}",
    ],
)
def test_load_line_break_at_the_end_is_a_problem(problems: Callable[..., list[str]], line: str) -> None:
    """A block scalar (`name: |`) ends with one, and Python's `$` lets it pass."""
    text = HEAD + line.replace("%", "\\n").replace("'", '"') + "\n"
    assert len(problems(text if "roots" in line else text + ROOTS)) == 1


def test_load_hostile_key_cannot_forge_a_line(problems: Callable[..., list[str]]) -> None:
    (found,) = problems(HEAD + ROOTS + '"a\\nb\\e[2J": 1')
    assert found.isprintable()


# problems beyond the schema


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("roots: [{path: /a, loaders: [archve]}]\nloaders: {archive: {type: files}}", "2: roots[0].loaders[0]: expected the name of a loader, found 'archve'; write archive"),
        ("defaults: {loaders: [x]}\nroots: [{path: /a}]", "2: defaults.loaders[0]: expected the name of a loader, found 'x'; add it under loaders"),
        ("roots:\n- {path: /a, name: n}\n- {path: /b, name: n}", "4: roots[1].name: expected a name of its own, found that of line 3; change or remove one of the two"),
        ("roots:\n- {path: /a}\n- {path: /a/}", "4: roots[1].path: expected a path of its own, found that of line 3; change or remove one of the two"),
        ("roots: [{path: '/a/*', name: n}]", "2: roots[0].name: expected none beside a path with * ? or [: each match is named by its own path; remove the name"),
        ("roots: [{path: /a/**/b}]", "2: roots[0].path: expected * for one folder level, found '/a/**/b'; write one * for each level"),
        ("roots: [{path: /a, expect: [a.csv, b/c.csv]}]", "2: roots[0].expect[1]: expected a plain file name, found 'b/c.csv'"),
        ("roots: [{path: /a, expect: ['..']}]", "2: roots[0].expect[0]: expected a plain file name, found '..'"),
        ("roots: [{path: ~x/up}]", "2: roots[0].path: expected a path (a service has no home, so no ~), found '~x/up'"),
    ],
)  # fmt: skip
def test_load_names_and_paths_that_do_not_fit_are_told(
    problems: Callable[..., list[str]], text: str, problem: str
) -> None:
    assert problems(HEAD + text) == [problem]


@pytest.mark.parametrize("work_dir", ["/srv/100%25", "/srv/who?"])
def test_load_work_dir_that_no_journal_url_can_hold_is_told(write: Write, work_dir: str) -> None:
    file = write(f"work_dir: '{work_dir}'\nroots: [{{path: /srv/up}}]")
    with pytest.raises(ConfigError, match="1: work_dir: expected a path without % and"):
        load(file, {})
    own = write(f"work_dir: '{work_dir}'\njournal: postgresql:///ew\nroots: [{{path: /srv/up}}]")
    assert load(own, {}).work_dir == Path(work_dir)


@pytest.mark.parametrize(
    ("work_dir", "root", "told_at"),
    [
        ("/srv/a/upload/.ew", "/srv/a/upload", "1: work_dir"),
        ("/srv/a/upload", "/srv/a/upload", "1: work_dir"),
        ("/srv/a/upload/x", "/srv/*/upload", "1: work_dir"),
        ("/srv/x/../a/w", "/srv/a", "1: work_dir"),
        ("/", "/srv/a", "2: roots[0].path"),
        ("/srv/work", "/srv/work/stage", "2: roots[0].path"),
        ("/srv/work", "/srv/*/*", "2: roots[0].path"),
        ("/srv/.ew", "/srv/*/*", None),
        ("/srv/work", "/srv/*/upload", None),
        ("/srv/ab", "/srv/a", None),
        ("/srv/.ew", "/srv/*", None),
        ("/srv/b/.ew", "/srv/[a]", None),
    ],
)
def test_load_work_dir_and_roots_keep_apart(write: Write, work_dir: str, root: str, told_at: str | None) -> None:
    file = write(f"work_dir: {work_dir}\nroots: [{{path: '{root}'}}]")
    if told_at is None:
        load(file, {})
        return
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert [problem.split(": expected a folder outside")[0] for problem in caught.value.problems] == [
        f"{file}:{told_at}"
    ]
