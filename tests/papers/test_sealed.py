"""The seal on a PDF: any byte changed, added or taken is seen, whatever a reader of PDFs says."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ordi.keys import KeyRing
from tests.papers.certificates import AT
from tests.papers.reading import run
from web.papers.ink import style
from web.papers.pdf import ARCHIVAL, render
from web.papers.sealed import SealRefused, sign_pdf, verify_pdf

PAGE = '<html lang="fr"><head><title>Essai</title></head><body><p>Bonjour</p></body></html>'
JWS = ("certificate.jws", b"a.b.c\n", "application/jose")


@pytest.fixture(scope="module")
def plain() -> bytes:
    return render(PAGE, style(), [JWS], at=AT, variant=ARCHIVAL)


@pytest.fixture(scope="module")
def sealed(plain: bytes, ring: KeyRing) -> bytes:
    return sign_pdf(plain, ring.pdf_key(AT), "essai", AT)


def why(pdf: bytes, ring: KeyRing) -> str:
    with pytest.raises(SealRefused) as refused:
        verify_pdf(pdf, ring.pdf_fingerprints())
    return refused.value.why


def appended(pdf: bytes, name: str = "certificate.jws") -> bytes:
    """`pdf` with one more file attached after it was sealed."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    file = embed.EmbeddedFileObject.from_file_data(writer, data=b"x.y.z", mime_type="application/jose")
    embed.embed_file(writer, embed.FileSpec(name, embedded_data=file))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_seal_says_who_when_and_what_is_attached(sealed: bytes, ring: KeyRing) -> None:
    found = verify_pdf(sealed, ring.pdf_fingerprints())
    assert found.fingerprint == ring.pdf_key(AT).fingerprint
    assert found.sealed_at == AT
    assert found.attachments == [("certificate.jws", b"a.b.c\n")]


@pytest.mark.pdf
def test_a_common_reader_finds_it_valid_and_the_whole_file_signed(sealed: bytes, tmp_path: Path) -> None:
    told = run("pdfsig", sealed, tmp_path=tmp_path)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "issuer is unknown" in told


def test_the_seal_adds_nothing_to_title_or_dates(plain: bytes, sealed: bytes) -> None:
    assert sealed.startswith(plain)
    assert sealed[len(plain) :].count(b"/ModDate") == 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(data=st.data())
def test_any_one_changed_byte_is_seen(data: st.DataObject, sealed: bytes, ring: KeyRing) -> None:
    place = data.draw(st.integers(0, len(sealed) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != sealed[place]))
    why(sealed[:place] + bytes([byte]) + sealed[place + 1 :], ring)


def test_not_one_byte_of_the_signature_itself_is_free(sealed: bytes, ring: KeyRing) -> None:
    start = sealed.index(b"/Contents <") + len(b"/Contents ")
    end = sealed.index(b">", start) + 1
    for place in [*range(start, start + 2200), *range(end - 40, end)]:
        for byte in {ord("0"), sealed[place] ^ 0x20} - {sealed[place]}:
            why(sealed[:place] + bytes([byte]) + sealed[place + 1 :], ring)


@pytest.mark.parametrize("tail", [b"\n", b"%%EOF\n", b"\0", b" " * 100])
def test_anything_after_the_end_is_seen(sealed: bytes, ring: KeyRing, tail: bytes) -> None:
    assert why(sealed + tail, ring) == "not-wholly-covered"


def test_a_cut_tail_is_seen(sealed: bytes, ring: KeyRing) -> None:
    assert why(sealed[:-1], ring) == "not-wholly-covered"


@pytest.mark.pdf
def test_an_appended_attachment_is_seen_even_where_a_reader_finds_the_signature_valid(
    sealed: bytes, ring: KeyRing, tmp_path: Path
) -> None:
    changed = appended(sealed)
    assert "Signature is Valid" in run("pdfsig", changed, tmp_path=tmp_path)
    assert why(changed, ring) == "not-wholly-covered"


def test_a_swapped_attachment_is_seen(plain: bytes, sealed: bytes, ring: KeyRing) -> None:
    other = render(PAGE, style(), [("certificate.jws", b"z.b.c\n", "application/jose")], at=AT, variant=ARCHIVAL)
    assert len(other) - len(plain) in range(-40, 41)
    assert why(other + sealed[len(plain) :], ring) in {"changed", "not-wholly-covered", "malformed-seal"}


def test_a_foreign_seal_is_a_stranger(plain: bytes, foreign: KeyRing, ring: KeyRing) -> None:
    assert why(sign_pdf(plain, foreign.pdf_key(AT), "essai", AT), ring) == "unknown-signer"


def test_a_foreign_seal_over_ours_is_refused(sealed: bytes, foreign: KeyRing, ring: KeyRing) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed), strict=False)
    out = io.BytesIO()
    writer.root["/X"] = writer.root["/Type"]
    writer.update_root()
    writer.write(out)
    assert why(out.getvalue(), ring) == "not-wholly-covered"
    assert why(sealed + sealed, ring) == "not-wholly-covered"


def test_our_signature_on_another_document_is_changed(sealed: bytes, ring: KeyRing) -> None:
    place = sealed.index(b"/Type")
    assert why(sealed[:place] + b"/Tipe" + sealed[place + 5 :], ring) == "changed"


def test_an_unsealed_paper_and_another_file_are_told_apart(plain: bytes, ring: KeyRing) -> None:
    assert why(plain, ring) == "not-sealed"
    assert why(b"hello", ring) == "not-a-pdf"
    assert why(b"", ring) == "not-a-pdf"
    assert why(b"%PDF-" + b"x" * (17 << 20), ring) == "not-a-pdf"


@pytest.mark.parametrize("container", [b"", b"00", b"30", b"3080", b"30800000" * 50, b"FF" * 500, b"3003020101"])
def test_a_strange_container_is_malformed_and_never_reaches_the_parser(container: bytes, ring: KeyRing) -> None:
    before = b"%PDF-1.7 /ByteRange [0 AAAA BBBB 6]"
    size = len(before) - 8 + 4
    first = size
    body = before.replace(b"AAAA", b"%02d" % first).replace(b"BBBB", b"%04d" % (first + len(container) + 2))
    first = len(body)
    body = before.replace(b"AAAA", b"%02d" % first).replace(b"BBBB", b"%04d" % (first + len(container) + 2))
    assert why(body + b"<" + container + b">" + b"%%EOF\n", ring) == "malformed-seal"


def test_a_key_that_was_replaced_still_verifies(tmp_path: Path, plain: bytes) -> None:
    ring = KeyRing.open(tmp_path / "keys", at=AT)
    old = sign_pdf(plain, ring.pdf_key(AT), "essai", AT)
    later = AT + timedelta(days=400)
    ring.rotate("pdf", later)
    new = sign_pdf(plain, ring.pdf_key(later), "essai", later)
    assert verify_pdf(old, ring.pdf_fingerprints()).sealed_at == AT
    assert verify_pdf(new, ring.pdf_fingerprints()).sealed_at == later
    assert why(new, KeyRing.open(tmp_path / "other", at=AT)) == "unknown-signer"
