"""The catalogues: French is in the source, English in `translations/en/…/messages.po`; `.mo` files are compiled, not kept.

python -m web.translating extract    gather what is said into a template, and bring the English catalogue up to it
python -m web.translating compile    make what the application reads
python -m web.translating missing    what English still lacks
"""

from __future__ import annotations

import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
TRANSLATIONS = HERE / "translations"
LANGUAGES = ("en",)
METHODS = [
    ("static/**", "ignore"),
    ("translations/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**.html", "jinja2"),
]
OPTIONS = {"**/templates/**.html": {"silent": "false"}, "**.html": {"silent": "false"}}
KEYWORDS: dict[str, tuple[int | tuple[int, int] | tuple[int, str], ...] | tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
_TAG = re.compile(r"%\((\w+)\)s")


def gathered() -> Catalog:
    """Every sentence of the face, with where it is said."""
    catalog = Catalog(project="Ordi", charset="utf-8", fuzzy=False)
    for file, line, message, comments, context in extract_from_dir(
        HERE, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("i18n:",), strip_comment_tags=True
    ):
        catalog.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return catalog


def catalogue(language: str) -> Catalog:
    """What a language says now."""
    with _po(language).open("rb") as opened:
        return read_po(opened, locale=language)


def extract() -> None:
    """Bring each language's catalogue up to what is said; what is no longer said is dropped."""
    template = gathered()
    for language in LANGUAGES:
        path = _po(language)
        if path.exists():
            known = catalogue(language)
            known.update(template, no_fuzzy_matching=True)
            known.obsolete.clear()
        else:
            known = Catalog(locale=language, project="Ordi", charset="utf-8", fuzzy=False)
            known.update(template)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_text(known))


def compile_all() -> None:
    """Make the `.mo` of each language."""
    for language in LANGUAGES:
        made = BytesIO()
        write_mo(made, catalogue(language))
        _po(language).with_suffix(".mo").write_bytes(made.getvalue())


def missing(language: str) -> list[str]:
    """What is said in French and not yet in `language`, or whose translation lost one of its facts."""
    known = catalogue(language)
    found = []
    for message in gathered():
        if message.id:
            there = known.get(message.id, message.context)
            if there is None or not _whole(there):
                found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def _whole(message: Message) -> bool:
    said = _forms(message.string)
    asked = _forms(message.id)
    facts = set(_TAG.findall(asked[-1]))
    return all(said) and all(set(_TAG.findall(one)) <= facts for one in said) and set(_TAG.findall(said[-1])) == facts


def _forms(text: object) -> list[str]:
    """One sentence, or its singular and plural."""
    return [str(one or "") for one in text] if isinstance(text, tuple | list) else [str(text or "")]


def _text(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalog, width=110, sort_output=True, no_location=True, omit_header=False)
    # The date of a run is not news: without it the same sentences make the same file.
    return re.sub(rb'"(POT-Creation|PO-Revision)-Date: [^"]*"\n', b"", written.getvalue())


def _po(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def main(words: list[str]) -> int:
    """What the command line asks."""
    match words:
        case ["extract"]:
            extract()
        case ["compile"]:
            compile_all()
        case ["missing"]:
            for language in LANGUAGES:
                for sentence in missing(language):
                    sys.stdout.write(f"{language}: {sentence}\n")
        case _:
            sys.stderr.write(__doc__ or "")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
