"""Jobs as the agent understands them, for tests that need no server."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.jobs import TECHNIQUE, Job
from tests.agent.disks import LoopDisk

ISSUED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_job(drive: LoopDisk, **changes: Any) -> Job:
    """A wipe job for `drive`."""
    job = Job(
        job="6f1c6c1e-52f7-4e0a-9d5c-0f7d3c1a2b3c",
        kind="wipe",
        session="11111111-2222-4333-8444-555555555555",
        tag="K7Q24X-M",
        serial=drive.serial,
        wwn=None,
        size=drive.size,
        nonce="bm9uY2U",
        seq=1,
        technique=TECHNIQUE,
        test=True,
        issued=ISSUED,
        expires=ISSUED + timedelta(hours=12),
        key=bytes(range(32)),
    )
    return dataclasses.replace(job, **changes)
