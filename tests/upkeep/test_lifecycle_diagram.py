"""The README draws the life of a computer as the table says it."""

from __future__ import annotations

import os
from pathlib import Path

from ordi.machines.lifecycle import LIFECYCLE

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- lifecycle: made from ordi/machines/lifecycle.py, kept current by a test -->", "<!-- /lifecycle -->"


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for step in LIFECYCLE:
        needs = f" [{', '.join(step.needs)}]" if step.needs else ""
        for source in step.sources or ("[*]",):
            lines.append(f"  {source} --> {step.target}: {step.action}{needs}")
    return "\n".join([*lines, "```"])


def test_the_readme_draws_the_table() -> None:
    text = README.read_text()
    drawn = f"{text.partition(BEGIN)[0]}{BEGIN}\n{diagram()}\n{END}{text.partition(END)[2]}"
    if os.environ.get("ORDI_REDRAW"):
        README.write_text(drawn)
    assert text == drawn, "run it once with ORDI_REDRAW=1"
