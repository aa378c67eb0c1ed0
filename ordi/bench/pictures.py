"""A photograph taken at the bench: bounded, taken apart and made again, so that nothing but what it shows is kept.

No place, no hour, no name of a telephone: a new JPEG has none of what the first carried.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from ordi.errors import Refused

MOST_BYTES = 7 << 20
"""What a telephone sends; a form holds no more than 8 MiB."""

MOST_PIXELS = 60_000_000
KEPT_PIXELS = (1600, 1600)
_QUALITY = 82
SMALL_PIXELS = (480, 480)


class PhotoUnusable(Refused):
    """Not a photograph we can read: `why` is missing, too-big or not-a-picture."""

    code = "photo-unusable"


def photograph(sent: bytes) -> bytes:
    """A new JPEG of what was sent, upright, 1600 pixels wide or high at the most. Raises `PhotoUnusable`."""
    if not sent:
        raise PhotoUnusable(why="missing")
    if len(sent) > MOST_BYTES:
        raise PhotoUnusable(why="too-big")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(sent), formats=["JPEG", "PNG", "WEBP"]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise PhotoUnusable(why="too-big")
                opened.draft("RGB", KEPT_PIXELS)
                upright = ImageOps.exif_transpose(opened).convert("RGB")
    except PhotoUnusable:
        raise
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombWarning,
        Image.DecompressionBombError,
    ):
        raise PhotoUnusable(why="not-a-picture") from None
    upright.thumbnail(KEPT_PIXELS)
    drawn = Image.new("RGB", upright.size)
    drawn.paste(upright)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def small(jpeg: bytes) -> bytes:
    """A small picture of a photograph of ours."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as opened:
        opened.draft("RGB", SMALL_PIXELS)
        shown = opened.convert("RGB")
    shown.thumbnail(SMALL_PIXELS)
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
