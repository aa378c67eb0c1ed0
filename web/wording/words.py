"""What a list of words is, and how one is said."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""Code → lazy sentence, read in the language of whoever reads."""


def said(words: Words, code: str | None) -> str:
    """The word for `code`; an unknown code is said as it is, never hidden."""
    return str(words.get(code or "", code or ""))
