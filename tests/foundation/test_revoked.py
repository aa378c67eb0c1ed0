"""A key that somebody else may have: listed with the day and the reason, believed no more, and never forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from agent.jobs import public_keys
from ordi.keys import PUBLISHED, KeyRing
from ordi.keys.key import KeysRefused
from ordi.keys.revoked import FILE, is_told
from ordi.keys.root import KeySet, Root, opened, request_for
from ordi.log.heads import newest, read_head
from ordi.log.sealing import seal
from ordi.machines.lifecycle import State
from ordi.signatures import SignatureRefused, named_key, sign, verify
from tests.cast import Cast
from tests.factories import a_machine

NOW = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TYP = "ordi-certificate/1"
WHY = "le poste a été volé"
PASSPHRASE = "quatre mots tirés au sort"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """Keys of which the first of certificates and of the log was replaced."""
    ring = KeyRing.open(tmp_path / "keys", at=NOW)
    ring.rotate("certificate", LATER)
    ring.rotate("log", LATER)
    ring.rotate("pdf", LATER)
    return ring


def first(ring: KeyRing, purpose: str) -> str:
    """The identity of the first key of a purpose."""
    return next(str(key["identity"]) for key in ring.listing() if key["purpose"] == purpose)


def test_a_revoked_key_is_published_with_its_day_and_reason_and_proves_nothing(ring: KeyRing) -> None:
    token = sign({"typ": TYP, "issued": "2026-11-16T09:30:00Z"}, ring.signing("certificate", NOW), TYP)
    assert verify(token, ring.jwks(LATER), TYP)
    ring.revoke(first(ring, "certificate"), WHY, LATER)
    listed = {key["kid"]: key.get("revoked") for key in ring.jwks(LATER)["keys"]}
    assert listed[first(ring, "certificate")] == {"at": int(LATER.timestamp()), "reason": WHY}
    assert [one for one in listed.values() if one] == [listed[first(ring, "certificate")]]
    with pytest.raises(SignatureRefused, match="revoked-key"):
        verify(token, ring.jwks(LATER), TYP)
    assert verify(sign({"typ": TYP, "issued": "2026-11-17T09:30:00Z"}, ring.signing("certificate", LATER), TYP), ring.jwks(LATER), TYP)  # fmt: skip


def test_a_key_in_force_is_replaced_before_it_is_revoked_and_a_reason_is_given_once(ring: KeyRing) -> None:
    now_in_force = str(ring.signing("certificate", LATER).kid)
    for identity, reason, why in (
        (now_in_force, WHY, "still-in-force"),
        ("another", WHY, "no-such-key"),
        (first(ring, "certificate"), "  ", "no-reason"),
    ):
        with pytest.raises(KeysRefused, match=why):
            ring.revoke(identity, reason, LATER)
    ring.revoke(first(ring, "certificate"), WHY, LATER)
    with pytest.raises(KeysRefused, match="already-revoked"):
        ring.revoke(first(ring, "certificate"), "another reason", LATER)


def test_a_pdf_certificate_that_was_revoked_is_no_more_among_those_to_trust(ring: KeyRing) -> None:
    before = ring.pdf_fingerprints()
    ring.revoke(before[0], WHY, LATER)
    assert ring.pdf_fingerprints() == before[1:]


def test_the_root_signs_what_was_revoked_and_nothing_that_looks_like_it(ring: KeyRing, tmp_path: Path) -> None:
    ring.revoke(first(ring, "log"), WHY, LATER)
    root = Root.new(tmp_path / "root", NOW)
    held = root.sign(request_for("Ordi", ring.jwks(LATER), ring.pdf_fingerprints()), at=LATER, days=10)
    told = opened(held, root.fingerprint)
    assert [key["revoked"]["reason"] for key in told.jwks["keys"] if "revoked" in key] == [WHY]
    ring.publish(held, root.fingerprint, network="Ordi", at=LATER)
    for odd in ({}, {"at": 1}, {"at": "1", "reason": "a"}, {"at": 1, "reason": ""}, {"at": 1, "reason": "a\nb"}, None):
        assert not is_told(odd)
        keys = [key | ({"revoked": odd} if "revoked" in key else {}) for key in told.jwks["keys"]]
        with pytest.raises(KeysRefused, match="odd-set"):
            KeySet.of({"typ": "ordi-keyset/1", "issued": "2026-11-16T09:30:00Z", "expires": "2026-11-17T09:30:00Z", "network": "Ordi", "keys": keys, "pdf": []})  # fmt: skip


def test_an_agent_takes_no_order_of_a_revoked_key(ring: KeyRing) -> None:
    ring.rotate("job", LATER)
    assert len(public_keys({"keys": [key for key in ring.jwks(LATER)["keys"] if key["purpose"] == "job"]})) == 2
    ring.revoke(first(ring, "job"), WHY, LATER)
    known = public_keys({"keys": [key for key in ring.jwks(LATER)["keys"] if key["purpose"] == "job"]})
    assert list(known) == [ring.signing("job", LATER).kid]


def test_the_log_s_head_is_signed_anew_by_the_key_that_follows(session: Session, cast: Cast, ring: KeyRing) -> None:
    a_machine(session, cast, State.RECEIVED)
    old = seal(session, ring.signing("log", NOW), at=NOW)
    assert old
    ring.revoke(first(ring, "log"), WHY, LATER)
    with pytest.raises(SignatureRefused, match="revoked-key"):
        read_head(old.jws, ring.jwks(LATER))
    again = seal(session, ring.signing("log", LATER), at=LATER)
    assert again
    head = newest(session)
    assert head is again
    told = read_head(again.jws, ring.jwks(LATER))
    assert (told.size, told.root.hex()) == (old.size, old.root)
    assert named_key(again.jws) == ring.signing("log", LATER).kid
    assert seal(session, ring.signing("log", LATER), at=LATER) is None


def test_the_export_carries_the_published_set_and_what_was_revoked(ring: KeyRing, tmp_path: Path) -> None:
    ring.revoke(first(ring, "log"), WHY, LATER)
    root = Root.new(tmp_path / "root", NOW)
    held = root.sign(request_for("Ordi", ring.jwks(LATER), ring.pdf_fingerprints()), at=LATER, days=10)
    ring.publish(held, root.fingerprint, network="Ordi", at=LATER)
    ring.export(tmp_path / "export", PASSPHRASE)
    restored = KeyRing.restore(tmp_path / "new", tmp_path / "export", PASSPHRASE)
    assert (restored.jwks(LATER), restored.published()) == (ring.jwks(LATER), ring.published())
    assert {path.name for path in (tmp_path / "new").iterdir()} >= {PUBLISHED, FILE}
    (tmp_path / "new" / FILE).write_text(json.dumps({}))
    KeyRing.restore(tmp_path / "new", tmp_path / "export", PASSPHRASE)
    assert KeyRing.open(tmp_path / "new", at=LATER, create=False).revocations() == ring.revocations()


def test_a_spoiled_list_stops_everything_rather_than_forget(ring: KeyRing, tmp_path: Path) -> None:
    (tmp_path / "keys" / FILE).write_text("[]")
    with pytest.raises(KeysRefused, match="unreadable-key"):
        ring.jwks(LATER)
