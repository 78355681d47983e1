"""Words of which made-up districts are built. Each name is common in some country, each pair drawn by lot."""

from __future__ import annotations

import unicodedata


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIRLS = _words(
    "Amara Ana Aoife Ayşe Beatriz Chloé Dilnoza Elif Fatima Freya Gabriela Hana Inês Ingrid Jasmine Kalea Leilani Linh "
    "Maeve Maria Mei Nadia Ngozi Olga Priya Rosa Saoirse Sofia Tala Thandiwe Yara Zoë Żaneta Anaïs Jia-Yi Mary-Kate"
)
BOYS = _words(
    "Abdullah Ángel Arjun Björn Carlos Chidi Dmitri Emeka Farid Giorgi Hiroshi Ivan Jamal José Juan Kofi Lars Liam "
    "Mateus Minh Noah Omar Paulo Rafał Rui Samuel Søren Tariq Tomás Viktor Wei Xavier Yusuf Zoltán Jean-Luc D'Andre"
)
FAMILIES = _words(
    "Abebe Andersen Begum Bianchi Côté Diallo Eriksson Fernández García Hughes Ibrahim Ivanova Jansen Kaya Khan Kim "
    "Kowalski Lefèvre Lopes Müller Nakamura Nguyễn Novák O'Brien Okafor Ødegård Patel Peña Quispe Ramírez Rossi Santos "
    "Sato Schröder Silva Singh Smith-Jones Taylor Tran Usman Vasquez Wang Williams Wójcik Yilmaz Zhang Šimić Þórsson"
)
TOWNS = _words("Springfield Larchmont Birchwood Ashford Elmsley Hazelton Rowanberg Cedarvale")
TREES = _words("Alder Ash Aspen Beech Birch Cedar Elm Fir Hazel Juniper Larch Maple Oak Pine Rowan Spruce Willow Yew")

#: Subjects by period: the title, its abbreviation, its two digits, and whether it is taught in one half of the year.
SUBJECTS = (
    ("Homeroom", "HR", "22", ""),
    ("English", "EN", "01", ""),
    ("Mathematics", "MA", "02", ""),
    ("Science", "SC", "03", ""),
    ("Social Studies", "SS", "04", ""),
    ("Art", "AR", "05", "fall"),
    ("Music", "MU", "06", "spring"),
)
#: The grades of a district in order, as the Common Education Data Standards write them.
GRADES = ("KG", *(f"{grade:02}" for grade in range(1, 13)))
RACES = _words(
    "americanIndianOrAlaskaNative asian blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white "
    "demographicRaceTwoOrMoreRaces"
)
#: What NFKD leaves as it is.
_LETTERS = str.maketrans({"Ø": "O", "ø": "o", "ł": "l", "Þ": "Th", "'": "", "-": ""})


def login(name: str) -> str:
    """A name in lower-case ASCII letters: `nguyen` for Nguyễn."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore")
    return plain.decode().lower()
