"""The words of consent: read aloud before a request or a signature, printed on what is signed at home."""

from __future__ import annotations

CONSENT: dict[str, str] = {
    "fr": "Ordi garde votre nom et votre besoin, jusqu’à deux ans après. Vous pouvez dire stop quand vous voulez. Êtes-vous d’accord ?",
    "en": "Ordi keeps your name and your need, up to two years after. You can say stop at any time. Do you agree?",
    "ar": "يحتفظ «أوردي» باسمك وحاجتك حتى سنتين بعد ذلك. يمكنك أن تقول توقف متى شئت. هل أنت موافق؟",
    "uk": "Ordi зберігає ваше ім’я та вашу потребу до двох років після цього. Ви можете сказати «стоп» будь-коли. Ви згодні?",
    "tr": "Ordi adınızı ve ihtiyacınızı en fazla iki yıl saklar. İstediğiniz zaman durdurabilirsiniz. Kabul ediyor musunuz?",
    "pt": "A Ordi guarda o seu nome e a sua necessidade, até dois anos depois. Pode dizer stop quando quiser. Está de acordo?",
}
"""The text of version 2026-1, read aloud; beside each translation stands who answers for it (`web.messages.answering`)."""
