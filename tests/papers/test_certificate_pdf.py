"""The certificate of a computer says all that was signed, and claims no more."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from ordi.keys import KeyRing
from tests.papers.certificates import AT, LIMITS, PUBLIC_URL, payload, signed
from tests.papers.reading import attached, catalog, letters_of_each_page, run, squares, words
from web.papers import certificate_words
from web.papers.certificate_pdf import certificate_page, certificate_pdf


def page(ring: KeyRing, *payloads: dict[str, Any], lang: str = "fr") -> str:
    return certificate_page(signed(ring, *payloads), public_url=PUBLIC_URL, lang=lang)


def text_of(html: str) -> str:
    import html as escapes

    body = html.split("<body>")[1]
    return " ".join(escapes.unescape(re.sub(r"<wbr>|<[^>]+>", lambda m: "" if m[0] == "<wbr>" else " ", body)).split())


@pytest.mark.pdf
def test_every_signed_fact_is_printed(certificate: bytes, tmp_path: Path) -> None:
    printed = words(certificate, tmp_path)
    together = printed.replace(" ", "")
    for fact in (
        "K7Q24X-M",
        "Dell Inc.",
        "Latitude 5490",
        "5CG7341XKQ",
        "SAMSUNG MZ7LN256HAJQ-000L7",
        "S3TSNX0K812345",
        "lu par ata",
        "0x5002538d4243a2b1",
        "MVT43K6Q",
        "SSD, sata",
        "256 060 514 304 octets",
        "512 / 4096",
        "non relevé",
        "Clear",
        "contre-contrôlé",
        "AES-256-CTR",
        "ordi-agent overwrite --pattern aes256ctr /dev/sda",
        '"outcome":"completed"',
        "08:31:04 UTC",
        "09:52:41 UTC",
        "0 octets",
        "0.1.0",
        "OP-7KQ2",
        "OP-M4XN",
        "responsable d’atelier",
        "Atelier de Landerlac",
        "Ordi Landerlac",
        "73282932000074",
        "2 000 / 2 000",
        "7F2CQ9XK4M3W8RTZ5HB6DYNPEA",
        "https://ordi.example/c/7F2CQ9XK4M3W8RTZ5HB6DYNPEA",
    ):
        assert fact in printed, fact
    for fingerprint in ("3b9e77a10c52f4d8" * 4, "9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707ba62c166051b9e3"):
        assert fingerprint in together
    assert "openssl enc -aes-256-ctr -K 000102" in printed
    assert "ffacé, prouvé" in printed


@pytest.mark.pdf
def test_the_sentence_of_limits_is_printed_to_the_letter_in_both_languages(ring: KeyRing, tmp_path: Path) -> None:
    for lang in ("fr", "en"):
        pdf = certificate_pdf(signed(ring, payload()), ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT, lang=lang)
        assert LIMITS in words(pdf, tmp_path)
    assert certificate_words.LIMITS == LIMITS


def test_it_is_the_sentence_that_certificates_sign() -> None:
    bench = pytest.importorskip("ordi.bench.certificates")
    assert bench.LIMITS == LIMITS


@pytest.mark.pdf
def test_the_square_says_where_to_look_and_the_fingerprint_to_find(ring: KeyRing, tmp_path: Path) -> None:
    pairs = signed(ring, payload(), payload(code="A" * 26, drive__serial="WD-1"))
    pdf = certificate_pdf(pairs, ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
    assert sorted(squares(pdf, tmp_path)) == sorted(
        f"HTTPS://ORDI.EXAMPLE/C/{told['code']}/{hashlib.sha256(token.encode()).hexdigest().upper()}"
        for told, token in pairs
    )


@pytest.mark.pdf
def test_a_certificate_is_archival_tagged_and_two_pages_for_one_drive(certificate: bytes, tmp_path: Path) -> None:
    told = run("pdfinfo", certificate, tmp_path=tmp_path)
    assert "Pages:           2" in told
    assert "Tagged:          yes" in told
    assert "'/Lang': 'fr'" in catalog(certificate)
    assert [file["/AFRelationship"] for file in attached(certificate)] == ["/Data"]


@pytest.mark.parametrize(
    ("verdict", "level", "word", "tone"),
    [
        ("PASS", "clear", "effacé, prouvé", "ok"),
        ("UNKNOWN", "none", "non prouvé, ne sort pas", "warn"),
        ("FAIL", "none", "échec", "stop"),
        ("UNHANDLED", "none", "PAS effacé", "stop"),
        ("DESTROYED", "destroy", "détruit", "end"),
        ("SOMETHING", "none", "SOMETHING", "stop"),
    ],
)
def test_only_a_proven_wipe_is_green(ring: KeyRing, verdict: str, level: str, word: str, tone: str) -> None:
    html = page(ring, payload(sanitisation__verdict=verdict, sanitisation__level=level))
    assert f'<strong class="mark {tone}">{word}</strong>' in html
    assert ('class="mark ok"' in html) == (tone == "ok")


def test_a_paper_with_one_unproven_drive_is_not_called_a_certificate(ring: KeyRing) -> None:
    assert "<h1" in page(ring, payload())
    assert ">Certificat d’effacement</h1>" in page(ring, payload())
    assert ">Compte rendu d’effacement</h1>" in page(ring, payload(), payload(sanitisation__verdict="UNKNOWN"))


def test_level_and_assurance_are_said_apart(ring: KeyRing) -> None:
    text = text_of(page(ring, payload(sanitisation__assurance="audited")))
    assert "Assurance : audité" in text
    assert "Niveau Clear : réécriture des secteurs accessibles" in text


def test_what_is_not_claimed_is_said_and_no_standard_is_claimed(ring: KeyRing) -> None:
    text = text_of(page(ring, payload()))
    assert "Aucune conformité à une norme n’est revendiquée" in text
    for claim in ("NIST", "ANSSI", "IEEE", "conforme", "compliant", "label de"):
        assert claim not in text


def test_a_key_not_published_offers_no_recheck(ring: KeyRing) -> None:
    assert "openssl" not in page(ring, payload(sanitisation__key_published=None))


def test_reasons_are_sentences_and_an_unknown_one_stays_a_code(ring: KeyRing) -> None:
    reasons = ["read-back-differs", "refused:booted-from", "never-seen"]
    text = text_of(page(ring, payload(sanitisation__verdict="FAIL", sanitisation__reasons=reasons)))
    assert "La relecture diffère de l’écriture." in text
    assert "Le disque a été refusé avant toute écriture (booted-from)." in text
    assert "never-seen" in text


@pytest.mark.pdf
@pytest.mark.parametrize("mark", ["demonstration", "test"])
def test_what_must_not_be_taken_for_real_is_stamped_on_every_page(ring: KeyRing, mark: str, tmp_path: Path) -> None:
    pdf = certificate_pdf(signed(ring, payload(**{mark: True})), ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
    pages = letters_of_each_page(pdf, tmp_path)
    assert len(pages) == 2
    assert all("DONNÉESDEDÉMONSTRATION" in letters for letters in pages)


def test_a_real_certificate_is_not_stamped_and_an_annulled_one_is(ring: KeyRing) -> None:
    assert 'class="stamp"' not in page(ring, payload())
    annulled = page(ring, payload(annulled_by="B" * 26))
    assert '<div class="stamp">ANNULÉ</div>' in annulled
    assert "B" * 26 in annulled


def test_a_wipe_nobody_else_verified_says_so(ring: KeyRing) -> None:
    assert "personne d’autre" in text_of(page(ring, payload(verifier=None)))


def test_a_wipe_by_nobody_known_says_so(ring: KeyRing) -> None:
    assert "Effacé par non relevé" in text_of(page(ring, payload(wiper=None)))


HOSTILE = [
    "<script>alert(1)</script>",
    "</dd><h1>FAUX</h1>",
    "{{ 8191 * 8191 }}",
    "\x1b[31mrouge\x07",
    "ligne\nautre\rencore",
    "\u202etxt.exe",
    "=cmd|' /C calc'!A0",
    "^XZ^FX",
    "&lt;b&gt;",
    "x" * 5000,
    '"><img src=file:///etc/passwd>',
    "\x00",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_ink_not_markup(ring: KeyRing, hostile: str) -> None:
    html = page(
        ring,
        payload(
            drive__serial=hostile,
            drive__model=hostile,
            machine__manufacturer=hostile,
            sanitisation__agent=hostile,
            sanitisation__commands=[hostile],
            sanitisation__raw_status={"message": hostile},
            sanitisation__started_at=hostile,
            sanitisation__reasons=[hostile],
        ),
    )
    for never in ("<script", "<h1>FAUX", "<img src=file", "67092481", "\x1b", "\x00", "\u202e", "x" * 500):
        assert never not in html, never


@pytest.mark.pdf
def test_a_hostile_name_still_makes_a_paper(ring: KeyRing, tmp_path: Path) -> None:
    told = payload(drive__serial="<b>\x1b[31m\u202e" + "W" * 900, sanitisation__commands=["a" * 3000] * 4)
    pdf = certificate_pdf(signed(ring, told), ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
    assert "<b>�[31m�WWW" in words(pdf, tmp_path).replace(" ", "")


def test_two_computers_never_share_a_certificate(ring: KeyRing) -> None:
    with pytest.raises(ValueError, match="one computer"):
        page(ring, payload(), payload(machine__tag="OTHER"))


def test_both_languages_say_the_same_things() -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(part) for name, part in value.items()}
        return len(value) if isinstance(value, list) else type(value)

    assert shape(certificate_words.WORDS["fr"]) == shape(certificate_words.WORDS["en"])
    assert certificate_words.VERDICTS["fr"].keys() == certificate_words.VERDICTS["en"].keys()


def test_no_word_is_kept_for_nothing() -> None:
    template = (Path(certificate_words.__file__).parent / "templates" / "certificate.html").read_text()
    code = (Path(certificate_words.__file__).parent / "certificate_pdf.py").read_text()
    for name in certificate_words.WORDS["fr"]:
        assert f"t.{name}" in template or f'"{name}"' in code, name


def test_every_reason_the_bench_judges_by_has_its_sentence() -> None:
    judging = Path(certificate_words.__file__).parents[2] / "ordi" / "bench" / "verdict.py"
    codes = set(re.findall(r'append\("([a-z-]+)"\)', judging.read_text()))
    assert codes
    assert codes <= certificate_words.WORDS["fr"]["reasons"].keys()
