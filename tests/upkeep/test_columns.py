"""Every column is classified: what it says of a person is written in one table."""

from __future__ import annotations

from ordi.database import Base
from ordi.privacy.columns import TABLE, Says, classified, columns_that_say
from tests.ground.databases import know_every_table
from tests.ground.tiers import HOUSE


def _columns() -> set[tuple[str, str]]:
    know_every_table()
    return {(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns}


def test_every_column_is_classified() -> None:
    new = sorted(f"{table}.{column}" for table, column in _columns() - classified().keys())
    where = TABLE.relative_to(HOUSE)
    assert not new, f"say in {where} whether they are family, person, pseudonymous or none: {', '.join(new)}"


def test_nothing_is_classified_that_is_not_there() -> None:
    gone = sorted(f"{table}.{column}" for table, column in classified().keys() - _columns())
    assert not gone, f"{TABLE.relative_to(HOUSE)} still names: {', '.join(gone)}"


def test_what_leads_to_a_person_is_never_called_nothing() -> None:
    know_every_table()
    people = {"people", "households", "requests", "allocations", "consents", "training_places"}
    leads = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in people
    }
    assert not leads & set(columns_that_say(Says.NONE))


def test_the_words_of_a_family_are_sealed_hashed_or_drawn() -> None:
    """`family` columns are bytes, but for the language of a consent and the codes by which caps and territories count: nothing else of a family is written in the clear."""
    know_every_table()
    tables = Base.metadata.tables
    clear = {
        (table, column)
        for table, column in columns_that_say(Says.FAMILY)
        if tables[table].columns[column].type.python_type is not bytes
    }
    counted = {("requests", "commune_code"), ("requests", "qpv"), ("requests", "district_code")}
    assert clear == {("consents", "language"), *counted}
