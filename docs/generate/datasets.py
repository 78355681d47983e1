"""A page for each bundled dataset: its files and their columns, and what it says of a drop; and the list of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from docs.generate.markdown import NOTE, code, plain, table
from watcher import yamlfile
from watcher.cli.schema_rules import reference_in_words, rules_in_words, type_in_words
from watcher.cli.schema_words import dataset_lines, file_lines
from watcher.schema import Column, Dataset, DatasetFile, dataset_names, find_dataset
from watcher.validation.cells.describing import listed

FOLDER = "docs/reference/datasets"
#: Datasets of our own, to begin with; all others are a vendor's or a standard's.
OUR_OWN = ("plain", "students")
#: So many columns may have another source than the others; of more each says its own.
_FEW = 3


def pages() -> dict[str, Callable[[], str]]:
    """The pages by their paths."""
    made: dict[str, Callable[[], str]] = {f"{FOLDER}/README.md": index}
    return made | {f"{FOLDER}/{name}.md": partial(page, name) for name in dataset_names()}


def index() -> str:
    """The list of the datasets."""
    names = dataset_names()
    vendors = [name for name in names if name not in OUR_OWN]
    return f"""{NOTE}
# Datasets

What is bundled: name one of these as `dataset` of a root, or `--dataset` of `epoch-watcher validate`. Each page lists
the files, and each file's columns with where we know them from. Titles that say *a template* are of formats whose
columns are not published where we could read them.

{table(("Dataset", "What it takes", "Files", "Extends"), map(_entry, vendors))}
Two of our own, to begin with:

{table(("Dataset", "What it takes", "Files", "Extends"), map(_entry, OUR_OWN))}
How to write one: [Write a dataset of your own](../../how-to/write-a-schema.md), and in short
[schemas/README.md](../../../schemas/README.md).
"""


def page(name: str) -> str:
    """One dataset."""
    dataset = find_dataset(name)
    return f"""{NOTE}
# {name}

{plain(dataset.title)}.{_extended(dataset)} The dataset itself: [schemas/{name}](../../../schemas/{name}).

{plain(dataset.description)}

## Files

{_files(dataset)}
## The drop

{_bullets(_drop(dataset))}
{"".join(section(dataset) for section in (_changes, _loose, _properties, _checks, _tolerated))}{_schemas(dataset)}"""


def _entry(name: str) -> tuple[str, ...]:
    dataset = find_dataset(name)
    base = _base(dataset)
    return (
        f"[{name}]({name}.md)",
        plain(dataset.title),
        str(len(dataset.files)),
        f"[{base}]({base}.md)" if base else "",
    )


def _base(dataset: Dataset) -> str:
    """The name of the dataset that this one extends; empty for none."""
    if dataset.folder is None:
        return ""
    data = yamlfile.read(Path(dataset.folder) / "dataset.yaml").data
    return str(data.get("extends", ""))


def _extended(dataset: Dataset) -> str:
    base = _base(dataset)
    return f" It extends [{base}]({base}.md); this page shows the whole." if base else ""


def _files(dataset: Dataset) -> str:
    rows = (
        (
            f"[{plain(file.name)}](#{_anchor(file.name)})",
            "yes" if file.required else "",
            ", ".join(map(code, file.needs)),
            plain(file.schema.title),
        )
        for file in dataset.files
    )
    return table(("File", "Must come", "Must come with", "What it is"), rows)


def _drop(dataset: Dataset) -> Iterator[str]:
    """What has no table of its own."""
    intake = replace(dataset.intake, names=())
    manifest = None if dataset.manifest is None else replace(dataset.manifest, properties=())
    return dataset_lines(replace(dataset, intake=intake, manifest=manifest, checks=(), tolerate=()))


def _changes(dataset: Dataset) -> str:
    """What becomes of a file of changes once it is accepted."""
    modes = [code(mode.name) for mode in dataset.modes if mode.brings_changes]
    if not modes:
        return ""
    return f"""### Files of changes

A file in mode {" or ".join(modes)} brings changes only: what does not stand in it has not been removed. The loader
`sql` with `mode: replace` puts each row in place of the one with the same key, and leaves all others as they are; a row
that says it is to be deleted stays in the table as such a row. The next whole list replaces all of them. The loader
`files` lays the file down as it came. More: [the loaders](../../how-to/write-a-loader.md#sql).

"""


def _loose(dataset: Dataset) -> str:
    rules = dataset.intake.names
    if not rules:
        return ""
    about = (
        "Names under which files are recognised that lie loose in an upload root. `{date}` is a date of 8, 14, 16 or "
        "17 digits, or none; `*` are any characters, where no other name fits; `_auto` before the suffix is always "
        "recognised; the suffix in any case. Of several files of one name in the drop the newest is taken, or each, "
        "where that is said."
    )
    rows = ((code(rule.name), code(rule.target), "each" if rule.each else "") for rule in rules)
    return f"### Loose files\n\n{about}\n\n{table(('Name', 'In the drop', 'Of several'), rows)}\n"


def _properties(dataset: Dataset) -> str:
    if dataset.manifest is None or not dataset.manifest.properties:
        return ""
    rows = (
        (
            code(each.name),
            "yes" if each.required else "",
            "" if each.const is None else code(each.const),
            ", ".join(map(code, each.aliases)),
            plain(each.advice),
        )
        for each in dataset.manifest.properties
    )
    head = ("Property", "Must be there", "Value", "Also called", "Where it is wrong")
    return f"### Properties of the manifest\n\n{table(head, rows)}\n"


def _checks(dataset: Dataset) -> str:
    if not dataset.checks:
        return ""
    rows = ((plain(check.title), check.severity.value, plain(check.advice)) for check in dataset.checks)
    return f"### Checks across rows and files\n\n{table(('What holds', 'Otherwise', 'What to do'), rows)}\n"


def _tolerated(dataset: Dataset) -> str:
    if not dataset.tolerate:
        return ""
    rows = ((code(each.code), each.file or "any", each.column or "any") for each in dataset.tolerate)
    return f"### Warnings at most\n\n{table(('Code', 'File', 'Column'), rows)}\n"


def _schemas(dataset: Dataset) -> str:
    return "".join(map(_file, dataset.files)).rstrip("\n") + "\n"


def _file(file: DatasetFile) -> str:
    schema = file.schema
    parts = [
        f"## {plain(file.name)}",
        plain(f"{schema.title}. {schema.description}" if schema.title else schema.description),
    ]
    if schema.columns:
        parts.append(_columns(schema.columns).rstrip("\n"))
    elif schema.picture is None:
        parts.append("Any columns, all of them text.")
    lines = file_lines(replace(file, schema=replace(schema, rules=())))
    parts.append(_bullets(lines).rstrip("\n"))
    if schema.rules:
        rows = ((plain(rule.title), rule.severity.value, plain(rule.advice)) for rule in schema.rules)
        parts.append(table(("What holds in each row", "Otherwise", "What to do"), rows).rstrip("\n"))
    return "\n".join(f"{part}\n" for part in parts if part) + "\n"


def _columns(columns: tuple[Column, ...]) -> str:
    """The table; sources that most columns share are said once, and long enumerations stand behind it."""
    sources = Counter(column.source for column in columns)
    head: tuple[str, ...] = ("Column", "Filled", "What it holds", "Meaning", "Example")
    is_each = len(columns) - max(sources.values()) > _FEW
    if is_each:
        head = (*head, "Source")
    text = table(head, ((*_row(column), plain(column.source))[: len(head)] for column in columns))
    notes = [] if is_each else [_source(source, columns, sources) for source in sources if source]
    long: dict[tuple[str, ...], list[str]] = {}
    for column in columns:
        for words in _long_enumerations(column.judged_by):
            long.setdefault(words, []).append(_name(column))
    notes += [f"All words of {', '.join(names)}: {', '.join(map(code, words))}." for words, names in long.items()]
    return text + "".join(f"\n{note}\n" for note in notes)


def _source(source: str, columns: tuple[Column, ...], sources: Counter[str]) -> str:
    if source == sources.most_common(1)[0][0]:
        return f"Source: {plain(source)}."
    return f"Source of {', '.join(_name(column) for column in columns if column.source == source)}: {plain(source)}."


def _row(column: Column) -> tuple[str, ...]:
    kind = type_in_words(column)
    rules = [*rules_in_words(column)]
    if reference := reference_in_words(column):
        rules.append(f"a value of {reference}")
    if kind != "string" or not rules:
        rules.insert(0, "text" if kind == "string" else kind)
    holds = "; ".join(map(_with_patterns, rules))
    example = code(column.example) if column.example else ""
    return _name(column), "always" if column.required else "", holds, plain(column.description), example


def _with_patterns(rule: str) -> str:
    """A rule in words, what is quoted in it as code."""
    parts = re.split(r"(?<!\w)'([^'`]+)'(?!\w)", rule)
    return "".join(code(part) if i % 2 else plain(part) for i, part in enumerate(parts))


def _name(column: Column) -> str:
    return code(column.name) if column.match is None else f"each `{column.match}`"


def _long_enumerations(rules: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Those that the table does not show whole, wherever they stand in the rules."""
    words = tuple(str(word) for word in rules.get("enum", ()))
    if listed(words) != ", ".join(words):
        yield words
    for each in (rules.get("items"), *rules.get("anyOf", ()), *rules.get("oneOf", ()), *rules.get("allOf", ())):
        if isinstance(each, Mapping):
            yield from _long_enumerations(each)


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {plain(line)}\n" for line in lines)


def _anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return "".join(c for c in heading.lower() if c.isalnum() or c in "-_ ").replace(" ", "-")
