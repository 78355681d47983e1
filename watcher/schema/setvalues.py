"""Sound mappings to what a dataset says of a drop as a whole: modes, manifest, intake, zips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.model.deliveries import DATE, NameRule
from watcher.schema.model import Extra, Intake, Manifest, Mode, Property, References, Zips

_GB = 1_000_000_000


def modes(data: Mapping[str, Mapping[str, Any]]) -> tuple[Mode, ...]:
    """The modes in the order of the file."""
    return tuple(
        Mode(
            name=name,
            blank=tuple(each.get("blank", ())),
            required=tuple(each.get("required", ())),
            header_only=Extra(each["header_only"]) if "header_only" in each else None,
            references=References(each.get("references", "check")),
        )
        for name, each in data.items()
    )


def manifest(data: Mapping[str, Any]) -> Manifest:
    return Manifest(
        file=data["file"],
        property=data["property"],
        value=data["value"],
        mode=data.get("mode", ""),
        without=data.get("without", ""),
        properties=tuple(_property(each) for each in data.get("properties", ())),
    )


def intake(data: Mapping[str, Any]) -> Intake:
    return Intake(
        names=tuple(name_rule(each) for each in data.get("names", ())),
        expect=tuple(data.get("expect", ())),
        quiet_seconds=data.get("quiet_seconds"),
        latest_seconds=data.get("latest_seconds"),
    )


def name_rule(data: Mapping[str, Any]) -> NameRule:
    """The rule; a file is called like it in the drop, without the date, unless the rule says how."""
    return NameRule(data["name"], data.get("as", data["name"].replace(DATE, "")), data.get("each", False))


def zips(data: Mapping[str, Any]) -> Zips:
    known = Zips()
    return Zips(
        unpack=data.get("unpack", known.unpack),
        folder=Extra(data.get("folder", known.folder)),
        max_members=data.get("max_members", known.max_members),
        max_bytes=round(data["max_gb"] * _GB) if "max_gb" in data else known.max_bytes,
        max_member_bytes=round(data["max_member_gb"] * _GB) if "max_member_gb" in data else known.max_member_bytes,
        max_ratio=data.get("max_ratio", known.max_ratio),
    )


def _property(data: Mapping[str, Any]) -> Property:
    return Property(
        name=data["name"],
        required=data.get("required", False),
        const=data.get("const"),
        aliases=tuple(data.get("aliases", ())),
        advice=data.get("advice", ""),
    )
