"""A photograph as a telephone sends it: with the place, the hour and the telephone's name in it."""

from __future__ import annotations

import io
from typing import TypedDict

from PIL import Image

from ordi.bench.destruction import WhyDestroyed

WHERE = "48.8566"
MAKER = "Telephone-de-Sam"


def a_photograph(size: tuple[int, int] = (320, 240), format: str = "JPEG") -> bytes:
    """A picture that tells more than it shows."""
    picture = Image.new("RGB", size, (90, 120, 150))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x9286] = MAKER, MAKER, WHERE
    exif[0x0112] = 6  # lying on its side
    out = io.BytesIO()
    picture.save(out, format, exif=exif)
    return out.getvalue()


class Photographed(TypedDict):
    """What a destruction needs beyond two people."""

    cause: WhyDestroyed
    photo: bytes


PHOTOGRAPHED: Photographed = {"cause": WhyDestroyed.FAULTY, "photo": a_photograph()}
