"""A drawn signature: a picture taken apart and made again, so that nothing but its ink is kept."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from ordi.errors import Refused

MOST_BYTES = 512 * 1024
MOST_PIXELS = 2_000_000
LEAST_INK = 40
"""Pixels of ink below which nothing was drawn: a touch of the finger is not a signature."""

KEPT_WIDTH = 800
DARK = 128


class SignatureUnusable(Refused):
    """Not a picture we can read: `why` is too-big, not-a-picture or blank."""

    code = "signature-unusable"


def redrawn(png: bytes) -> bytes:
    """The ink of a drawn signature as a new black-on-white PNG, without anything the sender added.

    Raises `SignatureUnusable`.
    """
    if len(png) > MOST_BYTES:
        raise SignatureUnusable(why="too-big")
    ink = _ink(png)
    if sum(ink.histogram()[:DARK]) < LEAST_INK:
        raise SignatureUnusable(why="blank")
    if ink.width > KEPT_WIDTH:
        ink = ink.resize((KEPT_WIDTH, max(1, ink.height * KEPT_WIDTH // ink.width)), Image.Resampling.LANCZOS)
    drawn = io.BytesIO()
    ink.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _ink(png: bytes) -> Image.Image:
    """The picture in grey on white: a transparent canvas has no ground of its own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(png), formats=["PNG"]) as sent:
                if sent.width * sent.height > MOST_PIXELS:
                    raise SignatureUnusable(why="too-big")
                strokes = sent.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        raise SignatureUnusable(why="not-a-picture") from None
    ground = Image.new("RGBA", strokes.size, "white")
    return Image.alpha_composite(ground, strokes).convert("L")
