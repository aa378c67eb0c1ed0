"""The AES-256-CTR keystream of a job's key, position zero at the start of the drive, and buffers fit for O_DIRECT."""

import mmap

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

AES_BLOCK = 16
ROOM = mmap.PAGESIZE
"""`update_into` asks for a cipher block more than it writes; a page keeps buffers aligned."""


def aligned_buffer(size: int) -> memoryview:
    """`size` bytes starting on a page, as O_DIRECT asks, with a page of room after them."""
    return memoryview(mmap.mmap(-1, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE + ROOM))


class Keystream:
    """The keystream of one 32-byte key, written into buffers in order from any sector."""

    def __init__(self, key: bytes, largest: int, start: int = 0) -> None:
        """Begin at byte `start`, a multiple of 16; at most `largest` bytes at a time."""
        if start % AES_BLOCK:
            raise ValueError("keystream positions are multiples of 16 bytes")
        iv = (start // AES_BLOCK).to_bytes(16, "big")
        self._encryptor = Cipher(AES(key), CTR(iv)).encryptor()
        self._zeros = memoryview(bytes(largest))

    def into(self, buffer: memoryview, size: int) -> None:
        """The next `size` bytes, at the start of `buffer`, which has ROOM behind them."""
        self._encryptor.update_into(self._zeros[:size], buffer[: size + AES_BLOCK])
