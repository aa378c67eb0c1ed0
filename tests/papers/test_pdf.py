"""A paper fetches nothing, says its language, carries its letters, and fits its page."""

from pathlib import Path

import pytest

import web.papers.pdf as pdf_module
from tests.papers.certificates import AT
from tests.papers.reading import attached, catalog, run, words
from web.papers.ink import style
from web.papers.pdf import ACCESSIBLE, ARCHIVAL, PaperTooLong, render

PAGE = '<html lang="fr"><head><title>Essai</title></head><body><h1>Été</h1>{}</body></html>'


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="file://{secret}">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="attachment" href="file://{secret}">',
        '<a rel="attachment" href="file://{secret}">x</a>',
        '<link rel="stylesheet" href="file://{secret}">',
        '<style>@import url("file://{secret}"); body {{ background: url("file://{secret}") }}</style>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{secret}"/></svg>',
        '<object data="file://{secret}"></object><embed src="file://{secret}">',
    ],
)
def test_a_page_cannot_make_the_server_read_a_file(hostile: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-7731")
    pdf = render(PAGE.format(hostile.format(secret=secret)), style(), at=AT)
    assert b"CANARY-7731" not in pdf
    assert "CANARY" not in _whole(pdf)


def _whole(pdf: bytes) -> str:
    """Every stream of the file, unpacked."""
    import re
    import zlib

    text = ""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            text += zlib.decompress(stream).decode("latin-1")
        except zlib.error:
            text += stream.decode("latin-1")
    return text


@pytest.mark.pdf
@pytest.mark.parametrize("variant", [ACCESSIBLE, ARCHIVAL])
def test_a_paper_is_a4_tagged_titled_dated_and_carries_its_letters(variant: str, tmp_path: Path) -> None:
    pdf = render(PAGE.format("<p>Bonjour <b>à tous</b></p>"), style(), at=AT, variant=variant)
    told = run("pdfinfo", pdf, tmp_path=tmp_path)
    assert "Tagged:          yes" in told
    assert "Title:           Essai" in told
    assert "(A4)" in told
    assert "2026" in told
    assert "'/Lang': 'fr'" in catalog(pdf)
    assert "'/DisplayDocTitle': True" in catalog(pdf)
    fonts = run("pdffonts", pdf, tmp_path=tmp_path).splitlines()[2:]
    assert fonts
    assert all(" yes yes yes " in font for font in fonts)


@pytest.mark.pdf
def test_attachments_survive_in_both_variants(tmp_path: Path) -> None:
    for variant in (ACCESSIBLE, ARCHIVAL):
        pdf = render(PAGE.format(""), style(), [("a.jws", b"x.y.z", "application/jose")], at=AT, variant=variant)
        assert "a.jws" in run("pdfdetach", pdf, "-list", tmp_path=tmp_path)
        (file,) = attached(pdf)
        assert file["/EF"]["/F"]["/Subtype"] == "/application/jose"  # type: ignore[index]


@pytest.mark.pdf
def test_a_paper_of_one_page_shrinks_a_little_then_refuses(tmp_path: Path) -> None:
    lines = "<p>Une ligne de plus.</p>"
    html = PAGE.format(lines * 50)
    assert "Pages:           1" in run("pdfinfo", render(html, style(), at=AT, pages=1), tmp_path=tmp_path)
    with pytest.raises(PaperTooLong):
        render(PAGE.format(lines * 200), style(), at=AT, pages=1)


@pytest.mark.pdf
def test_the_text_can_be_read_and_searched(tmp_path: Path) -> None:
    assert "Été" in words(render(PAGE.format(""), style(), at=AT), tmp_path)


@pytest.mark.pdf
def test_where_the_face_has_no_letters_of_its_own_the_system_lends_and_embeds_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_module, "_FONTS", tmp_path)
    pdf_module._letters.cache_clear()
    try:
        pdf = render(PAGE.format("<p>Bonjour</p>"), style(), at=AT)
    finally:
        pdf_module._letters.cache_clear()
    fonts = run("pdffonts", pdf, tmp_path=tmp_path)
    assert "Atkinson" not in fonts
    assert all(" yes yes yes " in font for font in fonts.splitlines()[2:])
