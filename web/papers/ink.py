"""From facts to a page: Jinja templates that no fact can write in.

Machine strings are hostile. Markup in them is escaped like anywhere; besides, what a reader could not see
(controls, text that runs backwards) is replaced by a visible mark, and no single fact may fill the page.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image, ImageOps

from ordi.errors import Refused
from ordi.papers import PARIS
from web.papers.pdf import DataUrl, data_url

LONGEST = 400
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Part of how Persian and Hindi names are spelt."""
_SIGNATURE_PIXELS = (1200, 400)
_MOST_PIXELS = 4_000_000


class NotASignature(Refused):
    """The bytes are not a picture of a signature we can draw again."""

    code = "not-a-signature"


def page(template: str, /, **facts: Any) -> str:
    """The HTML of a paper."""
    return _environment().get_template(template).render(**facts)


@lru_cache
def style() -> str:
    """The style sheet of every paper."""
    return files("web.papers").joinpath("paper.css").read_text(encoding="utf-8")


def visible(text: str) -> str:
    """`text` with what cannot be seen made visible, and its end cut where it would never end."""
    shown = "".join(
        "�" if unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS else letter for letter in text
    )
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + " […]"


def signature_picture(png: bytes) -> DataUrl:
    """A drawn signature, decoded and drawn again: ink on nothing, without metadata or hidden content."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise NotASignature(why="too-large")
            drawn = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NotASignature(why="unreadable") from None
    drawn.thumbnail(_SIGNATURE_PIXELS)
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    ink = ImageOps.invert(paper.convert("L"))
    box = ink.getbbox()
    if box is None:
        raise NotASignature(why="blank")
    out = io.BytesIO()
    ImageOps.invert(ink.crop(box)).save(out, "PNG", optimize=True)
    return data_url(out.getvalue(), "image/png")


def _shown(value: Any) -> Any:
    """Every `{{ fact }}` passes here; what the template itself makes is left alone."""
    if value is None:
        raise TypeError("a paper says what it does not know; it does not print None")
    return value if isinstance(value, Markup | DataUrl) else visible(str(value))


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


def _size(value: int, lang: str) -> str:
    """Decimal, as drives are sold: 256 Go."""
    units = ("octets", "ko", "Mo", "Go", "To") if lang == "fr" else ("bytes", "kB", "MB", "GB", "TB")
    scaled, unit = float(value), 0
    while scaled >= 999.5 and unit < len(units) - 1:
        scaled, unit = scaled / 1000, unit + 1
    text = f"{scaled:.1f}" if scaled < 10 and unit else f"{scaled:.0f}"
    text = text.removesuffix(".0")
    return f"{text.replace('.', ',') if lang == 'fr' else text}\u00a0{units[unit]}"


def _instant(value: str | datetime, lang: str) -> str:
    """To the second and in UTC, as it was signed; a claim that is no instant is shown as it was made."""
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    if when.tzinfo is None:
        return str(value)
    return format_datetime(when.astimezone(UTC), "d MMMM y, HH:mm:ss 'UTC'", tzinfo=UTC, locale=_locale(lang))


def _day(value: str | date, lang: str) -> str:
    """The day on the reader's calendar."""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(when, datetime):
        when = when.astimezone(PARIS).date()
    return format_date(when, "d MMMM y", locale=_locale(lang))


def _locale(lang: str) -> str:
    return "en_GB" if lang == "en" else "fr_FR"


def _groups(text: str, size: int = 8) -> Markup:
    """A fingerprint in groups that may break over lines, and copies as one word."""
    parts = [visible(text[start : start + size]) for start in range(0, len(text), size)]
    return Markup("<wbr>").join(parts)


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("web.papers"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number, "size": _size, "instant": _instant, "day": _day, "groups": _groups,
    }  # fmt: skip
    return environment
