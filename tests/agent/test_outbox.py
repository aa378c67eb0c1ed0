"""Reports wait on the disk, leave in order, and the oldest make room."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from agent.outbox import KEPT, Outbox, Patience, deliver
from agent.server import Server, Unreachable
from agent.signing import DurableCounter, Signer, raw_public
from tests.agent.fake_server import FakeServer, Refusal


def bodies(outbox: Outbox) -> list[bytes]:
    """What waits."""
    return [report.body for report in outbox.waiting()]


@pytest.fixture
def talk(tmp_path: Path, server: FakeServer) -> Server:
    signer = Signer(Ed25519PrivateKey.generate(), DurableCounter(tmp_path / "counter"))
    server._learn(raw_public(signer.key))
    return Server(server.url, signer=signer)


def test_reports_wait_in_the_order_they_were_saved(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "queue")
    for number in range(12):
        outbox.put("/check-ins", b"%d" % number)
    assert bodies(Outbox(tmp_path / "queue")) == [b"%d" % number for number in range(12)]


def test_about_sixty_wait_and_the_oldest_goes(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "queue")
    for number in range(KEPT + 5):
        outbox.put("/check-ins", b"%d" % number)
    assert len(bodies(outbox)) == KEPT
    assert bodies(outbox)[0] == b"5"


def test_a_clock_put_back_does_not_put_a_report_before_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(tmp_path / "queue")
    outbox.put("/check-ins", b"first")
    monkeypatch.setattr("time.time_ns", lambda: 0)
    outbox.put("/check-ins", b"second")
    assert bodies(outbox) == [b"first", b"second"]


def test_a_file_cut_by_a_power_failure_is_set_aside(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "queue")
    outbox.put("/check-ins", b"{}")
    (tmp_path / "queue/000000000000001-1.report").write_bytes(b'{"pat')
    assert bodies(outbox) == [b"{}"]
    assert list((tmp_path / "queue/damaged").iterdir())


def test_reports_are_for_root_or_the_agent_alone(tmp_path: Path) -> None:
    report = Outbox(tmp_path / "queue").put("/check-ins", b"{}")
    assert report.file.stat().st_mode & 0o077 == 0


def test_a_report_stays_until_the_server_has_it(tmp_path: Path, server: FakeServer, talk: Server) -> None:
    outbox = Outbox(tmp_path / "queue")
    outbox.put("/check-ins", json.dumps({"uuid": "1"}).encode())
    server.down = lambda method, path: True
    with pytest.raises(Unreachable):
        deliver(outbox, talk, lambda report, answer: None)
    assert len(bodies(outbox)) == 1
    server.down = lambda method, path: False
    assert deliver(outbox, talk, lambda report, answer: None) == []
    assert bodies(outbox) == []
    assert server.bodies("/check-ins") == [{"uuid": "1"}]


def test_a_refused_report_lets_the_next_one_pass(tmp_path: Path, server: FakeServer, talk: Server) -> None:
    outbox = Outbox(tmp_path / "queue")
    for number in ("1", "2"):
        outbox.put("/check-ins", json.dumps({"uuid": number}).encode())
    tries: list[str] = []

    def refuse_the_first(method: str, path: str) -> Refusal | None:
        tries.append(path)
        return Refusal(422, "no") if len(tries) == 1 else None

    server.refuse = refuse_the_first
    (refusal,) = deliver(outbox, talk, lambda report, answer: None)
    assert refusal.code == "no"
    assert server.bodies("/check-ins") == [{"uuid": "2"}]
    assert len(list((tmp_path / "queue/refused").glob("*.refusal"))) == 1


@given(st.lists(st.none() | st.floats(0, 1000), max_size=30))
def test_waits_stay_under_a_doubling_ceiling_or_after_the_servers_wish(asked: list[float | None]) -> None:
    patience = Patience()
    for number, wish in enumerate(asked):
        wait = patience.after(Unreachable("", wish))
        low, high = (0, min(300, 2**number)) if wish is None else (wish, wish + 1)
        assert low <= wait <= high
