"""What is wrong with a dataset once each of its files is sound: what one file says of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watcher.model.codes import CODES
from watcher.schema.checksql import check_problems
from watcher.schema.keywords import hint
from watcher.schema.model import Column, Dataset, FileSchema, Tolerated
from watcher.schema.problem import KeyPath, Problem
from watcher.schema.sound_sets import set_problems

#: Findings on a file's name: see `watcher.validation.findings.policy`.
_NAMES = ("bad-file-name", "misnamed-file")


def dataset_problems(dataset: Dataset) -> Iterator[Problem]:
    """What is wrong with `dataset.yaml` itself."""
    names: set[str] = set()
    for i, file in enumerate(dataset.files):
        if file.match is None and file.schema.stem in names:
            yield Problem(("files", i), f"{file.schema.file!r} is there twice; keep one")
        if file.match is None:
            names.add(file.schema.stem)
    yield from (Problem(("checks", i), text) for i, text in check_problems(dataset))
    yield from set_problems(dataset)
    for i, tolerated in enumerate(dataset.tolerate):
        yield from _tolerated_problems(dataset, tolerated, ("tolerate", i))


def reference_problems(dataset: Dataset, schema: FileSchema) -> Iterator[Problem]:
    """The references of one file schema that lead into nothing, with their places in it."""
    stems = [file.schema.stem for file in dataset.named_files()]
    for i, column in enumerate(schema.columns):
        if (reference := column.references) is None:
            continue
        at: KeyPath = ("columns", i, "references")
        target = dataset.file_by_stem(reference.file)
        if target is None:
            yield Problem(at, f"{str(reference)!r}: no such file in this dataset{hint(reference.file, stems)}")
            continue
        names = _names(target)
        if target.column(reference.column) is None:
            yield Problem(at, f"{str(reference)!r}: no such column{hint(reference.column, names)}")
        for name, texts in reference.where:
            wanted = target.column(name)
            if wanted is None:
                yield Problem((*at, "where", name), f"{name!r} is not a column of {target.file}{hint(name, names)}")
            else:
                yield from _text_problems(texts, wanted, target, (*at, "where", name))


def _text_problems(texts: Sequence[str], column: Column, target: FileSchema, at: KeyPath) -> Iterator[Problem]:
    """Texts that no row can hold: the column is an enumeration without them."""
    allowed = column.judged_by.get("enum")
    if allowed is None or not all(isinstance(value, str) for value in allowed):
        return
    for text in texts:
        if text not in allowed:
            yield Problem(
                at, f"{text!r} is not an allowed value of {target.file}, {column.name!r}{hint(text, allowed)}"
            )


def _tolerated_problems(dataset: Dataset, tolerated: Tolerated, at: KeyPath) -> Iterator[Problem]:
    if tolerated.code not in CODES:
        yield Problem(at, f"{tolerated.code!r} is not the code of a finding{hint(tolerated.code, CODES)}")
    if tolerated.code in _NAMES:
        yield Problem(at, f"{tolerated.code!r} can't be tolerated: loaders know a file by its name; remove it")
    if tolerated.code.startswith("zip-"):
        yield Problem(at, f"{tolerated.code!r} can't be tolerated: what is not unpacked can't be used; remove it")
    schemas = [file.schema for file in dataset.files]
    if tolerated.file is not None:
        schemas = [file.schema for file in dataset.files if file.may_be_called(tolerated.file)]
        if not schemas:
            names = [file.schema.file for file in dataset.named_files()]
            said = f"{tolerated.file!r} is not a file of this dataset{hint(tolerated.file, names)}"
            yield Problem((*at, "file"), said)
            return
    # A file without columns, or with a group of them, may have any; what its header holds is not known here.
    is_open = any(not s.columns or any(c.match is not None for c in s.columns) for s in schemas)
    names = [name for schema in schemas for name in _names(schema)]
    if tolerated.column is not None and not is_open and tolerated.column not in names:
        yield Problem((*at, "column"), f"{tolerated.column!r} is not a column{hint(tolerated.column, names)}")


def _names(schema: FileSchema) -> list[str]:
    return [column.name for column in schema.columns if column.match is None]
