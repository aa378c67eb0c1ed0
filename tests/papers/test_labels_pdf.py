"""A sheet of labels: true millimetres, a square that scans, a tag one reads from afar."""

import re
from pathlib import Path
from random import Random

import pytest
import zxingcpp

from ordi.tags import new_tag, read_tag
from tests.papers.certificates import AT, PUBLIC_URL
from tests.papers.reading import catalog, pictures, run, words
from web.papers.labels_pdf import LEAST_QR_MM, STOCKS, Found, LabelTooSmall, Stock, labels_pdf, tag_url

FOUND = Found("Ordi Landerlac", "02 61 91 04 17")
RANDOM = Random(20)
TAGS = [new_tag(RANDOM) for _ in range(65)]
MM = 200 / 25.4


def sheet(tags: list[str], stock: Stock, **options: int) -> bytes:
    return labels_pdf(tags, stock, public_url=PUBLIC_URL, found=FOUND, at=AT, **options)


@pytest.mark.pdf
@pytest.mark.parametrize("name", sorted(STOCKS))
def test_every_label_of_a_full_sheet_scans_at_200_dpi(name: str, tmp_path: Path) -> None:
    stock = STOCKS[name]
    tags = TAGS[: stock.count]
    (page,) = pictures(sheet(tags, stock), tmp_path)
    codes = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    assert sorted(read_tag(code.text) for code in codes) == sorted(tags)
    assert all(code.text.isupper() and code.text.startswith("HTTPS://ORDI.EXAMPLE/M/") for code in codes)


@pytest.mark.pdf
@pytest.mark.parametrize("name", sorted(STOCKS))
def test_squares_are_at_least_18_millimetres_and_stay_inside_their_own_cell(name: str, tmp_path: Path) -> None:
    stock = STOCKS[name]
    (page,) = pictures(sheet(TAGS[: stock.count], stock), tmp_path)
    cells = set()
    for code in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode):
        corners = (code.position.top_left, code.position.bottom_right)
        (left, top), (right, bottom) = ((point.x / MM, point.y / MM) for point in corners)
        assert right - left >= LEAST_QR_MM - 0.3
        column, row = int((left - stock.left) // stock.pitch[0]), int((top - stock.top) // stock.pitch[1])
        cells.add((column, row))
        assert left >= stock.left + column * stock.pitch[0] + 1
        assert right <= stock.left + column * stock.pitch[0] + stock.cell[0] - 1
        assert top >= stock.top + row * stock.pitch[1] + 1
        assert bottom <= stock.top + row * stock.pitch[1] + stock.cell[1] - 1
    assert len(cells) == stock.count


@pytest.mark.pdf
@pytest.mark.parametrize("name", sorted(STOCKS))
def test_no_ink_crosses_the_edge_of_a_label(name: str, tmp_path: Path) -> None:
    stock = STOCKS[name]
    (page,) = pictures(sheet(TAGS[: stock.count], stock), tmp_path)
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
def test_pages_measure_what_the_stock_measures(tmp_path: Path) -> None:
    for stock in STOCKS.values():
        told = run("pdfinfo", sheet(TAGS[:1], stock), tmp_path=tmp_path)
        found = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", told)
        assert found is not None
        for points, wanted in zip(found.groups(), stock.page, strict=True):
            assert abs(float(points) / 72 * 25.4 - wanted) < 0.1


def test_the_geometry_of_every_stock_fits_its_page() -> None:
    for stock in STOCKS.values():
        assert stock.left + (stock.columns - 1) * stock.pitch[0] + stock.cell[0] <= stock.page[0] + 0.01
        assert stock.top + (stock.rows - 1) * stock.pitch[1] + stock.cell[1] <= stock.page[1] + 0.01
        assert stock.pitch >= stock.cell


@pytest.mark.pdf
def test_used_cells_are_left_and_the_rest_goes_on(tmp_path: Path) -> None:
    stock = STOCKS["24-70x37"]
    pages = pictures(sheet(TAGS[:24], stock, skip=5), tmp_path)
    assert len(pages) == 2
    first = zxingcpp.read_barcodes(pages[0], formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(first) == 19
    used = pages[0].convert("L").crop((0, 0, int(210 * MM), int(37.5 * MM)))
    assert used.getextrema() == (255, 255)
    assert len(zxingcpp.read_barcodes(pages[1], formats=zxingcpp.BarcodeFormat.QRCode)) == 5


@pytest.mark.parametrize("skip", [-1, 24])
def test_a_sheet_cannot_be_used_up_before_it_starts(skip: int) -> None:
    with pytest.raises(ValueError, match="24 labels"):
        sheet(TAGS[:1], STOCKS["24-70x37"], skip=skip)


@pytest.mark.pdf
def test_the_tag_is_in_large_letters_with_whom_to_call(tmp_path: Path) -> None:
    text = words(sheet(["K7Q24X-M"], STOCKS["24-70x37"]), tmp_path)
    assert "K7Q24X-M" in text
    assert "02 61 91 04 17" in text
    assert "Ordi Landerlac" in text


@pytest.mark.pdf
def test_letters_are_embedded_and_the_printer_is_told_not_to_scale(tmp_path: Path) -> None:
    pdf = sheet(TAGS[:3], STOCKS["65-38x21"])
    assert "'/PrintScaling': '/None'" in catalog(pdf)
    assert "'/Lang': 'fr'" in catalog(pdf)
    fonts = run("pdffonts", pdf, tmp_path=tmp_path).splitlines()[2:]
    assert fonts
    assert all(" yes yes yes " in font for font in fonts)


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
