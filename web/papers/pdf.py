"""HTML to PDF, with nothing fetched from anywhere.

Only `data:` addresses are followed, so neither a donor's file name nor a signature can make the server read
a local file or call another host.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weasyprint import Attachment
    from weasyprint.urls import URLFetcher

from ordi.errors import Refused

ACCESSIBLE = "pdf/ua-1"
"""Tagged, titled, with its language: what people read."""
ARCHIVAL = "pdf/a-3a"
"""The same tags, and the archive's rules for colours, letters and attached files: what is kept as proof."""

_FONTS = Path(__file__).resolve().parents[1] / "static" / "vendor" / "fonts"
_RANGES = {
    "latin-ext": "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1E9F,U+20A0-20AB,U+20AD-20C0",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122",
}
_SIZES = ("11pt", "10.4pt", "9.8pt", "9.2pt")

logging.getLogger("weasyprint").setLevel(logging.ERROR)


class PaperTooLong(Refused):
    """The facts do not fit on the pages this paper may have, even in its smallest letters."""

    code = "paper-too-long"


def render(
    html: str,
    css: str,
    attachments: Sequence[tuple[str, bytes, str]] = (),
    *,
    at: datetime,
    variant: str = ACCESSIBLE,
    pages: int | None = None,
) -> bytes:
    """`html` dressed with `css` as a PDF, each attachment being (name, content, media type).

    With `pages`, letters shrink a little until it fits; raise `PaperTooLong` when it cannot.
    """
    # here, not above: it takes half a second, and most processes never print
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=["data"])
    for size in _SIZES:
        fonts = FontConfiguration()
        sheets = [
            CSS(string=text, font_config=fonts, url_fetcher=fetcher)
            for text in (_letters(), css, f"html {{ font-size: {size} }}")
        ]
        page = HTML(string=html, url_fetcher=fetcher)
        document = page.render(font_config=fonts, stylesheets=sheets, pdf_variant=variant)
        if pages is None or len(document.pages) <= pages:
            break
    else:
        raise PaperTooLong(pages=len(document.pages), most=pages)
    stamp = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    document.metadata.created = document.metadata.modified = stamp
    made = document.write_pdf(
        pdf_variant=variant,
        pdf_identifier=hashlib.sha256(html.encode()).digest()[:16],
        attachments=[_attachment(name, content, kind, at, fetcher) for name, content, kind in attachments],
    )
    assert isinstance(made, bytes)
    return made


class DataUrl(str):
    """An address that carries what it points to; long by nature, so never cut as a fact would be."""


def data_url(content: bytes, media_type: str) -> DataUrl:
    """`content` as an address that carries it whole."""
    return DataUrl(f"data:{media_type};base64,{base64.b64encode(content).decode()}")


def _attachment(name: str, content: bytes, kind: str, at: datetime, fetcher: URLFetcher) -> Attachment:
    utc = at.astimezone(UTC)
    address = data_url(content, kind)
    from weasyprint import Attachment

    return Attachment(url=address, url_fetcher=fetcher, name=name, created=utc, modified=utc, relationship="Data")


@lru_cache
def _letters() -> str:
    """The face's own letters where they were installed; otherwise the style sheet falls back to the system's."""
    rules = []
    for part, unicode_range in _RANGES.items():
        path = _FONTS / f"atkinson-hyperlegible-next-{part}-wght-normal.woff2"
        if path.exists():
            address = data_url(path.read_bytes(), "font/woff2")
            rules.append(
                '@font-face { font-family: "Atkinson Hyperlegible Next"; font-weight: 200 800;'
                f' src: url("{address}") format("woff2"); unicode-range: {unicode_range} }}'
            )
    return "\n".join(rules)
