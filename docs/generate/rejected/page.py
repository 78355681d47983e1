"""Every finding for its sender: an example, the words of the report, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from docs.generate.markdown import NOTE, code
from docs.generate.rejected.contents import in_short
from docs.generate.rejected.examples import Example, Part, parts
from docs.generate.rejected.judge import said
from watcher.model.codes import CODES

_MOST_LINES = 12


@lru_cache(maxsize=1)
def page() -> str:
    return f"""{NOTE}
# Your file was rejected

For the person at the district who got a report with errors. The report names each kind of mistake by a word, its
*code*, as `wrong-delimiter` in

```text
{_words("wrong-delimiter")}
```

Look that word up here. Each entry has a small example with the mistake in it, what the report says of that very
example, and what to do. The examples are made up; your report names your own files, columns and lines.

- An **ERROR** rejects the whole drop: nothing of it is used. Correct it where the file is made, mostly in the export of
  your school's own system, and send the complete set of files again.
- A **WARNING** rejects nothing, and is a likely mistake all the same.
- **SKIPPED** marks a row or a file that is left out, where that was agreed; the rest is used.

Whether a mistake is an error or a warning is a matter of what was agreed for your files: it may be otherwise than in
the example. Correcting a file by hand helps until tonight; correcting the export helps for good. And a spreadsheet that
opens a CSV file and saves it again changes dates, takes zeros off numbers and may use another character set: look at
files with a text editor. In the examples ␀, ␉ and ␍ stand for characters that can't be seen.

How the files come to the receiving side, and what to do when nothing comes back: [Send data](index.md).

{"".join(_contents(part) for part in parts())}
{"".join(_section(part) for part in parts())}"""


def _words(name: str) -> str:
    return said(next(each for part in parts() for each in part.examples if each.code == name)).words


def _contents(part: Part) -> str:
    links = ", ".join(f"[{example.code}](#{example.code})" for example in part.examples)
    return f"- **{part.title}**: {links}\n"


def _section(part: Part) -> str:
    return f"## {part.title}\n\n" + "".join(_entry(example) for example in part.examples)


def _entry(example: Example) -> str:
    about = CODES[example.code]
    put_right = _put_right(example)
    return "\n\n".join(
        (
            f"### {example.code}",
            _sentence(about.meaning),
            *_sent(example),
            f"The report:\n\n{_block(said(example).words)}",
            " ".join(filter(None, (f"**What to do:** {about.advice}.", example.why))),
            *((f"Put right:\n\n{put_right}",) if put_right else ()),
            "",
        )
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _sent(example: Example) -> Iterator[str]:
    if example.shows:
        yield _sentence(example.shows.rstrip("."))
    if example.prints:
        yield from (_file(name, content) for name, content in example.drop.sent.items())


def _put_right(example: Example) -> str:
    """The corrected files that can be shown and are not what was sent."""
    if not example.prints:
        return ""
    sent, fixed = example.drop.sent, example.fixed.sent
    texts = {name: each for name, each in fixed.items() if isinstance(each, str) and sent.get(name) != each}
    return "\n\n".join(_file(name, each) for name, each in texts.items())


def _file(name: str, content: Any) -> str:
    called = code(in_short(name))
    if isinstance(content, str) or "text" in content:
        text = content if isinstance(content, str) else content["text"]
        return f"{called}:\n\n{_block(_lines(in_short(text)))}"
    if "folder" in content:
        return f"{called} is a folder."
    if "link" in content:
        return f"{called} is a link to {code(content['link'])}."
    if "zip" in content:
        return f"{called} holds {', '.join(code(each['name']) for each in content['zip'])}."
    return f"{called} is a picture."


def _lines(text: str) -> str:
    """The text, and where it is long only its beginning."""
    lines = text.split("\n")
    return text if len(lines) <= _MOST_LINES else "\n".join([*lines[:_MOST_LINES], "..."])


def _block(text: str) -> str:
    return f"```text\n{text.rstrip(chr(10)) or ' '}\n```"
