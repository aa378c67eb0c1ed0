"""The AES-256-CTR keystream of a job's key, position zero at the start of the drive, and buffers fit for O_DIRECT."""

import mmap
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

AES_BLOCK = 16
ROOM = mmap.PAGESIZE
"""`update_into` asks for a cipher block more than it writes; a page keeps buffers aligned."""

PIECE = 128 * 1024
"""Bytes of keystream made at once: it stays in the processor's own cache, and other threads get their turn between."""

_ZEROS = memoryview(bytes(PIECE))


def aligned_buffer(size: int) -> memoryview:
    """`size` bytes starting on a page, as O_DIRECT asks, with a page of room after them."""
    return memoryview(mmap.mmap(-1, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE + ROOM))


def keystream(key: bytes, start: int, size: int, into: memoryview, *, again: bool = False) -> Iterator[tuple[int, int]]:
    """Make the `size` bytes from drive offset `start` (a multiple of 16), a piece at a time: yields (offset, length) of each.

    Pieces go one after the other into `into`, or with `again` each to its beginning; ROOM has to be behind.
    """
    if start % AES_BLOCK:
        raise ValueError("keystream positions are multiples of 16 bytes")
    encryptor = Cipher(AES(key), CTR((start // AES_BLOCK).to_bytes(16, "big"))).encryptor()
    for offset in range(0, size, PIECE):
        length = min(PIECE, size - offset)
        place = 0 if again else offset
        encryptor.update_into(_ZEROS[:length], into[place : place + length + AES_BLOCK])
        yield offset, length
