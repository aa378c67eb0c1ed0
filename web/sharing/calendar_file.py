"""Appointments as iCalendar (RFC 5545): codes and places. A calendar is copied to clouds, so no name and no initial."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ordi.sharing.bookings import Appointment, Booking

OCTETS = 75
"""The longest line (RFC 5545, 3.1)."""


def calendar(rows: Iterable[Appointment], host: str, at: datetime) -> bytes:
    """A calendar of appointments; one that was moved or cancelled replaces itself, by its UID and sequence."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ordi//Rendez-vous//FR", "CALSCALE:GREGORIAN"]
    for one in rows:
        request, place = one.allocation.request, one.place
        where = ", ".join(part for part in (place.name, place.street, place.commune) if part)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}@{host}",
            f"DTSTAMP:{_utc(at)}",
            f"DTSTART:{_utc(one.begins)}",
            f"DTEND:{_utc(one.begins + timedelta(minutes=one.minutes))}",
            f"SEQUENCE:{one.moves}",
            f"STATUS:{'CANCELLED' if one.state == Booking.CANCELLED else 'CONFIRMED'}",
            f"SUMMARY:{_text(f'Remise {request.code}')}",
            f"LOCATION:{_text(where)}",
            f"DESCRIPTION:{_text(f'Ordinateur {one.allocation.machine.tag}')}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """No word can end its line, or begin another property."""
    shown = "".join(letter if letter.isprintable() else " " for letter in words)
    for mark in ("\\", ";", ","):
        shown = shown.replace(mark, f"\\{mark}")
    return shown


def _folded(line: str) -> bytes:
    """A line in pieces of 75 octets, never inside a character."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        coded = letter.encode()
        if len(piece) + len(coded) > OCTETS - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += coded
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
