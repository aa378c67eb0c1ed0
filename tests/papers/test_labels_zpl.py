"""Labels for label printers: every square decodes, and no text is ever a command."""

from random import Random

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from ordi.labels.stocks import DOTS, SHIPPED, Stock
from ordi.tags import new_tag, read_tag
from tests.papers.certificates import PUBLIC_URL
from tests.papers.zpl import read
from web.papers.label_faces import Face, machine_face, tag_url
from web.papers.labels_pdf import LEAST_QR_MM, Aim, LabelTooSmall
from web.papers.labels_zpl import labels_zpl

RANDOM = Random(21)
TAGS = [new_tag(RANDOM) for _ in range(4)]
ROLLS = sorted(key for key, stock in SHIPPED.items() if stock.roll)
ONLY = {"XA", "CI", "LH", "PW", "LL", "FW", "FO", "GF", "FS", "A0", "FH", "FD", "PQ", "XZ"}


def faces(lines: tuple[str, ...] = ()) -> list[Face]:
    return [machine_face(tag, PUBLIC_URL, "Ordi Landerlac", "02 61 91 04 17", "fr") for tag in TAGS] + [
        Face("…4F2A", tag_url(PUBLIC_URL, TAGS[0]), lines or ("SSD 256 Go", "À effacer 22/11/2026"))
    ]


@pytest.mark.parametrize("dpi", DOTS)
@pytest.mark.parametrize("key", ROLLS)
def test_every_label_of_every_roll_decodes_at_every_printers_own_dots(key: str, dpi: int) -> None:
    stock = SHIPPED[key]
    labels = [one for page in labels_zpl(faces(), stock, dpi=dpi) for one in read(page)]
    assert len(labels) == 5
    for face, label in zip(faces(), labels, strict=True):
        assert label.size == tuple(round(side * dpi / 25.4) for side in stock.page)
        (code,) = zxingcpp.read_barcodes(label.picture(), formats=zxingcpp.BarcodeFormat.QRCode)
        assert code.text == face.url
        ((x, y, dots),) = label.graphics
        assert dots.width >= LEAST_QR_MM * dpi / 25.4 - 1
        assert min(x, y) >= 0
        assert x + dots.width < label.size[0]
        assert y + dots.height <= label.size[1] - 0.8 * dpi / 25.4
        for across, down, high, wide, text in label.texts:
            assert across >= x + dots.width
            assert across + len(text) * wide * 0.62 <= label.size[0] + 1
            assert 0 <= down <= down + high <= label.size[1]


def test_the_words_are_those_of_the_label() -> None:
    (label,) = read(labels_zpl(faces()[-1:], SHIPPED["1-62x29"], dpi=203)[0])
    assert [text for *_place, text in label.texts] == ["…4F2A", "SSD 256 Go", "À effacer 22/11/2026"]


HOSTILE = [
    "^XZ^XA^FDowned^FS", "~JR", "~HS", "_5EXZ", "_", "a\r\n^XZ", "\x02\x03\x10", "\u202e^XZ", "日本語 ^FD", "^FH\\^FD\\5EXZ", "é~DGR:X.GRF",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_string_is_only_letters(text: str) -> None:
    (page,) = labels_zpl([Face(text, tag_url(PUBLIC_URL, TAGS[0]), (text,), (text,))], SHIPPED["1-100x50"], dpi=203)
    (label,) = read(page)
    assert set(label.commands) == ONLY
    assert label.commands.count("XA") == label.commands.count("XZ") == 1
    assert label.commands[-1] == "XZ"
    assert page.count(b"~") == 0
    assert page.isascii()
    (code,) = zxingcpp.read_barcodes(label.picture(), formats=zxingcpp.BarcodeFormat.QRCode)
    assert read_tag(code.text) == TAGS[0]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_at_all_is_ever_a_command(text: str) -> None:
    (page,) = labels_zpl(
        [Face("K", tag_url(PUBLIC_URL, TAGS[0]), (text,), (text[::-1],))], SHIPPED["1-100x50"], dpi=203
    )
    (label,) = read(page)
    assert set(label.commands) == ONLY
    assert label.commands.count("FD") == label.commands.count("A0")


def test_a_printer_that_shifts_is_aimed() -> None:
    plain, aimed = (
        read(labels_zpl(faces()[:1], SHIPPED["1-62x29"], dpi=203, aim=aim)[0])[0]
        for aim in (Aim(), Aim(shift=(2.0, 1.0)))
    )
    (x, y, _dots), (moved_x, moved_y, _again) = plain.graphics[0], aimed.graphics[0]
    assert (moved_x - x, moved_y - y) == (16, 8)


def test_two_across_are_one_page() -> None:
    stock = Stock("pair", (84, 25), 2, 1, (40, 25), 1, 0, (42, 25), roll=True)
    pages = labels_zpl(faces()[:3], stock, dpi=300)
    assert [len(read(page)[0].graphics) for page in pages] == [2, 1]


def test_a_label_too_small_to_scan_is_refused() -> None:
    with pytest.raises(LabelTooSmall):
        labels_zpl(faces()[:1], Stock("tiny", (40, 18), 1, 1, (40, 18), 0, 0, (40, 18), roll=True), dpi=203)
