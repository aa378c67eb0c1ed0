"""A machine's request proves who sent it and that nothing in it changed on the way."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ordi.http_signatures import keyid_of, parse
from ordi.signatures import SignatureRefused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
BODY = b'{"uuid":"1"}'
AUTHORITY = "ordi.example"
NONCE = "AAECAwQFBgcICQoLDA0ODw"
NAMES = ("@method", "@authority", "@path", "content-digest", "content-type", "ordi-counter")


def signed(
    method: str = "POST",
    path: str = "/api/v1/check-ins",
    body: bytes = BODY,
    *,
    counter: str = "7",
    created: str = "1795341600",
    nonce: str = NONCE,
    keyid: str | None = None,
    names: tuple[str, ...] = NAMES,
    key: Ed25519PrivateKey = KEY,
    tail: str = ';alg="ed25519";tag="ordi"',
    content_type: str = "application/json",
) -> dict[str, str]:
    """The headers a machine sends, as the fifteen lines of the agent make them."""
    digest = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
    values = {
        "@method": method,
        "@authority": AUTHORITY,
        "@path": path,
        "content-digest": digest,
        "content-type": content_type,
        "ordi-counter": counter,
    }
    keyid = keyid_of(KEY.public_key().public_bytes_raw()) if keyid is None else keyid
    params = '({});created={};nonce="{}";keyid="{}"{}'.format(
        " ".join(f'"{name}"' for name in names), created, nonce, keyid, tail
    )
    base = "".join(f'"{name}": {values[name]}\n' for name in names) + f'"@signature-params": {params}'
    return {
        "Content-Digest": digest,
        "Content-Type": content_type,
        "Ordi-Counter": counter,
        "Signature-Input": f"ordi={params}",
        "Signature": f"ordi=:{base64.b64encode(key.sign(base.encode())).decode()}:",
    }


def why(
    headers: Any,
    method: str = "POST",
    authority: str = AUTHORITY,
    path: str = "/api/v1/check-ins",
    body: bytes = BODY,
    public: bytes = PUBLIC,
) -> str:
    with pytest.raises(SignatureRefused) as refused:
        parse(headers, method, authority, path, body).verify(public)
    return refused.value.why


def test_an_honest_request_says_who_sent_it_and_how_many_came_before() -> None:
    request = parse(signed(), "POST", AUTHORITY, "/api/v1/check-ins", BODY)
    request.verify(PUBLIC)
    assert (request.keyid, request.counter, request.nonce, request.created) == (
        keyid_of(PUBLIC),
        7,
        NONCE,
        1795341600,
    )


def test_a_get_is_signed_over_the_empty_body() -> None:
    parse(signed("GET", "/api/v1/jobs", b""), "GET", AUTHORITY, "/api/v1/jobs", b"").verify(PUBLIC)


@pytest.mark.parametrize("created", ["0", "-86400", "4070908800", "999999999999999"])
def test_a_dead_clock_battery_is_no_reason_to_refuse(created: str) -> None:
    parse(signed(created=created), "POST", AUTHORITY, "/api/v1/check-ins", BODY).verify(PUBLIC)


class _Message:
    """What the reference library wants of a request."""

    def __init__(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = method, url, headers


def _library() -> tuple[Any, Any, Any]:
    library = pytest.importorskip("http_message_signatures")
    pem = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    class Resolver(library.HTTPSignatureKeyResolver):  # type: ignore[misc, name-defined, unused-ignore]
        def resolve_private_key(self, key_id: str) -> bytes:
            return pem

        def resolve_public_key(self, key_id: str) -> bytes:
            return public

    return library, library.algorithms.ED25519, Resolver()


def test_the_reference_library_accepts_what_we_accept() -> None:
    from requests.structures import CaseInsensitiveDict

    library, algorithm, resolver = _library()
    verifier = library.HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=resolver)
    verifier.max_clock_skew = timedelta(days=36500)
    message = _Message("POST", f"https://{AUTHORITY}/api/v1/check-ins", CaseInsensitiveDict(signed()))
    (result,) = verifier.verify(message, max_age=timedelta(days=36500))
    assert list(result.covered_components) == [*(f'"{name}"' for name in NAMES), '"@signature-params"']
    message.headers["Ordi-Counter"] = "8"
    with pytest.raises(library.InvalidSignature):
        verifier.verify(message, max_age=timedelta(days=36500))


def test_the_order_of_parameters_is_fixed_even_against_a_valid_signature_of_the_library() -> None:
    from datetime import UTC, datetime

    from requests.structures import CaseInsensitiveDict

    library, algorithm, resolver = _library()
    signer = library.HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=resolver)
    headers = signed()
    del headers["Signature"], headers["Signature-Input"]
    message = _Message("POST", f"https://{AUTHORITY}/api/v1/check-ins", CaseInsensitiveDict(headers))
    signer.sign(
        message,
        key_id=keyid_of(PUBLIC),
        created=datetime.fromtimestamp(1795341600, UTC),
        nonce=NONCE,
        label="ordi",
        tag="ordi",
        include_alg=True,
        covered_component_ids=NAMES,
        use_existing_digest=True,
    )
    assert why(message.headers) == "wrong-parameters"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"method": "PUT"}, "bad-signature"),
        ({"authority": "evil.example"}, "bad-signature"),
        ({"path": "/api/v1/evidence"}, "bad-signature"),
        ({"body": b"{}"}, "wrong-digest"),
        ({"path": "/api/v1/check-ins?x=1"}, "query-not-signed"),
        ({"path": "/a b"}, "malformed"),
        ({"path": "/a\nb"}, "malformed"),
        ({"public": bytes(32)}, "wrong-key"),
        ({"public": b"short"}, "wrong-key"),
    ],
)
def test_a_request_sent_elsewhere_or_changed_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert why(signed(), **changed) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Ordi-Counter": "8"}, "bad-signature"),
        ({"Ordi-Counter": "07"}, "malformed-counter"),
        ({"Ordi-Counter": "-1"}, "malformed-counter"),
        ({"Ordi-Counter": "٧"}, "malformed-counter"),
        ({"Ordi-Counter": "9" * 16}, "malformed-counter"),
        ({"Ordi-Counter": "7, 8"}, "malformed-counter"),
        ({"Content-Type": "text/plain"}, "wrong-content-type"),
        ({"Content-Digest": "sha-512=:AAAA:"}, "malformed-digest"),
        ({"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}, "wrong-digest"),
        ({"Content-Digest": "sha-256=:" + "A" * 42 + "B=:"}, "malformed-digest"),
        ({"Signature": "ordi=:AAAA:"}, "malformed-signature"),
        ({"Signature": "sig1=:" + "A" * 86 + "==:"}, "malformed-signature"),
        ({"Signature": "ordi=:" + "A" * 86 + "==:"}, "bad-signature"),
        ({"Signature-Input": "nonsense"}, "malformed"),
        ({"Signature-Input": ""}, "malformed"),
    ],
)
def test_each_wrong_header_has_its_reason(change: dict[str, str], reason: str) -> None:
    assert why(signed() | change) == reason


@pytest.mark.parametrize("gone", ["Signature", "Signature-Input"])
def test_an_unsigned_request_is_missing_its_signature(gone: str) -> None:
    headers = signed()
    del headers[gone]
    assert why(headers) == "missing"


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ("Content-Digest", "malformed-digest"),
        ("Ordi-Counter", "malformed-counter"),
        ("Content-Type", "wrong-content-type"),
    ],
)
def test_a_covered_header_that_is_not_there_is_refused(gone: str, reason: str) -> None:
    headers = signed()
    del headers[gone]
    assert why(headers) == reason


@pytest.mark.parametrize("names", [NAMES[:-1], NAMES[1:], tuple(reversed(NAMES)), (), (*NAMES, "ordi-counter")])
def test_less_more_or_otherwise_ordered_coverage_is_refused(names: tuple[str, ...]) -> None:
    assert why(signed(names=names)) == "wrong-components"


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "short"},
        {"keyid": "x"},
        {"tail": ';alg="rsa-pss-sha512";tag="ordi"'},
        {"tail": ';alg="ed25519"'},
        {"tail": ';alg="ed25519";tag="ordi";expires=1'},
        {"created": '"1"'},
        {"created": "1.5"},
    ],
)
def test_other_parameters_are_refused(changed: dict[str, str]) -> None:
    assert why(signed(**changed)) == "wrong-parameters"  # type: ignore[arg-type]


def test_a_header_sent_twice_is_refused_not_chosen_from() -> None:
    class Twice:
        def items(self) -> list[tuple[str, str]]:
            return [*signed().items(), ("ordi-counter", "9")]

    assert why(Twice()) == "duplicate-header"


def test_another_key_cannot_sign_under_this_name() -> None:
    other = Ed25519PrivateKey.generate()
    assert why(signed(key=other)) == "bad-signature"
    assert why(signed(key=other), public=other.public_key().public_bytes_raw()) == "wrong-key"


@given(st.sampled_from(sorted(signed())), st.data())
def test_any_one_changed_character_of_a_header_is_refused(name: str, data: st.DataObject) -> None:
    headers = signed()
    place = data.draw(st.integers(0, len(headers[name]) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != headers[name][place]))
    headers[name] = headers[name][:place] + letter + headers[name][place + 1 :]
    why(headers)


def test_flask_headers_are_read_as_they_come() -> None:
    headers = pytest.importorskip("werkzeug.datastructures").Headers(list(signed().items()))
    parse(headers, "POST", AUTHORITY, "/api/v1/check-ins", BODY).verify(PUBLIC)
