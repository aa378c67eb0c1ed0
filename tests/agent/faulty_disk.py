"""A plugin for nbdkit: a disk over a file, with the fault the command line asks for.

`drops=OFFSET:LENGTH` says yes to writes there and keeps nothing; `bad-write=`, `bad-read=OFFSET:LENGTH` answer EIO;
`alias=BYTES` repeats its first bytes all over, as disks sold larger than they are; `slow=MILLISECONDS` takes its time.
"""

import builtins
import errno
import os
import time

import nbdkit

API_VERSION = 2

settings = {}


def config(key, value):
    settings[key] = value


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return builtins.open(settings["file"], "r+b", buffering=0)


def get_size(disk):
    return os.fstat(disk.fileno()).st_size


def touched(setting, offset, length):
    start, _, size = settings.get(setting, "0:0").partition(":")
    return int(size) and offset < int(start) + int(size) and int(start) < offset + length


def place(offset):
    return offset % int(settings["alias"]) if "alias" in settings else offset


def fail():
    nbdkit.set_error(errno.EIO)
    raise RuntimeError("a bad sector")


def pread(disk, buffer, offset, flags):
    time.sleep(int(settings.get("slow", "0")) / 1000)
    if touched("bad-read", offset, len(buffer)):
        fail()
    done = 0
    while done < len(buffer):
        piece = min(len(buffer) - done, 4096)
        buffer[done : done + piece] = os.pread(disk.fileno(), piece, place(offset + done))
        done += piece


def pwrite(disk, buffer, offset, flags):
    time.sleep(int(settings.get("slow", "0")) / 1000)
    if touched("bad-write", offset, len(buffer)):
        fail()
    step = 512
    for done in range(0, len(buffer), step):
        if not touched("drops", offset + done, step):
            os.pwrite(disk.fileno(), buffer[done : done + step], place(offset + done))


def flush(disk, flags):
    if "bad-flush" in settings:
        fail()
    os.fsync(disk.fileno())
