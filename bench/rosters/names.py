"""Made-up names and the words that the columns allow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pool:
    """Names in ASCII, and others; all of them can be written in Windows-1252."""

    plain: tuple[str, ...]
    accented: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = Pool(
    _words(
        "Ada Ben Clara Daniel Elena Farid Grace Hugo Iris Jonas Kira Liam Maya Nils Olga Pablo Quinn Rosa Samuel Tara "
        "Uma Victor Wanda Xavier Yusuf Zoe Alexander Benedetta Christopher Dominique Evangeline Francisco Guadalupe"
    ),
    _words("Zoë José Renée Jürgen Søren Ángel Chloé Nuño Åsa Œdipe Žofie Šimon Þóra Anaïs Günther"),
)
FAMILY = Pool(
    _words(
        "Abbot Baker Carver Dyer Eaton Fisher Glover Hooper Ives Joiner Keeler Lorimer Mason Naylor Osler Potter "
        "Quarrier Reeve Sawyer Tanner Underhill Vintner Webster Yeoman Washington Montgomery Fitzgerald Vandenberg"
    ),
    _words("Muñoz Grüß Côté Ødegård Peña Björk Françoise Lefèvre Ibáñez Höß Ñandú Škoda Žák"),
)
LOGINS = tuple(name.lower() for name in FAMILY.plain)
ROLES = ("student", "teacher", "administrator", "guardian", "parent", "aide")
GRADES = ("KG", *(f"{grade:02}" for grade in range(1, 13)))
