"""Manage: what a person may do about their own data, by a link that came to their own mailbox."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from outreach.model.action import Action, ActionTarget, Fate, Purpose
from outreach.model.notice import NoticeKind
from outreach.rules.identity import network_key, supporter_key
from outreach.rules.supporter_limits import LINKS_PER_ADDRESS, LINKS_PER_NETWORK
from outreach.runner.supporters.confirm import token_sha256
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.erase import erase_person

_STILL = frozenset({Fate.WAITING, Fate.QUEUED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One letter and where it stands."""

    name: str
    state: str
    fate: Fate
    why: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """What we hold of a person in this campaign."""

    language: str
    letters: tuple[Standing, ...]
    may_withdraw: bool  #: something has not left yet


def manage(it: SupporterDesk, token: str) -> Managed | None:
    """What the link's owner may see; None for a link that is wrong or too old."""
    action = it.book.find(token_sha256(token), Purpose.MANAGE)
    return None if action is None else _managed(it, action, it.book.targets_of(action.id))


def withdraw(it: SupporterDesk, token: str) -> Managed | None:
    """Take the letters back that no runner has in hand, and say where each stands; None as `manage`."""
    action = it.book.find(token_sha256(token), Purpose.MANAGE)
    if action is None:
        return None
    stands = it.book.withdraw(action.id)
    it.book.want(NoticeKind.WITHDRAWN, action.id)
    return _managed(it, action, stands)


def export(it: SupporterDesk, token: str) -> bytes | None:
    """Everything that is held of the link's owner, as JSON; None as `manage`."""
    action = it.book.find(token_sha256(token), Purpose.MANAGE)
    return None if action is None else export_person(it, action.supporter)


def erase(it: SupporterDesk, token: str) -> bool:
    """Forget the link's owner; False as `manage`."""
    action = it.book.find(token_sha256(token), Purpose.MANAGE)
    if action is None:
        return False
    erase_person(it, action.supporter)
    return True


def send_link(it: SupporterDesk, email: str, *, network: str) -> None:
    """Want a link mailed to whoever owns the address, if we know it. Nothing tells the asker whether we do."""
    address = it.address(email.strip())
    if address is None or not _within(it, LINKS_PER_NETWORK.name, network_key(it.desk.secret, network)):
        return
    key = supporter_key(it.desk.secret, address)
    within = it.book.spend(LINKS_PER_ADDRESS.name, key, most=LINKS_PER_ADDRESS.most, within=LINKS_PER_ADDRESS.within)
    known = [one for one in it.book.of_person(key) if one.email and one.campaign == it.campaign.slug]
    if within and known:
        it.book.want(NoticeKind.DATA, known[-1].id, it.now.isoformat())


def export_person(it: SupporterDesk, supporter: str) -> bytes:
    """Everything that is held of a person, as JSON: actions, consent, and where each letter stands; then the letters
    from their own mailbox, of which the mail is null once it was removed.
    """
    found: list[Mapping[str, object]] = [
        {**asdict(one), "letters": [asdict(each) for each in it.book.targets_of(one.id)]}
        for one in it.book.of_person(supporter)
    ]
    found += [
        {
            "campaign": one.campaign,
            "institution": one.institution,
            "from_own_mailbox": one.at,
            "mail": None if one.raw is None else one.raw.decode("utf-8", "replace"),
        }
        for one in it.book.own_mails_of(supporter)
    ]
    return json.dumps(found, default=_plain, ensure_ascii=False, indent=2).encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _within(it: SupporterDesk, quota: str, key: str) -> bool:
    return it.book.spend(quota, key, most=LINKS_PER_NETWORK.most, within=LINKS_PER_NETWORK.within)


def _managed(it: SupporterDesk, action: Action, stands: Sequence[ActionTarget]) -> Managed:
    approved = it.book.frame(it.campaign.slug)
    targets = {one.institution: one for one in approved.frame.targets} if approved else {}
    return Managed(
        language=action.language,
        letters=tuple(
            Standing(
                name=targets[one.institution].name if one.institution in targets else one.institution,
                state=targets[one.institution].state if one.institution in targets else "",
                fate=one.fate,
                why=one.why,
                sent_at=one.sent_at,
            )
            for one in stands
        ),
        may_withdraw=any(one.fate in _STILL for one in stands),
    )
