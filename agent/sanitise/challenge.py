"""Answer the server's challenge: prove what is on the drive now, in places nobody knew before."""

import hashlib
import hmac
import os

from agent.jobs import Challenge
from agent.sanitise.drive import Drive
from agent.sanitise.keystream import aligned_buffer
from agent.sanitise.refusal import DriveRefused

UNREADABLE = "0" * 64
"""The answer for a chunk the drive would not give: no HMAC is that."""


def answers(drive: Drive, challenge: Challenge) -> list[str]:
    """For each offset, HMAC-SHA256 under the challenge's nonce of the chunk there, read with O_DIRECT; hex.

    A chunk at the end of the drive is shorter. Raise DriveRefused when an offset is not on the drive.
    """
    total, sector = drive.identity.bytes, drive.identity.logical_sector
    if any(offset >= total for offset in challenge.offsets):
        raise DriveRefused("bad-challenge", str(total))
    buffer = aligned_buffer(challenge.length + 2 * sector)
    said = []
    for offset in challenge.offsets:
        length = min(challenge.length, total - offset)
        first = offset // sector * sector
        last = -(-(offset + length) // sector) * sector
        if read_whole(drive.descriptor, buffer, first, last - first):
            chunk = buffer[offset - first : offset - first + length]
            said.append(hmac.new(challenge.nonce, chunk, hashlib.sha256).hexdigest())
        else:
            said.append(UNREADABLE)
    return said


def read_whole(descriptor: int, buffer: memoryview, offset: int, length: int) -> bool:
    """Read `length` bytes at `offset` into the start of `buffer`; False when the drive fails or ends before."""
    done = 0
    while done < length:
        try:
            got = os.preadv(descriptor, [buffer[done:length]], offset + done)
        except OSError:
            return False
        if got <= 0:
            return False
        done += got
    return True
