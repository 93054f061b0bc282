"""Notify: our mails to supporters, each at most once. Its words are made as it leaves, and its token stored nowhere.

A confirmation that may have been lost is sent once more, with a new token; the first one stays good, since both went to
the one address that they prove, and whichever is used first uses up both.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

from outreach.errors import LetterError, LoginRefused, OutcomeUnknown, TransportError, Unavailable
from outreach.model.action import Action, ActionTarget, Fate, Purpose, Way
from outreach.model.campaign import Mode
from outreach.model.notice import LETTER_TO, NoticeEnd, NoticeKind, NoticeTurn
from outreach.model.receipt import Answer, Claim
from outreach.rules.planning import REHEARSAL_DOMAIN
from outreach.rules.retention import LINK_ON_REQUEST, LINK_TO_MANAGE, UNCONFIRMED
from outreach.runner.ports import Channel
from outreach.runner.supporters.confirm import token_sha256
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.passing import Passing
from outreach.states import state_name

RETRY = timedelta(minutes=10)
MOST_TRIES = 6
LARGEST = 200  #: notices in one round, so that what else waits has its turn

_PURPOSE: Mapping[NoticeKind, tuple[Purpose, timedelta]] = {
    NoticeKind.CONFIRMATION: (Purpose.CONFIRM, UNCONFIRMED),
    NoticeKind.REMINDER: (Purpose.CONFIRM, UNCONFIRMED),
    NoticeKind.DATA: (Purpose.MANAGE, LINK_ON_REQUEST),
}


@dataclass(slots=True)
class Notified:
    """What became of one round's mails."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def notify(it: SupporterDesk, channel: Channel, *, enough: Callable[[], bool] = lambda: False) -> Notified:
    """Send the notices that are due. Raises LoginRefused and Unavailable when there is no server; nothing is lost."""
    done, passing = Notified(), Passing(it)
    for _ in range(LARGEST):
        found = None if enough() else _next(it)
        if found is None:
            break
        end = _one(it, channel, *found, passing)
        if end is NoticeEnd.SENT:
            done.sent += 1
        elif end is NoticeEnd.LATER:
            done.later += 1
        else:
            done.failed += 1
    return done


def _next(it: SupporterDesk) -> tuple[NoticeTurn, Mapping[str, str]] | None:
    """What is due, taken, and its links."""
    with it.book.at_once():
        turn = it.book.next_notice(it.campaign.slug)
        return None if turn is None else (turn, _links(it, turn))


def _one(
    it: SupporterDesk, channel: Channel, turn: NoticeTurn, links: Mapping[str, str], passing: Passing
) -> NoticeEnd:
    try:
        answer = _deliver(it, channel, turn, links, _said(it, turn, passing))
    except OutcomeUnknown as lost:
        return _settle(it, turn, NoticeEnd.UNKNOWN, str(lost))
    except (LoginRefused, Unavailable):
        it.book.settle_notice(turn.number, NoticeEnd.LATER, retry_at=it.now + RETRY)
        raise
    except (LetterError, TransportError) as error:
        return _settle(it, turn, NoticeEnd.FAILED, str(error))
    if answer.accepted:
        return _settle(it, turn, NoticeEnd.SENT, answer.text)
    if 400 <= answer.code < 500 and turn.tries + 1 < MOST_TRIES:
        it.book.settle_notice(turn.number, NoticeEnd.LATER, retry_at=it.now + RETRY * 2**turn.tries, text=answer.text)
        return NoticeEnd.LATER
    return _settle(it, turn, NoticeEnd.FAILED, f"{answer.code} {answer.text}")


def _settle(it: SupporterDesk, turn: NoticeTurn, end: NoticeEnd, text: str) -> NoticeEnd:
    it.book.settle_notice(turn.number, end, text=text)
    return end


def _deliver(
    it: SupporterDesk, channel: Channel, turn: NoticeTurn, links: Mapping[str, str], said: Mapping[str, str]
) -> Answer:
    identifier = base64.b32encode(it.random(17)).decode()[:26].lower()
    sender = it.campaign.sender
    recipient = f"{identifier}@{REHEARSAL_DOMAIN}" if it.mode is Mode.REHEARSAL else turn.action.email
    message_id = f"<n.{identifier}@{sender.email.rpartition('@')[2]}>"
    raw = it.letters.notice(
        turn,
        it.campaign,
        recipient=recipient,
        message_id=message_id,
        links=links,
        said=said,
    )
    body = f"Date: {format_datetime(it.now.replace(microsecond=0))}\r\n".encode() + raw
    claim = Claim(
        dispatch=f"notice {turn.number}",
        institution="",
        state="",
        fence=0,
        attempt=0,
        tries=turn.tries,
        recipient=recipient,
        envelope_from=sender.email,
        message_id=message_id,
        raw=raw,
    )
    return channel.deliver(claim, body, lambda: None)


def _links(it: SupporterDesk, turn: NoticeTurn) -> Mapping[str, str]:
    """A fresh token for this mail alone: 256 random bits, of which the ledger keeps the hash."""
    purpose, life = _PURPOSE.get(turn.kind, (Purpose.MANAGE, LINK_TO_MANAGE))
    until = turn.action.made_at + life if purpose is Purpose.CONFIRM else it.now + life
    token = base64.urlsafe_b64encode(it.random(32)).decode().rstrip("=")
    it.book.issue(token_sha256(token), turn.action.id, purpose, until=until)
    return {purpose.value: it.link(purpose.value, token)}


def _said(it: SupporterDesk, turn: NoticeTurn, passing: Passing) -> Mapping[str, str]:
    """What the mail is about, by the key of its notice."""
    match turn.kind:
        case NoticeKind.CONFIRMATION | NoticeKind.REMINDER:
            left = turn.action.made_at + UNCONFIRMED - it.now
            return {
                "institution": _names(it, turn.action, turn.action.targets),
                "days": str(max(1, -(-left // timedelta(days=1)))),
            }
        case NoticeKind.RECEIPT:
            return _receipt(it, turn.action)
        case NoticeKind.FAILURE:
            return {"institution": _names(it, turn.action, [turn.key])}
        case NoticeKind.ANSWER:
            mail = it.desk.answers.mail(it.campaign.slug, int(turn.key))
            if mail is not None:
                answer = passing.words(turn, mail.text)
                return {"institution": _names(it, turn.action, [mail.heard.institution]), "answer": answer}
        case NoticeKind.WITHDRAWN:
            targets = it.book.targets_of(turn.action.id)
            return {
                "why": turn.key,
                "withdrawn": _names(
                    it, turn.action, [one.institution for one in targets if one.fate is Fate.WITHDRAWN]
                ),
                "sent": _names(it, turn.action, [one.institution for one in targets if one.fate is Fate.SENT]),
            }
    return {}


def _receipt(it: SupporterDesk, action: Action) -> Mapping[str, str]:
    """What has left in the person's own name, what counted them, when it began to, and what still waits."""
    targets = it.book.targets_of(action.id)
    sent = [one for one in targets if one.sent_at is not None]
    waiting = [one.institution for one in targets if one.fate in {Fate.WAITING, Fate.QUEUED}]
    return {
        "institution": _names(it, action, [one.institution for one in sent if one.way is not Way.DIGEST]),
        "counted": _names(it, action, [one.institution for one in sent if one.way is Way.DIGEST]),
        "waiting": _names(it, action, waiting),
        **_letters(it, action, targets),
        "day": min((one.sent_at for one in sent if one.sent_at), default=it.now).date().isoformat(),
    }


def _names(it: SupporterDesk, action: Action, institutions: Sequence[str]) -> str:
    """The names of institutions as they were approved, one a line, with their states: many have a ministry of trade."""
    approved = it.book.frame(it.campaign.slug)
    targets = approved.frame.targets if approved else ()
    known = {one.institution: f"{one.name}, {state_name(one.state, action.language)}" for one in targets}
    return "\n".join(known.get(one, one) for one in institutions)


def _letters(it: SupporterDesk, action: Action, targets: Sequence[ActionTarget]) -> Mapping[str, str]:
    """The letters of an action's own, by whom each went to; a digest is no letter of one person's."""
    texts: dict[str, list[str]] = {}
    for one in targets:
        letter = it.desk.ledger.letter(one.dispatch) if one.dispatch and one.way is Way.COPY else None
        if letter is not None:
            texts.setdefault(it.desk.letters.text(letter.raw).strip(), []).append(one.institution)
    return {LETTER_TO + _names(it, action, several): text for text, several in texts.items()}
