"""What is said to families and associations, in each language: a subject, and one sentence that fits in one text.

`{when}`, `{day}`, `{where}` and `{phone}` are filled short in a text and in full on paper and by mail. A translation names
who reviewed it and when; where nobody has, the paper says so and the French stands beneath it.
"""

from __future__ import annotations

from ordi.sharing.telling import Telling

LANGUAGES = ("fr", "en", "ar", "uk", "tr", "pt")
"""French is what was written; the others were translated from it."""
RIGHT_TO_LEFT = ("ar",)

NOT_REVIEWED = {
    "en": "Nobody has reviewed this translation yet. The French text prevails.",
    "ar": "لم يراجع أحد هذه الترجمة بعد. النص الفرنسي هو المعتمد.",
    "uk": "Цей переклад ще ніхто не перевірив. Чинним є французький текст.",
    "tr": "Bu çeviriyi henüz kimse gözden geçirmedi. Fransızca metin geçerlidir.",
    "pt": "Ninguém reviu ainda esta tradução. Vale o texto francês.",
}
REVIEWED_BY = {
    "en": "Translation reviewed by {name}, {day}.",
    "ar": "راجع الترجمة {name}، {day}.",
    "uk": "Переклад перевірено: {name}, {day}.",
    "tr": "Çeviriyi gözden geçiren: {name}, {day}.",
    "pt": "Tradução revista por {name}, {day}.",
}

PREVENTED_SHORT = {
    "fr": "Empêché ? {phone}",
    "en": "Cannot come? {phone}",
    "ar": "{phone}",
    "uk": "{phone}",
    "tr": "Gelemezseniz: {phone}",
    "pt": "Não pode vir? {phone}",
}
"""Closes every text about an appointment."""

PREVENTED = {
    "fr": "Empêché ? Appelez le {phone} : votre ordinateur vous attend.",
    "en": "You cannot come? Call {phone}: your computer is kept for you.",
    "ar": "لا تستطيعون المجيء؟ اتصلوا على {phone}: حاسوبكم محفوظ لكم.",
    "uk": "Не можете прийти? Телефонуйте {phone}: комп’ютер чекає на вас.",
    "tr": "Gelemiyor musunuz? {phone} numarasını arayın: bilgisayarınız sizi bekliyor.",
    "pt": "Não pode vir? Ligue para {phone}: o seu computador fica guardado.",
}
"""Closes every letter about an appointment."""

COUPON = {
    "fr": ("À renvoyer ou à dire", "Je garde l’ordinateur", "Je rends l’ordinateur", "Date et signature"),
    "en": ("Send back, or tell us", "I keep the computer", "I return the computer", "Date and signature"),
    "ar": ("أعيدوا هذا الجزء أو أخبرونا", "أحتفظ بالحاسوب", "أعيد الحاسوب", "التاريخ والتوقيع"),
    "uk": ("Надішліть або скажіть нам", "Я залишаю комп’ютер", "Я повертаю комп’ютер", "Дата й підпис"),
    "tr": ("Geri gönderin ya da söyleyin", "Bilgisayar bende kalsın", "Bilgisayarı geri veriyorum", "Tarih ve imza"),
    "pt": ("Devolver, ou dizer-nos", "Fico com o computador", "Devolvo o computador", "Data e assinatura"),
}
"""The part of a loan's letter that comes back."""

NEWS = {
    "fr": (
        "Si vous le gardez : l’ordinateur donne de ses nouvelles une fois par jour, son disque et sa batterie, jamais ce que vous en faites.",
        "oui",
        "non",
    ),
    "en": (
        "If you keep it: once a day the computer says how its disk and battery are, never what you do with it.",
        "yes",
        "no",
    ),
    "ar": (
        "إذا احتفظتم به: يخبر الحاسوب مرة في اليوم عن حالة قرصه وبطاريته، ولا يخبر أبداً بما تفعلون به.",
        "نعم",
        "لا",
    ),
    "uk": (
        "Якщо ви його залишаєте: раз на день комп’ютер повідомляє про стан диска й батареї, ніколи про те, що ви робите.",
        "так",
        "ні",
    ),
    "tr": (
        "Sizde kalırsa: bilgisayar günde bir kez diskinin ve pilinin durumunu bildirir, ne yaptığınızı asla.",
        "evet",
        "hayır",
    ),
    "pt": (
        "Se ficar com ele: uma vez por dia o computador diz como estão o disco e a bateria, nunca o que faz com ele.",
        "sim",
        "não",
    ),
}
"""The second question of the coupon: asked anew of who keeps the computer."""

Said = dict[str, tuple[str, str]]

TELLINGS: dict[Telling, Said] = {
    Telling.BOOKED: {
        "fr": ("Votre rendez-vous", "Votre ordinateur vous attend {when}, {where}."),
        "en": ("Your appointment", "Your computer is ready for you {when}, {where}."),
        "ar": ("موعدكم", "موعد حاسوبكم {when}، {where}."),
        "uk": ("Ваша зустріч", "Ваш комп’ютер: {when}, {where}."),
        "tr": ("Randevunuz", "Bilgisayarınız sizi bekliyor: {when}, {where}."),
        "pt": ("O seu encontro", "O seu computador espera por si {when}, {where}."),
    },
    Telling.MOVED: {
        "fr": ("Votre rendez-vous change", "Votre rendez-vous change : {when}, {where}."),
        "en": ("Your appointment has moved", "Your appointment has moved: {when}, {where}."),
        "ar": ("تغيّر موعدكم", "موعد جديد لحاسوبكم {when}، {where}."),
        "uk": ("Зустріч перенесено", "Нова зустріч: {when}, {where}."),
        "tr": ("Randevunuz değişti", "Randevunuz değişti: {when}, {where}."),
        "pt": ("O seu encontro mudou", "O seu encontro mudou: {when}, {where}."),
    },
    Telling.CANCELLED: {
        "fr": ("Rendez-vous annulé", "Le rendez-vous du {when} est annulé. Pour un autre : {phone}"),
        "en": ("Appointment cancelled", "The appointment of {when} is cancelled. For another: {phone}"),
        "ar": ("أُلغي الموعد", "أُلغي موعد {when}. لموعد آخر: {phone}"),
        "uk": ("Зустріч скасовано", "Зустріч {when} скасовано. Тел. {phone}"),
        "tr": ("Randevu iptal", "{when} randevusu iptal edildi. Yeni randevu: {phone}"),
        "pt": ("Encontro anulado", "O encontro de {when} foi anulado. Para outro: {phone}"),
    },
    Telling.REMINDER: {
        "fr": ("Rappel de rendez-vous", "Rappel : votre ordinateur vous attend {when}, {where}."),
        "en": ("Reminder", "Reminder: your computer is ready for you {when}, {where}."),
        "ar": ("تذكير بالموعد", "تذكير: حاسوبكم {when}، {where}."),
        "uk": ("Нагадування", "Нагадуємо: {when}, {where}."),
        "tr": ("Hatırlatma", "Hatırlatma: bilgisayarınız sizi bekliyor, {when}, {where}."),
        "pt": ("Lembrete", "Lembrete: o seu computador espera por si {when}, {where}."),
    },
    Telling.MISSED: {
        "fr": (
            "Un autre rendez-vous",
            "Nous vous avons attendu. Autre rendez-vous : {when}, {where}.",
        ),
        "en": ("Another appointment", "We waited for you. Another appointment: {when}, {where}."),
        "ar": ("موعد آخر", "انتظرناكم. موعد آخر {when}، {where}."),
        "uk": ("Інша зустріч", "Ми чекали. Інша дата: {when}, {where}."),
        "tr": ("Yeni randevu", "Sizi bekledik. Yeni randevu: {when}, {where}."),
        "pt": ("Outro encontro", "Esperámos por si. Outro encontro: {when}, {where}."),
    },
    Telling.MISSED_AGAIN: {
        "fr": ("Votre ordinateur vous attend", "Nous vous avons attendu. L’ordinateur reste gardé. Appelez le {phone}"),
        "en": ("Your computer is kept", "We waited for you. The computer is still kept for you. Call {phone}"),
        "ar": ("حاسوبكم محفوظ", "انتظرناكم. حاسوبكم محفوظ. اتصلوا: {phone}"),
        "uk": ("Комп’ютер чекає", "Ми чекали. Комп’ютер збережено. Тел. {phone}"),
        "tr": ("Bilgisayarınız bekliyor", "Sizi bekledik. Bilgisayarınız ayrılmış duruyor. Arayın: {phone}"),
        "pt": ("O computador espera", "Esperámos por si. O computador continua guardado. Ligue: {phone}"),
    },
    Telling.NO_ANSWER: {
        "fr": (
            "Un ordinateur est gardé pour vous",
            "Un ordinateur est gardé pour vous. Sans nouvelles, il ira à d’autres ; votre place reste. Appelez le {phone}",
        ),
        "en": (
            "A computer is kept for you",
            "A computer is kept for you. Without news it goes to others; you keep your place. Call {phone}",
        ),
        "ar": ("حاسوب محفوظ لكم", "حاسوبكم محفوظ. ننتظر جوابكم: {phone}"),
        "uk": ("Комп’ютер чекає на вас", "Комп’ютер чекає. Дайте відповідь: {phone}"),
        "tr": (
            "Bilgisayarınız ayrıldı",
            "Sizin için bir bilgisayar ayrıldı. Haber vermezseniz başkasına gider; sıranız kalır. Arayın: {phone}",
        ),
        "pt": (
            "Há um computador para si",
            "Há um computador guardado para si. Sem notícias, vai para outros; o seu lugar fica. Ligue: {phone}",
        ),
    },
    Telling.LOAN_ENDS: {
        "fr": (
            "Votre prêt se termine",
            "Le prêt de votre ordinateur finit le {day}. Le garder ou le rendre ? Dites-le au {phone}",
        ),
        "en": ("Your loan ends", "The loan of your computer ends on {day}. Keep it or return it? Tell us: {phone}"),
        "ar": ("تنتهي إعارتكم", "الإعارة تنتهي {day}. الاحتفاظ أم الإعادة؟ {phone}"),
        "uk": ("Позика закінчується", "Позика до {day}. Залишаєте чи повертаєте? {phone}"),
        "tr": (
            "Ödünç süreniz bitiyor",
            "Bilgisayarın ödünç süresi {day} günü bitiyor. Sizde kalsın mı, iade mi? Arayın: {phone}",
        ),
        "pt": (
            "O empréstimo acaba",
            "O empréstimo do computador acaba a {day}. Fica com ele ou devolve? Diga: {phone}",
        ),
    },
    Telling.LOAN_REMINDER: {
        "fr": (
            "Votre réponse, s’il vous plaît",
            "Nous attendons votre réponse : le prêt de l’ordinateur finit le {day}.",
        ),
        "en": ("Your answer, please", "We are waiting for your answer: the computer’s loan ends on {day}."),
        "ar": ("ننتظر جوابكم", "ننتظر جوابكم: الإعارة تنتهي {day}."),
        "uk": ("Чекаємо на відповідь", "Чекаємо відповіді. Позика до {day}."),
        "tr": ("Cevabınızı bekliyoruz", "Cevabınızı bekliyoruz: ödünç süresi {day} günü bitiyor."),
        "pt": ("Esperamos a sua resposta", "Esperamos a sua resposta: o empréstimo acaba a {day}."),
    },
    Telling.LOAN_KEPT: {
        "fr": (
            "L’ordinateur est à vous",
            "Sans réponse de votre part, l’ordinateur est maintenant à vous. Questions : {phone}",
        ),
        "en": ("The computer is yours", "As you did not answer, the computer is now yours. Questions: {phone}"),
        "ar": ("الحاسوب صار لكم", "لم تجيبوا: الحاسوب صار لكم. {phone}"),
        "uk": ("Комп’ютер ваш", "Комп’ютер тепер ваш. Тел. {phone}"),
        "tr": ("Bilgisayar sizin", "Cevap vermediniz: bilgisayar artık sizin. Sorularınız için: {phone}"),
        "pt": ("O computador é seu", "Sem resposta sua, o computador é agora seu. Perguntas: {phone}"),
    },
    Telling.LOAN_RETURN: {
        "fr": (
            "L’ordinateur est à rendre",
            "Le prêt est fini : merci de rapporter l’ordinateur. Pour convenir d’un jour : {phone}",
        ),
        "en": (
            "Please return the computer",
            "The loan is over: please bring the computer back. To agree on a day: {phone}",
        ),
        "ar": ("يرجى إعادة الحاسوب", "انتهت الإعارة: أعيدوا الحاسوب. {phone}"),
        "uk": ("Просимо повернути", "Позику завершено. Поверніть комп’ютер. {phone}"),
        "tr": (
            "Bilgisayarı getirin",
            "Ödünç süresi bitti: lütfen bilgisayarı getirin. Gün kararlaştırmak için: {phone}",
        ),
        "pt": (
            "Devolva o computador",
            "O empréstimo acabou: traga o computador, por favor. Para marcar o dia: {phone}",
        ),
    },
    Telling.REPAIRED: {
        "fr": (
            "Votre ordinateur est réparé",
            "Votre ordinateur est réparé, avec vos fichiers. Venez le chercher : {where}. {phone}",
        ),
        "en": (
            "Your computer is repaired",
            "Your computer is repaired, your files are in it. Come and fetch it: {where}. {phone}",
        ),
        "ar": ("تم إصلاح حاسوبكم", "تم إصلاح حاسوبكم. {where}. {phone}"),
        "uk": ("Комп’ютер полагоджено", "Комп’ютер полагоджено. {where}. Тел. {phone}"),
        "tr": (
            "Bilgisayarınız onarıldı",
            "Bilgisayarınız onarıldı, dosyalarınız duruyor. Gelip alın: {where}. {phone}",
        ),
        "pt": (
            "O computador está reparado",
            "O seu computador está reparado, com os ficheiros. Venha buscá-lo: {where}. {phone}",
        ),
    },
    Telling.TRAINING_MEETING: {
        "fr": (
            "Des ateliers près de chez vous",
            "Vos ateliers informatiques commencent par une réunion : {when}, {where}. Questions : {phone}",
        ),
        "en": (
            "Computer classes near you",
            "Your computer classes begin with a meeting: {when}, {where}. Questions: {phone}",
        ),
        "ar": ("ورشات قريبة منكم", "لقاء الورشات: {when}، {where}. {phone}"),
        "uk": ("Курси поруч із вами", "Зустріч про курси: {when}, {where}. {phone}"),
        "tr": (
            "Yakınınızda bilgisayar kursu",
            "Bilgisayar kursunuz bir toplantı ile başlıyor: {when}, {where}. Sorularınız için: {phone}",
        ),
        "pt": (
            "Oficinas perto de si",
            "As suas oficinas de informática começam por uma reunião: {when}, {where}. Perguntas: {phone}",
        ),
    },
    Telling.TRAINING_BEGINS: {
        "fr": (
            "Invitation aux ateliers",
            "Vos ateliers informatiques commencent : {when}, {where}. Empêché ? {phone}",
        ),
        "en": ("Invitation to the classes", "Your computer classes begin: {when}, {where}. Cannot come? {phone}"),
        "ar": ("دعوة إلى الورشات", "تبدأ الورشات: {when}، {where}. {phone}"),
        "uk": ("Запрошення на курси", "Початок курсів: {when}, {where}. {phone}"),
        "tr": ("Kursa davet", "Bilgisayar kursunuz başlıyor: {when}, {where}. Gelemezseniz: {phone}"),
        "pt": (
            "Convite para as oficinas",
            "As suas oficinas de informática começam: {when}, {where}. Não pode vir? {phone}",
        ),
    },
}
"""Every telling in every language."""

DAYS = {
    "fr": "Les séances",
    "en": "The sessions",
    "ar": "الجلسات",
    "uk": "Заняття",
    "tr": "Dersler",
    "pt": "As sessões",
}
"""What stands before the days of a group, on paper and by mail."""

NUMBER = {
    "fr": "Votre numéro",
    "en": "Your number",
    "ar": "رقمكم",
    "uk": "Ваш номер",
    "tr": "Numaranız",
    "pt": "O seu número",
}
"""What stands before the number that is read at the door."""
