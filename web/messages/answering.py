"""Who answers for what families read in their language: the texts of each sheet, their fingerprint, and who signed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from babel.dates import format_date
from sqlalchemy.orm import Session

from ordi.canonical import canonical, digest
from ordi.papers import PARIS
from ordi.sharing.translations import Sheet, TranslationReview, standing
from web.messages import result_words, telling_words
from web.messages.telling_words import LANGUAGES, NOT_REVIEWED, REVIEWED_BY

Pair = tuple[str, str]
"""A French text, and what it became."""

_HOLE = re.compile(r"\{\w+\}")


@cache
def pairs(sheet: Sheet, language: str) -> tuple[Pair, ...]:
    """Every text of a sheet beside its French, in the order a reader meets them; nothing for a language it does not have."""
    return tuple((said["fr"], said[language]) for said in _texts(sheet) if language in said)


def sheets() -> list[tuple[Sheet, str]]:
    """Every sheet in every language but French."""
    return [
        (sheet, language) for sheet in Sheet for language in LANGUAGES if language != "fr" and pairs(sheet, language)
    ]


@cache
def fingerprint(sheet: Sheet, language: str) -> str:
    """SHA-256 of a sheet's texts, in both languages: another comma, another fingerprint."""
    return digest(canonical([sheet, language, *(list(pair) for pair in pairs(sheet, language))]))


def filled(text: str) -> str:
    """A text with brackets where a day, a place or a number will stand."""
    return _HOLE.sub("[…]", text)


def reviews(session: Session) -> dict[tuple[Sheet, str], TranslationReview]:
    """Who answers for each sheet today, in one query."""
    marks = {fingerprint(sheet, language): (sheet, language) for sheet, language in sheets()}
    return {marks[texts]: one for texts, one in standing(session, list(marks)).items()}


def review_of(session: Session, sheet: Sheet, language: str) -> str:
    """Who answers for a translation and since when, said in that language, or that nobody does; nothing for French."""
    if language == "fr":
        return ""
    mark = fingerprint(sheet, language)
    return said_of(standing(session, [mark]).get(mark), language)


def every_review(session: Session, sheet: Sheet) -> Mapping[str, str]:
    """The same for every language of a sheet at once, French left out; one query."""
    found = reviews(session)
    return {language: said_of(found.get((sheet, language)), language) for one, language in sheets() if one == sheet}


def said_of(review: TranslationReview | None, language: str) -> str:
    """A signature as families read it; for none, that nobody has read it again."""
    if review is None:
        return NOT_REVIEWED[language]
    day = format_date(review.at.astimezone(PARIS).date(), "long", locale=language)
    return REVIEWED_BY[language].format(name=review.by.name, day=day)


def _texts(sheet: Sheet) -> Iterator[Mapping[str, str]]:
    """Each text of a sheet, by language."""
    from web.sharing import summary_words  # here, not above: that room's pages ask this one who answers
    from web.wording.consent import CONSENT

    match sheet:
        case Sheet.CONSENT:
            yield {code: str(text) for code, text in CONSENT.items()}
        case Sheet.HAND_OVER:
            yield from (
                summary_words.TITLES,
                *summary_words.KINDS.values(),
                summary_words.TO_RETURN,
                summary_words.AND_THEN,
            )
        case Sheet.MESSAGES:
            for said in telling_words.TELLINGS.values():
                yield from _each(said)
            yield from (telling_words.PREVENTED, telling_words.PREVENTED_SHORT)
            yield from (*_each(telling_words.COUPON), *_each(telling_words.NEWS))
        case Sheet.RESULTS:
            yield result_words.SUBJECT
            for told in (*result_words.DECIDED.values(), *result_words.BECAUSE.values()):
                yield from _each({code: (one,) if isinstance(one, str) else one for code, one in told.items()})


def _each(said: Mapping[str, Iterable[str]]) -> Iterator[dict[str, str]]:
    """One text after the other, of texts that go together; a language may say it in fewer."""
    parts = {code: list(texts) for code, texts in said.items()}
    for n in range(max(map(len, parts.values()))):
        yield {code: texts[n] if n < len(texts) else "" for code, texts in parts.items()}
