"""The API as a machine, an integration, and somebody with bad intentions meet it."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from agent.signing import DurableCounter, Signer, raw_public
from ordi.bench.facts import WipeFacts
from ordi.bench.judging import WipeCommit
from ordi.bench.sessions import BenchSession, adopt
from ordi.machines.drive import Sanitisation, Sighting
from ordi.machines.evidence import Evidence
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.tokens import make_token
from ordi.signatures import b64url
from tests.cast import Cast
from tests.factories import a_machine

BASE = "http://localhost"
A_HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEgHWll+choVbi4Hmd5cwMUyTcbn6vHN1GJQho7FMhXd"
GOLDEN = Path(__file__).parents[1] / "contract"
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"


def golden(name: str) -> dict[str, Any]:
    """A message that the agent really sends."""
    told: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return told


class Speaker:
    """Somebody who signs requests."""

    def __init__(self, visitor: TestApp, folder: Path) -> None:
        self.visitor = visitor
        self.signer = Signer(Ed25519PrivateKey.generate(), DurableCounter(folder / uuid4().hex))

    def post(self, path: str, body: dict[str, Any] | bytes) -> TestResponse:
        """A signed POST; any status."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.signer.headers("POST", BASE + path, sent)
        return self.visitor.post(path, sent, headers=headers, expect_errors=True)

    def get(self, path: str) -> TestResponse:
        """A signed GET; any status."""
        headers = self.signer.headers("GET", BASE + path, b"")
        return self.visitor.get(path, headers=headers, expect_errors=True)

    def hello(self, **changes: Any) -> TestResponse:
        """Open a session."""
        self.uuid = str(uuid4())
        told = {"session": self.uuid, "boot_pub": b64url(raw_public(self.signer.key)), "agent": "0.1.0", "test": False}
        return self.post("/api/v1/sessions", told | changes)


@pytest.fixture
def speaker(visitor: TestApp, tmp_path: Path) -> Speaker:
    return Speaker(visitor, tmp_path)


def inventory(**sources: bytes | str) -> dict[str, Any]:
    """A report of these raw sources."""
    packed = {
        name.replace("__", ":"): base64.b64encode(
            gzip.compress(raw if isinstance(raw, bytes) else raw.encode())
        ).decode()
        for name, raw in sources.items()
    }
    return {
        "uuid": str(uuid4()),
        "format": "ordi-inventory/1",
        "agent": "0.1.0",
        "test": False,
        "raw": packed,
        "absences": [],
    }


def dmi(serial: str = "PF0ORDI1", uuid: str = "6F0D7C1E-93B4-4D2F-8A55-1C1D7BE0A001", maker: str = "LENOVO") -> str:
    return (
        "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n"
        f"\tManufacturer: {maker}\n\tProduct Name: 20L5\n\tVersion: ThinkPad T480\n\tSerial Number: {serial}\n\tUUID: {uuid}\n\n"
        "Handle 0x0003, DMI type 3, 22 bytes\nChassis Information\n\tType: Notebook\n"
    )


def disks(*serials: str) -> str:
    listed = [
        {"name": f"sd{letter}", "type": "disk", "size": 256060514304, "serial": serial, "tran": "sata", "rota": False,
         "rm": False, "label": "PHOTOS-DUPONT", "mountpoint": "/media/photos"}
        for letter, serial in zip("abcdef", serials, strict=False)
    ]  # fmt: skip
    return json.dumps({"blockdevices": listed})


@pytest.fixture
def bearer(session: Session, app: object, cast: Cast, now: datetime) -> dict[str, str]:
    """A bench's token that Sam answers for."""
    _, secret = make_token(session, "établi 1", ["evidence:write"], cast.workshop, by=None, at=now, answers=cast.sam)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


Send = Callable[[dict[str, Any]], TestResponse]


@pytest.fixture
def send(visitor: TestApp, bearer: dict[str, str]) -> Send:
    """Send a report with the bench's token."""

    def post(report: dict[str, Any]) -> TestResponse:
        return visitor.post_json("/api/v1/evidence", report, headers=bearer, expect_errors=True)

    return post


def test_a_computer_never_seen_is_born_and_recognised_ever_after(send: Send, session: Session) -> None:
    first = send(inventory(dmidecode=dmi(), lsblk=disks("D1", "D2")))
    assert (first.status_int, first.json["recognised"], first.json["parsed"]) == (201, "new", True)
    machine = session.scalars(select(Machine).where(Machine.tag == first.json["tag"])).one()
    assert (machine.state, machine.form, machine.model) == (State.RECEIVED, "laptop", "ThinkPad T480")
    assert send(inventory(dmidecode=dmi())).json["recognised"] == "uuid"
    again = send(inventory(dmidecode=dmi(uuid="03000200-0400-0500-0006-000700080009")))
    assert (again.json["recognised"], again.json["tag"]) == ("serial", machine.tag)
    assert send(inventory(dmidecode=dmi("X", "")) | {"tag": machine.tag}).json["recognised"] == "tag"


def test_the_same_report_twice_is_stored_once(send: Send, session: Session) -> None:
    report = inventory(dmidecode=dmi(), lsblk=disks("D1"))
    first, again = send(report), send(report)
    assert (first.status_int, again.status_int) == (201, 200)
    assert first.json == again.json
    assert session.scalar(select(func.count(Evidence.id)).where(Evidence.uuid == report["uuid"])) == 1
    assert session.scalar(select(func.count(Sighting.id))) == 1


@pytest.mark.parametrize(
    "serial",
    ["To Be Filled By O.E.M.", "Default string", "--", "0", "Not Specified", "System Serial Number", "00000000"],
)
def test_placeholders_never_merge_two_computers(send: Send, serial: str) -> None:
    uuid = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"
    tags = {send(inventory(dmidecode=dmi(serial, uuid))).json["tag"] for _ in range(2)}
    assert len(tags) == 2


def test_a_known_uuid_under_another_serial_is_for_a_person_to_decide(send: Send, session: Session) -> None:
    known = send(inventory(dmidecode=dmi())).json["tag"]
    doubtful = send(inventory(dmidecode=dmi("ANOTHER1"))).json
    assert (doubtful["recognised"], doubtful["tag"]) == ("ambiguous", None)
    assert session.scalars(select(Machine.tag)).all() == [known]


def test_a_machine_of_another_pole_is_never_named(send: Send, session: Session, cast: Cast) -> None:
    theirs = a_machine(session, cast, State.RECEIVED, serial="PF0ORDI1", manufacturer="LENOVO")
    theirs.workshop = cast.other_workshop
    session.commit()
    answer = send(inventory(dmidecode=dmi())).json
    assert (answer["recognised"], answer["tag"]) == ("ambiguous", None)


def test_labels_and_mount_points_of_a_donor_are_not_kept(send: Send, session: Session) -> None:
    send(inventory(lsblk=disks("D1"), dmidecode=dmi()))
    (kept,) = session.scalars(select(Evidence.content)).all()
    raw = json.loads(zlib.decompress(kept))["raw"]["lsblk"]
    text = gzip.decompress(base64.b64decode(raw)).decode()
    assert "D1" in text
    assert "DUPONT" not in text
    assert "/media" not in text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe{}", "not-utf8"),
        (b"[" * 100_000, "too-deep"),
        (b"[]", "not-an-object"),
        (b"{}", "wrong-shape"),
        (b'{"a": "' + b"x" * (9 << 20) + b'"}', "too-large"),
    ],
    ids=["empty", "cut", "encoding", "deep", "list", "shape", "large"],
)
def test_a_body_that_cannot_be_read_is_refused_with_why(
    visitor: TestApp, bearer: dict[str, str], body: bytes, why: str
) -> None:
    answer = visitor.post(
        "/api/v1/evidence", body, headers=bearer | {"Content-Type": "application/json"}, expect_errors=True
    )
    assert answer.status_int == (413 if why == "too-large" else 422)
    assert answer.content_type == "application/problem+json"
    assert (answer.json["code"], answer.json["facts"]["why"]) == ("bad-body", why)
    assert answer.json["detail"]


def test_what_cannot_be_understood_is_kept_and_marked(send: Send, session: Session) -> None:
    answer = send(inventory(lsblk=b"\x00not json", dmidecode=b"\xff\xff") | {"uuid": str(uuid4())})
    assert answer.status_int == 201
    spoiled = inventory(lsblk="{}")
    spoiled["raw"]["lsblk"] = spoiled["raw"]["lsblk"][:-8]
    answer = send(spoiled)
    assert (answer.status_int, answer.json["parsed"]) == (201, False)
    assert session.scalar(select(Evidence.reason).where(Evidence.uuid == spoiled["uuid"])) == "nothing-readable"


def test_a_bomb_of_zeros_expands_to_nothing(send: Send) -> None:
    assert send(inventory(lsblk=b"0" * (33 << 20))).json["parsed"] is False


@pytest.mark.samples
@pytest.mark.skipif(not SAMPLES.exists(), reason="other people's tool output is not here")
def test_real_outputs_of_other_people_s_machines_are_all_taken(send: Send) -> None:
    for folder, source in (("dmidecode", "dmidecode"), ("lsblk", "lsblk"), ("smartctl-json", "smartctl__sda")):
        for file in sorted((SAMPLES / folder).iterdir())[:25]:
            answer = send(inventory(**{source: file.read_bytes()}))
            assert answer.status_int == 201, (file.name, answer.text)
            cut = send(inventory(**{source: file.read_bytes()[: file.stat().st_size // 2]}))
            assert cut.status_int == 201, file.name


def test_a_token_opens_its_scope_and_nothing_else(visitor: TestApp, bearer: dict[str, str]) -> None:
    for headers in ({}, {"Authorization": "Bearer ordi_guess"}, bearer):
        answer = visitor.get("/api/v1/machines", headers=headers, expect_errors=True)
        assert answer.status_int in (401, 403)
        assert answer.content_type == "application/problem+json"


def test_an_integration_reads_its_own_machines_a_page_at_a_time(
    visitor: TestApp, session: Session, cast: Cast, now: datetime
) -> None:
    tags = {a_machine(session, cast, State.READY).tag for _ in range(3)}
    a_machine(session, cast, State.RECEIVED)
    _, secret = make_token(session, "tableau", ["machines:read"], cast.pole, by=None, at=now)
    _, theirs = make_token(session, "ailleurs", ["machines:read"], cast.other_pole, by=None, at=now)
    session.commit()
    headers = {"Authorization": f"Bearer {secret}"}
    page = visitor.get("/api/v1/machines?state=ready", headers=headers).json
    assert ({one["tag"] for one in page["machines"]}, page["next"]) == (tags, None)
    tag = sorted(tags)[0]
    one = visitor.get(f"/api/v1/machines/{tag}", headers=headers).json
    assert one["drives"][0]["standing"] == "sanitised"
    assert "serial" not in one
    answer = visitor.get(f"/api/v1/machines/{tag}", headers={"Authorization": f"Bearer {theirs}"}, expect_errors=True)
    assert answer.status_int == 404
    assert visitor.get("/api/v1/machines?state=flying", headers=headers, expect_errors=True).status_int == 422


def test_a_live_system_posts_its_ssh_key_under_its_boot_key(speaker: Speaker, session: Session) -> None:
    speaker.hello(host_key=f"{A_HOST_KEY} root@live")
    assert session.scalars(select(BenchSession.host_key).where(BenchSession.uuid == speaker.uuid)).one() == A_HOST_KEY
    assert speaker.hello(host_key="ssh-ed25519 AAAA").status_int in (201, 409)
    assert session.scalars(select(BenchSession.host_key).where(BenchSession.host_key != A_HOST_KEY)).all() == []


def test_a_session_says_hello_and_waits(speaker: Speaker, session: Session) -> None:
    told = speaker.hello().json
    assert len(told["pictograms"]) == 3
    assert told["adopt_url"].startswith("HTTP://LOCALHOST/B/")
    assert {key["purpose"] for key in told["server_keys"]["keys"]} == {"job"}
    assert speaker.get(f"/api/v1/sessions/{speaker.uuid}").json["state"] == "waiting"
    assert speaker.get("/api/v1/jobs").json["jobs"] == []


def test_a_request_is_not_taken_twice_nor_without_its_signature(speaker: Speaker, visitor: TestApp) -> None:
    speaker.hello()
    headers = speaker.signer.headers("GET", f"{BASE}/api/v1/jobs", b"")
    assert visitor.get("/api/v1/jobs", headers=headers).status_int == 200
    again = visitor.get("/api/v1/jobs", headers=headers, expect_errors=True)
    assert (again.status_int, again.json["code"]) == (409, "counter-replayed")
    assert visitor.get("/api/v1/jobs", expect_errors=True).status_int == 401
    other = Speaker(visitor, Path(speaker.signer.counter.path).parent)
    assert other.get("/api/v1/jobs").status_int == 401


def test_a_test_session_is_refused_outside_a_demonstration(speaker: Speaker) -> None:
    answer = speaker.hello(test=True)
    assert answer.json["code"] == "tests-not-here"


def test_what_a_session_left_before_its_adoption_is_tied_to_the_machine_after(
    speaker: Speaker, session: Session, cast: Cast, now: datetime, enter: Any
) -> None:
    speaker.hello()
    left = speaker.post("/api/v1/evidence", inventory(dmidecode=dmi(), lsblk=disks("D1", "D2")))
    assert (left.json["recognised"], left.json["tag"]) == ("waiting", None)
    machine = a_machine(session, cast, State.RECEIVED)
    session.commit()
    bench = session.scalars(select(BenchSession)).one()
    sam = enter(cast.sam)
    page = sam.get(f"/B/{speaker.uuid.replace('-', '').upper()}/{bench.fingerprint}")
    form = page.forms["adopt"]
    form["tag"] = machine.tag.lower().replace("-", "")
    form.submit().follow()
    session.expire_all()
    assert session.scalar(select(func.count(Sighting.id)).where(Sighting.machine_id == machine.id)) == 2
    assert speaker.get(f"/api/v1/sessions/{speaker.uuid}").json["tag"] == machine.tag


def test_all_is_well_typed_by_hand_is_unknown_and_kept(
    speaker: Speaker, session: Session, cast: Cast, now: datetime
) -> None:
    speaker.hello()
    answer = speaker.post("/api/v1/sanitisations", golden("sanitisation"))
    assert (answer.status_int, answer.json["verdict"]) == (201, "UNKNOWN")
    assert answer.json["reasons"] == ["no-job"]
    assert session.scalar(select(func.count(WipeCommit.id))) == 1
    assert session.scalar(select(func.count(Sanitisation.id))) == 0
    again = speaker.post("/api/v1/sanitisations", golden("sanitisation"))
    assert again.json == answer.json
    assert session.scalar(select(func.count(WipeCommit.id))) == 1


def test_a_report_with_a_verdict_of_its_own_is_read_without_it(speaker: Speaker) -> None:
    told = golden("sanitisation") | {"verdict": "PASS", "uuid": str(uuid4())}
    speaker.hello()
    assert speaker.post("/api/v1/sanitisations", told).json["verdict"] == "UNKNOWN"


@pytest.mark.parametrize("name", ["sanitisation", "sanitisation-refused", "sanitisation-troubled"])
def test_what_the_agent_reports_is_what_the_server_reads(name: str) -> None:
    told = golden(name)
    facts = WipeFacts.model_validate(told, strict=False)
    assert facts.write.bytes == told["write"]["bytes"]
    assert facts.read.mismatches == told["read"]["mismatches"]


def test_a_clock_in_1970_is_no_reason_to_refuse(speaker: Speaker) -> None:
    speaker.signer.clock = lambda: 0.0
    assert speaker.hello().status_int == 201
    report = inventory(dmidecode=dmi()) | {"collected_at": "1970-01-01T00:00:12Z"}
    assert speaker.post("/api/v1/evidence", report).status_int == 201


def test_an_adopted_session_ends_with_the_working_day(
    speaker: Speaker, session: Session, cast: Cast, now: datetime, later: Callable[..., None]
) -> None:
    speaker.hello()
    machine = a_machine(session, cast, State.RECEIVED)
    bench = session.scalars(select(BenchSession)).one()
    adopt(session, bench, machine, bench.fingerprint, by=cast.sam, at=now)
    session.commit()
    later(hours=13)
    assert speaker.get(f"/api/v1/sessions/{speaker.uuid}").json["state"] == "ended"
    assert now + timedelta(hours=12) == bench.expires_at


def test_the_description_names_every_path_of_the_api(visitor: TestApp) -> None:
    described = visitor.get("/api/openapi.json").json
    rules = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in visitor.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
    }
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == rules
