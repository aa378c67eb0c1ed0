"""A photograph that nobody took: a drive with three holes, drawn, and saying so."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw


@lru_cache
def drilled() -> bytes:
    """A JPEG of a drilled drive."""
    picture = Image.new("RGB", (640, 480), (226, 226, 220))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((150, 60, 490, 420), 18, fill=(120, 124, 130), outline=(70, 74, 80), width=6)
    draw.ellipse((205, 95, 435, 325), fill=(170, 174, 180), outline=(90, 94, 100), width=4)
    for x, y in ((255, 180), (330, 240), (385, 160)):
        draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=(20, 20, 20))
    draw.text((170, 436), "DEMONSTRATION", fill=(60, 60, 60))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


@lru_cache
def scratched() -> bytes:
    """A JPEG of a closed laptop with a scratch across its lid."""
    picture = Image.new("RGB", (640, 480), (236, 232, 222))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((90, 90, 550, 390), 22, fill=(58, 66, 84), outline=(36, 42, 56), width=6)
    draw.line((210, 150, 330, 250, 455, 300), fill=(168, 174, 186), width=5)
    draw.text((250, 420), "DEMONSTRATION", fill=(60, 60, 60))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
