"""Receipts of payment are numbered without a gap, however many are written at once and however many are given up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from ordi.database import make_engine, make_sessions
from ordi.papers import Paper, PaperKind, issue
from tests.ground.clock import NOW

pytestmark = pytest.mark.postgresql

HANDS, EACH = 6, 8


def test_receipts_written_at_once_have_every_number_once(fresh_database: str) -> None:
    engine = make_engine(fresh_database)
    sessions = make_sessions(engine)

    def desk(number: int) -> int:
        kept = 0
        for turn in range(EACH):
            with sessions() as session:
                facts: dict[str, object] = {"price_cents": 1000, "desk": number, "turn": turn}
                issue(session, PaperKind.PAYMENT_RECEIPT, f"allocation:{number}", facts, by_id=None, at=NOW)
                if (number + turn) % 3:
                    session.commit()
                    kept += 1
                else:
                    session.rollback()
        return kept

    with ThreadPoolExecutor(HANDS) as pool:
        kept = sum(pool.map(desk, range(HANDS)))
    with sessions() as session:
        numbers = session.scalars(select(Paper.number).order_by(Paper.number)).all()
    engine.dispose()
    assert list(numbers) == list(range(1, kept + 1))
