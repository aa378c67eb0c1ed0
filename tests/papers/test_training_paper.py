"""The certificate of attendance says what was attended and what it opens, and bears nobody's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ordi.keys import KeyRing
from tests.papers.certificates import AT
from tests.papers.reading import run, words
from web.papers.sealed import verify_pdf
from web.papers.training_pdf import Attended, training_pdf

SEEN = Attended(
    number="A-2026-0007",
    organisation="Centre social de Landerlac",
    programme="Ateliers",
    group="G-2026-003",
    level="Débuter",
    request="D-2026-0101",
    holder="",
    days=tuple(AT - timedelta(days=7 * n) for n in range(5, 0, -1)),
    planned=6,
    minutes=90,
    at=AT,
)


@pytest.mark.parametrize(
    ("count", "minutes", "said"), [(5, 90, "7\u00a0h\u00a030"), (2, 60, "2\u00a0h"), (1, 95, "1\u00a0h\u00a035")]
)
def test_the_time_attended_is_added_up(count: int, minutes: int, said: str) -> None:
    assert replace(SEEN, days=SEEN.days[:count], minutes=minutes).hours == said


@pytest.mark.pdf
def test_it_says_what_was_attended_and_leaves_the_name_to_the_person(tmp_path: Path) -> None:
    pdf = training_pdf(SEEN)
    text = " ".join(words(pdf, tmp_path).split())
    for fact in ("A-2026-0007", "Centre social de Landerlac", "5 séances sur 6", "G-2026-003", "Nom, prénom"):
        assert fact in text, fact
    assert "ouvre le prix" not in text
    assert "Pages:           1" in run("pdfinfo", pdf, tmp_path=tmp_path)


@pytest.mark.pdf
def test_it_says_the_price_it_opens_and_the_firm_that_was_trained(tmp_path: Path) -> None:
    text = words(training_pdf(replace(SEEN, holder="Menuiserie Colin", unlocked_cents=6000)), tmp_path)
    assert "60\u00a0€" in text or "60 €" in text
    assert "Menuiserie Colin" in text
    assert "Nom, prénom" not in text


@pytest.mark.pdf
def test_it_is_sealed_as_the_other_papers(ring: KeyRing) -> None:
    pdf = training_pdf(SEEN, ring.pdf_key(AT))
    assert verify_pdf(pdf, ring.pdf_fingerprints()).sealed_at == AT
