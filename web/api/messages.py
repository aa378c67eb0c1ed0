"""The messages of the protocol, as shapes: what OpenAPI publishes and what requests are checked against."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ordi.bench.facts import Count, Text

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """What another version adds is ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)


class Hello(Message):
    """A live system says hello."""

    session: Uuid
    boot_pub: Key
    image_sha256: Sha256 | None = None
    agent: Text = ""
    host_uuid: Text | None = None
    host_key: Annotated[str, StringConstraints(max_length=1200)] | None = None
    test: bool = False


class Welcome(Message):
    """What it needs to show and to trust."""

    session: Uuid
    pictograms: list[str]
    adopt_url: str
    server_keys: dict[str, Any]


class SessionState(Message):
    """Whether somebody adopted it, and for which machine."""

    session: Uuid
    state: Literal["waiting", "adopted", "ended"]
    tag: str | None
    expires: str | None
    poll_after_s: int


class TrialResult(Message):
    """What was found on the machine itself."""

    check: Annotated[str, StringConstraints(max_length=16)]
    result: Literal["good", "worn", "failed", "absent"]


class TrialState(Message):
    """Which machine, what its page tries, and what is known."""

    tag: str
    form: str
    asked: list[str]
    found: dict[str, str]


class TrialKey(Message):
    """Where the machine's own browser goes."""

    url: str


class Absence(Message):
    """A source that was not read, and why."""

    source: Text
    reason: Text


class EvidenceReport(Message):
    """A bench inventory: raw tool outputs."""

    uuid: Uuid
    format: Literal["ordi-inventory/1"]
    collected_at: Text | None = None
    agent: Text = ""
    test: bool = False
    tag: Text | None = None
    raw: dict[str, Any]
    absences: list[Absence] = Field(default=[], max_length=64)


class EvidenceReceipt(Message):
    """What became of it."""

    evidence: Uuid
    tag: str | None
    recognised: str
    parsed: bool
    reason: str | None


class JobList(Message):
    """The open jobs of a session, each a signed JWS."""

    session_state: Literal["waiting", "adopted", "ended"]
    poll_after_s: int
    jobs: list[str]


class Progress(Message):
    """How far a job has come."""

    uuid: Uuid
    job: Uuid
    seq: Count
    phase: Literal["confirmed", "erasing", "writing", "reading", "refused", "failed", "cancelled"]
    bytes: Count
    total: Count
    monotonic_ms: Count
    errors: Count = 0
    reason: Text | None = None


class ProgressAnswer(Message):
    """Whether to stop."""

    cancel: bool


class Answers(Message):
    """The answers to a challenge, in its order."""

    uuid: Uuid
    job: Uuid
    answers: Annotated[list[Sha256], Field(max_length=4096)]
    monotonic_ms: Count = 0


class Challenge(Message):
    """Places drawn on the drive."""

    nonce: str
    bytes: Count
    offsets: list[Count]


class CommitAnswer(Message):
    """A challenge to answer, or a verdict."""

    sanitisation: Uuid
    challenge: Challenge | None
    verdict: str | None
    reasons: list[str]


class VerdictAnswer(Message):
    """The server's judgement."""

    verdict: Literal["PASS", "FAIL", "UNKNOWN", "UNHANDLED"]
    reasons: list[str]
    certificate: str | None


class EnrolmentRequest(Message):
    """A machine's first start."""

    uuid: Uuid
    token: Annotated[str, StringConstraints(max_length=100)]
    public_key: Key
    agent: Text = ""


class EnrolmentAnswer(Message):
    """Under which tag it is known, and how often to give news."""

    tag: str
    keyid: str
    every_s: int


class CheckInAnswer(Message):
    """What Ordi makes of the news."""

    health: Literal["good", "watch", "repair", "unknown"]
    every_s: int
    stop: bool


class MachineSummary(Message):
    """A machine as an integration reads it: no people, no household."""

    tag: str
    state: str
    since: str
    form: str
    manufacturer: str
    model: str
    grade: str | None
    workshop: str
    drives: list[dict[str, Any]] | None = None


class MachinePage(Message):
    """A page of machines; `next` goes on after the last."""

    machines: list[MachineSummary]
    next: str | None


class LogHead(Message):
    """The newest head of the public log; `head` is its signature (JWS, `ordi-log/1`), which says all the rest."""

    log: Uuid
    size: int
    root: Sha256
    issued: str
    head: str


class InclusionProof(Message):
    """That an event's hash is in the log (RFC 9162, 2.1.3); `head` when the size is the newest head's."""

    typ: Literal["ordi-log-inclusion/1"]
    log: Uuid
    leaf: Sha256
    index: int
    size: int
    path: list[Sha256]
    head: str | None


class ConsistencyProof(Message):
    """That the longer log begins with the shorter one (RFC 9162, 2.1.4)."""

    typ: Literal["ordi-log-consistency/1"]
    log: Uuid
    first: int = Field(alias="from")
    to: int
    path: list[Sha256]


class Vouched(Message):
    """The same keys as an offline root signed them: a JWS `ordi-keyset/1`, and the root's public half to compare."""

    root: dict[str, str]
    signed: str


class KeySet(Message):
    """Our public keys (RFC 7517), each with the one purpose it signs for and the time it does, and our PDF certificates' SHA-256."""

    keys: list[dict[str, Any]]
    pdf: list[Sha256]
    vouched: Vouched | None = None


class Problem(Message):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    facts: dict[str, Any]
