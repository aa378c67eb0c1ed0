"""Signed requests, checked by a foreign library in the fake server; here, what it cannot see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.server import Refused, Server, Unreachable
from agent.signing import DurableCounter, Signer, authority_of
from tests.agent.fake_server import FakeServer, Refusal, b64url


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(Ed25519PrivateKey.generate(), DurableCounter(tmp_path / "counter"))


def test_authority_leaves_out_the_port_of_the_scheme_and_the_capitals() -> None:
    assert authority_of("https://Ordi.Example:443/x") == "ordi.example"
    assert authority_of("https://ordi.example:8443") == "ordi.example:8443"
    assert authority_of("http://[::1]:80") == "[::1]"


def test_the_counter_is_on_the_disk_before_it_is_used(tmp_path: Path) -> None:
    counter = DurableCounter(tmp_path / "deep/counter")
    assert [counter.next(), counter.next()] == [1, 2]
    assert DurableCounter(tmp_path / "deep/counter").next() == 3


def test_a_damaged_counter_stops_rather_than_starts_again(tmp_path: Path) -> None:
    (tmp_path / "counter").write_text("")
    with pytest.raises(ValueError, match="invalid literal"):
        DurableCounter(tmp_path / "counter").next()


def test_a_clock_before_1970_still_signs(signer: Signer) -> None:
    signer.clock = lambda: -86400.0
    assert ";created=0;" in signer.headers("GET", "https://ordi.example/api/v1/jobs", b"")["Signature-Input"]


def test_every_request_has_a_nonce_of_its_own(signer: Signer) -> None:
    inputs = [signer.headers("GET", "https://ordi.example/", b"")["Signature-Input"] for _ in range(3)]
    assert len({re.search(r'nonce="([^"]+)"', one)[1] for one in inputs}) == 3  # type: ignore[index]


def test_a_signed_get_and_post_are_accepted_by_another_implementation(signer: Signer, server: FakeServer) -> None:
    from agent.signing import raw_public

    server._learn(raw_public(signer.key))
    talk = Server(server.url, signer=signer)
    assert talk.get("/sessions/x").status == 200
    told = {"session": "11111111-2222-4333-8444-555555555555", "boot_pub": b64url(raw_public(signer.key))}
    import json

    assert talk.post("/sessions", json.dumps(told).encode()).status == 201


@pytest.mark.parametrize(
    ("status", "code", "final"),
    [
        (400, "bad", True), (401, "key-unknown", True), (404, "not-found", True), (409, "counter-replayed", True),
        (409, "someone-just-did-this", False), (408, "slow", False), (425, "early", False), (429, "many", False),
        (500, "bug", False), (503, "busy", False), (302, "elsewhere", False),
    ],
)  # fmt: skip
def test_only_some_refusals_are_final(signer: Signer, server: FakeServer, status: int, code: str, final: bool) -> None:
    server.refuse = lambda method, path: Refusal(status, code, {"Location": server.url + "/elsewhere"})
    with pytest.raises(Refused if final else Unreachable):
        Server(server.url, signer=signer).get("/jobs")
    assert len(server.requests) == 1, "no redirect is followed"


@pytest.mark.parametrize(
    ("said", "seconds"), [("3", 3.0), ("0", 0.0), ("", None), ("soon", None), ("-5", None), ("9" * 40, 604800.0)]
)
def test_retry_after_in_seconds(signer: Signer, server: FakeServer, said: str, seconds: float | None) -> None:
    server.refuse = lambda method, path: Refusal(503, "busy", {"Retry-After": said} if said else {})
    with pytest.raises(Unreachable) as lost:
        Server(server.url, signer=signer).get("/jobs")
    assert lost.value.retry_after_s == seconds


def test_retry_after_as_a_date_is_read_against_the_servers_own_clock() -> None:
    from email.message import Message

    from agent.server import retry_after

    headers = Message()
    headers["Date"] = "Mon, 02 Mar 2026 09:00:00 GMT"
    headers["Retry-After"] = "Mon, 02 Mar 2026 09:01:30 GMT"
    assert retry_after(headers) == 90.0


def test_an_answer_that_is_no_json_object_is_no_answer(signer: Signer, server: FakeServer) -> None:
    from agent.signing import raw_public

    server._learn(raw_public(signer.key))
    server.on = lambda path, body: ["a portal"]  # type: ignore[return-value]
    with pytest.raises(Unreachable):
        Server(server.url, signer=signer).get("/jobs")
