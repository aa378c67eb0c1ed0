"""Texts of one segment: 160 characters of the GSM alphabet, or 70 of any other (3GPP TS 23.038).

Latin letters that the alphabet lacks lose their mark, as everybody writes them on a phone; other scripts are sent as UCS-2.
"""

from __future__ import annotations

import re
import unicodedata

from ordi.errors import Refused

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")
"""Each takes the room of two."""

ONE_GSM, ONE_OTHER = 160, 70
_LIKE = str.maketrans({"’": "'", "‘": "'", "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " ",
                       "œ": "oe", "Œ": "OE", "ı": "i", "ł": "l"})  # fmt: skip


class TextTooLong(Refused):
    """It would go as two texts, and two are paid and may come apart."""

    code = "text-too-long"


def plain(text: str) -> str:
    """The text in the GSM alphabet when it can be written in it, else as it is."""
    folded = "".join(_letter(letter) for letter in text.translate(_LIKE))
    return folded if set(folded) <= GSM | EXTENDED else text


def room(text: str) -> int:
    """The characters left in one segment; less than nothing when it is too long."""
    if set(text) <= GSM | EXTENDED:
        return ONE_GSM - len(text) - sum(letter in EXTENDED for letter in text)
    return ONE_OTHER - len(text.encode("utf-16-be")) // 2


def one_segment(text: str) -> str:
    """The text as it is sent. Raises `TextTooLong`."""
    sent = plain(text)
    if room(sent) < 0:
        raise TextTooLong(over=-room(sent))
    return sent


def _letter(letter: str) -> str:
    if letter in GSM or letter in EXTENDED:
        return letter
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() and base.isalpha() else letter


MOBILE = re.compile(r"\+33[67]\d{8}|\+262(?:639|69[23])\d{6}|\+(?:590690|590691|594694|596696|596697)\d{6}")
_ABROAD = re.compile(r"\+(?!33|262|59[046])[1-9]\d{7,14}")


def mobile(text: str) -> str:
    """A number that takes texts, as `+33…`; nothing for any other: a French line that is not mobile, or no number."""
    digits = re.sub(r"[\s.()\-\u00a0]", "", text)
    if not re.fullmatch(r"\+?[0-9]{6,16}", digits):
        return ""
    digits = re.sub(r"^00", "+", digits)
    if re.fullmatch(r"0\d{9}", digits):
        area = {"0690": "+590", "0691": "+590", "0694": "+594", "0696": "+596", "0697": "+596"}
        area |= {"0692": "+262", "0693": "+262", "0639": "+262"}
        # 06 39 98 is kept for fiction in mainland France (ARCEP); Mayotte has the rest of 06 39.
        home = "+33" if digits.startswith("063998") else area.get(digits[:4], "+33")
        digits = home + digits[1:]
    found = MOBILE.fullmatch(digits) or _ABROAD.fullmatch(digits)
    return digits if found else ""
