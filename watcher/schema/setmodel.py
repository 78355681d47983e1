"""What a dataset says of a drop as a whole, as frozen values: modes, manifest, names of loose files, zips."""

from __future__ import annotations

from dataclasses import dataclass

from watcher.model.deliveries import NameRule
from watcher.schema.words import Extra, References

#: What a manifest says of a file that does not come; so no mode can be called like it.
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Mode:
    """A way in which a file may be meant: columns that must be empty, and such as must be filled, if the file has them.

    `header_only` is said in place of the file's own rule (None: as the file says).
    """

    name: str
    blank: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    header_only: Extra | None = None
    references: References = References.CHECK

    @property
    def brings_changes(self) -> bool:
        """Whether a file in this mode holds changes only: a row that is not there has not been removed."""
        return self.references is References.IGNORE


@dataclass(frozen=True, slots=True)
class Property:
    """A line of a manifest. `const` is the one value that it may have, None for any."""

    name: str
    required: bool = False
    const: str | None = None
    aliases: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file of names and values that says how the other files are meant.

    `property` and `value` are its columns. `mode` is the property with a file's mode, `{stem}` for the file's name
    without suffix (none: no property tells). `without` is what to say where there is no such file.
    """

    file: str
    property: str
    value: str
    mode: str = ""
    without: str = ""
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """How loose files are recognised and gathered; a root's own options win. Seconds None: as a root has them."""

    names: tuple[NameRule, ...] = ()
    expect: tuple[str, ...] = ()
    quiet_seconds: float | None = None
    latest_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Zips:
    """What becomes of zips in a drop. Sizes are unpacked ones; `max_ratio` is unpacked size to packed size."""

    unpack: bool = True
    folder: Extra = Extra.WARN
    max_members: int = 10_000
    max_bytes: int = 20_000_000_000
    max_member_bytes: int = 20_000_000_000
    max_ratio: float = 200
