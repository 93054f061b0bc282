"""The phrase packs: every language has every kind, says who has looked at it, and a slip of the pen is told."""

from __future__ import annotations

import pytest

from outreach.errors import InboxError
from outreach.inbox.packs import packs, read_pack
from outreach.model.phrases import PhrasePack
from outreach.rules.phrasebook import phrasebook

LANGUAGES = {"en", "fr", "es", "de", "pt", "it", "el", "bg", "he", "ar", "ru", "tr"}
KINDS = {"auto_reply", "acknowledgement", "machine", "challenge", "harmless", "noted", "aside", "answer", "doubt",
         "contact_change", "referral", "clarification", "commitment", "deadline"}  # fmt: skip


def test_every_language_of_the_targets_has_a_pack() -> None:
    """Twelve, and one for the quotes of others."""
    assert {one.language for one in packs()} == LANGUAGES | {"mul"}


@pytest.mark.parametrize("pack", [one for one in packs() if one.language != "mul"], ids=lambda one: one.language)
def test_a_pack_has_every_kind(pack: PhrasePack) -> None:
    """A kind that is missing would make a language deaf to it."""
    assert set(pack.sentences) == KINDS
    assert set(pack.subjects) == {"auto_reply", "acknowledgement"}
    assert set(pack.fields) == {"from", "sent", "to", "subject"}
    assert len(pack.months) == 12
    assert all((pack.references, pack.quotes, pack.closings, pack.devices, pack.originals))


def test_no_pack_claims_a_review_that_nobody_made() -> None:
    """A native speaker writes the name there; until then it is empty (docs/triage.md)."""
    assert {one.reviewed_by for one in packs()} == {""}


@pytest.mark.parametrize("text", ["language = ", 'language = "xx"', 'language = "xx"\nreviewed_by = ""\ncloser = [1]'])
def test_a_slip_of_the_pen_is_told_with_its_file(text: str) -> None:
    """Not TOML, no review state, no words."""
    with pytest.raises(InboxError, match=r"xx\.toml"):
        read_pack(text, where="phrases/xx.toml")


def test_a_corrected_pack_is_used_as_it_is_written() -> None:
    """ "…" is any few words, "*" any ending; accents and case do not count."""
    pack = read_pack('language = "xx"\nreviewed_by = "A. N."\nmachine = ["répond* … bientôt"]', where="x")
    found = phrasebook([pack]).read("Nous RÉPONDRONS à votre lettre BIENTOT. Nous répondons demain.")
    assert [one.rule("machine") for one in found] == ["xx.machine.1", ""]
