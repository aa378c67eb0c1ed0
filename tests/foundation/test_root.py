"""The offline root: it vouches for one network's keys, for a time, and nothing else passes for its word."""

from __future__ import annotations

import copy
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ordi.canonical import canonical
from ordi.errors import Refused
from ordi.keys import PUBLISHED, KeyRing, KeysRefused
from ordi.keys.root import (
    TYP,
    Root,
    fingerprint_of,
    grouped,
    named_root,
    opened,
    read_request,
    read_set,
    request_for,
)
from ordi.signatures import SigningKey, b64url, from_b64url, sign

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NETWORK = "Ordi Landerlac"
DAYS = 400


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.open(tmp_path / "keys", at=NOW)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root.new(tmp_path / "root", NOW)


@pytest.fixture
def request_(ring: KeyRing) -> dict[str, Any]:
    return request_for(NETWORK, ring.jwks(NOW), ring.pdf_fingerprints())


@pytest.fixture
def held(root: Root, request_: dict[str, Any]) -> dict[str, Any]:
    return root.sign(request_, at=NOW, days=DAYS)


def why(act: Callable[..., object], *given: object) -> str:
    """The code of the refusal, which there must be."""
    with pytest.raises(Refused) as refused:
        act(*given)
    return str(refused.value.facts["why"])


def payload_of(held: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(from_b64url(held["signed"].split(".")[1]))
    return told


def with_part(held: dict[str, Any], at: int, value: dict[str, Any]) -> dict[str, Any]:
    """`held` with its header (0) or payload (1) replaced, under the old signature."""
    parts = held["signed"].split(".")
    parts[at] = b64url(canonical(value).encode())
    return held | {"signed": ".".join(parts)}


def test_a_root_is_for_its_owner_alone_and_comes_back(root: Root, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "root").stat().st_mode) == 0o600
    assert Root.read(tmp_path / "root").fingerprint == root.fingerprint
    assert fingerprint_of(grouped(root.fingerprint).upper() + "\n") == root.fingerprint


def test_a_root_is_never_overwritten(root: Root, tmp_path: Path) -> None:
    before = (tmp_path / "root").read_bytes()
    assert why(lambda: Root.new(tmp_path / "root", NOW)) == "already-there"
    assert (tmp_path / "root").read_bytes() == before


def test_a_root_that_others_may_read_is_refused(root: Root, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "root")
    assert why(lambda: Root.read(tmp_path / "link")) == "exposed"
    (tmp_path / "root").chmod(0o640)
    assert why(lambda: Root.read(tmp_path / "root")) == "exposed"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"typ":"ordi-root/1"}', '{"typ":"ordi-root/1","secret":"AA"}'])
def test_another_file_is_no_root(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x"
    path.touch(mode=0o600)
    path.write_text(content)
    assert why(lambda: Root.read(path)) == "not-a-root"


def test_a_set_says_every_key_with_its_dates(
    ring: KeyRing, root: Root, request_: dict[str, Any], held: dict[str, Any]
) -> None:
    told = opened(read_set(canonical(held).encode()), root.fingerprint)
    assert told.jwks == ring.jwks(NOW)
    assert told.pdf == tuple(ring.pdf_fingerprints())
    assert (told.network, told.issued, told.expires) == (NETWORK, NOW, NOW + timedelta(days=DAYS))
    assert told.without(ring.jwks(NOW), ring.pdf_fingerprints()) == []
    assert read_request(canonical(request_).encode()) == request_


def test_it_holds_from_its_first_second_to_before_its_last(root: Root, held: dict[str, Any]) -> None:
    told, second = opened(held, root.fingerprint), timedelta(seconds=1)
    told.check(told.issued, NETWORK)
    told.check(told.expires - second)
    assert why(lambda: told.check(told.issued - second)) == "not-yet"
    assert why(lambda: told.check(told.expires)) == "expired"
    assert why(lambda: told.check(NOW, "Ordi Plouzec")) == "another-network"


def test_a_foreign_root_is_refused_even_with_our_fingerprint_beside_it(
    tmp_path: Path, root: Root, request_: dict[str, Any], held: dict[str, Any]
) -> None:
    theirs = Root.new(tmp_path / "theirs", NOW).sign(request_, at=NOW, days=DAYS)
    assert why(lambda: opened(theirs, root.fingerprint)) == "foreign-root"
    assert why(lambda: opened(theirs | {"root": held["root"]}, root.fingerprint)) == "unknown-key"
    forged = theirs["signed"].rpartition(".")[2]
    signed = f"{held['signed'].rpartition('.')[0]}.{forged}"
    assert why(lambda: opened(held | {"signed": signed}, root.fingerprint)) == "bad-signature"


FIELDS: dict[str, Any] = {
    "typ": "ordi-certificate/1",
    "issued": "2026-11-21T10:00:00Z",
    "expires": "2036-11-22T10:00:00Z",
    "network": "Ordi Plouzec",
    "keys": [],
    "pdf": ["ab" * 32],
}
KEY_FIELDS: dict[str, Any] = {
    "kty": "EC",
    "crv": "X25519",
    "x": b64url(bytes(32)),
    "kid": b64url(bytes(32)),
    "alg": "none",
    "use": "enc",
    "purpose": "log",
    "nbf": 0,
    "exp": 2_000_000_000,
    "more": 1,
}


def test_the_list_of_fields_is_whole(held: dict[str, Any]) -> None:
    told = payload_of(held)
    assert told.keys() == FIELDS.keys()
    assert told["keys"][0].keys() < KEY_FIELDS.keys()


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_altered_is_seen(root: Root, held: dict[str, Any], field: str) -> None:
    told = payload_of(held)
    for changed in (told | {field: FIELDS[field]}, {name: told[name] for name in told if name != field}):
        assert why(opened, with_part(held, 1, changed), root.fingerprint) == "bad-signature"


@pytest.mark.parametrize("field", KEY_FIELDS)
def test_each_field_of_each_key_altered_is_seen(root: Root, held: dict[str, Any], field: str) -> None:
    told = payload_of(held)
    for at in range(len(told["keys"])):
        changed = copy.deepcopy(told)
        changed["keys"][at][field] = "job" if told["keys"][at].get(field) == KEY_FIELDS[field] else KEY_FIELDS[field]
        assert why(opened, with_part(held, 1, changed), root.fingerprint) == "bad-signature"


def test_each_byte_of_the_signature_counts(root: Root, held: dict[str, Any]) -> None:
    head, _, tail = held["signed"].rpartition(".")
    raw = from_b64url(tail)
    for at in range(64):
        bad = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert why(opened, held | {"signed": f"{head}.{b64url(bad)}"}, root.fingerprint) == "bad-signature"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"alg": "none"}, "wrong-algorithm"),
        ({"alg": "HS256"}, "wrong-algorithm"),
        ({"alg": "ES256"}, "wrong-algorithm"),
        ({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64url(bytes(32))}}, "key-in-header"),
        ({"jku": "https://elsewhere.example/keys"}, "key-in-header"),
        ({"x5c": []}, "key-in-header"),
        ({"kid": b64url(bytes(32))}, "unknown-key"),
        ({"typ": "ordi-certificate/1"}, "wrong-type"),
        ({"crit": []}, "malformed"),
    ],
    ids=str,
)
def test_a_header_chooses_neither_key_nor_algorithm(
    root: Root, held: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    header = json.loads(from_b64url(held["signed"].split(".")[0])) | change
    assert why(lambda: opened(with_part(held, 0, header), root.fingerprint)) == code


@pytest.mark.parametrize(
    "change",
    [
        {"root": None},
        {"root": {}},
        {"root": {"kty": "OKP", "crv": "Ed25519", "x": 7}},
        {"signed": None},
        {"signed": 7},
        {"more": 1},
    ],
    ids=str,
)
def test_an_odd_envelope_is_refused(root: Root, held: dict[str, Any], change: dict[str, Any]) -> None:
    assert why(lambda: opened(held | change, root.fingerprint)) == "odd-set"


def test_the_root_beside_is_of_one_kind(root: Root, held: dict[str, Any]) -> None:
    for change in ({"kty": "EC"}, {"crv": "X25519"}):
        assert why(opened, held | {"root": held["root"] | change}, root.fingerprint) == "wrong-key"
    assert why(lambda: opened(held | {"root": held["root"] | {"x": b64url(bytes(32))}}, root.fingerprint)) == (
        "foreign-root"
    )


@pytest.mark.parametrize("field", [*FIELDS, "more"])
@pytest.mark.parametrize("value", [None, 7, "", {}, "2026-11-22\n", ["x"], [{"kid": "x"}]], ids=str)
def test_the_root_itself_signs_no_odd_set(root: Root, held: dict[str, Any], field: str, value: Any) -> None:
    told = payload_of(held) | {field: value}
    if field in ("typ", "issued"):
        with pytest.raises((ValueError, Refused)):
            opened(held | {"signed": sign(told, root.key, TYP)}, root.fingerprint)
        return
    assert why(lambda: opened(held | {"signed": sign(told, root.key, TYP)}, root.fingerprint)) == "odd-set"


@pytest.mark.parametrize(
    ("field", "value"),
    [(name, value) for name, value in KEY_FIELDS.items() if name not in ("purpose", "nbf", "exp")]
    + [("purpose", "keyset"), ("purpose", "pdf"), ("purpose", None), ("nbf", True), ("nbf", "0"), ("nbf", 1.5)]
    + [("exp", 0), ("exp", None), ("exp", True), ("x", None), ("kid", None)],
)
def test_a_key_says_only_what_a_key_says(root: Root, request_: dict[str, Any], field: str, value: Any) -> None:
    """A second root, above all, is never named by the first."""
    odd = copy.deepcopy(request_)
    odd["keys"][0][field] = value
    assert why(lambda: root.sign(odd, at=NOW, days=DAYS)) == "odd-set"


def test_a_key_is_named_once(root: Root, request_: dict[str, Any]) -> None:
    assert why(lambda: root.sign(request_ | {"keys": request_["keys"] * 2}, at=NOW, days=DAYS)) == "odd-set"


def test_a_network_s_name_is_one_line(root: Root, request_: dict[str, Any]) -> None:
    for name in ("a\nb", "\x1b[2J", "x" * 201):
        odd = request_ | {"network": name}
        assert why(partial(root.sign, odd, at=NOW, days=DAYS)) == "odd-set"


def test_a_server_s_own_key_signs_no_set(ring: KeyRing, root: Root, held: dict[str, Any]) -> None:
    """Who takes the server, and its four signing keys, vouches for nothing."""
    with pytest.raises(ValueError, match="does not sign"):
        sign(payload_of(held), ring.signing("certificate", NOW), TYP)
    posing = SigningKey("keyset", root.key.kid, Ed25519PrivateKey.generate())
    assert why(lambda: opened(held | {"signed": sign(payload_of(held), posing, TYP)}, root.fingerprint)) == (
        "bad-signature"
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable-file"),
        (b"[]", "unreadable-file"),
        (b"[" * 99_999, "unreadable-file"),
        (b" " * (1 << 20) + b"{}", "unreadable-file"),
        (b"{}", "no-root"),
        (b'{"keys": []}', "no-root"),
        (b'{"keys": [], "vouched": null}', "no-root"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_file_without_a_root_s_word_says_so(data: bytes, code: str) -> None:
    assert why(lambda: read_set(data)) == code


@pytest.mark.parametrize("text", ["", "ab", "g" * 64, "ab" * 33, "é" * 64, "/etc/passwd"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    assert why(lambda: fingerprint_of(text)) == "not-a-fingerprint"


def test_a_server_publishes_what_its_root_signed(ring: KeyRing, root: Root, held: dict[str, Any]) -> None:
    assert ring.published() is None
    ring.publish(held, root.fingerprint, network=NETWORK, at=NOW)
    assert ring.published() == held


def test_what_is_published_is_no_key_and_disturbs_none(
    tmp_path: Path, ring: KeyRing, root: Root, held: dict[str, Any]
) -> None:
    ring.publish(held, root.fingerprint, network=NETWORK, at=NOW)
    assert stat.S_IMODE((tmp_path / "keys" / PUBLISHED).stat().st_mode) == 0o600
    again = KeyRing.open(tmp_path / "keys", at=NOW, create=False)
    assert (again.listing(), again.published()) == (ring.listing(), held)
    (tmp_path / "keys" / PUBLISHED).write_text("{")
    assert why(again.published) == "unreadable-key"


def test_a_server_publishes_nothing_else(
    tmp_path: Path, ring: KeyRing, root: Root, request_: dict[str, Any], held: dict[str, Any]
) -> None:
    def publish(held: dict[str, Any], network: str = NETWORK, days: int = 0) -> Callable[[], object]:
        return lambda: ring.publish(held, root.fingerprint, network=network, at=NOW + timedelta(days=days))

    assert why(publish(held, "Ordi Plouzec")) == "another-network"
    assert why(publish(held, days=DAYS)) == "expired"
    assert why(publish(held, days=-1)) == "not-yet"
    other = KeyRing.open(tmp_path / "others", at=NOW)
    added = request_ | {"keys": request_["keys"] + other.jwks(NOW)["keys"]}
    assert why(publish(root.sign(added, at=NOW, days=DAYS))) == "foreign-keys"
    assert why(publish(root.sign(request_ | {"pdf": ["ab" * 32]}, at=NOW, days=DAYS))) == "foreign-keys"
    ended = copy.deepcopy(request_)
    ended["keys"][1]["exp"] = ended["keys"][1]["nbf"] + 60
    assert why(publish(root.sign(ended, at=NOW, days=DAYS))) == "foreign-keys"
    assert ring.published() is None
    newer = root.sign(request_, at=NOW + timedelta(hours=1), days=DAYS)
    ring.publish(newer, root.fingerprint, network=NETWORK, at=NOW + timedelta(hours=2))
    assert why(publish(held, days=1)) == "older"
    assert ring.published() == newer


def test_a_new_key_is_not_vouched_for_until_it_is_signed(
    ring: KeyRing, root: Root, request_: dict[str, Any], held: dict[str, Any]
) -> None:
    later = NOW + timedelta(days=90)
    ring.publish(held, root.fingerprint, network=NETWORK, at=NOW)
    ring.rotate("certificate", later)
    ring.rotate("pdf", later)
    lacking = opened(held, root.fingerprint).without(ring.jwks(later), ring.pdf_fingerprints())
    new = ring.signing("certificate", later).kid
    assert lacking == [f"certificate {new}", f"pdf {ring.pdf_key(later).fingerprint}"]
    # the set signed before the rotation is still true, with one key that has ended since
    ring.publish(held, root.fingerprint, network=NETWORK, at=later)
    asked = request_for(NETWORK, ring.jwks(later), ring.pdf_fingerprints())
    ring.publish(root.sign(asked, at=later, days=DAYS), root.fingerprint, network=NETWORK, at=later)
    published = ring.published()
    assert published is not None
    told = opened(published, named_root(published))
    assert told.without(ring.jwks(later), ring.pdf_fingerprints()) == []
    assert [key.get("exp") for key in told.jwks["keys"] if key["purpose"] == "certificate"] == [
        int(later.timestamp()),
        None,
    ]


def test_refusals_are_of_keys(held: dict[str, Any]) -> None:
    with pytest.raises(KeysRefused, match="foreign-root"):
        opened(held, "ab" * 32)
