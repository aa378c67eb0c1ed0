"""Bodies that fit their signature and mean harm: numbers too large, characters no table takes, clocks before time."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.jobs import order_wipe
from ordi.bench.judging import WipeCommit
from ordi.bench.sessions import BenchSession, adopt
from ordi.machines.evidence import Evidence
from ordi.machines.lifecycle import State
from tests.bench.benches import report
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.web.test_api import Send, Speaker, bearer, disks, dmi, golden, inventory, send

__all__ = ["bearer", "send"]


@pytest.fixture
def speaker(visitor: TestApp, tmp_path: Path) -> Speaker:
    return Speaker(visitor, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [{"agent": "a\x00b"}, {"host_uuid": "x" * 200}, {"host_uuid": "\x00"}, {"agent": "é" * 200}, {"agent": "\ud800"}],
    ids=["nul", "long", "nul-uuid", "wide", "surrogate"],
)
def test_a_hello_with_odd_words_is_taken_or_refused(speaker: Speaker, changes: dict[str, Any]) -> None:
    assert speaker.hello(**changes).status_int in (201, 422)


def test_a_counter_may_be_large(speaker: Speaker) -> None:
    speaker.signer.counter.path.write_text(f"{10**12}\n")
    assert speaker.hello().status_int == 201
    assert speaker.get("/api/v1/jobs").status_int == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("job", "\x00"),
        ("agent", "\x00"),
        ("nonce", "\ud800"),
        ("raw_status", {"outcome": "refused", "reason": "\x00" * 50}),
        ("raw_status", {"outcome": "failed", "message": "\x00"}),
        ("seq", (1 << 62) - 1),
        ("started_at", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_wipe_s_report_with_odd_words_is_kept_or_refused_with_why(
    speaker: Speaker, session: Session, field: str, value: object
) -> None:
    speaker.hello()
    answer = speaker.post("/api/v1/sanitisations", golden("sanitisation") | {"uuid": str(uuid4()), field: value})
    assert answer.status_int in (201, 422)
    kept = session.scalar(select(func.count(WipeCommit.id)))
    assert (kept == 1) == (answer.status_int == 201)


@pytest.mark.parametrize(
    "clock", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z", "yesterday"]
)
def test_a_report_from_a_clock_out_of_its_mind_is_kept(send: Send, session: Session, clock: str) -> None:
    answer = send(inventory(dmidecode=dmi(), lsblk=disks("D1")) | {"collected_at": clock})
    assert (answer.status_int, answer.json["parsed"]) == (201, True)


def test_a_drive_larger_than_any_is_not_believed_and_breaks_nothing(send: Send) -> None:
    answer = send(inventory(dmidecode=dmi(), lsblk=disks("D1").replace("256060514304", str(1 << 60))))
    assert (answer.status_int, answer.json["parsed"]) == (201, True)


def test_a_job_s_messages_with_odd_words_are_taken_or_refused(
    speaker: Speaker, session: Session, cast: Cast, now: datetime
) -> None:
    speaker.hello()
    bench = session.scalars(select(BenchSession)).one()
    machine = a_machine(session, cast, State.RECEIVED)
    adopt(session, bench, machine, bench.fingerprint, by=cast.sam, at=now)
    job = order_wipe(session, bench, a_drive(session, machine), by=cast.sam, at=now)
    session.commit()
    told = {"uuid": str(uuid4()), "job": job.uuid, "phase": "writing", "bytes": 1, "total": 2, "monotonic_ms": 3}
    for seq, reason in ((1 << 40, None), (1 << 60, None), ((1 << 40) + 1, "\x00")):
        news = told | {"seq": seq, "reason": reason}
        assert speaker.post(f"/api/v1/jobs/{job.uuid}/progress", news).status_int in (200, 422)
    odd: tuple[dict[str, Any], ...] = ({"seq": 1 << 60}, {"raw_status__reason": "\x00"}, {"read__ms": 1 << 53})
    for changes in odd:
        refused = speaker.post("/api/v1/sanitisations", report(job, raw_status__outcome="refused", **changes))
        assert refused.status_int == 422
    kept = speaker.post("/api/v1/sanitisations", report(job, raw_status__outcome="failed", write__ms=(1 << 53) - 1))
    assert (kept.status_int, kept.json["verdict"]) == (201, "FAIL")


@pytest.mark.parametrize("source", ["lsblk", "psutil", "dmidecode", "smartctl:sda"])
def test_a_part_of_odd_characters_spoils_itself_only(send: Send, session: Session, source: str) -> None:
    told = inventory(dmidecode=dmi(), lsblk=disks("D1"))
    told["raw"][source] = "\ud800"
    assert send(told).status_int == 201
    assert session.scalar(select(func.count(Evidence.id))) == 1


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "\\ud83d\\ude00"])
def test_a_drive_s_name_of_odd_characters_is_read_without_them(send: Send, text: str) -> None:
    blocks = '{"blockdevices": [{"name": "sda", "type": "disk", "size": 1000204886016, "serial": "%s", "model": "%s", "vendor": "%s"}]}'
    answer = send(inventory(dmidecode=dmi(), lsblk=blocks % (f"S{text}1", text, text)))
    assert (answer.status_int, answer.json["parsed"]) == (201, True)


def test_no_depth_of_nesting_breaks_a_report(visitor: TestApp, bearer: dict[str, str], send: Send) -> None:
    for depth in (*range(850, 1010, 3), 5000):
        deep = "[" * depth + "]" * depth
        told = inventory(lsblk='{"blockdevices": [{"name": "sda", "state": ' + deep + "}]}")
        assert send(told).status_int == 201
        body = json.dumps(inventory()).replace('"raw": {}', f'"raw": {{"psutil": {deep}}}').encode()
        headers = bearer | {"Content-Type": "application/json"}
        assert visitor.post("/api/v1/evidence", body, headers=headers, expect_errors=True).status_int in (201, 422)
