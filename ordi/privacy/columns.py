"""What each column says of a person: one table, `columns.toml`, beside this file. A column that is not in it fails a test.

`family`: says who a household is, or what was written about it; sealed or a signature, emptied at erasure. `person`: names or
reaches somebody who works with Ordi, or a donor who is one person. `pseudonymous`: leads to a person through another table.
`none`: says nothing of anybody.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("columns.toml")


class Says(StrEnum):
    """What a column says of a person."""

    FAMILY = "family"
    PERSON = "person"
    PSEUDONYMOUS = "pseudonymous"
    NONE = "none"


@cache
def classified() -> Mapping[tuple[str, str], Says]:
    """Every (table, column) and what it says. Raises `ValueError` for one that is named twice."""
    found: dict[tuple[str, str], Says] = {}
    for table, said in tomllib.loads(TABLE.read_text()).items():
        for says, columns in said.items():
            for column in columns.split():
                if (table, column) in found:
                    raise ValueError(f"{table}.{column} is classified twice")
                found[table, column] = Says(says)
    return found


def columns_that_say(says: Says) -> list[tuple[str, str]]:
    """The columns of one class, in order."""
    return sorted(where for where, said in classified().items() if said is says)
