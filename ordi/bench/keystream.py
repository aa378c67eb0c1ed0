"""The pattern a wipe leaves on a drive: the AES-256-CTR stream of a key the server chose for that drive alone.

An aliasing or lying disk passes zeros and fails this; and whoever holds the drive can check it again without us:
`openssl enc -aes-256-ctr -K $K -iv 0…0 -nosalt -in /dev/zero | cmp -n BYTES - /dev/sdX`.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def stretch(key: bytes, offset: int, length: int) -> bytes:
    """The `length` bytes of the stream at `offset`, both in bytes; the counter starts at zero at the drive's start."""
    block, into = divmod(offset, 16)
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(block.to_bytes(16, "big"))).encryptor()
    stream = encryptor.update(bytes(into + length))
    return stream[into:] if into else stream
