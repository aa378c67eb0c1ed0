"""A few real communes around the demonstration's poles, and priority districts with codes of no real one; through the importer, as a network would."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.places.files import read_list
from ordi.places.importing import take

_COMMUNES = """#Code_commune_INSEE;Nom_de_la_commune;Code_postal
25056;Besançon;25000
25036;Avanne-Aveney;25720
25058;Beure;25720
25454;Pirey;25480
29019;Brest;29200
75112;Paris 12e Arrondissement;75012
75056;Paris;75012
2A004;Ajaccio;20000
2A004;Ajaccio;20090
97411;Saint-Denis;97400
97411;Saint-Denis;97417
62498;Lens;62300
62510;Liévin;62800
62861;Vimy;62580
"""
_DISTRICTS = """code_qp;lib_qp;insee_com
QP025900;Planoise;25056
QP025901;Montrapon;25056
QP029900;Kérourien;29019
QP062900;Cité de la Fosse 11;62498,62510
"""


def known_places(session: Session, *, at: datetime) -> None:
    """Bring both lists in."""
    for text in (_COMMUNES, _DISTRICTS):
        take(session, read_list(text.encode()), by=None, at=at)
