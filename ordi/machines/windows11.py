"""Whether a machine may run Windows 11, from its own reports: yes, no, or not known. Families of processors are data.

Sources: Microsoft, "Windows 11 specifications and system requirements" (TPM 2.0, UEFI with Secure Boot, 4 GB, 64 GB) and
"Windows processor requirements: Windows 11 supported Intel / AMD processors" (families read 2026-11). A family that is not in
the lists below is not known rather than refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ordi.machines.fitted import Fitted

GIB = 1024**3
LEAST_MEMORY, LEAST_DRIVE = 4 * GIB, 64 * 10**9
_HARDWARE_KEEPS = 0.9
"""A machine of 4 GB shows less to its system: graphics and firmware take theirs."""


class Answer(StrEnum):
    """Three answers."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """The answer, and the answer to each requirement, by its code: processor, memory, drive, tpm, firmware."""

    answer: Answer
    terms: dict[str, Answer]


FAMILIES: tuple[tuple[str, Answer], ...] = (
    (r"core\W*(tm)?\W*ultra", Answer.YES),
    (r"core\W*(tm)?\W*[357]\W+(processor )?[12]\d\d[uhpe]", Answer.YES),
    (r"i7-78[24]0hq|i[79]-7[89]\d\dxe?\b", Answer.YES),  # 7820HQ in some machines; Core X of the 7th generation
    (r"i[3579]-(1[0-9]\d{3}|1[0-9]\d{2}g\d|[89]\d{3})", Answer.YES),  # 8th generation on
    (r"i[3579]-(n3\d\d)", Answer.YES),
    (
        r"i[357]-[2-7]\d{3}|i[357]-\d{3}\b|i[357]\W+(cpu\W+)?([mkqu]\W*)?\d{3}\b|m[357]-[67]y|core\W*(tm)?\W*m-5y",
        Answer.NO,
    ),
    (r"core\W*(tm)?\W*m3-8100y", Answer.YES),
    (
        r"core\W*(tm)?2|core\W*(tm)?\W*duo|pentium\W*(r\))?\W*(dual|[4d]\b|m\b|e\d|t\d|p\d)|celeron\W*(r\))?\W*(m\b|e\d|t\d|[5-9]\d\d\b)",
        Answer.NO,
    ),
    (r"pentium.*(gold (g[5-7]\d{3}|44\d\du|[5-8]5\d\d)|silver [nj][56]\d{3})", Answer.YES),
    (r"pentium.*(g[2-4]\d{3}|[nj][34]\d{3}|[24]\d{3}[um]\b)", Answer.NO),
    (r"celeron.*(g[45]9\d\d|[nj]4[0-5]\d\d|[nj][56]\d{3}|7305|6305)", Answer.YES),
    (r"celeron.*(g[1-3]\d{3}|[nj][1-3]\d{3}|[1-3]\d{3}[um]\b|b8\d\d)", Answer.NO),
    (r"\bn(50|9[57]|100|200)\b", Answer.YES),
    (r"atom.*(n[24]\d\d|[dz][2-5]\d{2,3}|x[57]-)", Answer.NO),
    (r"xeon.*(e-2[1-4]\d\d|w-[1-3][1-5]\d\d|bronze|silver|gold|platinum)", Answer.YES),
    (r"xeon.*(e3-1|e5-[124]|e7-|[xwel]5\d{3})", Answer.NO),
    (r"ryzen.*(threadripper (pro )?[2-9]\d{3}|ai|[3579] (pro )?[4-9]\d{3})", Answer.YES),
    (r"ryzen [3579] (pro )?3\d{3}", Answer.YES),
    (r"ryzen [357] (pro )?2[3567]00[xe]?\b(?!u)", Answer.YES),
    (r"ryzen [3579] (pro )?(1\d{3}|2\d{3})", Answer.NO),
    (r"athlon.*(3000g|3[01]\d0g|3050|3150|gold|silver)", Answer.YES),
    (
        r"athlon\W*(tm)?\W*(ii|64|x[24]|200ge|2[24]0ge)|phenom|sempron|turion|\b[ae]\d{1,2}-\d{4}|\bfx\W*(tm)?-?\d{4}",
        Answer.NO,
    ),
)
"""A pattern of the processor's own name, and whether its family is listed. The first that matches speaks."""


def windows_11(processor: str, memory_bytes: int | None, largest_drive: int | None, told: Fitted) -> Verdict:
    """Weigh the five requirements. A security chip that is not shown may be off in the firmware: not known, never no."""
    terms = {
        "processor": processor_listed(processor),
        "memory": _at_least(memory_bytes, round(LEAST_MEMORY * _HARDWARE_KEEPS)),
        "drive": _at_least(largest_drive, LEAST_DRIVE * 9 // 10),
        "tpm": {2: Answer.YES, 1: Answer.NO}.get(told.tpm or 0, Answer.UNKNOWN),
        "firmware": Answer.YES if told.uefi else Answer.UNKNOWN,
    }
    said = set(terms.values())
    answer = Answer.NO if Answer.NO in said else Answer.UNKNOWN if Answer.UNKNOWN in said else Answer.YES
    return Verdict(answer, terms)


def processor_listed(name: str) -> Answer:
    """Whether the processor's family is listed; not known when no pattern matches."""
    plain = re.sub(r"\((r|tm|c)\)", "", name.casefold())
    return next((answer for pattern, answer in FAMILIES if re.search(pattern, plain)), Answer.UNKNOWN)


def _at_least(value: int | None, least: int) -> Answer:
    if value is None:
        return Answer.UNKNOWN
    return Answer.YES if value >= least else Answer.NO
