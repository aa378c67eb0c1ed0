"""A camera that films a label: Chromium plays a video file of a QR code as if it were a webcam."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import qrcode
from PIL import Image
from qrcode.image.pil import PilImage

WIDTH, HEIGHT = 640, 480
HEADER = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()


def film_of(text: str | Sequence[str], path: Path, *, frames: int = 10) -> Path:
    """Write a `.y4m` video in which the QR code of `text` is held before the camera; `text` empty: a blank wall.

    Several texts are held up one after the other, each for `frames` tenths of a second, again and again.
    """
    with path.open("wb") as video:
        video.write(HEADER)
        for one in [text] if isinstance(text, str) else text:
            video.write(_frame(one) * frames)
    return path


def hold_up(text: str, film: Path) -> None:
    """Hold another code before the camera that plays `film`: written over in place, for the browser keeps it open."""
    frame = _frame(text)
    with film.open("r+b") as video:
        video.seek(len(HEADER))
        video.write(frame * ((film.stat().st_size - len(HEADER)) // len(frame)))


def _frame(text: str) -> bytes:
    return b"FRAME\n" + _held_up(text).tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)


def _held_up(text: str) -> Image.Image:
    picture = Image.new("L", (WIDTH, HEIGHT), 200)
    if text:
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, image_factory=PilImage)
        code.add_data(text)
        drawn = code.make_image().get_image().convert("L")
        drawn = drawn.resize((360, 360), Image.Resampling.NEAREST)
        picture.paste(drawn, ((WIDTH - 360) // 2, (HEIGHT - 360) // 2))
    return picture


def arguments_for(film: Path) -> list[str]:
    """What Chromium is told so that its camera shows `film`, without asking the person."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
