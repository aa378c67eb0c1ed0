"""A signature as the form sends it: drawn with a finger, or a name typed, which is drawn for whoever cannot."""

from __future__ import annotations

import base64
import binascii
import io

from flask import request
from PIL import Image, ImageDraw, ImageFont

from web.papers.ink import NotASignature, signature_picture

_START = "data:image/png;base64,"
_LARGEST = 400_000
_HEIGHT = 90


def signed(field: str = "signature") -> bytes | None:
    """The signature in `field`, drawn again without anything hidden in it; nothing when none was given.

    Raises `NotASignature`.
    """
    drawn = request.form.get(field, "")
    typed = " ".join(request.form.get(f"{field}_typed", "").split())[:60]
    if drawn:
        return _redrawn(_decoded(drawn))
    return _redrawn(_written(typed)) if typed else None


def _decoded(text: str) -> bytes:
    if not text.startswith(_START) or len(text) > _LARGEST:
        raise NotASignature(why="unreadable")
    try:
        return base64.b64decode(text.removeprefix(_START), validate=True)
    except (binascii.Error, ValueError):
        raise NotASignature(why="unreadable") from None


def _redrawn(png: bytes) -> bytes:
    return base64.b64decode(signature_picture(png).partition(",")[2])


def _written(name: str) -> bytes:
    font = ImageFont.load_default(_HEIGHT // 2)
    picture = Image.new("L", (60 + int(font.getlength(name)), _HEIGHT), 255)
    ImageDraw.Draw(picture).text((30, _HEIGHT // 5), name, fill=16, font=font)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
