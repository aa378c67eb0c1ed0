"""What Linux tells of an open block device. Numbers and layouts: include/uapi/linux/fs.h and hdreg.h."""

import fcntl
import os
import struct
from dataclasses import dataclass

from agent.encoding import clean

BLKROGET = 0x125E
BLKFLSBUF = 0x1261
BLKSSZGET = 0x1268
BLKPBSZGET = 0x127B
BLKGETSIZE64 = 0x80081272
BLKGETDISKSEQ = 0x80081280
BLKDISCARD = 0x1277
BLKSECDISCARD = 0x127D
HDIO_GET_IDENTITY = 0x030D

ATA_SERIAL, ATA_FIRMWARE, ATA_MODEL = slice(20, 40), slice(46, 54), slice(54, 94)
"""Bytes of IDENTIFY DEVICE (ATA8-ACS, words 10-19, 23-26, 27-46), put in reading order by the kernel."""
ATA_WWN = slice(216, 224)
"""Words 108-111, most significant word first, each in the host's order; word 87 bit 8 says they are there."""


def integer(descriptor: int, request: int, layout: str) -> int:
    """The one number an ioctl returns. Raise OSError."""
    buffer = bytearray(struct.calcsize(layout))
    fcntl.ioctl(descriptor, request, buffer)
    (value,) = struct.unpack(layout, buffer)
    return int(value)


def size(descriptor: int) -> int:
    """Bytes of the device."""
    return integer(descriptor, BLKGETSIZE64, "=Q")


def logical_sector(descriptor: int) -> int:
    """Bytes of the smallest thing the device can be asked."""
    return integer(descriptor, BLKSSZGET, "=i")


def physical_sector(descriptor: int) -> int:
    """Bytes of the smallest thing the device really writes."""
    return integer(descriptor, BLKPBSZGET, "=I")


def is_read_only(descriptor: int) -> bool:
    """Whether the kernel would refuse writes."""
    return integer(descriptor, BLKROGET, "=i") != 0


def disk_sequence(descriptor: int) -> int | None:
    """The number the kernel gave this attachment of a disk: another disk under the same name has another. Linux 5.15."""
    try:
        return integer(descriptor, BLKGETDISKSEQ, "=Q")
    except OSError:
        return None


def flush_buffers(descriptor: int) -> None:
    """Write out and forget what the kernel caches of the device, so that the next read asks the device."""
    fcntl.ioctl(descriptor, BLKFLSBUF, 0)


def discard(descriptor: int, request: int, size: int) -> None:
    """Have the device unmap its first `size` bytes: BLKDISCARD, or BLKSECDISCARD. Raise OSError when it will not."""
    fcntl.ioctl(descriptor, request, struct.pack("=QQ", 0, size))


@dataclass(frozen=True)
class AtaIdentity:
    """What an ATA drive answered to IDENTIFY DEVICE."""

    serial: str | None
    model: str | None
    firmware: str | None
    wwn: str | None


def ata_identity(descriptor: int) -> AtaIdentity | None:
    """Ask an ATA drive who it is; None when the device is none."""
    buffer = bytearray(512)
    try:
        fcntl.ioctl(descriptor, HDIO_GET_IDENTITY, buffer)
    except OSError:
        return None
    return read_ata_identity(bytes(buffer))


def read_ata_identity(identify: bytes) -> AtaIdentity:
    """Names and world wide name in 512 bytes of IDENTIFY DEVICE."""
    words = struct.unpack("=4H", identify[ATA_WWN])
    (feature_word,) = struct.unpack("=H", identify[174:176])
    wwn = "".join(f"{word:04x}" for word in words)
    return AtaIdentity(
        serial=clean(identify[ATA_SERIAL]),
        model=clean(identify[ATA_MODEL]),
        firmware=clean(identify[ATA_FIRMWARE]),
        wwn=f"0x{wwn}" if feature_word & 0x0100 and any(words) else None,
    )


def device_number(descriptor: int) -> str:
    """`major:minor` of an open device, as /sys/dev/block names it."""
    number = os.fstat(descriptor).st_rdev
    return f"{os.major(number)}:{os.minor(number)}"
