"""What a family and a donor take home: one page, plain French, their own signature on it."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from ordi.keys import KeyRing
from tests.papers.certificates import AT, PUBLIC_URL
from tests.papers.drawing import signature
from tests.papers.reading import letters_of_each_page, run, squares, words
from web.papers.ink import NotASignature, signature_picture
from web.papers.receipt_pdf import HandOver, Summary, receipt_pdf
from web.papers.sealed import verify_pdf
from web.papers.slip_pdf import CollectionSlip, slip_pdf

ARABIC = "هذا الحاسوب معار لكم مجانا. إذا تعطل، اتصلوا بالرقم 02 61 91 04 17."
LOAN = HandOver(
    number="R-2026-0041",
    organisation="Ordi Landerlac",
    public_url=PUBLIC_URL,
    tag="K7Q24X-M",
    description="Portable Dell Latitude 5490, avec chargeur et souris",
    kind="loan",
    recipient="Famille Benali",
    giver="Inès, CCAS de Landerlac",
    bag=("Ordinateur K7Q24X-M", "Chargeur", "Souris", "Feuille « Pour commencer »"),
    phone="02 61 91 04 17",
    hours="du lundi au vendredi, 9 h à 17 h",
    promise="L’atelier répare ou échange. C’est gratuit.",
    at=AT,
    until=date(2028, 7, 5),
    at_the_end="Ensuite : le garder ou le rendre.",
    accepts_check_ins=True,
    recipient_signature=signature(1),
    giver_signature=signature(2),
    summary=Summary("ar", "باختصار", ARABIC, rtl=True),
)
SLIP = CollectionSlip(
    number="B-2026-014",
    organisation="Ordi Landerlac",
    donor="Conserverie Le Goff",
    place="12 quai du Port, Landerlac",
    lot="L-2026-014",
    driver="Noé, atelier de Landerlac",
    counted=9,
    promised=10,
    tags=tuple(f"AAAAA{number}-X" for number in range(9)),
    at=AT,
    phone="02 61 91 04 17",
    missing_because="gardé par le donateur",
    signatory="Bruno Le Goff",
    signature=signature(3),
)


@pytest.mark.pdf
def test_a_loan_says_until_when_what_happens_then_and_whom_to_call(tmp_path: Path) -> None:
    text = words(receipt_pdf(LOAN), tmp_path)
    for fact in (
        "R-2026-0041",
        "K7Q24X-M",
        "C’est un prêt",
        "jusqu’au 5 juillet 2028",
        "le garder ou le rendre",
        "02 61 91 04 17",
        "Souris",
        "Famille Benali",
        "Inès, CCAS de Landerlac",
        "Signatures du 22 novembre 2026",
        "donne de ses nouvelles : oui",
        "Il est reconditionné",
        "Ni facture, ni reçu fiscal",
    ):
        assert fact in text, fact


@pytest.mark.pdf
def test_a_receipt_is_one_a4_page_however_much_is_in_the_bag(tmp_path: Path) -> None:
    full = replace(LOAN, bag=tuple(f"Chose numéro {number}" for number in range(14)), promise="Une promesse. " * 8)
    told = run("pdfinfo", receipt_pdf(full), tmp_path=tmp_path)
    assert "Pages:           1" in told
    assert "(A4)" in told
    assert "Tagged:          yes" in told


@pytest.mark.pdf
def test_a_bag_too_full_for_one_page_still_gets_its_receipt(tmp_path: Path) -> None:
    full = replace(LOAN, bag=tuple(f"Chose numéro {number}" for number in range(90)))
    assert "Chose numéro 89" in words(receipt_pdf(full), tmp_path)


def test_reconditioned_is_said_only_once_the_gate_was_passed() -> None:
    from web.papers import kept as module

    assert "reconditionné" in _page(module, LOAN)
    assert "reconditionné" not in _page(module, replace(LOAN, reconditioned=False))


def test_a_sale_says_its_price_and_a_gift_that_it_is_free() -> None:
    from web.papers import kept as module

    assert "180,05\u00a0€" in _page(module, replace(LOAN, kind="sale", price_cents=18005, until=None))
    assert "C’est un don" in _page(module, replace(LOAN, kind="gift", until=None))


def test_who_said_nothing_about_check_ins_did_not_accept() -> None:
    from web.papers import kept as module

    assert "J’accepte" not in _page(module, replace(LOAN, accepts_check_ins=None))
    assert "nouvelles : non" in _page(module, replace(LOAN, accepts_check_ins=False))


def test_a_phone_number_is_not_turned_around_in_arabic() -> None:
    from web.papers import kept as module

    assert "02\u00a061\u00a091\u00a004\u00a017." in _page(module, LOAN)


def _page(module: object, facts: HandOver) -> str:
    """The page before it becomes a PDF."""
    kept: list[str] = []

    def keep(html: str, *_: object, **__: object) -> bytes:
        kept.append(html)
        return b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "render", keep)
        receipt_pdf(facts)
    return kept[0]


@pytest.mark.pdf
def test_the_square_on_a_receipt_opens_the_page_of_the_computer(tmp_path: Path) -> None:
    assert squares(receipt_pdf(LOAN), tmp_path) == ["HTTPS://ORDI.EXAMPLE/M/K7Q24X-M"]


def test_a_sealed_receipt_shows_any_change(ring: KeyRing) -> None:
    pdf = receipt_pdf(LOAN, ring.pdf_key(AT))
    assert verify_pdf(pdf, ring.pdf_fingerprints()).sealed_at == AT


@pytest.mark.pdf
def test_a_slip_says_who_gave_how_many_were_counted_and_which(tmp_path: Path) -> None:
    text = words(slip_pdf(SLIP), tmp_path)
    for fact in (
        "B-2026-014",
        "L-2026-014",
        "Conserverie Le Goff",
        "9",
        "1 (gardé par le donateur)",
        "Bruno Le Goff",
        "ordinateurs pris en charge",
        *SLIP.tags,
    ):
        assert fact in text, fact
    assert "DÉMONSTRATION" not in text


@pytest.mark.pdf
def test_a_slip_of_a_large_lot_goes_on_over_pages(tmp_path: Path) -> None:
    many = replace(SLIP, counted=480, promised=480, tags=tuple(f"A{number:05}-X" for number in range(480)))
    assert "A00479-X" in words(slip_pdf(many), tmp_path)


@pytest.mark.pdf
def test_demonstration_papers_are_stamped(tmp_path: Path) -> None:
    for pdf in (slip_pdf(replace(SLIP, demonstration=True)), receipt_pdf(replace(LOAN, demonstration=True))):
        assert "DONNÉESDEDÉMONSTRATION" in letters_of_each_page(pdf, tmp_path)[0]


def test_a_signature_is_drawn_again_without_what_was_hidden_in_it() -> None:
    import base64

    png = base64.b64decode(signature_picture(signature()).split(",")[1])
    assert b"CANARY" in signature()
    assert b"CANARY" not in png
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.mode == "L"
        assert not picture.info.get("Comment")


def _blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (300, 100)).save(out, "PNG")
    return out.getvalue()


def _vast() -> bytes:
    out = io.BytesIO()
    Image.new("1", (5000, 5000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("png", [b"", b"hello", b"\x89PNG\r\n\x1a\n", signature()[:200], _blank(), _vast(), b"<svg/>"])
def test_what_is_no_drawn_signature_is_refused(png: bytes) -> None:
    with pytest.raises(NotASignature):
        signature_picture(png)


@pytest.mark.pdf
def test_a_hostile_name_on_a_paper_is_only_ink(tmp_path: Path) -> None:
    hostile = '<img src="file:///etc/passwd">{{ 7 * 7 }}\u202e'
    text = words(receipt_pdf(replace(LOAN, recipient=hostile)), tmp_path)
    assert '<img src="file:///etc/passwd">{{ 7 * 7 }}�' in text
