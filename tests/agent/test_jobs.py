"""Jobs are believed only when the server's pinned key signed them, for this session."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from agent.jobs import BadJob, public_keys, read_challenge, read_job, verified
from tests.agent.fake_server import b64url

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

SESSION = "11111111-2222-4333-8444-555555555555"
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "job-1"})
OTHER = OKPKey.generate_key("Ed25519", parameters={"kid": "job-1"})
KEYS = public_keys({"keys": [KEY.as_dict(private=False)]})


def payload(**changes: Any) -> dict[str, Any]:
    """A job as the server writes it."""
    return {
        "typ": "ordi-job/1", "job": "6f1c6c1e-52f7-4e0a-9d5c-0f7d3c1a2b3c", "kind": "wipe", "session": SESSION,
        "tag": "K7Q24X-M", "serial": "WD-1", "wwn": None, "bytes": 512, "nonce": "n", "seq": 1,
        "technique": "overwrite-aes256ctr", "key": b64url(bytes(32)), "test": False, "issued": "2026-03-02T09:00:00Z",
        "expires": "2026-03-02T21:00:00Z", **changes,
    }  # fmt: skip


def signed(told: dict[str, Any], key: OKPKey = KEY, **header: Any) -> str:
    """Signed by another implementation of JWS."""
    import json

    head = {"alg": "EdDSA", "kid": "job-1", **header}
    return jws.serialize_compact(head, json.dumps(told), key, algorithms=["EdDSA"])


def test_a_job_signed_by_the_server_is_understood() -> None:
    job = read_job(signed(payload()), KEYS, session=SESSION, test=False)
    assert (job.kind, job.serial, job.size, job.key) == ("wipe", "WD-1", 512, bytes(32))


def test_a_key_never_shows_when_a_job_is_printed() -> None:
    job = read_job(signed(payload(key=b64url(b"secret-secret-secret-secret-1234"))), KEYS, session=SESSION, test=False)
    assert "secret" not in repr(job)


def test_a_job_signed_by_somebody_else_is_refused_even_with_their_key_in_the_header() -> None:
    forged = signed(payload(), OTHER, jwk=OTHER.as_dict(private=False))
    with pytest.raises(BadJob):
        read_job(forged, KEYS, session=SESSION, test=False)


def test_a_job_without_signature_is_refused() -> None:
    _, body, _ = signed(payload()).split(".")
    head = b64url(b'{"alg":"none","kid":"job-1"}')
    with pytest.raises(BadJob):
        verified(f"{head}.{body}.", KEYS)


@pytest.mark.parametrize(
    "change",
    [
        {"session": "22222222-2222-4333-8444-555555555555"}, {"test": True}, {"typ": "ordi-job/2"}, {"kind": "format"},
        {"serial": ""}, {"serial": " "}, {"bytes": 0}, {"bytes": -512}, {"bytes": True}, {"key": b64url(bytes(16))},
        {"key": None}, {"expires": "2026-03-02T21:00:00"}, {"expires": None}, {"job": "../../etc/passwd"}, {"nonce": ""},
    ],
)  # fmt: skip
def test_a_job_that_is_not_for_us_or_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadJob):
        read_job(signed(payload(**change)), KEYS, session=SESSION, test=False)


def test_a_late_job_is_late_by_the_servers_clock_only() -> None:
    from datetime import UTC, datetime

    job = read_job(signed(payload()), KEYS, session=SESSION, test=False)
    assert not job.expired(None)
    assert not job.expired(datetime(2026, 3, 2, 20, tzinfo=UTC))
    assert job.expired(datetime(2026, 3, 2, 22, tzinfo=UTC))


@given(st.text())
def test_any_text_is_a_job_or_a_refusal(token: str) -> None:
    with pytest.raises(BadJob):
        read_job(token, KEYS, session=SESSION, test=False)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_challenge_is_understood_or_refused(told: object) -> None:
    with pytest.raises(BadJob):
        read_challenge(told)


@given(st.dictionaries(st.sampled_from(["typ", "kind", "serial", "bytes", "seq", "key", "issued", "challenge"]),
                       st.none() | st.integers() | st.text() | st.lists(st.integers())))  # fmt: skip
def test_any_signed_payload_is_understood_or_refused(changes: dict[str, Any]) -> None:
    with contextlib.suppress(BadJob):
        read_job(signed(payload(**changes)), KEYS, session=SESSION, test=False)
