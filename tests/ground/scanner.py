"""A USB scanner: it types what it reads as a US keyboard would, a key every few milliseconds, and ends with Enter.

On a computer with a French keyboard the same keys show other characters.
"""

from __future__ import annotations

import time

from playwright.sync_api import Page

SPEED = 0.004
"""Seconds from one key to the next, whatever this computer does meanwhile."""

_CODES = {"/": "Slash", ":": "Semicolon", ".": "Period", "-": "Minus"}
_SHIFTED = ":"
_AZERTY = dict(zip("1234567890-", "&é\"'(-è_çà)", strict=True)) | {
    "q": "a", "a": "q", "w": "z", "z": "w", "Q": "A", "A": "Q", "W": "Z", "Z": "W",
    "m": ",", "M": "?", "/": "!", ":": ".", ".": ":",
}  # fmt: skip


def scan(page: Page, text: str, *, azerty: bool = False, speed: float = SPEED, ends: bool = True) -> None:
    """Type `text` into whatever has the focus, as a scanner does; one that is badly set is slower, or ends without Enter."""
    keys = page.context.new_cdp_session(page)
    hour = time.time()
    for place, char in enumerate(text):
        shown = _AZERTY.get(char, char) if azerty else char
        code = _CODES.get(char) or (f"Digit{char}" if char.isdigit() else f"Key{char.upper()}")
        shift = 8 if char.isupper() or char in _SHIFTED else 0
        told = {"key": shown, "code": code, "modifiers": shift, "timestamp": hour + place * speed}
        keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": shown, **told})
    if ends:
        told = {"key": "Enter", "code": "Enter", "timestamp": hour + len(text) * speed}
        keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r", **told})
        keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **told})
    keys.detach()
