"""SIRET: the fourteen digits of an establishment, of which the last checks the others."""

from __future__ import annotations


def valid_siret(text: str) -> bool:
    """Whether fourteen digits pass Luhn's check; La Poste's own establishments sum to a multiple of five instead."""
    if len(text) != 14 or not text.isascii() or not text.isdigit():
        return False
    if text.startswith("356000000") and sum(map(int, text)) % 5 == 0:
        return True
    doubled = [int(c) * (2 if place % 2 else 1) for place, c in enumerate(reversed(text))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0
