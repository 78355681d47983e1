"""`epoch-watcher schema infer`: drafts a file schema, or a dataset, from samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watcher.drafting import Draft


@click.command()
@click.argument("samples", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="FILE...|DIR")
@click.option(
    "--output", default="-", show_default=True, metavar="DIR|-", help="Write into this directory; - prints instead."
)
@click.option("--header/--no-header", default=None, help="Whether the first line names the columns, if you know.")
def infer(samples: tuple[Path, ...], output: str, *, header: bool | None) -> None:
    """Draft a file schema from one or more samples of the same file, or a dataset from a DIR with a sample of each.

    The draft is YAML to edit: each guess says on what it rests. It holds no values of the samples but the members of
    enumerations. The samples are accepted by it, unless they are damaged; that is said on standard error.

    \b
      epoch-watcher schema infer students.csv > students.yaml
      epoch-watcher schema infer exports/ --output my-dataset
    """
    from watcher.drafting import draft_dataset, draft_file

    if len(samples) > 1 and any(path.is_dir() for path in samples):
        raise click.UsageError("give either files of the same shape or one directory")
    if samples[0].is_dir():
        dataset, drafts = draft_dataset(samples[0], None if output == "-" else Path(output).resolve().name)
        texts = {"dataset.yaml": dataset} | {draft.schema_name: draft.text for draft in drafts}
    else:
        drafts = (draft_file(samples, header=header),)
        texts = {draft.schema_name: draft.text for draft in drafts}
    _write(texts, output)
    _say_notes(drafts)


def _write(texts: Mapping[str, str], output: str) -> None:
    """Print the drafts, each under its name if there are several; or write them, over nothing that is there."""
    if output == "-":
        for name, text in texts.items():
            click.echo((f"# {name}\n" if len(texts) > 1 else "") + text, nl=False)
        return
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise click.UsageError(f"{printable(output)} has {', '.join(there)} already; give another directory")
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8") as stream:
            stream.write(text)
        click.echo(f"wrote {printable(str(folder / name))}")


def _say_notes(drafts: tuple[Draft, ...]) -> None:
    for draft in drafts:
        for note in draft.notes:
            click.echo(f"the sample is damaged: {note}", err=True)
