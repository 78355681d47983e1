"""What a dataset says of a drop, and a file schema beside its columns, in plain words, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watcher.text import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watcher.schema import Dataset, DatasetFile
    from watcher.schema.model import FileSchema, HeaderRules, Manifest, Mode, Picture, Property, Zips

_WEIGHS = {"ignore": "is allowed", "warn": "is a warning", "error": "is an error"}
_REFERENCES = {
    "check": "",
    "complete": "the files that values refer to must come, too",
    "ignore": "no reference is checked",
}


def dataset_lines(dataset: Dataset) -> Iterator[str]:
    """What holds for the drop as a whole."""
    yield f"files that are not listed: one {_WEIGHS[dataset.extra_files]}"
    for i, mode in enumerate(dataset.modes):
        yield f"mode {mode.name}: {_mode(mode, is_first=i == 0)}"
    if dataset.manifest is not None:
        yield from _manifest(dataset.manifest)
    intake = dataset.intake
    for rule in intake.names:
        yield (
            f"loose file: {rule.name}"
            + (f", called {rule.target} in the drop" if rule.target != rule.undated else "")
            + (", each is a drop" if rule.each else "")
        )
    if intake.expect:
        yield f"loose files that wait for each other: {', '.join(intake.expect)}"
    if intake.quiet_seconds is not None:
        yield f"loose files are gathered once nothing has changed for {intake.quiet_seconds:g} seconds"
    if intake.latest_seconds is not None:
        yield f"loose files wait for others for {intake.latest_seconds:g} seconds at most"
    yield from _zips(dataset.zips)
    for check in dataset.checks:
        yield f"check: {check.title} ({check.severity}){f'; {check.advice}' if check.advice else ''}"
    for tolerated in dataset.tolerate:
        places = " in ".join(place for place in (tolerated.column, tolerated.file) if place)
        yield f"tolerated: {tolerated.code}{f' in {places}' if places else ''}"


def file_lines(file: DatasetFile) -> Iterator[str]:
    """What a file's schema says beside its columns."""
    schema = file.schema
    if schema.key:
        yield f"key: {', '.join(schema.key)}"
    for rule in schema.rules:
        yield f"rule: {rule.title} ({rule.severity}){f'; {rule.advice}' if rule.advice else ''}"
    if file.needs:
        yield f"must come with: {', '.join(file.needs)}"
    limit = f", at most {schema.max_skipped_rows} of the rows" if str(schema.max_skipped_rows) != "any number" else ""
    only = f", for {' or '.join(schema.skip_only)} only" if schema.skip_only else ""
    yield f"on error: {schema.on_error}{limit}{only}"
    if schema.absent_within:
        yield f"a row gone from a full drop: is deleted where the drop has its {schema.absent_within}"
    elif schema.absent.value != "keep":
        yield f"a row gone from a full drop: {schema.absent}"
    yield f"written: {_written(schema)}" if schema.picture is None else f"a picture: {_picture(schema.picture)}"


def _mode(mode: Mode, *, is_first: bool) -> str:
    parts = [
        "assumed where nothing tells" if is_first else "",
        f"{', '.join(mode.blank)} must be empty" if mode.blank else "",
        f"{', '.join(mode.required)} must be filled" if mode.required else "",
        "" if mode.header_only is None else f"a file without rows {_WEIGHS[mode.header_only]}",
        _REFERENCES[mode.references],
    ]
    return "; ".join(part for part in parts if part) or "nothing special"


def _manifest(manifest: Manifest) -> Iterator[str]:
    mode = f"; the mode of a file in {manifest.mode}" if manifest.mode else ""
    yield f"manifest: {manifest.file}, names in {manifest.property}, values in {manifest.value}{mode}"
    for each in manifest.properties:
        yield f"property {each.name}: {_property(each)}"


def _property(each: Property) -> str:
    parts = [
        "must be there" if each.required else "may be there",
        "" if each.const is None else f"is {quoted(each.const)}",
        f"may be called {', '.join(each.aliases)}" if each.aliases else "",
    ]
    return ", ".join(part for part in parts if part)


def _zips(zips: Zips) -> Iterator[str]:
    if not zips.unpack:
        yield "zips are not unpacked"
        return
    yield f"zips are unpacked; one folder around all members {_WEIGHS[zips.folder]}"
    members, each = counted(zips.max_members, "member"), f"{zips.max_member_bytes / 1e9:g} GB each"
    total = f"{zips.max_bytes / 1e9:g} GB in all, {zips.max_ratio:g} times its own size"
    yield f"a zip holds {members} at most, {each}, {total}"


def _picture(picture: Picture) -> str:
    name = "" if picture.name is None else f", called /{picture.name}/"
    sizes = f"{picture.min_bytes} to {picture.max_bytes} bytes, at most {picture.max_pixels} pixels"
    return f"{' or '.join(picture.formats)}, {sizes}{name}"


def _written(schema: FileSchema) -> str:
    dialect = schema.dialect
    quote = "no quotes" if dialect.quote is None else f"quote {dialect.quote}"
    escape = "" if dialect.escape is None else f", escape {dialect.escape}"
    header = _header(schema.header, schema) if dialect.header else "no header line"
    return f"{dialect.encoding}, delimiter {quoted(dialect.delimiter)}, {quote}{escape}, {header}"


def _header(header: HeaderRules, schema: FileSchema) -> str:
    """The header line; only what is not as usual is said of the columns."""
    parts = [f"header line, columns in {header.order} order"]
    if header.case.value == "ignore":
        parts.append("upper and lower case are the same")
    if header.extra.value != "warn" and schema.columns:
        parts.append(f"another column {_WEIGHS[header.extra]}")
    if header.missing.value != "ignore":
        parts.append(f"a missing column {_WEIGHS[header.missing]}")
    if header.aliases.value != "ignore":
        parts.append(f"a column under another of its names {_WEIGHS[header.aliases]}")
    if schema.header_only.value != "warn":
        parts.append(f"no rows {_WEIGHS[schema.header_only]}")
    return ", ".join(parts)
