"""Regular expressions, for Rust's engine, that accept less than the format checkers do: no unusual spellings."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from watcher.validation.cells.dateforms import date_form

_DATE = date_form(("%Y-%m-%d",)) or ""
_DAY = _DATE.removeprefix("^").removesuffix("$")
_MINUTES = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = rf"{_MINUTES}:[0-5][0-9](?:\.[0-9]{{1,9}})?(?:[Zz]|[+-]{_MINUTES})"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_HEX = "[0-9A-Fa-f]{1,4}"
_IN_PATH = "A-Za-z0-9._~!$&'()*+,;=:@/-"
_AFTER_HOST = rf"(?:/[{_IN_PATH}]*)?(?:\?[{_IN_PATH}?]*)?(?:#[{_IN_PATH}?]*)?"
_URI = rf"https?://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?{_AFTER_HOST}"
_RELATIVE = r"/?[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*/?"
_CLOCK_PART = "T(?:[0-9]{1,9}H(?:[0-9]{1,9}M)?(?:[0-9]{1,9}S)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S)"
_DATE_PART = "(?:[0-9]{1,9}Y(?:[0-9]{1,9}M)?(?:[0-9]{1,9}D)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D)"
_IPV6 = (
    f"(?:{_HEX}:){{7}}{_HEX}",
    *(f"(?:{_HEX}:){{1,{before}}}(?::{_HEX}){{1,{7 - before}}}" for before in range(1, 7)),
    f":(?::{_HEX}){{1,7}}",
)

_FORMS: Mapping[str, str] = {
    "date": _DATE,
    "time": f"^{_TIME}$",
    "date-time": f"^{_DAY}[Tt]{_TIME}$",
    "duration": f"^P(?:{_DATE_PART}(?:{_CLOCK_PART})?|{_CLOCK_PART}|[0-9]{{1,9}}W)$",
    "uuid": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "uri": f"^{_URI}$",
    "iri": f"^{_URI}$",
    "uri-reference": f"^(?:{_URI}|{_RELATIVE})$",
    "iri-reference": f"^(?:{_URI}|{_RELATIVE})$",
    "uri-template": "^[A-Za-z0-9._~:/-]+$",
    "hostname": rf"^(?:{_LABEL}\.)*{_LABEL}$",
    "idn-hostname": r"^[a-z0-9]{1,63}(?:\.[a-z0-9]{1,63})*$",
    "ipv4": rf"^{_OCTET}(?:\.{_OCTET}){{3}}$",
    "ipv6": f"^(?:{'|'.join(_IPV6)})$",
    "json-pointer": "^(?:/[A-Za-z0-9_.-]*)+$",
}
#: West of Greenwich it ends when the calendar is over. Its first day is in none of the forms.
_LAST_DAY = "9999-12-31"
_MOST_BYTES = {"hostname": 253, "idn-hostname": 253}


def format_mask(name: str, cell: pl.Expr) -> pl.Expr | None:
    """True where a text surely has the format; None for a format of which nothing is sure."""
    if name in ("email", "idn-email"):
        return cell.str.contains("@", literal=True)
    if name not in _FORMS:
        return None
    mask = cell.str.contains(_FORMS[name])
    if name == "date-time":
        mask &= ~cell.str.starts_with(_LAST_DAY)
    return mask & (cell.str.len_bytes() <= _MOST_BYTES[name]) if name in _MOST_BYTES else mask
