"""A test of the memory that is free: patterns written everywhere, then read back. No right is needed, nothing of the system is touched.

It sees neither the memory in use nor every fault: a stick that fails here is bad, one that passes may still be.
"""

import mmap
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import psutil

from agent.encoding import canonical

CHUNK = 1 << 20
LEAST, MOST = 64 << 20, 16 << 30
"""Bytes: less says nothing, more takes too long."""
SHARE = 0.6
"""How much of the free memory is taken: the system keeps the rest."""

Told = Callable[[int], None]


@dataclass
class Tested:
    """What came of it. `bytes` were tried with `patterns` patterns; `errors` counts the chunks of 1 MiB that read back otherwise."""

    bytes: int
    patterns: int
    errors: int
    ms: int
    whole: bool


def memory_test(seconds: float, told: Told = lambda percent: None) -> bytes:
    """Test free memory, as JSON for the inventory. No pattern begins to be written after so many seconds."""
    return canonical(vars(tried(amount(), seconds, told)))


def amount() -> int:
    """How much to take: whole chunks of a share of what is free."""
    free = int(psutil.virtual_memory().available * SHARE)
    return max(LEAST, min(MOST, free)) // CHUNK * CHUNK


def tried(size: int, seconds: float, told: Told, spoil: Callable[[mmap.mmap], None] = lambda memory: None) -> Tested:
    """Write and read `size` bytes, pattern after pattern; `spoil` comes between writing and reading, for those who test this."""
    began = time.monotonic()
    chunks = size // CHUNK
    found = Tested(bytes=size, patterns=0, errors=0, ms=0, whole=True)
    every = list(patterns())
    with mmap.mmap(-1, size) as memory:
        for number, block_of in enumerate(every):
            for chunk in range(chunks):
                memory[chunk * CHUNK : (chunk + 1) * CHUNK] = block_of(chunk)
                if chunk % 256 == 0 and time.monotonic() - began > seconds:
                    found.whole = False
                    break
            else:
                spoil(memory)
                found.errors += sum(
                    memory[chunk * CHUNK : (chunk + 1) * CHUNK] != block_of(chunk) for chunk in range(chunks)
                )
                found.patterns += 1
                told(round(100 * (number + 1) / len(every)))
                continue
            break
    found.ms = round(1000 * (time.monotonic() - began))
    return found


def same(block: bytes, _chunk: int) -> bytes:
    """The same block everywhere."""
    return block


def patterns() -> Iterator[Callable[[int], bytes]]:
    """What each chunk holds, by its number: every bit on and off, neighbours unlike, then noise of which no two chunks are alike."""
    for byte in (0x00, 0xFF, 0xAA, 0x55):
        yield partial(same, bytes([byte]) * CHUNK)
    noise = os.urandom(2 * CHUNK)
    yield lambda chunk: noise[chunk * 61 % CHUNK : chunk * 61 % CHUNK + CHUNK]
