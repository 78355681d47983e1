"""The states of a drop, how they follow each other, and what a drop may wait for."""

from __future__ import annotations

import inspect
import re
from enum import StrEnum

from docs.generate.markdown import NOTE, code, table
from watcher.model.actions import WaitFor
from watcher.model.states import OPEN_STATES, TRANSITIONS, State, folder_of

_MEMBER = re.compile(r"((?:^ +#: .*\n)+) +[A-Z_]+ = \"([a-z]+)\"", re.MULTILINE)


def page() -> str:
    return f"""{NOTE}
# States

A drop that has been claimed is a record in the journal, and a record is in one of these states. What lies in a root and
is not yet claimed has no state: whether it is arriving, complete or settled is read off the disk at each look.

{meanings()}
*Open*: the service still has something to do by itself. The folder is the one in the work directory in which the drop
lies.

## What may follow

No other step is ever written. A replay is the step back to `claimed`.

{transitions()}
```mermaid
stateDiagram-v2
{_diagram()}```

## What a drop waits for

`epoch-watcher explain` gives one of these words with each wait, and the reason in a sentence.

{table(("Waits for", "Meaning"), ((code(name), meaning) for name, meaning in documented(WaitFor).items()))}"""


def meanings() -> str:
    """A table of all states."""
    rows = (
        (code(name), meaning, _folder(State(name)), "yes" if State(name) in OPEN_STATES else "no")
        for name, meaning in documented(State).items()
    )
    return table(("State", "What is true", "Folder", "Open"), rows)


def transitions() -> str:
    """The transition table."""
    rows = (
        (code(before), ", ".join(code(state) for state in _ordered(after)) or "nothing")
        for before, after in TRANSITIONS.items()
    )
    return table(("From", "To"), rows)


def documented(enum: type[StrEnum]) -> dict[str, str]:
    """Each member's value and the `#:` comment above it. Raises ValueError if one has none."""
    found = {
        value: " ".join(line.strip().removeprefix("#:").strip() for line in comment.strip().splitlines())
        for comment, value in _MEMBER.findall(inspect.getsource(enum))
    }
    if set(found) != {member.value for member in enum}:
        raise ValueError(f"expected a #: comment above each member of {enum.__name__}")
    return found


def _folder(state: State) -> str:
    # nothing was taken, so nothing lies anywhere
    return "none" if state is State.WITHDRAWN else code(folder_of(state))


def _ordered(states: frozenset[State]) -> list[State]:
    return [state for state in State if state in states]


def _diagram() -> str:
    lines = [f"    [*] --> {State.CLAIMING}"]
    lines += [f"    {before} --> {after}" for before, states in TRANSITIONS.items() for after in _ordered(states)]
    return "\n".join(lines) + "\n"
