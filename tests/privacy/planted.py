"""A word for every column that says something of a person, or why none can be sought in it. `ordi/privacy/columns.toml` has the columns."""

from __future__ import annotations

PLANTED = {
    ("households", "name_sealed"): "QzNameCanary",
    ("households", "phone_sealed"): "0699001122",
    ("households", "email_sealed"): "QzMail@canary.test",
    ("households", "address_sealed"): "QzAddressCanary",
    ("households", "language_sealed"): "QzLangCanary",
    ("request_notes", "text_sealed"): "QzNoteCanary",
    ("class_pupils", "name_sealed"): "QzChildCanary",
    ("visit_tickets", "words_sealed"): "QzVisitCanary",
}
"""A word in each column of a family."""

NOT_PLANTED = {
    ("households", "name_index"): "a keyed hash of a word that is planted",
    ("households", "phone_index"): "a keyed hash of a number that is planted",
    ("class_pupils", "name_index"): "a keyed hash of a word that is planted",
    ("consents", "language"): "two letters, in the clear: the contract is printed in it without opening the file",
    (
        "requests",
        "commune_code",
    ): "a commune's code, in the clear: caps and territories count by it; emptied at erasure",
    ("requests", "district_code"): "a district's code, in the clear for the same reason; emptied at erasure",
    ("requests", "qpv"): "yes, no or nothing, in the clear for the same reason; emptied at erasure",
    ("custody_transfers", "signature"): "a drawing, no word: kept as it was signed, emptied at erasure",
}
"""Why no word can be sought in it."""

STAFF = {
    ("people", "name"): "QzStaffName Canary",
    ("accounts", "username"): "qzaccountcanary",
    ("bench_devices", "name"): "QzTabletCanary",
    ("head_readers", "name"): "QzHeadNameCanary",
    ("head_readers", "address"): "qzheads@canary.test",
    ("messages", "recipient"): "qzrecipient@canary.test",
    ("messages", "subject"): "QzSubjectCanary",
    ("messages", "body"): "QzBodyCanary",
    ("messages", "attachment"): "QzAttachmentCanary",
    ("offers", "note"): "QzOfferNoteCanary",
    ("organisations", "name"): "QzDonorCanary",
    ("organisations", "street"): "QzStreetCanary",
    ("organisations", "phone"): "0677889900",
    ("organisations", "email"): "qzdonor@canary.test",
}
"""A word in each column of those who work with Ordi, and of a donor who is one person: in the clear where they are kept, nowhere else."""

NO_WORD_OF_STAFF = {
    ("accounts", "password_hash"): "argon2id of a password that is sought",
    ("badges", "secret_hash"): "a hash of random bits",
    ("badges", "pictures_hash"): "a hash under a badge's own bits",
    ("destruction_photos", "jpeg"): "a picture, made anew without what surrounds it (tests/bench)",
    ("machine_photos", "jpeg"): "a picture, made anew without what surrounds it (tests/bench)",
    ("machine_photos", "small"): "the same, smaller",
    ("known_browsers", "token_hash"): "a hash of random bits",
    ("known_browsers", "browser"): "one of five names of browsers and of systems, no word of its maker's line",
    ("people", "language"): "two letters",
    ("recovery_codes", "code_hash"): "a hash",
    ("second_factors", "secret_sealed"): "sealed; the secret is sought",
    ("sign_in_failures", "key"): "a hash of what was typed, which is sought",
    ("sign_in_sessions", "token_hash"): "a hash of random bits",
    ("sign_in_sessions", "browser"): "as for a known browser",
}
"""Why no word can be sought in it."""

OLD = "QzOldNameCanary"
"""What a correction replaced."""
TYPED = "QzTypedNowhereCanary"
"""What somebody types into a box or a form and that is kept nowhere at all."""
PARENT = "QzParentCanary"
PASSWORD = "QzPassword canary trombone"
CLASS = f"Classe;Élève;Responsable;Téléphone\nCE2 A;QzChildCanary Petit;{PARENT} Petit;06 99 00 11 33\n"
FAMILY_WORDS = (*PLANTED.values(), OLD, TYPED, PARENT)
