"""The page of series opens without a network only if every script it asks for, and each that these ask for, is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import web
from web.series.app import FILES

STATIC = Path(web.__file__).parent / "static"


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js") and "/" not in name])
def test_what_a_kept_script_imports_is_kept_too(name: str) -> None:
    asked = set(re.findall(r'^(?:import|export)\b[^;]*?"\./([^"]+)";', (STATIC / name).read_text(), re.MULTILINE))
    assert asked <= set(FILES)
