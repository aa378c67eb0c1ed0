"""The wipe certificate: one sealed PDF per computer, with all its drives and their signed records.

It prints nothing that is not signed. Each drive comes as its payload and the compact JWS of that payload
(typ `ordi-certificate/1`, made by `ordi.bench.certificates`); the JWS of all drives are attached as one file,
`certificate.jws`, a token a line. Payload of one drive:

typ, code (128 random bits in base 32), issued
organisation   name, siret?
workshop       name, commune
machine        tag, manufacturer, model, serial
drive          model, serial, serial_source, wwn?, firmware?, medium, bytes, logical_sector, physical_sector,
               transport; may add manufacturer?, hidden_areas? (HPA, DCO)
sanitisation   uuid, job?, session?, technique, level (none, clear, purge, destroy), commands, started_at?,
               ended_at?, bytes_written, bytes_read, mismatches (bytes), skipped ([offset, bytes] each),
               errors ({offset, errno} each), chunk_root?, raw_status, agent?, image_sha256?,
               smart_before_sha256?, smart_after_sha256?, verdict (PASS, FAIL, UNKNOWN, UNHANDLED), reasons,
               assurance (declared, executed, counter_checked, audited), key_published? (base64url of K);
               may add judged_at?, report_sha256?
log?           leaf (hash of the event that judged the wipe), index? (its place in the public log, once sealed)
wiper?         op_code, role?, at
verifier?      op_code, role?, at; may add sectors, matched
may add auditor?      op_code, role?, at, chunks (read over the whole drive)
annulled_by?   the code of the certificate that replaces it
test, demonstration   either stamps every page
limits         the sentence of limits
may add destination?  reuse, recycling, destruction, removed, returned
may add destruction   method, cause, photo_sha256: then verdict is DESTROYED, and nothing was erased

A question mark: null when not known, and then printed as "not recorded".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ordi.canonical import canonical
from ordi.keys import PdfKey
from ordi.signatures import from_b64url
from web.papers.certificate_words import LIMITS, VERDICTS, WORDS
from web.papers.ink import page, style
from web.papers.pdf import ARCHIVAL, render
from web.papers.qr import picture

ATTACHED = "certificate.jws"
ASSURANCES = ("declared", "executed", "counter_checked", "audited")
_MAY_LACK: dict[str, dict[str, Any]] = {
    "drive": {"manufacturer": None, "hidden_areas": None},
    "sanitisation": {
        "judged_at": None,
        "report_sha256": None,
        "bench_key": None,
        "firmware": None,
        "prepared": None,
        "areas": None,
        "smart_before": None,
        "smart_after": None,
    },
}
_TONES = {"PASS": "ok", "UNKNOWN": "warn", "FAIL": "stop", "UNHANDLED": "stop", "DESTROYED": "end"}


def certificate_pdf(
    certificates: Sequence[tuple[dict[str, Any], str]],
    pdf_key: PdfKey,
    *,
    public_url: str,
    at: datetime,
    lang: str = "fr",
) -> bytes:
    """The sealed certificate of one computer from its (payload, JWS) pairs; `public_url` is the site's address.

    Each QR says `HTTPS://HOST/C/<code>/<SHA-256 of the JWS>` in upper case, for a small symbol.
    """
    from web.papers.sealed import sign_pdf  # here, not above: see pdf.render

    words = WORDS[lang]
    html = certificate_page(certificates, public_url=public_url, lang=lang)
    tokens = "".join(f"{token}\n" for _, token in certificates).encode()
    pdf = render(html, style(), [(ATTACHED, tokens, "application/jose")], at=at, variant=ARCHIVAL)
    return sign_pdf(pdf, pdf_key, words["seal_reason"], at)


def certificate_page(certificates: Sequence[tuple[dict[str, Any], str]], *, public_url: str, lang: str = "fr") -> str:
    """The page before it becomes a PDF."""
    certificates = [(_complete(payload), token) for payload, token in certificates]
    payloads = [payload for payload, _ in certificates]
    if len({payload["machine"]["tag"] for payload in payloads}) != 1:
        raise ValueError("a certificate is of one computer")
    words = WORDS[lang]
    verdicts = {payload["sanitisation"]["verdict"] for payload in payloads}
    titles = {frozenset({"PASS"}): "title", frozenset({"DESTROYED"}): "title_destroyed"}
    return page(
        "certificate.html",
        t=words,
        lang=lang,
        title=words[
            titles.get(frozenset(verdicts), "title_mixed" if verdicts <= {"PASS", "DESTROYED"} else "title_unproven")
        ],
        description=words["description"],
        organisation=payloads[0]["organisation"]["name"],
        stamp=_stamp(payloads, words),
        first=payloads[0],
        drives=[_drive(payload, token, public_url, lang) for payload, token in certificates],
        steps=ASSURANCES,
        sentence=LIMITS,
        other_limits=sorted({p["limits"] for p in payloads} - {LIMITS, words["limits"]}),
    )


def qr_text(public_url: str, code: str, token: str) -> str:
    """What the square on a certificate says: where to look, and the fingerprint of what must be found there."""
    return f"{public_url.rstrip('/')}/C/{code}/{hashlib.sha256(token.encode()).hexdigest()}".upper()


def _stamp(payloads: list[dict[str, Any]], words: dict[str, Any]) -> str | None:
    if any(payload["demonstration"] or payload["test"] for payload in payloads):
        return str(words["stamp"])
    if any(payload["annulled_by"] for payload in payloads):
        return str(words["stamp_annulled"])
    return None


def _complete(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with what it may leave out, as null."""
    parts = {name: _MAY_LACK[name] | payload[name] for name in ("drive", "sanitisation")}
    verifier = payload["verifier"] and {"sectors": None, "matched": None} | payload["verifier"]
    return (
        {"destination": None, "auditor": None, "destruction": None, "log": None}
        | payload
        | parts
        | {"verifier": verifier}
    )


def _reason(code: str, words: dict[str, Any]) -> str:
    """A reason in words; a refusal keeps what the bench said, an unknown code stays a code."""
    known = words["reasons"]
    if code.startswith("refused:"):
        return f"{known['refused']} ({code.removeprefix('refused:')})."
    return str(known.get(code, code))


def _drive(payload: dict[str, Any], token: str, public_url: str, lang: str) -> dict[str, Any]:
    """One drive as the page shows it."""
    done = payload["sanitisation"]
    verdict = done["verdict"]
    assurance = done["assurance"]
    return {
        "payload": payload,
        "word": VERDICTS[lang].get(verdict, verdict),
        "tone": _TONES.get(verdict, "stop"),
        "reached": ASSURANCES.index(assurance) + 1 if assurance in ASSURANCES else 0,
        "picture": picture(qr_text(public_url, payload["code"], token)),
        "url": f"{public_url.rstrip('/')}/c/{payload['code']}",
        "sha256": hashlib.sha256(token.encode()).hexdigest(),
        "raw_status": canonical(done["raw_status"]) if done["raw_status"] is not None else None,
        "firmware": canonical(done["firmware"]) if done["firmware"] is not None else None,
        "prepared": canonical(done["prepared"]) if done["prepared"] else None,
        "areas": _areas(done["areas"], WORDS[lang]),
        "hidden": _hidden(payload["drive"]["hidden_areas"], WORDS[lang]),
        "smart": [_smart(done[name]) for name in ("smart_before", "smart_after")],
        "skipped": ", ".join(f"{length} @ {offset}" for offset, length in done["skipped"]),
        "errors": ", ".join(f"errno {error['errno']} @ {error['offset']}" for error in done["errors"]),
        "reasons": [_reason(code, WORDS[lang]) for code in done["reasons"]],
        "recheck": recheck(done["key_published"], payload["drive"]["bytes"]),
    }


def _hidden(areas: Any, words: dict[str, Any]) -> str | None:
    """What the inventory said of hidden areas: sectors of 512 bytes that the host sees, and that there are."""
    if not isinstance(areas, dict):
        return areas if isinstance(areas, str) else None
    whole = max(areas["native"], areas["real"] or 0)
    gone = whole - areas["visible"]
    told: str = words["hidden_some"].format(sectors=gone, whole=whole) if gone > 0 else words["hidden_none"]
    return told


def _areas(areas: list[dict[str, Any]] | None, words: dict[str, Any]) -> str:
    """What became of the areas of an eMMC beside the drive that is seen."""
    return " ; ".join(words["area_kept" if area["why"] else "area_erased"].format(**area) for area in areas or ())


def _smart(counters: dict[str, int] | None) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in sorted(counters.items())) if counters else None


def recheck(key: str | None, size: int) -> str | None:
    """The one line with which whoever holds the drive repeats the check."""
    if key is None:
        return None
    return (
        f"openssl enc -aes-256-ctr -K {from_b64url(key).hex()} -iv {'0' * 32} -nosalt -in /dev/zero"
        f" | cmp -n {size} - /dev/sdX"
    )
