"""Who made a drive, from how its model is named: drives seldom say it in a field of its own."""

from __future__ import annotations

import re

_MAKERS: tuple[tuple[str, str], ...] = (
    (r"WDC?\b|WD\d", "Western Digital"),
    (r"ST\d|SEAGATE", "Seagate"),
    (r"HGST", "HGST"),
    (r"HITACHI|HTS|HDS", "Hitachi"),
    (r"TOSHIBA|MQ\d|MK\d|THNS|KXG|.* TOSHIBA", "Toshiba"),
    (r"KIOXIA|KBG", "Kioxia"),
    (r"SAMSUNG|MZ[-A-Z0-9]{4}|PM9", "Samsung"),
    (r"SANDISK|SDSS", "SanDisk"),
    (r"CT\d+|CRUCIAL", "Crucial"),
    (r"MICRON|MTFD", "Micron"),
    (r"INTEL|SSDSC|SSDPE", "Intel"),
    (r"KINGSTON|SA400|SKC|SV300", "Kingston"),
    (r"SK ?HYNIX|HFS|HFM", "SK hynix"),
    (r"LITEON|LITE-ON|CV\d-", "Lite-On"),
    (r"ADATA", "ADATA"),
    (r"FUJITSU|MHZ|MHY", "Fujitsu"),
    (r"MAXTOR", "Maxtor"),
    (r"TRANSCEND|TS\d+G", "Transcend"),
    (r"PNY", "PNY"),
    (r"QEMU|VBOX|VMWARE", "virtual"),
)


def maker_of(model: str) -> str | None:
    """The maker that a model's name tells; nothing when it tells none."""
    name = model.strip().upper()
    return next((maker for start, maker in _MAKERS if re.match(start, name)), None)
