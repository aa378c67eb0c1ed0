"""The message that carries a head out of the server: to keep, not to act on. It names nobody."""

from __future__ import annotations

from datetime import datetime

from ordi.log.heads import LogHead
from ordi.log.readers import PARIS
from web.settings import Settings

_BODY = """\
Bonjour,

Voici l’empreinte signée du journal public d’Ordi ({base_url}), au {day}.

  Entrées   {size}
  Racine    {root}

Vous n’avez rien à faire, sinon garder ce message. Le journal ne fait que grandir : si quelqu’un y changeait ou en
retirait une ligne, même nous, il ne correspondrait plus à ce que vous gardez.

Pour vérifier, plus tard, que rien n’a été retiré (la pièce jointe, et notre programme libre) :

  ordi log verify {name}

Un message par jour au plus, et seulement si le journal a grandi. Il ne contient aucune donnée personnelle.
Pour ne plus le recevoir, dites-le à qui vous a inscrit{phone}.

Ordi
"""


def letter(head: LogHead, settings: Settings, *, at: datetime) -> tuple[str, str, tuple[str, bytes]]:
    """Subject, text, and the head itself as a file to keep."""
    day = f"{at.astimezone(PARIS):%d/%m/%Y}"
    name = f"ordi-journal-{head.size}.jws"
    body = _BODY.format(
        base_url=settings.base_url,
        day=day,
        size=head.size,
        root=head.root,
        name=name,
        phone=f", ou au {settings.phone}" if settings.phone else "",
    )
    return f"Journal public d’Ordi au {day} : {head.size} entrées", body, (name, f"{head.jws}\n".encode())
