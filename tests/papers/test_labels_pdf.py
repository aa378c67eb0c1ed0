"""A sheet of labels: true millimetres, a square that scans, a tag one reads from afar."""

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
import zxingcpp

from ordi.labels.stocks import SHIPPED, Stock
from ordi.tags import new_tag, read_tag
from tests.papers.certificates import AT, PUBLIC_URL
from tests.papers.reading import catalog, pictures, run, words
from web.papers.label_faces import Face, machine_face, tag_url
from web.papers.labels_pdf import LEAST_QR_MM, Aim, LabelTooSmall, labels_pdf

RANDOM = Random(20)
TAGS = [new_tag(RANDOM) for _ in range(65)]
MM = 200 / 25.4


def faces(tags: Sequence[str], lang: str = "fr") -> list[Face]:
    return [machine_face(tag, PUBLIC_URL, "Ordi Landerlac", "02 61 91 04 17", lang) for tag in tags]


def sheet(tags: Sequence[str], stock: Stock, **options: object) -> bytes:
    return labels_pdf(faces(tags), stock, at=AT, **options)  # type: ignore[arg-type]


@pytest.mark.pdf
@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_every_label_of_a_full_sheet_scans_at_200_dpi_inside_its_own_cell(key: str, tmp_path: Path) -> None:
    stock = SHIPPED[key]
    tags = TAGS[: stock.count]
    (page,) = pictures(sheet(tags, stock), tmp_path)
    codes = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    assert sorted(read_tag(code.text) for code in codes) == sorted(tags)
    cells = set()
    for code in codes:
        assert code.text.isupper()
        assert code.text.startswith("HTTPS://ORDI.EXAMPLE/M/")
        corners = (code.position.top_left, code.position.bottom_right)
        (left, top), (right, bottom) = ((point.x / MM, point.y / MM) for point in corners)
        assert right - left >= LEAST_QR_MM - 0.3
        column, row = int((left - stock.left) // stock.pitch[0]), int((top - stock.top) // stock.pitch[1])
        cells.add((column, row))
        x, y = stock.corner_of(row * stock.columns + column)
        assert x + 1 <= left < right <= x + stock.cell[0] - 1
        assert y + 1 <= top < bottom <= y + stock.cell[1] - 1
    assert len(cells) == stock.count


@pytest.mark.pdf
@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_no_ink_crosses_the_edge_of_a_label(key: str, tmp_path: Path) -> None:
    stock = SHIPPED[key]
    long = [Face(tag, tag_url(PUBLIC_URL, tag), ("W" * 90, "À effacer"), ("Atelier " * 12,)) for tag in TAGS]
    (page,) = pictures(labels_pdf(long[: stock.count], stock, at=AT), tmp_path)
    grey = page.convert("L")
    for column in range(1, stock.columns):
        x = (stock.left + column * stock.pitch[0] - (stock.pitch[0] - stock.cell[0]) / 2) * MM
        strip = grey.crop((int(x) - 2, 0, int(x) + 2, grey.height))
        assert strip.getextrema()[0] > 200
    for row in range(1, stock.rows):
        y = (stock.top + row * stock.pitch[1]) * MM
        strip = grey.crop((0, int(y) - 2, grey.width, int(y) + 2))
        assert strip.getextrema()[0] > 200


@pytest.mark.pdf
@pytest.mark.parametrize("key", ["1-62x29", "1-100x50", "24-70x37"])
def test_pages_measure_what_the_stock_measures(key: str, tmp_path: Path) -> None:
    told = run("pdfinfo", sheet(TAGS[:1], SHIPPED[key]), tmp_path=tmp_path)
    found = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", told)
    assert found is not None
    for points, wanted in zip(found.groups(), SHIPPED[key].page, strict=True):
        assert abs(float(points) / 72 * 25.4 - wanted) < 0.1


@pytest.mark.pdf
def test_used_cells_are_left_wherever_they_are_and_the_rest_goes_on(tmp_path: Path) -> None:
    stock = SHIPPED["24-70x37"]
    pages = pictures(sheet(TAGS[:24], stock, used={0, 1, 2, 7, 23}), tmp_path)
    found = [zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode) for page in pages]
    assert [len(codes) for codes in found] == [19, 5]
    grey = pages[0].convert("L")
    for cell in (0, 1, 2, 7, 23):
        x, y = stock.corner_of(cell)
        assert grey.crop(
            (int(x * MM) + 2, int(y * MM) + 2, int((x + 70) * MM) - 2, int((y + 37) * MM) - 2)
        ).getextrema() == (
            255,
            255,
        )


@pytest.mark.pdf
def test_an_aimed_sheet_is_drawn_larger_and_moved_for_a_printer_that_shrinks(tmp_path: Path) -> None:
    stock = SHIPPED["24-70x37"]
    aim = Aim((150 / 147, 200 / 196), (1.5, -0.5))
    plain, aimed = (
        sorted(
            (code.position.top_left.y, code.position.top_left.x)
            for code in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
        )
        for page in (
            pictures(sheet(TAGS[:24], stock), tmp_path)[0],
            pictures(sheet(TAGS[:24], stock, aim=aim), tmp_path)[0],
        )
    )
    assert len(plain) == len(aimed) == 24
    for (y, x), (aimed_y, aimed_x) in ((plain[0], aimed[0]), (plain[-1], aimed[-1])):
        wanted = aim.at(x / MM, y / MM)
        assert abs(aimed_x / MM - wanted[0]) < 0.3
        assert abs(aimed_y / MM - wanted[1]) < 0.3


@pytest.mark.pdf
@pytest.mark.parametrize(("lang", "said"), [("fr", "Trouvé ? Scannez, ou appelez"), ("en", "Found? Scan, or call")])
def test_the_tag_is_in_large_letters_with_whom_to_call(lang: str, said: str, tmp_path: Path) -> None:
    text = words(labels_pdf(faces(["K7Q24X-M"], lang), SHIPPED["24-70x37"], at=AT, lang=lang), tmp_path)
    for part in ("K7Q24X-M", "02 61 91 04 17", "Ordi Landerlac", said):
        assert part in text


@pytest.mark.pdf
def test_letters_are_embedded_and_the_printer_is_told_not_to_scale(tmp_path: Path) -> None:
    pdf = sheet(TAGS[:3], SHIPPED["65-38x21"])
    assert "'/PrintScaling': '/None'" in catalog(pdf)
    assert "'/Lang': 'fr'" in catalog(pdf)
    fonts = run("pdffonts", pdf, tmp_path=tmp_path).splitlines()[2:]
    assert fonts
    assert all(" yes yes yes " in font for font in fonts)


@pytest.mark.pdf
def test_what_a_hostile_machine_calls_itself_is_only_ink(tmp_path: Path) -> None:
    face = Face("^XZ~HS\n", tag_url(PUBLIC_URL, TAGS[0]), ("(\\) Tj ET 1 0 0 rg", "\x1b]0;\u202e\u0000"), ("<script>",))
    pdf = labels_pdf([face], SHIPPED["1-100x50"], at=AT)
    text = words(pdf, tmp_path)
    assert "(\\) Tj ET 1 0 0 rg" in text
    assert "<script>" in text
    (page,) = pictures(pdf, tmp_path)
    (code,) = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    assert read_tag(code.text) == TAGS[0]


def test_a_label_too_small_to_scan_is_refused() -> None:
    tiny = Stock("tiny", (210, 297), 5, 20, (38, 14), 0, 0, (38, 14))
    with pytest.raises(LabelTooSmall):
        sheet(TAGS[:1], tiny)


def test_the_text_of_a_square_is_alphanumeric_for_the_small_symbol() -> None:
    from web.papers.qr import matrix

    text = tag_url("https://ordi.example/", "K7Q24X-M")
    assert text == "HTTPS://ORDI.EXAMPLE/M/K7Q24X-M"
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert len(matrix(text)) == 25
