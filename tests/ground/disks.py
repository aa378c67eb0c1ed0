"""Disks that are files: a loop device that really goes past the cache of the file behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.ground.loops import give_back, take


@contextmanager
def looped(backing: Path, size: int | None = None, *, sector: int = 512) -> Iterator[str]:
    """`/dev/loopN` over the file `backing` (made of `size` bytes unless it is there), until the end of the block."""
    if size is not None:
        with backing.open("ab") as file:
            file.truncate(size)
    device = take("--direct-io=on", f"--sector-size={sector}", backing)
    try:
        yield device
    finally:
        give_back(device, backing.parent)


@pytest.fixture
def loop_disk(tmp_path: Path) -> Iterator[Callable[..., tuple[str, Path]]]:
    """`loop_disk(size, content=b"", sector=512)`: a loop device and the file behind it, holding `content` over and over."""
    with ExitStack() as stack:

        def make(size: int, content: bytes = b"", *, sector: int = 512) -> tuple[str, Path]:
            backing = tmp_path / f"disk{len(list(tmp_path.glob('disk*')))}"
            with backing.open("wb") as file:
                if content:
                    file.write((content * (size // len(content) + 1))[:size])
                file.truncate(size)
            return stack.enter_context(looped(backing, sector=sector)), backing

        yield make
