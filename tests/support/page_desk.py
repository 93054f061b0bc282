"""Supporters without a database: a book that keeps its promises in memory, and letters that are plain text.

Both are honest: what `runner/supporter_ports.py` promises and a page can see holds here, too.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from outreach.campaigns.addresses import BadAddress, checked_address
from outreach.inbox import read_message
from outreach.model.action import Action, ActionStatus, ActionTarget, Fate, NewAction, Purpose
from outreach.model.campaign import Campaign, Demand, Mode, Sender
from outreach.model.letter import Letter
from outreach.model.notice import NoticeEnd, NoticeKind, NoticeTurn
from outreach.model.receipt import Answer, Phase
from outreach.model.supporter import (
    ApprovedFrame,
    Delivery,
    Exposure,
    Frame,
    OwnMail,
    PageText,
    SupporterTerms,
    Target,
)
from outreach.rules.quoting import quotes
from outreach.runner.desk import Desk
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.frame import framed
from outreach.runner.supporters.notify import notify

SUGGESTION = "I ask you to support a moratorium until such rules are in place, and to tell me your position."
ARABIC = "أطلب منكم دعم وقف مؤقت إلى أن توضع هذه القواعد، وأن تخبروني بموقفكم."

TEXTS: Mapping[str, PageText] = {
    "en": PageText(
        title="Ask your ministry where it stands",
        why="Surveillance technology is sold without rules that protect people.\n\nMinistries answer when people ask.",
        suggestion=SUGGESTION,
        hints=("Say in a sentence of your own why it matters to you.",),
    ),
    "ar": PageText(
        title="اسأل وزارتك عن موقفها",
        why="تُباع تقنيات المراقبة بلا قواعد تحمي الناس.\n\nتجيب الوزارات عندما يسألها الناس.",
        suggestion=ARABIC,
        hints=("قل بجملة من عندك لماذا يهمك الأمر.",),
    ),
}


def target(institution: str, state: str, name: str, exposure: Exposure = Exposure.NAMES, **more: Any) -> Target:
    """A target of an invented state."""
    return Target(
        **{
            "institution": institution,
            "name": name,
            "state": state,
            "role": "mfa",
            "recipient": f"{institution}@gov.example",
            "address_norm": f"{institution}@gov.example",
            "language": "en",
            "demands": ("moratorium",),
            "timezone": "UTC",
            "calendar": "",
            "exposure": exposure,
            "delivery": Delivery.DIGEST if exposure is Exposure.COUNTS else Delivery.INDIVIDUAL,
            "per_day": 20,
            **more,
        }
    )


TARGETS = (
    target("qm-mfa", "QM", "Ministry of Foreign Affairs of Examplia"),
    target("qm-trade", "QM", "Ministry of Trade of Examplia"),
    target("qn-mfa", "QN", "Foreign Office of the second state"),
    target("qo-interior", "QO", "Ministry of the Interior of the third state", Exposure.COUNTS),
)


class Letters:
    """`SupporterLetters` in plain text."""

    def fixed_parts(self, campaign: Campaign, target: Target) -> tuple[str, str]:
        return f"To the {target.name}\n\nDear Minister,", "Yours sincerely,"

    def copy(self, dispatch: Any, target: Target, action: Action, campaign: Campaign, *, mode: Mode) -> Letter:
        head, foot = self.fixed_parts(campaign, target)
        text = f"{head}\n\n{action.words}\n\n{foot}\n{action.name}, {action.place}\n"
        return _letter(dispatch.id, f"A letter to {target.name}", text)

    def digest(
        self, dispatch: Any, target: Target, actions: Sequence[Action], total: int, campaign: Campaign, *, mode: Mode
    ) -> Letter:
        said = f"To the {target.name}\n\n{total} people have written to you."
        text = "\n\n".join((said, *quotes(actions)))
        return _letter(dispatch.id, f"{total} letters", text)

    def notice(
        self,
        turn: NoticeTurn,
        campaign: Campaign,
        *,
        recipient: str,
        message_id: str,
        links: Mapping[str, str],
        said: Mapping[str, str],
    ) -> bytes:
        body = "\n".join((turn.kind.value, *links.values(), *said.values()))
        return f"To: {recipient}\nMessage-ID: {message_id}\n\n{body}\n".encode()

    def templates_sha256(self, campaign: Campaign) -> str:
        return "0" * 64

    def text(self, raw: bytes) -> str:
        """As the letters room reads a frozen letter."""
        return raw.partition(b"\n\n")[2].decode()


def _letter(dispatch: str, subject: str, text: str) -> Letter:
    raw = f"Subject: {subject}\n\n{text}".encode()
    return Letter(
        dispatch=dispatch,
        message_id=f"<{dispatch}@act.example>",
        subject=subject,
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        template_sha="0" * 64,
        envelope_from="campaign@act.example",
    )


class Book:
    """`SupporterBook` in memory, as far as pages see it: forms, links, limits, notices, forgetting."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.approved: ApprovedFrame | None = None
        self.kept: dict[str, Action] = {}
        self.fates: dict[str, list[ActionTarget]] = {}
        self.tokens: dict[str, tuple[str, Purpose, datetime, str]] = {}
        self.used: dict[str, datetime] = {}
        self.spent: dict[tuple[str, str], list[datetime]] = {}
        self.wanted: list[tuple[NoticeKind, str, str]] = []
        self.unlimited = False  #: for tests of something else that send many forms
        self._lock = threading.RLock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def at_once(self) -> threading.RLock:  # type: ignore[valid-type]
        return self._lock

    def approve_frame(self, frame: Frame, *, by: str) -> None:
        self.approved = ApprovedFrame(frame=frame, by=by, at=self.now())

    def frame(self, campaign: str) -> ApprovedFrame | None:
        return self.approved

    def spend(self, quota: str, key: str, *, most: int, within: timedelta) -> bool:
        with self._lock:
            if self.unlimited:
                return True
            since = self.now() - within
            times = [one for one in self.spent.get((quota, key), []) if one > since]
            if len(times) < most:
                times.append(self.now())
                self.spent[quota, key] = times
                return True
            return False

    def spend_once(self, key: str, *, until: datetime) -> bool:
        with self._lock:
            if key in self.used:
                return False
            self.used[key] = until
            return True

    def take(self, new: NewAction, *, confirmation: bool = True) -> bool:
        with self._lock:
            if any(one.supporter == new.supporter and one.status is ActionStatus.PENDING for one in self.kept.values()):
                return False
            self.kept[new.id] = Action(
                **{name: getattr(new, name) for name in NewAction.__dataclass_fields__ if name != "proof"},
                status=ActionStatus.PENDING,
                made_at=self.now(),
                confirmed_at=None,
            )
            self.fates[new.id] = [
                ActionTarget(action=new.id, institution=one, fate=Fate.WAITING) for one in new.targets
            ]
            return self.want(NoticeKind.CONFIRMATION, new.id)

    def issue(self, token_sha256: str, action: str, purpose: Purpose, *, until: datetime) -> None:
        self.tokens[token_sha256] = (action, purpose, until, self.kept[action].sha256)

    def find(self, token_sha256: str, purpose: Purpose) -> Action | None:
        action, wanted, until, bound = self.tokens.get(token_sha256, ("", purpose, self.now(), ""))
        found = self.kept.get(action)
        if found is None or wanted is not purpose or self.now() >= until:
            return None
        if purpose is Purpose.CONFIRM and (found.status is not ActionStatus.PENDING or found.sha256 != bound):
            return None
        return None if found.status is ActionStatus.ERASED else found

    def confirm(self, token_sha256: str) -> Action | None:
        with self._lock:
            found = self.find(token_sha256, Purpose.CONFIRM)
            if found is None:
                return None
            status = ActionStatus.HELD if found.held else ActionStatus.CONFIRMED
            self.kept[found.id] = replace(found, status=status, confirmed_at=self.now())
            self.want(NoticeKind.RECEIPT, found.id)
            return self.kept[found.id]

    def withdraw(self, action: str) -> Sequence[ActionTarget]:
        self.fates[action] = [
            replace(one, fate=Fate.WITHDRAWN) if one.fate in {Fate.WAITING, Fate.QUEUED} else one
            for one in self.fates[action]
        ]
        return self.fates[action]

    def actions(self, campaign: str, *, status: ActionStatus | None = None) -> Iterator[Action]:
        return iter([one for one in self.kept.values() if status in {None, one.status}])

    def targets_of(self, action: str) -> Sequence[ActionTarget]:
        return self.fates[action]

    def want(self, kind: NoticeKind, action: str, key: str = "", *, not_before: datetime | None = None) -> bool:
        if (kind, action, key) in self.wanted:
            return False
        self.wanted.append((kind, action, key))
        return True

    def next_notice(self, campaign: str) -> NoticeTurn | None:
        for number, (kind, action, key) in enumerate(self.wanted):
            if ("notice", str(number)) not in self.spent:
                self.spent["notice", str(number)] = [self.now()]
                return NoticeTurn(
                    number=number, kind=kind, key=key, action=self.kept[action], tries=0, made_at=self.now()
                )
        return None

    def settle_notice(self, number: int, end: NoticeEnd, *, retry_at: datetime | None = None, text: str = "") -> None:
        assert end is NoticeEnd.SENT

    def of_person(self, supporter: str) -> Sequence[Action]:
        return [one for one in self.kept.values() if one.supporter == supporter]

    def own_mails_of(self, supporter: str) -> Sequence[OwnMail]:
        return ()

    def is_commonplace(self, spelling: str, *, before: datetime) -> bool:
        """Nothing stands here but what supporters gave."""
        return False

    def erase(self, supporter: str, canaries: Sequence[str]) -> Mapping[str, int]:
        gone = [one.id for one in self.of_person(supporter)]
        for one in gone:
            self.kept[one] = replace(self.kept[one], email="", name="", place="", words="", status=ActionStatus.ERASED)
        return {"action": len(gone)}

    def letter(self, dispatch: str) -> None:
        """As the ledger's: no copy is queued here."""


class Postbox:
    """A channel that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    def deliver(self, claim: Any, body: bytes, mark: Any) -> Answer:
        self.mails.append(body.decode())
        return Answer(code=250, text="ok", phase=Phase.DOT)


def supporter_desk(
    *, site: str = "http://127.0.0.1:8000", slug: str = "moratorium", targets: Sequence[Target] = TARGETS, **terms: Any
) -> SupporterDesk:
    """A campaign whose frame is approved."""
    book, letters = Book(), Letters()
    campaign = Campaign(
        slug=slug,
        title="A moratorium",
        sender=Sender(name="A. Person", organisation="Rights Network", email="campaign@act.example"),
        contacts=(),
        demands=(Demand(slug="moratorium", title="A moratorium"),),
        supporters=SupporterTerms(
            **{"site": "https://act.example", "contact": "privacy@act.example", "texts": TEXTS, **terms}
        ),
    )
    desk = Desk(
        campaign=campaign,
        mode=Mode.REHEARSAL,
        sheets=SimpleNamespace(),  # type: ignore[arg-type]
        letters=letters,  # type: ignore[arg-type]
        ledger=book,  # type: ignore[arg-type]
        secret=b"a secret of this test alone",
        today=book.now().date(),
    )
    it = SupporterDesk(
        desk=desk,
        book=book,  # type: ignore[arg-type]
        letters=letters,
        random=os.urandom,
        address=_address,
        read=read_message,
        site=site,
    )
    if targets:
        book.approve_frame(framed(it, targets), by="A. Person")
    return it


def mailed(it: SupporterDesk) -> list[str]:
    """The mails to supporters that are due, sent."""
    box = Postbox()
    notify(it, box)  # type: ignore[arg-type]
    return box.mails


def link_in(mail: str) -> str:
    """The address of the page that a mail leads to."""
    found = re.search(r"^https?://\S+", mail, re.MULTILINE)
    assert found, mail
    return found[0]


def _address(text: str) -> str | None:
    try:
        return checked_address(text, token=False)
    except BadAddress:
        return None
