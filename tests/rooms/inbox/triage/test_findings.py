"""What else a mail carries: proposed with the sentence that it stands in."""

from __future__ import annotations

import pytest

from outreach.inbox.packs import packs
from outreach.rules.findings import day_in, findings
from outreach.rules.phrasebook import phrasebook

BOOK = phrasebook(packs())

CASES = [
    ("Ms Roe has left us. Please write to roe@gov.example instead.", "contact_change", "roe@gov.example"),
    ("Frau Muster ist nicht mehr im Amt tätig, neue Adresse: n@gov.example.", "contact_change", "n@gov.example"),
    ("La dirección ha cambiado: n@gov.example", "contact_change", "n@gov.example"),
    ("This is the responsibility of the Ministry of Trade (trade@gov.example).", "referral", "trade@gov.example"),
    ("Dafür sind wir nicht zuständig; zuständig ist das Amt, amt@gov.example.", "referral", "amt@gov.example"),
    ("Питання: это не входит в компетенцию министерства.", "referral", ""),
    ("Could you please clarify which firms you mean?", "clarification", ""),
    ("Pourriez-vous nous préciser de quelles sociétés il s'agit ?", "clarification", ""),
    ("Our reference: DG/2026-0123", "reference", "DG/2026-0123"),
    ("It was registered under reference number S-960722.", "reference", "S-960722"),
    ("Elle est enregistrée sous le numéro de dossier S-840264.", "reference", "S-840264"),
    ("Ihr Schreiben wird unter dem Aktenzeichen V-4711/26 geführt.", "reference", "V-4711/26"),
    ("Писмото е заведено с вх. № 94-00-123.", "reference", "94-00-123"),
    ("Ο αριθμός πρωτοκόλλου είναι 12345/2026.", "reference", "12345/2026"),
    ("مستند برقم 2026/445", "reference", "2026/445"),
    ("We will reply by 12 June 2026 at the latest.", "deadline", "2026-06-12"),
    ("Wir antworten spätestens am 12. Juni 2026.", "deadline", "2026-06-12"),
    ("Responderemos a más tardar el 12 de junio de 2026.", "deadline", "2026-06-12"),
    ("Ответ не позднее 12.06.2026.", "deadline", "2026-06-12"),
    ("The government will review the licences before 2026-12-01.", "commitment", "2026-12-01"),
    ("Nous nous engageons à publier les licences.", "commitment", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "value"), CASES)
def test_a_finding_has_its_kind_its_value_and_its_words(text: str, kind: str, value: str) -> None:
    """In several languages; "" where only the words say it."""
    found = findings(BOOK.read(text), BOOK, machine=False)
    assert (kind, value) in [(one.kind.value, one.value) for one in found]
    assert all(one.words for one in found)


def test_a_machine_promises_nothing_and_asks_nothing() -> None:
    """Only a person's mail makes a commitment."""
    found = findings(BOOK.read("The government will review it. Could you please clarify?"), BOOK, machine=True)
    assert found == ()


@pytest.mark.parametrize("words", ["on 31 February 2026", "2026", "3.5.", "room 12 June"])
def test_a_day_that_is_not_sure_is_none(words: str) -> None:
    """Days that do not exist, and halves of dates."""
    assert day_in(words, BOOK) == ""
