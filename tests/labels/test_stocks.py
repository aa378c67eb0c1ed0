"""Stocks: what fits on its page, what is refused, and which cells a printing takes."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.labels.stocks import (
    SHIPPED,
    StockDoesNotFit,
    retire_stock,
    save_stock,
    saved_stock,
    stock_named,
    stocks_of,
)
from tests.cast import Cast

SHEET = replace(SHIPPED["21-63x38"], name="Boîte du fond")


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_every_stock_shipped_fits_its_page(key: str) -> None:
    SHIPPED[key].check()
    assert SHIPPED[key].key == key


@pytest.mark.parametrize(
    ("change", "field", "why", "by"),
    [
        ({"left": 18.0}, "cell_width", "past-right", 36),
        ({"top": 35.0}, "cell_height", "past-bottom", None),
        ({"pitch": (60.0, 38.1)}, "pitch_x", "overlap", 35),
        ({"pitch": (66.05, 30.0)}, "pitch_y", "overlap", 81),
        ({"cell": (30.0, 38.1)}, "cell_width", "too-small", 40),
        ({"cell": (63.5, 15.0)}, "cell_height", "too-small", 54),
    ],
)
def test_measures_that_contradict_each_other_are_refused_by_name(
    change: dict[str, object], field: str, why: str, by: int | None
) -> None:
    with pytest.raises(StockDoesNotFit) as refusal:
        replace(SHEET, **change).check()  # type: ignore[arg-type]
    assert (refusal.value.facts["field"], refusal.value.facts["why"]) == (field, why)
    assert by is None or refusal.value.facts["by"] == by


@pytest.mark.parametrize(
    "change", [{"columns": 0}, {"rows": 60}, {"page": (5000.0, 297.0)}, {"dpi": 150}, {"corner": 40.0}, {"left": -3.0}]
)
def test_what_is_no_measure_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        replace(SHEET, **change).check()  # type: ignore[arg-type]


def test_a_workshop_keeps_its_own_and_puts_them_away(session: Session, cast: Cast, now: datetime) -> None:
    saved = save_stock(session, cast.workshop, SHEET, by=cast.sam, at=now)
    key = saved.stock.key
    assert next(iter(stocks_of(session, cast.workshop))) == key
    assert stock_named(session, cast.workshop, key) == replace(SHEET, key=key)
    assert key not in stocks_of(session, cast.second_workshop)
    with pytest.raises(NotFound):
        stock_named(session, cast.second_workshop, key)
    retire_stock(session, saved_stock(session, cast.workshop, key), cast.workshop, by=cast.sam, at=now)
    assert key not in stocks_of(session, cast.workshop)
    assert stock_named(session, cast.workshop, key).name == "Boîte du fond"


def test_noor_saves_none_for_us(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        save_stock(session, cast.workshop, SHEET, by=cast.noor, at=now)


@pytest.mark.parametrize(
    ("count", "used", "left_over"),
    [
        (1, (), [0]),
        (3, (0, 1), [0, 1, 2, 3, 4]),
        (2, (1, 3), [0, 1, 2, 3]),
        (21, (), []),
        (19, (0, 1), []),
        (22, (), [0]),
        (21, (0, 1), [0, 1]),
        (1, tuple(range(21)), [0]),
    ],
)
def test_the_next_sheet_begins_where_the_last_one_stopped(
    count: int, used: tuple[int, ...], left_over: list[int]
) -> None:
    assert SHEET.left_over(count, used) == left_over


def test_a_roll_leaves_nothing_over() -> None:
    assert SHIPPED["1-62x29"].left_over(5) == []
