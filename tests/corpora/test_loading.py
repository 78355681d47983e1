"""The full good drop of each bundled dataset reaches each built-in loader, row by row and cell by cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from tests.corpora.goods import Good, GoodOf, tables
from tests.corpora.sheets import Sheet
from watcher.intake.envelope import FILES
from watcher.loading.sqltables import identifiers
from watcher.schema.find import dataset_names, find_dataset
from watcher.service.tasks import LoadDone, LoadTask, ValidateTask, load_drop, validate_drop

#: `plain` has no columns of its own, and no drop here.
NAMES = sorted(set(dataset_names()) - {"plain"})
MOST_BYTES = 10**9


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/warehouse.db"
    address: str = request.getfixturevalue("postgres_url")
    return address


def loaded(good: Good, tmp_path: Path, type_: str, **options: str) -> LoadDone:
    """The drop judged and loaded as the service does it."""
    envelope = tmp_path / "envelope"
    shutil.copytree(good.folder, envelope / FILES)
    judged = validate_drop(ValidateTask(envelope, "lakeview", "20260901-020000", good.dataset.name, (), MOST_BYTES))
    assert judged.errors == 0
    done = load_drop(LoadTask(envelope, good.dataset.name, (), "target", type_, options))
    assert isinstance(done, LoadDone)
    return done


def filled(sheet: Sheet) -> list[int]:
    """How many cells of each column are not empty, by its place."""
    return [sum(row[place] != "" for row in sheet.rows) for place in range(sheet.width)]


@pytest.mark.parametrize("name", NAMES)
def test_full_drop_is_in_the_database_to_the_last_cell(name: str, good_of: GoodOf, url: str, tmp_path: Path) -> None:
    good = good_of(find_dataset(name))
    loaded(good, tmp_path, "sql", url=url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    for schema in tables(good.dataset):
        sheet = good.sheet(schema.file)
        stored = read(engine, identifiers([sheet.name.removesuffix(".csv")])[0])
        assert stored.height == len(sheet.rows)
        assert [stored.height - stored[place].null_count() for place in stored.columns] == filled(sheet), sheet.name
    engine.dispose()


@pytest.mark.parametrize("name", NAMES)
def test_full_drop_is_in_the_folder_file_by_file(name: str, good_of: GoodOf, tmp_path: Path) -> None:
    good = good_of(find_dataset(name))
    folder = tmp_path / "inbox"
    folder.mkdir()
    loaded(good, tmp_path, "files", folder=str(folder))
    (placed,) = (folder / "lakeview").glob("[0-9]*")
    for file in good.folder.iterdir():
        assert (placed / file.name).read_bytes() == file.read_bytes()


def read(engine: sa.Engine, table: str) -> pl.DataFrame:
    """The rows of a table, without our own two columns, in the order of its columns."""
    with engine.connect() as connection:
        reflected = sa.Table(table, sa.MetaData(), autoload_with=connection)
        theirs = [column for column in reflected.columns if column.name not in ("_root", "_epoch")]
        rows = connection.execute(sa.select(*theirs)).all()
    return pl.DataFrame(
        [[str(cell) if cell is not None else None for cell in row] for row in rows],
        schema=[column.name for column in theirs],
        orient="row",
    )
