"""What a family takes home, in short and in its language. The French text of the contract prevails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from ordi.sharing.rules import Contract
from web.messages.telling_words import LANGUAGES, RIGHT_TO_LEFT
from web.papers.receipt_pdf import Summary

TITLES = {"fr": "En bref", "en": "In short", "ar": "باختصار", "uk": "Коротко", "tr": "Kısaca", "pt": "Em resumo"}

KINDS: dict[str, dict[str, str]] = {
    Contract.LOAN: {
        "fr": "Cet ordinateur vous est prêté, gratuitement, jusqu’au {day}. Avant la fin, nous vous demanderons si vous le gardez ou le rendez.",
        "en": "This computer is lent to you, free of charge, until {day}. Before the end we will ask whether you keep it or return it.",
        "ar": "هذا الحاسوب معار لكم مجانًا حتى {day}. قبل النهاية نسألكم إن كنتم تحتفظون به أو تعيدونه.",
        "uk": "Цей комп’ютер надано вам у безкоштовну позику до {day}. Перед завершенням ми запитаємо, чи залишаєте ви його, чи повертаєте.",
        "tr": "Bu bilgisayar size {day} tarihine kadar ücretsiz ödünç verilmiştir. Süre bitmeden sizde kalıp kalmayacağını soracağız.",
        "pt": "Este computador é-lhe emprestado, de graça, até {day}. Antes do fim perguntaremos se fica com ele ou o devolve.",
    },
    Contract.GIFT: {
        "fr": "Cet ordinateur est à vous. C’est gratuit.",
        "en": "This computer is yours. It is free of charge.",
        "ar": "هذا الحاسوب لكم. إنه مجاني.",
        "uk": "Цей комп’ютер ваш. Це безкоштовно.",
        "tr": "Bu bilgisayar sizin. Ücretsizdir.",
        "pt": "Este computador é seu. É gratuito.",
    },
    Contract.SALE: {
        "fr": "Cet ordinateur est à vous. Son prix est de {price}, et rien de plus.",
        "en": "This computer is yours. Its price is {price}, and nothing more.",
        "ar": "هذا الحاسوب لكم. ثمنه {price} ولا شيء أكثر.",
        "uk": "Цей комп’ютер ваш. Його ціна {price}, і більше нічого.",
        "tr": "Bu bilgisayar sizin. Fiyatı {price}, başka ücret yoktur.",
        "pt": "Este computador é seu. O preço é {price}, e nada mais.",
    },
}

TO_RETURN = {
    "fr": "Cet ordinateur vous est prêté, gratuitement, jusqu’au {day}. Ce jour-là vous le rendez à l’atelier ; nous vous écrirons avant.",
    "en": "This computer is lent to you, free of charge, until {day}. On that day you return it to the workshop; we will write to you before.",
    "ar": "هذا الحاسوب معار لكم مجانًا حتى {day}. في ذلك اليوم تعيدونه إلى الورشة، وسنكتب إليكم قبل ذلك.",
    "uk": "Цей комп’ютер надано вам у безкоштовну позику до {day}. Того дня ви повертаєте його до майстерні; ми напишемо вам заздалегідь.",
    "tr": "Bu bilgisayar size {day} tarihine kadar ücretsiz ödünç verilmiştir. O gün atölyeye geri verirsiniz; öncesinde size yazacağız.",
    "pt": "Este computador é-lhe emprestado, de graça, até {day}. Nesse dia devolve-o à oficina; antes disso escrevemos-lhe.",
}
"""A loan that ends with a return, whatever the family would like."""

AND_THEN = {
    "fr": "En panne ? Appelez le {phone}. L’atelier répare ou échange, c’est gratuit. L’ordinateur donne de ses nouvelles seulement si vous avez dit oui ; vous pouvez l’arrêter quand vous voulez.",
    "en": "Does it break down? Call {phone}. The workshop repairs or exchanges it, free of charge. The computer reports on its health only if you said yes; you can stop it at any time.",
    "ar": "إذا تعطل اتصلوا على {phone}. الورشة تصلحه أو تستبدله مجانًا. لا يرسل الحاسوب أخباره إلا إذا قلتم نعم، ويمكنكم إيقاف ذلك متى شئتم.",
    "uk": "Зламався? Телефонуйте {phone}. Майстерня полагодить або замінить, безкоштовно. Комп’ютер повідомляє про свій стан, лише якщо ви погодилися; зупинити це можна будь-коли.",
    "tr": "Arızalanırsa {phone} numarasını arayın. Atölye ücretsiz onarır ya da değiştirir. Bilgisayar yalnızca siz evet dediyseniz durumunu bildirir; istediğiniz zaman durdurabilirsiniz.",
    "pt": "Avariou-se? Ligue para {phone}. A oficina repara ou troca, de graça. O computador só dá notícias se disse que sim; pode pará-lo quando quiser.",
}


def summary(
    language: str,
    contract: str,
    phone: str,
    until: date | None,
    price: str,
    *,
    may_keep: bool,
    reviews: Mapping[str, str],
) -> Summary:
    """The contract in short; French for a language that nobody translated into.

    `may_keep`: a loan's family may say it keeps it. `reviews`: who answers for each translation, in its language.
    """
    spoken = language if language in LANGUAGES else "fr"
    day = format_date(until, "long", locale=spoken) if until else ""
    texts = TO_RETURN if contract == Contract.LOAN and not may_keep else KINDS[contract]
    kind = texts[spoken].format(day=day, price=price)
    number = phone.replace(
        " ", "\u00a0"
    )  # kept together: between letters that run leftwards its parts would change places
    said = f"{kind} {AND_THEN[spoken].format(phone=number)}".replace("..", ".")
    return Summary(spoken, TITLES[spoken], said, spoken in RIGHT_TO_LEFT, reviews.get(spoken, ""))
