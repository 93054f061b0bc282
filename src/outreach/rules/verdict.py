"""What a server's answer, or the loss of it, means for the letter, its address and the account: one table.

RFC 5321 4.2 says what a code may mean, RFC 3463 what the enhanced one does; where servers mean something else by it,
the line names them. A first match wins.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from outreach.errors import LoginRefused, OutcomeUnknown, TransportError, Unavailable
from outreach.model.receipt import Answer, Phase
from outreach.model.status import HeldReason, Status

GIVE_UP = timedelta(days=5)  #: RFC 5321 4.5.4.1
LONGEST_WAIT = timedelta(hours=4)
JITTER = 0.2  #: a wait is stretched or shortened by up to this share
STEP_ASIDE = timedelta(minutes=5)  #: a letter that met a trouble of the account lets the others go first
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
POLICY_STREAK = 3  #: refusals of policy in a row, or more than
POLICY_SHARE = 0.05  #: of the last
POLICY_WINDOW = 50  #: letters: the server, or whoever it asks, has had enough of us


class Fault(StrEnum):
    """Whose fault a refusal is, and of what kind: a closed list."""

    NONE = "accepted"
    LOGIN = "the server wants another login"
    SENDER = "the server takes no letters from this sender"
    QUOTA = "the account has sent as much as it may"
    CHANNEL = "the server wants to be left alone for a while"
    SIZE = "larger than the server takes"
    MAILBOX_FULL = "the mailbox is full"
    GREYLISTED = "not now, asked to come again"
    DEFERRED = "not now"
    ADDRESS = "the address does not exist"
    POLICY = "refused by policy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of the letter, and what the run does about it."""

    status: Status
    reason: str  #: in words, without the server's own
    next_at: datetime | None = None  #: for `queued`: not before
    charged: bool = True  #: False = not the letter's fault: the try does not count towards giving up
    address_bad: bool = False  #: the address itself is bad, in every campaign
    channel_pause: timedelta | None = None  #: leave the account alone so long
    stop: bool = False  #: end the run: every letter would meet the same
    policy: bool = False  #: several in a row mean that the server has had enough of us
    held: HeldReason | None = None  #: for `held`


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the table: empty fields match everything."""

    fault: Fault
    codes: str = ""  #: a pattern for the three digits
    enhanced: str = ""  #: a pattern for the code of RFC 3463; a line that has one never matches an answer without
    words: str = ""  #: a pattern found anywhere in the text
    phases: frozenset[Phase] = frozenset()

    def matches(self, answer: Answer, enhanced: str) -> bool:
        return bool(
            (not self.phases or answer.phase in self.phases)
            and (not self.codes or re.fullmatch(self.codes, str(answer.code)))
            and (not self.enhanced or re.fullmatch(self.enhanced, enhanced))
            and (not self.words or re.search(self.words, answer.text, re.IGNORECASE))
        )


_MAIL, _RCPT = frozenset({Phase.MAIL}), frozenset({Phase.RCPT})
_GREY = r"gr[ae]y-?list"
_QUOTA = (
    r"(daily|hourly|submission|sending|sent|outgoing).{0,30}(quota|limit)|(quota|limit).{0,20}(per|a) (day|hour)"
    r"|exceeded your|you have exceeded|STOREDRV\.Submission\S*Quota"
)
_FULL = r"mailbox.{0,20}full|full mailbox|over.{0,10}quota|quota.{0,10}exceeded|exceed.{0,20}(quota|storage alloc)"
_SPAMMY = r"spam|polic(y|ies)|block(ed|list)|black ?list|reputation|denied|relay|prohibited|not (permitted|allowed)"
_NOBODY = (
    r"no such|unknown (user|recipient|address|mailbox)|(user|recipient|address|mailbox) (is )?(unknown|not found)"
    r"|(does|do) ?n[o']t exist|not exist|invalid (recipient|mailbox|address)|no mailbox|unrouteable|null mx"
)

TABLE = (
    _Line(fault=Fault.CHANNEL, codes="421"),  # RFC 5321 3.8: may come at any time, for any reason but the letter
    _Line(fault=Fault.LOGIN, codes="530|534|535|538"),  # RFC 4954 6
    _Line(fault=Fault.SENDER, words=r"SendAsDenied|not verified"),  # Microsoft 365; Amazon SES, at the end of data
    _Line(fault=Fault.SENDER, enhanced=r"5\.1\.[78]"),  # Postfix says it at RCPT
    _Line(fault=Fault.QUOTA, enhanced=r"5\.4\.5|5\.2\.25\d"),  # Gmail's daily limit; Microsoft 365's throttling
    _Line(fault=Fault.QUOTA, words=_QUOTA),  # Microsoft 365: 554 5.2.0 and 554 5.2.2; Amazon SES: 454
    _Line(fault=Fault.CHANNEL, codes="432|454"),  # Microsoft 365: too many connections; RFC 4954: try later
    _Line(fault=Fault.MAILBOX_FULL, enhanced=r"[45]\.2\.2"),
    _Line(fault=Fault.MAILBOX_FULL, codes="452|552", words=_FULL),
    _Line(fault=Fault.SIZE, codes="5..", enhanced=r"5\.(3\.4|2\.3)"),
    _Line(fault=Fault.SIZE, codes="552", words=r"size|large|big"),
    _Line(fault=Fault.SIZE, codes="552", phases=_MAIL),  # RFC 1870 6.1
    _Line(fault=Fault.MAILBOX_FULL, codes="552", phases=_RCPT),  # RFC 5321 4.2.2
    _Line(fault=Fault.GREYLISTED, codes="45[01]", words=_GREY),
    _Line(fault=Fault.GREYLISTED, codes="45[01]", enhanced=r"4\.7\.1", phases=_RCPT),  # what greylisting filters say
    _Line(fault=Fault.CHANNEL, enhanced=r"4\.7\.\d+"),  # Gmail's 4.7.28 and the like: about us, not about the letter
    _Line(fault=Fault.CHANNEL, codes="452"),  # 4.3.1: the server's disk; 4.5.3: too many recipients, and we give one
    _Line(fault=Fault.GREYLISTED, codes="45[01]", phases=_RCPT),
    _Line(fault=Fault.DEFERRED, codes="4.."),
    _Line(fault=Fault.SENDER, codes="5..", phases=_MAIL),  # it has seen nothing of the letter but its sender
    _Line(fault=Fault.ADDRESS, enhanced=r"5\.1\.\d+|5\.2\.1|5\.4\.4"),
    _Line(fault=Fault.ADDRESS, enhanced=r"5\.4\.1", words=r"recipient"),  # Microsoft 365 for unknown recipients
    _Line(fault=Fault.POLICY, enhanced=r"5\.7\.\d+"),
    _Line(fault=Fault.ADDRESS, codes="55[0136]", words=_NOBODY, phases=_RCPT),  # servers without enhanced codes
    _Line(fault=Fault.POLICY, codes="55.", words=_SPAMMY),
    _Line(fault=Fault.REFUSED, codes="5.."),
)

_ACCOUNT = Verdict(status=Status.QUEUED, reason="", charged=False)
_WAITS = {
    # The first wait; a fifth is taken off at the most, and greylisting wants five minutes, a full mailbox two hours.
    Fault.GREYLISTED: timedelta(minutes=6, seconds=15),
    Fault.DEFERRED: timedelta(minutes=20),
    Fault.MAILBOX_FULL: timedelta(minutes=150),
}
_EFFECTS = {
    Fault.LOGIN: replace(_ACCOUNT, stop=True),
    Fault.SENDER: replace(_ACCOUNT, stop=True),
    Fault.QUOTA: replace(_ACCOUNT, channel_pause=timedelta(hours=1)),
    Fault.CHANNEL: replace(_ACCOUNT, channel_pause=FIRST_PAUSE),
    Fault.SIZE: Verdict(status=Status.HELD, reason="", held=HeldReason.SIZE),
    Fault.ADDRESS: Verdict(status=Status.REJECTED, reason="", address_bad=True),
    Fault.POLICY: Verdict(status=Status.REJECTED, reason="", policy=True),
    Fault.REFUSED: Verdict(status=Status.REJECTED, reason=""),
}

_ENHANCED = re.compile(r"\s*#?([245]\.\d{1,3}\.\d{1,3})\b")


def judge(
    answer: Answer,
    *,
    tries: int,
    now: datetime,
    dispatch: str = "",
    since: datetime | None = None,
    troubles: int = 0,
) -> Verdict:
    """What the answer means.

    `tries` counts the charged attempts before this one, `since` is the first of them if known, `troubles` counts the
    account's troubles in a row before this one, and `dispatch` gives the jitter.
    """
    fault = fault_of(answer)
    if fault is Fault.NONE:
        return Verdict(status=Status.ACCEPTED, reason=fault)
    if fault in _WAITS:
        return _later(fault, tries=tries, now=now, dispatch=dispatch, since=since)
    verdict = replace(_EFFECTS[fault], reason=fault)
    if verdict.channel_pause is not None:
        pause = _pause(verdict.channel_pause, troubles)
        return replace(verdict, channel_pause=pause, next_at=now + max(pause, STEP_ASIDE))
    if verdict.status is Status.HELD and answer.phase in {Phase.BODY, Phase.DOT}:
        return replace(verdict, status=Status.REJECTED, held=None)  # the mark may be durable: no way back to held
    return verdict


def judge_loss(error: TransportError, *, now: datetime, troubles: int = 0) -> Verdict:
    """What it means that no answer came: the phase decides, and the exception's kind says the phase."""
    pause = _pause(FIRST_PAUSE, troubles)
    if isinstance(error, OutcomeUnknown):
        return Verdict(status=Status.IN_DOUBT, reason="no answer after the whole letter", channel_pause=pause)
    if isinstance(error, LoginRefused):
        return replace(_ACCOUNT, reason=Fault.LOGIN, stop=True)
    if isinstance(error, Unavailable):
        begun = error.phase not in {"", Phase.CONNECT, Phase.LOGIN}
        next_at = now + max(pause, STEP_ASIDE) if begun else None
        return replace(_ACCOUNT, reason="the connection was lost", channel_pause=pause, next_at=next_at)
    return Verdict(status=Status.HELD, reason="it must not go as it is", held=HeldReason.BY_HAND)


def policy_says_stop(newest: Sequence[bool]) -> str:
    """Whether refusals of policy must pause the campaign, and why; "" = they need not.

    `newest` says of the last POLICY_WINDOW finished letters, the newest first, whether policy refused them.
    """
    streak = next((n for n, refused in enumerate(newest) if not refused), len(newest))
    if streak >= POLICY_STREAK:
        return f"{streak} refusals of policy in a row"
    refused = sum(newest[:POLICY_WINDOW])
    if len(newest) >= POLICY_WINDOW and refused > POLICY_SHARE * POLICY_WINDOW:
        return f"{refused} of the last {POLICY_WINDOW} letters refused by policy"
    return ""


def fault_of(answer: Answer) -> Fault:
    """The first line of the table that fits. Raises ValueError for what is neither acceptance nor refusal."""
    if answer.accepted:
        return Fault.NONE
    found = _ENHANCED.match(answer.text)
    enhanced = found[1] if found and found[1][0] == str(answer.code)[0] else ""
    for line in TABLE:
        if line.matches(answer, enhanced):
            return line.fault
    raise ValueError(f"{answer.code} at {answer.phase} is no refusal")


def _later(fault: Fault, *, tries: int, now: datetime, dispatch: str, since: datetime | None) -> Verdict:
    tried_for = now - since if since is not None else _planned(fault, tries)
    if tried_for >= GIVE_UP:
        return Verdict(status=Status.REJECTED, reason=f"{fault}, for {GIVE_UP.days} days")
    wait = min(_wait(fault, tries) * _jitter(dispatch, tries), LONGEST_WAIT)
    return Verdict(status=Status.QUEUED, reason=fault, next_at=now + wait)


def _wait(fault: Fault, tries: int) -> timedelta:
    return min(_WAITS[fault] * (1 << min(tries, 16)), LONGEST_WAIT)


def _pause(first: timedelta, troubles: int) -> timedelta:
    return min(first * (1 << min(troubles, 16)), LONGEST_PAUSE)


def _planned(fault: Fault, tries: int) -> timedelta:
    """How long so many tries have taken, without jitter and office hours."""
    return sum((_wait(fault, earlier) for earlier in range(tries)), timedelta())


def _jitter(dispatch: str, tries: int) -> float:
    """1 ± JITTER, the same for the same letter and try."""
    digest = hashlib.sha256(f"{dispatch}|{tries}".encode()).digest()
    return 1 + JITTER * (int.from_bytes(digest[:4]) / 2**31 - 1)
