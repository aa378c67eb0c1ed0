"""Personal data at rest: each value sealed for its own table, column and row.

AES-256-GCM under a key derived (HKDF-SHA256) from a master key for one table and column; table, column and
row are authenticated, so a value copied into another row does not open. The first byte of a sealed value
names the master key: after a rotation old values still open, and `stale` finds those to seal again.

To look someone up by a sealed value, keep its `blind_index` beside it: a keyed hash of the value without
case, accents, spaces, hyphens or apostrophes. It finds candidates, never identities: open, and compare.
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ordi.canonical import canonical
from ordi.errors import Refused

_NONCE = 12
_TAG = 16
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_APOSTROPHES = "'’ʼ`´"


class SealBroken(Refused):
    """A sealed value was changed, moved to another place, or sealed with a key that is not here."""

    code = "seal-broken"


class Sealer:
    """Seals and opens values with one master key, or with several of which the highest number is current."""

    def __init__(self, masters: bytes | Mapping[int, bytes]) -> None:
        keys = {1: masters} if isinstance(masters, bytes) else dict(masters)
        if not keys or any(len(key) != 32 for key in keys.values()) or not all(0 < n < 256 for n in keys):
            raise ValueError("a sealer needs master keys of 32 bytes, numbered 1 to 255")
        self._masters = keys
        self._current = max(keys)
        self._derived: dict[tuple[int, str], bytes] = {}

    def seal(self, table: str, column: str, row_uid: str, text: str) -> bytes:
        """`text`, readable again only with the same key, table, column and row."""
        nonce = os.urandom(_NONCE)
        where = _place(self._current, table, column, row_uid)
        cipher = AESGCM(self._key(self._current, _drawer(table, column)))
        return bytes([self._current]) + nonce + cipher.encrypt(nonce, text.encode(), where)

    def open(self, table: str, column: str, row_uid: str, blob: bytes) -> str:
        """The text sealed in `blob`. Raise `SealBroken` unless all of it is as it was sealed, here."""
        number = blob[0] if len(blob) >= 1 + _NONCE + _TAG else 0
        if number not in self._masters:
            raise SealBroken(table=table, column=column)
        cipher = AESGCM(self._key(number, _drawer(table, column)))
        where = _place(number, table, column, row_uid)
        try:
            return cipher.decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], where).decode()
        except InvalidTag:
            raise SealBroken(table=table, column=column) from None

    def stale(self, blob: bytes) -> bool:
        """Whether `blob` was sealed with an older key than the current one."""
        return blob[:1] != bytes([self._current])

    def blind_index(self, purpose: str, text: str) -> bytes:
        """32 bytes equal for equal normalised texts of one purpose, meaningless without the key."""
        return self._index(self._current, purpose, text)

    def blind_indexes(self, purpose: str, text: str) -> list[bytes]:
        """`blind_index` under each key, newest first: what to look for while a rotation is under way."""
        return [self._index(number, purpose, text) for number in sorted(self._masters, reverse=True)]

    def _index(self, number: int, purpose: str, text: str) -> bytes:
        key = self._key(number, canonical(["blind-index", purpose]))
        return hmac.digest(key, normalised(text).encode(), "sha256")

    def _key(self, number: int, purpose: str) -> bytes:
        if (number, purpose) not in self._derived:
            expand = HKDF(hashes.SHA256(), length=32, salt=None, info=b"ordi/sealing/1 " + purpose.encode())
            self._derived[number, purpose] = expand.derive(self._masters[number])
        return self._derived[number, purpose]


def normalised(text: str) -> str:
    """`text` without case, accents, spaces, hyphens or apostrophes; œ and æ in two letters."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    kept = "".join(letter for letter in folded if not _is_dropped(letter))
    return kept if kept == text else normalised(kept)  # a squared capital unfolds into a capital: fold until it stays


def _is_dropped(letter: str) -> bool:
    # M: accents; Z: spaces; C: controls and zero-width marks; Pd: hyphens.
    category = unicodedata.category(letter)
    return category[0] in "MZC" or category == "Pd" or letter in _APOSTROPHES


def _drawer(table: str, column: str) -> str:
    return canonical(["seal", table, column])


def _place(number: int, table: str, column: str, row_uid: str) -> bytes:
    return canonical([number, table, column, row_uid]).encode()
