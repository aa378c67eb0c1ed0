"""The facts of a wipe as a bench reports them. Numbers only, no verdict; what is not of this shape is not understood."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=0, lt=1 << 53)]
"""What every reader of JSON and both databases can hold: no NUL in a text, no integer that rounds."""

Span = tuple[Count, Count]


class Part(BaseModel):
    """What an older or newer agent adds is kept in the stored report, and ignored here."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class DiskError(Part):
    """Where the device answered with an error, and which."""

    offset: Count
    errno: Count


class Identity(Part):
    """The drive as read on the opened descriptor."""

    path: Text = ""
    model: Text = ""
    serial: Text = ""
    serial_source: Text = ""
    wwn: Text | None = None
    firmware: Text | None = None
    bytes: Count
    logical_sector: Count = 512
    physical_sector: Count = 512
    transport: Text = ""
    medium: Text = "unknown"


class Pass(Part):
    """One pass over the drive: bytes the device took or gave, in how many milliseconds of a monotonic clock."""

    bytes: Count
    ms: Count
    short: Count = 0
    retries: Count = 0
    errors: list[DiskError] = Field(default=[], max_length=64)


class ReadPass(Pass):
    """The read-back, compared byte for byte with the pattern."""

    mismatches: Count
    mismatch_ranges: list[Span] = Field(default=[], max_length=64)


class Markers(Part):
    """Random marks before a firmware erase, and how many changed all over after it."""

    bytes: Count = 0
    written: Count = 0
    changed: Count = 0
    unread: Count = 0


class Asked(Part):
    """One command given to a drive, and what came back: status 0 alone says nothing."""

    command: Text = ""
    status: int | None = None
    stderr: Text | None = None
    stdout: Text | None = None
    ms: Count = 0


class Firmware(Part):
    """An erase by the drive itself, as the bench saw it."""

    technique: Text
    ending: Text
    why: Text | None = None
    offered: bool | None = None
    accepted: bool = False
    seen_running: bool = False
    state_before: Text | None = None
    state_after: Text | None = None
    password_left_set: bool | None = None
    markers: Markers = Markers()
    steps: list[Asked] = Field(default=[], max_length=64)
    polls: Count = 0
    ms: Count = 0


class Prepared(Part):
    """What a person agreed to before the erase, and how it ended: a sleep that thaws the drive, or showing what it hides."""

    what: Text
    ending: Text = ""
    why: Text | None = None
    slept_ms: Count | None = None
    before: list[Count | None] | None = Field(default=None, max_length=3)
    after: list[Count | None] | None = Field(default=None, max_length=3)
    steps: list[Asked] = Field(default=[], max_length=64)


class Area(Part):
    """An area of an eMMC beside the drive that is seen: overwritten and read back, or why not."""

    name: Text
    kind: Literal["boot", "general", "rpmb"]
    bytes: Count = 0
    written: Count = 0
    read: Count = 0
    mismatches: Count = 0
    lifted: bool = False
    why: Text | None = None

    @property
    def differs(self) -> bool:
        """Whether it was taken on and does not hold what was written."""
        return self.mismatches > 0 or (self.why is None and not self.written == self.read == self.bytes)


class RawStatus(Part):
    """How it ended, in the words of the device and the kernel."""

    outcome: Literal["completed", "failed", "aborted", "refused"]
    errno: Count | None = None
    message: Text | None = None
    reason: Text | None = None


class WipeFacts(Part):
    """A whole commit (docs/protocol.md, `POST /sanitisations`)."""

    uuid: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    job: Text
    nonce: Text
    seq: Count = 1
    test: bool = False
    identity: Identity
    technique: Text
    commands: list[Text] = Field(default=[], max_length=64)
    prepared: list[Prepared] = Field(default=[], max_length=4)
    firmware: Firmware | None = None
    started_at: Text | None = None
    ended_at: Text | None = None
    write: Pass
    read: ReadPass
    skipped: list[Span] = Field(default=[], max_length=64)
    areas: list[Area] | None = Field(default=None, max_length=16)
    """None: an agent that knows of none."""
    chunk_bytes: Count = 0
    chunk_root: Text | None = None
    smart_before: Annotated[str, StringConstraints(max_length=1 << 20)] | None = None
    smart_after: Annotated[str, StringConstraints(max_length=1 << 20)] | None = None
    raw_status: RawStatus
    agent: Text = ""
    image_sha256: Text | None = None
