"""A few places of the directory. All invented; they come through the same file that a pole would send."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.parties.directory import take
from ordi.parties.people import Person
from ordi.parties.place_file import read_places

_HEADS = (
    "id,pivot,nom,commune,code_postal,adresse,telephone,courriels,horaires,frais_a_charge,prise_rdv,services,date_maj"
)
_HELP = "Aide aux démarches administratives|Maîtrise des outils numériques du quotidien"
_GEAR = "Accès internet et matériel informatique|Acquisition de matériel informatique à prix solidaire"
_PLACES = (
    f"demo-1,00000000100008,CCAS de Planoise,Besançon,25000,1 place de l’Exemple,01 99 00 20 01,,Mo-Fr 09:00-12:00,Gratuit,,{_HELP}",
    f"demo-2,,Médiathèque Les Tilleuls,Besançon,25000,3 rue de l’Exemple,01 99 00 20 02,,Tu-Sa 10:00-18:00,Gratuit,,{_HELP}|Loisirs et créations numériques",
    f"demo-3,,Espace numérique Saint-Ferjeux,Besançon,25000,9 rue de l’Exemple,01 99 00 20 03,bonjour@example.org,,Gratuit sous condition,,{_GEAR}",
    f"demo-4,,Centre social de Kérourien,Brest,29200,2 rue de l’Exemple,01 99 00 20 04,,Mo-Fr 14:00-18:00,Gratuit,,{_HELP}",
    f"demo-5,,Bus numérique du Littoral,Landerlac,29990,Place du Marché,01 99 00 20 05,,,Gratuit,,{_HELP}|{_GEAR}",
    "demo-6,,Mission locale des Terrils,Lens,62300,5 rue de l’Exemple,01 99 00 20 06,,Mo-Fr 09:00-17:00,Gratuit,,Insertion professionnelle via le numérique",
    f"demo-7,,Repair café de la Fosse 11,Lens,62300,11 rue de l’Exemple,01 99 00 20 07,,Sa 14:00-17:00,Gratuit,,{_GEAR}",
)


def listed(session: Session, by: Person, *, at: datetime) -> None:
    """Fill the directory."""
    day = at.date().isoformat()
    take(session, read_places("\n".join([_HEADS, *(f"{one},{day}" for one in _PLACES)]).encode()), by=by, at=at)
