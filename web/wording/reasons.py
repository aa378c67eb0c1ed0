"""Why, in words: the reasons that verbs and judgements give as codes. Rooms add theirs with `learn`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from web.wording.words import Words, said

REASONS: dict[str, str] = {
    "drive_sighted": _l("un disque jamais vu a été trouvé dedans"),
    "drive_named": _l("un fichier nomme un disque que personne n’a vu dedans"),
    "merged": _l("deux fiches sont réunies"),
    "drive_elsewhere": _l("un de ses disques est ailleurs"),
    "counter_check_failed": _l("le second contrôle a échoué"),
    "too-old": _l("trop vieux"),
    "too_old": _l("trop vieux"),
    "broken": _l("en panne"),
    "incomplete": _l("incomplet"),
    "not-there": _l("il n’était pas là"),
    "missing": _l("il manque"),
    "donor": _l("à la demande du donateur"),
    "household": _l("à la demande du foyer"),
    "given-up": _l("l’ordinateur s’est éteint"),
    "before-start": _l("arrêté avant de commencer"),
}


def learn(reasons: Words) -> None:
    """Add the reasons of a room."""
    REASONS.update(reasons)


def reason(code: str) -> str:
    """A reason in words; one or several codes, separated by spaces; free text stays as written."""
    if code in REASONS:
        return said(REASONS, code)
    parts = code.split()
    if len(parts) > 1 and all(part in REASONS for part in parts):
        return ", ".join(said(REASONS, part) for part in parts)
    return code
