"""Who answers for a translation: somebody who speaks the language read every text of a sheet beside the French, and signed.

A signature is for the texts as they stood: its fingerprint is theirs. When one of them changes, nobody answers for it any
more until it is read again. What families read always names who signed and when, or says that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotAllowed, Refused
from ordi.parties.access import may, require
from ordi.parties.people import Person


class TextsChanged(Refused):
    """A text changed between the page that was read and the signature."""

    code = "texts-changed"


class Sheet(StrEnum):
    """The texts that are read together."""

    CONSENT = "consent"
    HAND_OVER = "hand_over"
    MESSAGES = "messages"
    RESULTS = "results"


class TranslationReview(Base):
    """One signature. Several may follow: the last one that stands is named."""

    __tablename__ = "translation_reviews"
    __table_args__ = (Index("ix_translation_reviews_texts", "texts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    texts: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the texts that were read, in both languages."""
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship(foreign_keys=by_id)


Reviews = Mapping[str, TranslationReview]
"""The signature that stands for each fingerprint; a fingerprint that nobody signed is not there."""


def standing(session: Session, texts: list[str]) -> dict[str, TranslationReview]:
    """The signatures that stand for these fingerprints, in one query."""
    query = (
        select(TranslationReview)
        .where(TranslationReview.texts.in_(texts), TranslationReview.withdrawn_at.is_(None))
        .order_by(TranslationReview.id)
        .options(joinedload(TranslationReview.by))
    )
    return {one.texts: one for one in session.scalars(query)}


def signed_before(session: Session) -> set[tuple[str, str]]:
    """The sheets and languages that somebody signed once, whatever the texts have become."""
    return {
        (row.sheet, row.language)
        for row in session.execute(select(TranslationReview.sheet, TranslationReview.language).distinct())
    }


def sign(
    session: Session, sheet: Sheet, language: str, texts: str, *, seen: str, by: Person, at: datetime
) -> TranslationReview:
    """`by` read every text of a sheet and answers for it. `seen` is the fingerprint of what the page showed.

    Raises `NotAllowed`, `TextsChanged`, and `Invalid` for French, which nobody translated.
    """
    require(by, "translations.review", None, at=at)
    if language == "fr":
        raise Invalid(field="language", why="unknown")
    if seen != texts:
        raise TextsChanged(sheet=sheet, language=language)
    stands = standing(session, [texts]).get(texts)
    if stands is not None and stands.by_id == by.id:
        return stands
    made = TranslationReview(sheet=sheet, language=language, texts=texts, by_id=by.id, at=at)
    session.add(made)
    session.flush()
    return made


def withdraw(session: Session, texts: str, *, by: Person, at: datetime) -> None:
    """Take back every signature under these texts: one's own, or anybody's for a coordinator. Raises `NotAllowed`."""
    require(by, "translations.review", None, at=at)
    query = select(TranslationReview).where(TranslationReview.texts == texts, TranslationReview.withdrawn_at.is_(None))
    every = may(by, "translations.withdraw", None, at=at)
    stand = list(session.scalars(query.with_for_update()))
    if any(one.by_id != by.id for one in stand) and not every:
        stand = [one for one in stand if one.by_id == by.id]
        if not stand:
            raise NotAllowed(permission="translations.withdraw")
    for one in stand:
        one.withdrawn_at, one.withdrawn_by_id = at, by.id
    session.flush()
