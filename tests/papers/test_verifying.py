"""A stranger checks a file with our public keys and nothing else."""

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordi.keys import KeyRing
from ordi.signatures import b64url, sign
from tests.papers.certificates import AT, PAYLOAD, PUBLIC_URL, payload, signed
from web.papers.certificate_pdf import certificate_pdf
from web.papers.ink import style
from web.papers.pdf import ARCHIVAL, render
from web.papers.sealed import sign_pdf
from web.papers.verifying import Verification, verify_file


def check(data: bytes, ring: KeyRing) -> Verification:
    return verify_file(data, ring.jwks(AT), ring.pdf_fingerprints())


def paper(ring: KeyRing, *attachments: tuple[str, bytes]) -> bytes:
    html = '<html lang="fr"><head><title>x</title></head><body>x</body></html>'
    files = [(name, content, "application/jose") for name, content in attachments]
    return sign_pdf(render(html, style(), files, at=AT, variant=ARCHIVAL), ring.pdf_key(AT), "x", AT)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a check offline called out")

    monkeypatch.setattr(socket.socket, "connect", never)


@pytest.mark.usefixtures("offline")
def test_a_certificate_proves_its_fields_and_who_signed_them(certificate: bytes, ring: KeyRing) -> None:
    found = check(certificate, ring)
    assert found == Verification(
        "pdf",
        authentic=True,
        certificates=(PAYLOAD,),
        keys=(ring.signing("certificate", AT).kid,),
        seal=ring.pdf_key(AT).fingerprint,
        sealed_at=AT,
    )


@pytest.mark.usefixtures("offline")
def test_the_signed_text_alone_proves_as_much(ring: KeyRing) -> None:
    ((_, token),) = signed(ring, payload())
    for data in (token, token + "\n"):
        assert check(data.encode(), ring).certificates == (PAYLOAD,)


def test_all_drives_of_a_computer_come_back(ring: KeyRing) -> None:
    pairs = signed(ring, payload(), payload(drive__serial="WD-1"))
    pdf = certificate_pdf(pairs, ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
    assert [one["drive"]["serial"] for one in check(pdf, ring).certificates] == ["S3TSNX0K812345", "WD-1"]


FIELDS = [(name,) for name in PAYLOAD] + [
    (name, inner) for name, value in PAYLOAD.items() if isinstance(value, dict) for inner in value
]


@settings(deadline=None)
@given(field=st.sampled_from(FIELDS), value=st.integers() | st.text(max_size=4) | st.none() | st.booleans())
def test_any_changed_field_is_seen(field: tuple[str, ...], value: object) -> None:
    import json

    ring = _ring()
    ((_, token),) = signed(ring, payload())
    changed = payload(**{"__".join(field): value})
    if json.dumps(changed) == json.dumps(PAYLOAD):
        return
    header, _, signature = token.split(".")
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    forged = f"{header}.{b64url(text.encode('utf-8', 'replace'))}.{signature}"
    assert check(forged.encode(), ring) == Verification("jws", authentic=False, why="bad-signature")


def _ring(made: list[KeyRing] = []) -> KeyRing:  # noqa: B006 - kept between examples on purpose
    if not made:
        import tempfile
        from pathlib import Path

        made.append(KeyRing.open(Path(tempfile.mkdtemp()) / "keys", at=AT))
    return made[0]


def test_a_foreign_certificate_is_refused_whoever_sealed_it(ring: KeyRing, foreign: KeyRing) -> None:
    pairs = signed(foreign, payload())
    all_foreign = certificate_pdf(pairs, foreign.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
    assert check(all_foreign, ring).why == "unknown-signer"
    our_seal = certificate_pdf(pairs, ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
    assert check(our_seal, ring).why == "unknown-key"
    assert check(pairs[0][1].encode(), ring).why == "unknown-key"


def test_a_sealed_paper_without_exactly_one_certificate_proves_nothing(ring: KeyRing) -> None:
    token = signed(ring, payload())[0][1].encode()
    for attachments in (
        (),
        (("other.jws", token),),
        (("certificate.jws", token), ("certificate.jws", token)),
        (("certificate.jws", token), ("extra.txt", b"x")),
    ):
        assert check(paper(ring, *attachments), ring).why == "not-one-certificate"
    assert check(paper(ring, ("certificate.jws", token)), ring).authentic


def test_drives_of_two_computers_in_one_file_are_refused(ring: KeyRing) -> None:
    pairs = signed(ring, payload(), payload(machine__tag="AAAAAA-A"))
    assert check("\n".join(token for _, token in pairs).encode(), ring).why == "several-computers"


def test_a_job_does_not_pass_for_a_certificate(ring: KeyRing) -> None:
    job = sign({"typ": "ordi-job/1", "issued": "2026-11-22T10:08:32Z"}, ring.signing("job", AT), "ordi-job/1")
    assert check(job.encode(), ring).why == "wrong-type"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"hello", b"\xff\xfe", b"a.b", b"a.b.c.d", b".." * 3, b"a.b.c\r\n", b"x.y.z\n" * 65, b"[" * 9999],
)
def test_another_file_is_no_certificate(data: bytes, ring: KeyRing) -> None:
    found = check(data, ring)
    assert not found.authentic
    assert found.why in {"not-a-certificate", "malformed"}
    assert found.certificates == ()


def test_one_bad_line_spoils_the_file(ring: KeyRing) -> None:
    token = signed(ring, payload())[0][1]
    found = check(f"{token}\n{token[:-3]}AAA\n".encode(), ring)
    assert (found.authentic, found.certificates) == (False, ())


def test_the_very_key_in_a_certificate_rechecks_the_drive(ring: KeyRing, tmp_path: Any) -> None:
    """The line a stranger types, on a small drive in a file."""
    import re
    import shutil
    import subprocess

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    from web.papers.certificate_pdf import certificate_page

    if not shutil.which("openssl"):
        pytest.skip("no openssl program: install the package openssl")
    size = 4096 * 33 + 512
    encryptor = Cipher(algorithms.AES(bytes(range(32))), modes.CTR(bytes(16))).encryptor()
    drive = bytearray(encryptor.update(bytes(size)))
    html = certificate_page(signed(ring, payload(drive__bytes=size)), public_url=PUBLIC_URL)
    line = re.search(r"openssl enc[^<]+", html)
    assert line is not None
    import html as escapes

    command = escapes.unescape(line[0]).replace("/dev/sdX", str(tmp_path / "drive"))
    (tmp_path / "drive").write_bytes(drive)
    assert subprocess.run(["bash", "-c", command], capture_output=True, timeout=30).returncode == 0
    drive[77_777] ^= 1
    (tmp_path / "drive").write_bytes(drive)
    assert b"77778" in subprocess.run(["bash", "-c", command], capture_output=True, timeout=30).stdout
