"""The telephone of somebody who reads families' files: it reads the square on the page and types its six digits."""

from __future__ import annotations

import base64
import hmac
import io
import re
import time
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect


def digits(secret: str, at: float) -> str:
    """The code of a secret in base 32 at an instant, computed here on its own (RFC 6238)."""
    mac = hmac.digest(base64.b32decode(secret), (int(at) // 30).to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def scanned(page: Page) -> str:
    """The secret in the square that the page draws."""
    picture = page.locator("img[src^='data:image/svg+xml']")
    picture.scroll_into_view_if_needed()
    seen = Image.open(io.BytesIO(picture.screenshot()))
    (read,) = zxingcpp.read_barcodes(seen)
    parts = urlsplit(read.text)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    return parse_qs(parts.query)["secret"][0]


def scan_and_type(page: Page) -> list[str]:
    """The first time at the door: scan, type the code, read the recovery codes, and go on. The codes."""
    secret = scanned(page)
    page.get_by_label(re.compile("Six chiffres")).fill(digits(secret, time.time()))
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()
    codes = page.locator("main .tag").all_inner_texts()
    page.get_by_role("link", name=re.compile("Je les ai")).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return codes
