"""French typography: no line begins with a colon, a question mark or a closing guillemet.

Sentences in the source are written with ordinary spaces; what a reader gets has the ones that do not break. Rules: Lexique des
règles typographiques en usage à l'Imprimerie nationale. A no-break space everywhere, not the narrow one before `;`, `!` and `?`,
which the fonts of papers do not all have.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from babel.support import Translations
from flask_babel import Babel, Domain, get_locale

NO_BREAK = "\u00a0"
_BEFORE = re.compile(r" (?=[:;!?»€]|%%)")
_AFTER = re.compile(r"(?<=«) ")


@lru_cache(maxsize=8192)
def tight(text: str) -> str:
    """`text`, French, with spaces that do not break before `: ; ! ? » € %` and after `«`."""
    return _AFTER.sub(NO_BREAK, _BEFORE.sub(NO_BREAK, text))


class French(Translations):
    """French is in the source: its catalogue is its typography."""

    def ugettext(self, message: str) -> str:
        """The sentence itself, tight."""
        return tight(message)

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        """One below two, as French counts: « 0 ordinateur ». But nothing is never « une séance »: that says one in words."""
        return tight(singular if abs(num) == 1 or (abs(num) < 2 and "%(num)" in singular) else plural)


class Sentences(Domain):
    """The catalogues, French among them."""

    def __init__(self) -> None:
        super().__init__()
        self._french = French()

    def get_translations(self) -> Translations:
        """The catalogue of who reads."""
        locale = get_locale()
        return self._french if locale is None or locale.language == "fr" else super().get_translations()


class Tongues(Babel):
    """Flask-Babel with these catalogues."""

    @cached_property
    def domain_instance(self) -> Domain:
        """The sentences of the face."""
        return Sentences()
