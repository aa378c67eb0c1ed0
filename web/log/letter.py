"""The message that carries a head out of the server: to keep, not to act on. It names nobody."""

from __future__ import annotations

from datetime import datetime

from ordi.log.heads import LogHead
from ordi.log.readers import CONFIRMED_WITHIN, PARIS
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


_CODE = """\
Bonjour,

Quelqu’un d’Ordi ({base_url}) a inscrit cette adresse pour recevoir l’empreinte signée de notre journal public : un message
par jour au plus, à garder, sans aucune donnée personnelle.

Si vous le voulez bien, confirmez-le ici, avant le {until} :

  {base_url}/heads?code={code}

Si vous n’avez rien demandé, ne faites rien : rien d’autre ne vous sera envoyé.

Ordi
"""


def code_letter(code: str, settings: Settings, *, at: datetime) -> tuple[str, str]:
    """Subject and text of the message by which an address is confirmed."""
    until = f"{(at + CONFIRMED_WITHIN).astimezone(PARIS):%d/%m/%Y}"
    return "Recevoir les empreintes du journal d’Ordi ?", _CODE.format(
        base_url=settings.base_url, until=until, code=code
    )


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
