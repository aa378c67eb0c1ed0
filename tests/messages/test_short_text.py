"""One text is one segment, counted as telephones count."""

from __future__ import annotations

import pytest

from ordi.messages.short_text import TextTooLong, mobile, one_segment, plain, room


@pytest.mark.parametrize(
    ("text", "left"),
    [("a" * 160, 0), ("a" * 161, -1), ("é" * 160, 0), ("€" * 80, 0), ("€" * 81, -2), ("ж" * 70, 0), ("ж" * 71, -1)],
)
def test_a_segment_has_160_characters_of_the_alphabet_or_70_of_any_other(text: str, left: int) -> None:
    assert room(text) == left


def test_letters_the_alphabet_lacks_lose_their_mark_and_other_scripts_stay() -> None:
    assert plain("L’été à Besançon, « prêt » … œuvre") == 'L\'été à Besancon, " pret " ... oeuvre'
    assert plain("Bilgisayarınız hazır: şğ") == "Bilgisayariniz hazir: sg"
    assert plain("não, coração") == "nao, coraçao".replace("ç", "c")
    assert plain("موعدكم") == "موعدكم"
    assert room(plain("👍" * 35)) == 0


def test_what_needs_two_texts_is_refused() -> None:
    assert one_segment("ê" * 160) == "e" * 160
    with pytest.raises(TextTooLong):
        one_segment("ê" * 161)


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("06 39 98 12 34", "+33639981234"),
        ("07.12.34.56.78", "+33712345678"),
        ("+33 (6) 12-34-56-78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0696123456", "+596696123456"),
        ("+380 67 123 4567", "+380671234567"),
        ("03 81 00 00 00", ""),
        ("+33381000000", ""),
        ("15", ""),
        ("06 12 34", ""),
        ("après 18 h", ""),
        ("", ""),
    ],
)
def test_only_a_number_that_takes_texts_is_texted(written: str, called: str) -> None:
    assert mobile(written) == called
