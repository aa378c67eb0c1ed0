"""A signature as a phone sends it."""

import io
import random

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo


def signature(seed: int = 1, size: tuple[int, int] = (800, 300)) -> bytes:
    """A PNG with ink on nothing, and something hidden in its metadata."""
    picture = Image.new("RGBA", size)
    drawn = random.Random(seed)
    points = [(size[0] * (i + 1) // 22, size[1] // 2 + drawn.randint(-90, 90)) for i in range(20)]
    ImageDraw.Draw(picture).line(points, fill=(10, 10, 40, 255), width=6, joint="curve")
    hidden = PngInfo()
    hidden.add_text("Comment", "CANARY-GPS-48.39")
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=hidden)
    return out.getvalue()
