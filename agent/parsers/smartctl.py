"""`smartctl --json`: the counters a drive's health is judged on, of ATA, NVMe and SCSI drives.

smartctl's exit status is a bitmask (smartctl(8), "EXIT STATUS"): bits 0 and 1 mean it could not ask the drive; the
others tell what the drive answered and are no failure. `-n standby` uses status 2 for "asleep, left alone".
"""

from dataclasses import dataclass

from agent.parsers.reading import at, flag, json_object, text, whole

COULD_NOT_ASK = 0b11
STATUSES = range(256)

REALLOCATED, REPORTED_UNCORRECT, COMMAND_TIMEOUT, PENDING, OFFLINE_UNCORRECT = 5, 187, 188, 197, 198
"""The five ATA attributes Backblaze found to go before failures ("What SMART Stats Tell Us About Hard Drives")."""

PACKED_LOW = 0xFFFF
"""Attribute 188 packs three 16-bit counters on some makes; the lowest is the count."""


@dataclass(frozen=True)
class Health:
    """What smartctl said of one drive. Counts as the drive counts them; None where it said nothing."""

    model: str | None
    serial: str | None
    firmware: str | None
    passed: bool | None
    power_on_hours: int | None
    reallocated: int | None
    reported_uncorrect: int | None
    command_timeout: int | None
    pending: int | None
    offline_uncorrect: int | None
    critical_warning: int | None
    available_spare: int | None
    percentage_used: int | None
    media_errors: int | None
    asked: bool
    asleep: bool
    complaint: str | None


def health(raw: bytes) -> Health:
    """Read smartctl's JSON. Raise Unreadable when it is none."""
    document = json_object(raw)
    attributes = ata_attributes(document)
    timeouts = attributes.get(COMMAND_TIMEOUT)
    status = whole(at(document, "smartctl", "exit_status")) or 0
    complaint = first_message(document)
    return Health(
        model=text(document.get("model_name")) or text(document.get("scsi_model_name")),
        serial=text(document.get("serial_number")),
        firmware=text(document.get("firmware_version")) or text(document.get("scsi_revision")),
        passed=flag(at(document, "smart_status", "passed")),
        power_on_hours=whole(at(document, "power_on_time", "hours")),
        reallocated=first(attributes.get(REALLOCATED), whole(document.get("scsi_grown_defect_list"))),
        reported_uncorrect=first(attributes.get(REPORTED_UNCORRECT), scsi_uncorrected(document)),
        command_timeout=None if timeouts is None else timeouts & PACKED_LOW if timeouts > PACKED_LOW else timeouts,
        pending=attributes.get(PENDING),
        offline_uncorrect=attributes.get(OFFLINE_UNCORRECT),
        critical_warning=nvme(document, "critical_warning"),
        available_spare=nvme(document, "available_spare"),
        percentage_used=nvme(document, "percentage_used"),
        media_errors=nvme(document, "media_errors"),
        asked=not status & COULD_NOT_ASK,
        asleep="standby" in (complaint or "").lower() or "sleep" in (complaint or "").lower(),
        complaint=complaint,
    )


def ata_attributes(document: object) -> dict[int, int]:
    """Raw values of the ATA attributes by number."""
    table = at(document, "ata_smart_attributes", "table")
    found = {}
    for row in table if isinstance(table, list) else []:
        number, value = whole(at(row, "id")), whole(at(row, "raw", "value"))
        if number is not None and value is not None:
            found[number] = value
    return found


def nvme(document: object, name: str) -> int | None:
    """One counter of the NVMe health log."""
    return whole(at(document, "nvme_smart_health_information_log", name))


def scsi_uncorrected(document: object) -> int | None:
    """Errors a SCSI drive could not correct, reads, writes and verifies together."""
    kinds = ("read", "write", "verify")
    counts = [whole(at(document, "scsi_error_counter_log", kind, "total_uncorrected_errors")) for kind in kinds]
    told = [count for count in counts if count is not None]
    return sum(told) if told else None


def first(*values: int | None) -> int | None:
    """The first value that was told."""
    return next((value for value in values if value is not None), None)


def first_message(document: object) -> str | None:
    """smartctl's first message, which says why it did not ask."""
    messages = at(document, "smartctl", "messages")
    told = [text(at(message, "string")) for message in messages] if isinstance(messages, list) else []
    return next((message for message in told if message), None)
