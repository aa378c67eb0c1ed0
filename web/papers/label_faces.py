"""What labels say: large letters, the address in their square, and a few lines. In French or in English.

Face("B-12", "HTTPS://ORDI.EXAMPLE/P/B-12", lines=("Barrettes DDR4",), more=("Atelier de la Gare",))
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

_WORDS = {
    "found": {"fr": "Trouvé ? Scannez, ou appelez", "en": "Found? Scan, or call"},
    "drive": {"fr": "Disque", "en": "Drive"},
    "to_wipe": {"fr": "À effacer", "en": "To be wiped"},
    "wiped": {"fr": "Effacé, prouvé", "en": "Wiped, proven"},
    "shelf": {"fr": "Étagère", "en": "Shelf"},
    "title": {"fr": "Étiquettes Ordi", "en": "Ordi labels"},
    "calibration": {"fr": "Réglage d’imprimante", "en": "Printer calibration"},
    "measure_A": {"fr": "la longueur de la règle couchée", "en": "the length of the lying ruler"},
    "measure_B": {"fr": "la longueur de la règle debout", "en": "the length of the standing ruler"},
    "measure_C": {
        "fr": "du bord gauche de la feuille au centre de la croix",
        "en": "from the left edge of the sheet to the middle of the cross",
    },
    "measure_D": {
        "fr": "du bord haut de la feuille au centre de la croix",
        "en": "from the top edge of the sheet to the middle of the cross",
    },
    "at_full_size": {
        "fr": "Imprimer à 100 %, sans « ajuster à la page ».",
        "en": "Print at 100 %, without “fit to page”.",
    },
}


@dataclass(frozen=True)
class Face:
    """One label."""

    code: str
    """The large letters."""
    url: str
    """What the square says: upper case gives the small symbol."""
    lines: tuple[str, ...] = ()
    """Printed on every stock, smaller where they must."""
    more: tuple[str, ...] = ()
    """Printed where there is room."""


def said(word: str, lang: str) -> str:
    """A word of the papers, in French unless English is asked for."""
    return _WORDS[word]["en" if lang == "en" else "fr"]


def address(public_url: str, letter: str, code: str) -> str:
    """What a square of ours says: `HTTPS://HOST/M/TAG`. `letter` is the first part of a path that opens the thing."""
    return f"{public_url.rstrip('/')}/{letter}/{quote(code)}".upper()


def tag_url(public_url: str, tag: str) -> str:
    """What the square of a computer's label says."""
    return address(public_url, "M", tag)


def machine_face(tag: str, public_url: str, organisation: str, phone: str, lang: str) -> Face:
    """A computer's label, and whom to call who finds it."""
    return Face(tag, tag_url(public_url, tag), more=(organisation, said("found", lang), phone))
