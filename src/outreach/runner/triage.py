"""A mail's bytes, read and judged: nothing is stored, nothing follows from it."""

from __future__ import annotations

from functools import cache

from outreach.inbox.message import read_body, read_message
from outreach.inbox.packs import packs
from outreach.model.inbound import Triage
from outreach.rules.phrasebook import Phrasebook, phrasebook
from outreach.rules.triage import triage


@cache
def book() -> Phrasebook:
    """Every language's phrases, compiled once."""
    return phrasebook(packs())


def rule_words(rule: str) -> str:
    """`fr.acknowledgement.3 (fr, not reviewed by a native speaker)`; other rules stand as they are."""
    language = rule.partition(".")[0]
    pack = next((one for one in packs() if one.language == language), None)
    if pack is None:
        return rule
    review = f"reviewed by {pack.reviewed_by}" if pack.reviewed_by else "not reviewed by a native speaker"
    return f"{rule} ({language}, {review})"


def triage_bytes(raw: bytes, *, bare: bool = False) -> Triage:
    """What a mail is; `bare` = a body without its head. Raises QuarantinedMail."""
    return triage(read_body(raw) if bare else read_message(raw), book())
