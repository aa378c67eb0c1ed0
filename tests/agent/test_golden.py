"""The messages in tests/contract/ are the agent's own: what the server's tests read is what a machine sends."""

from __future__ import annotations

import base64
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.agent.golden import FOLDER, messages, written

NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {name: written(message) for name, message in messages(tmp_path_factory.mktemp("golden")).items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_agent_still_says(name: str, made: dict[str, str]) -> None:
    if name not in made:
        pytest.skip("another side's message")
    kept = (FOLDER / f"{name}.json").read_text("utf-8")
    assert expanded(kept) == expanded(made[name]), "python -m tests.agent.golden writes it anew"


def expanded(text: str) -> Any:
    """A message with its raw parts as text: two versions of zlib may compress the same bytes differently."""
    message = json.loads(text)
    raw = message.get("raw", {})
    return {**message, "raw": {source: gzip.decompress(base64.b64decode(part)) for source, part in raw.items()}}


def test_every_message_of_the_agent_is_written_down(made: dict[str, str]) -> None:
    assert set(made) <= set(NAMES)


def test_no_message_names_the_machine_it_was_made_on(made: dict[str, str]) -> None:
    assert not [name for name, text in made.items() if f'"{os.uname().nodename}"' in text or str(Path.home()) in text]
