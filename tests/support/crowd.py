"""Invented supporters of an invented campaign, the ministry of an invented state, and the rooms' words for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from outreach.model.action import Action, ActionStatus, Consent, Learns, Origin
from outreach.model.campaign import Campaign, Demand, Mode, Sender
from outreach.model.dispatch import Dispatch
from outreach.model.notice import LETTER_TO, NoticeKind, NoticeTurn
from outreach.model.supporter import Delivery, Exposure, PageText, SupporterTerms, Target

ROOT = Path(__file__).parents[2]
DEMANDS = ("moratorium", "investigation", "due-diligence-law")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ID = "abcdefghijklmnopqrstuvwxyz"
SITE = "https://act.example"
CONTACT = "privacy@campaign.example"
WORDS = (
    "I teach at a school.\nMy pupils' parents are journalists.\n\n"
    "They ask me whether their telephones are safe, and I cannot say yes."
)
LINKS = {"confirm": f"{SITE}/confirm/{'A' * 43}", "manage": f"{SITE}/mine/{'B' * 43}"}
WHOLE = LETTER_TO + "Ministry of Foreign Affairs of Examplia"
SAID = {
    "institution": "Ministry of Foreign Affairs of Examplia",
    "waiting": "Ministry of Trade of Examplia",
    "day": "2026-11-25",
    WHOLE: WORDS,
    "status": "5.1.1",
    "server": "550 5.1.1 Recipient address rejected: User unknown",
    "answer": "We thank you for your letter.\nThe Ministry is examining the matter.\n\nThe press office",
    "withdrawn": "Ministry of Trade of Examplia",
    "sent": "Ministry of Foreign Affairs of Examplia",
}


def campaign(*, terms: dict[str, Any] | None = None, **changes: Any) -> Campaign:
    texts = {
        "en": PageText(title="Stop the sale of surveillance technology", why="Why.", suggestion="Words."),
        "ar": PageText(title="أوقفوا بيع تقنيات المراقبة", why="لماذا.", suggestion="كلمات."),
    }
    known: dict[str, Any] = {
        "slug": "moratorium-2026",
        "title": "A moratorium on surveillance technology",
        "sender": Sender(
            name="Ada Maria Example",
            organisation="Example Rights International",
            email="letters@campaign.example",
            postal_address=("1 Example Street", "10000 Example City"),
            reply_to="reply+{token}@campaign.example",
            bounce_to="b+{token}@campaign.example",
            website="https://campaign.example",
        ),
        "contacts": ("contacts/some.csv",),
        "demands": tuple(Demand(slug=slug, title=slug) for slug in DEMANDS),
        "supporters": SupporterTerms(**{"site": SITE, "contact": CONTACT, "texts": texts, **(terms or {})}),
    }
    return Campaign(**{**known, **changes})


def target(**changes: Any) -> Target:
    known: dict[str, Any] = {
        "institution": "qm-mfa-1",
        "name": "Ministry of Foreign Affairs",
        "state": "QM",
        "role": "mfa",
        "recipient": "qm-mfa-1@rehearsal.example",
        "address_norm": "office@mfa.example",
        "language": "en",
        "demands": DEMANDS,
        "timezone": "UTC",
        "calendar": "QM/UTC/Mon-Fri",
        "exposure": Exposure.NAMES,
        "delivery": Delivery.INDIVIDUAL,
        "per_day": 20,
    }
    return Target(**{**known, **changes})


def action(number: int = 1, *, quote: bool = True, **changes: Any) -> Action:
    known: dict[str, Any] = {
        "id": f"action-{number}",
        "campaign": "moratorium-2026",
        "supporter": f"key-{number}",
        "email": f"noor{number}@people.example",
        "name": "Noor Sample",
        "place": "Lower Sampleton",
        "language": "en",
        "words": WORDS,
        "sha256": "",
        "similarity": 0.1,
        "targets": ("qm-mfa-1", "qm-trade-1"),
        "consent": Consent(text_sha256="", at=NOW, purpose="letter", quote=quote),
        "origin": Origin.PAGE,
        "status": ActionStatus.CONFIRMED,
        "held": "",
        "made_at": NOW,
        "confirmed_at": NOW,
        "told": dict.fromkeys(("qm-mfa-1", "qm-trade-1"), Learns.ADDRESS),
    }
    return Action(**{**known, **changes})


def dispatch(**changes: Any) -> Dispatch:
    known: dict[str, Any] = {
        "id": ID,
        "campaign": "moratorium-2026",
        "step": 0,
        "sender": "supporter:key-1",
        "institution": "qm-mfa-1",
        "institution_name": "Ministry of Foreign Affairs",
        "state": "QM",
        "role": "mfa",
        "recipient": "qm-mfa-1@rehearsal.example",
        "address_norm": "office@mfa.example",
        "demands": DEMANDS,
        "languages": ("en",),
        "dated": date(2026, 11, 25),
    }
    return Dispatch(**{**known, **changes})


def notice_of(room: Any, kind: NoticeKind, language: str = "en", **changes: Any) -> bytes:
    """One of our mails, with everything in hand that any of them needs."""
    given: dict[str, Any] = {
        "campaign": campaign(),
        "recipient": "noor1@people.example",
        "message_id": "<n.1.abc@campaign.example>",
        "links": LINKS,
        "said": SAID,
        "action": action(language=language),
    }
    given |= changes
    turn = NoticeTurn(number=1, kind=kind, key="", action=given.pop("action"), tries=0, made_at=NOW)
    raw: bytes = room.notice(turn, given.pop("campaign"), **given)
    return raw


def _copy(room: Any) -> bytes:
    raw: bytes = room.copy(dispatch(), target(), action(), campaign(), mode=Mode.REHEARSAL).raw
    return raw


def _digest(room: Any, exposure: Exposure) -> bytes:
    actions = [action(n, name=f"Person Number{n}", words=f"{n} of my friends worry. So do I.") for n in range(1, 15)]
    it = target(exposure=exposure)
    raw: bytes = room.digest(dispatch(), it, actions, 40, campaign(), mode=Mode.REHEARSAL).raw
    return raw


#: Every mail that the room of supporters makes, by a name.
MAILS: dict[str, Callable[[Any], bytes]] = {
    "copy": _copy,
    "digest with names": lambda room: _digest(room, Exposure.NAMES),
    "digest with counts": lambda room: _digest(room, Exposure.COUNTS),
    **{
        f"{kind} in {language}": lambda room, kind=kind, language=language: notice_of(room, kind, language)
        for kind in NoticeKind
        for language in ("en", "fr", "el", "ar")
    },
}
