"""The new words without quote and signature, in five scripts; in doubt a quote stays rather than a word goes."""

from __future__ import annotations

import pytest

from outreach.inbox.packs import packs
from outreach.rules.phrasebook import phrasebook
from outreach.rules.reply_text import new_words

BOOK = phrasebook(packs())

CUT = [
    ("en", "Yes.\n\nOn Mon, 3 May 2026 at 10:00, Anna <a@x.example> wrote:\n> Will you?", "Yes."),
    ("en, in two lines", "Yes.\n\nOn Mon, 3 May 2026, Anna Long <\na@x.example> wrote:\n\n> Will you?", "Yes."),
    ("Outlook", "Yes.\n\n_______________\nFrom: Anna\nSent: Monday\nTo: Office\nSubject: Letter\n\nWill you?", "Yes."),
    ("de", "Ja.\n\nAm 3. Mai 2026 um 10:00 schrieb Anna <a@x.example>:\n> Werden Sie?", "Ja."),
    ("de, Outlook", "Ja.\n\nVon: Anna\nGesendet: Montag\nAn: Amt\nBetreff: Brief\n\nWerden Sie?", "Ja."),
    ("fr", "Oui.\n\nLe lun. 3 mai 2026 à 10:00, Anna <a@x.example> a écrit :\n> Serez-vous ?", "Oui."),
    ("es", "Sí.\n\nEl lun, 3 may 2026 a las 10:00, Anna (<a@x.example>) escribió:\n> ¿Va?", "Sí."),
    ("pt", "Sim.\n\nEm seg., 3 de mai. de 2026 às 10:00, Anna <a@x.example> escreveu:\n> Vai?", "Sim."),
    ("it", "Sì.\n\nIl giorno lun 3 mag 2026 alle ore 10:00 Anna <a@x.example> ha scritto:\n> Andrà?", "Sì."),
    ("el", "Ναι.\n\nΣτις Δευ 3 Μαΐ 2026 στις 10:00, ο χρήστης Anna <a@x.example> έγραψε:\n> Θα;", "Ναι."),
    ("el, Outlook", "Ναι.\n\nΑπό: Anna\nΣτάλθηκε: Δευτέρα\nΠρος: Γραφείο\nΘέμα: Επιστολή\n\nΘα;", "Ναι."),
    ("bg", "Да.\n\nНа пн, 3.05.2026 г. в 10:00 Anna <a@x.example> написа:\n> Ще?", "Да."),
    ("ru", "Да.\n\nпн, 3 мая 2026 г. в 10:00, Anna <a@x.example>:\n> Будете?", "Да."),
    ("ru, Outlook", "Да.\n\nОт: Anna\nОтправлено: понедельник\nКому: Канцелярия\nТема: Письмо\n\nБудете?", "Да."),
    ("tr", "Evet.\n\nAnna <a@x.example>, 3 May 2026 Pzt, 10:00 tarihinde şunu yazdı:\n> Olur mu?", "Evet."),
    ("he", "כן.\n\nבתאריך יום ב׳, 3 במאי 2026 ב-10:00 מאת Anna <a@x.example>:\n> האם?", "כן."),
    ("he, Outlook", "כן.\n\nמאת: Anna\nנשלח: יום שני\nאל: לשכה\nנושא: מכתב\n\nהאם?", "כן."),
    ("ar", "نعم.\n\nفي الاثنين، 3 مايو 2026 10:00 كتب Anna <a@x.example>:\n> هل؟", "نعم."),
    ("ar, Outlook", "نعم.\n\nمن: Anna\nتاريخ الإرسال: الاثنين\nإلى: المكتب\nالموضوع: رسالة\n\nهل؟", "نعم."),
    ("original message", "Yes.\n\n-----Original Message-----\nWill you?", "Yes."),
    ("a signature, RFC 3676 4.3", "Yes.\n\n-- \nJohn Doe\nExample Ministry", "Yes."),
    ("a closing", "Yes.\n\nKind regards,\n\nJohn Doe\nHead of unit", "Yes."),
    ("a closing in Greek", "Ναι.\n\nΜε εκτίμηση,\nΑ. Παπαδοπούλου", "Ναι."),
    ("a device", "Yes.\n\nSent from my phone", "Yes."),
    ("a block of contacts", "Yes.\n\nJohn Doe\njohn@gov.example\n+356 2100 0000", "Yes."),
    ("an answer below the quote", "On Mon, Anna <a@x.example> wrote:\n> Will you?\n\nYes.", "Yes."),
]  # fmt: skip

KEPT = [
    ("answers between quotes", "Hello,\n> Will you?\nYes.\n> When?\nIn May."),
    ("a sentence with a colon", "As the minister wrote on 3 May 2026:\nwe will vote for it."),
    ("a minister who wrote", "Der Minister schrieb:\nWir stimmen dafür."),
    (
        "a row of dashes between paragraphs",
        "First point.\n\n-----\n\n" + "A long second point. " * 9,
    ),
    ("sent from my desk", "Sent from my desk, as I promised to do last week in Geneva."),
    ("from, alone", "From: our side there is nothing to add."),
    ("only a quote", "> Will you?"),
]


@pytest.mark.parametrize(("what", "text", "words"), CUT, ids=[one[0] for one in CUT])
def test_quotes_and_signatures_go(what: str, text: str, words: str) -> None:
    """As mail programs put them, in the languages of the targets."""
    assert new_words(text, BOOK.marks) == words


@pytest.mark.parametrize(("what", "text"), KEPT, ids=[one[0] for one in KEPT])
def test_no_word_is_lost_where_it_is_in_doubt(what: str, text: str) -> None:
    """Every line that somebody wrote is still there."""
    said = [one.strip() for one in new_words(text, BOOK.marks).split("\n")]
    assert [one for one in text.split("\n") if one.strip().strip("-") and one.strip() not in said] == []
