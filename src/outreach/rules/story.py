"""What happened and what was said, in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from outreach.model.collected import MatchRule
from outreach.model.event import Event, EventKind
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.model.verdict import Verdict
from outreach.rules.positions import WORDS
from outreach.rules.sources import WORDS as SOURCES

HEARD: Mapping[InboundKind, str] = {
    InboundKind.BOUNCE_HARD: "came back: the address is bad",
    InboundKind.BOUNCE_SOFT: "came back, or is delayed",
    InboundKind.AUTO_REPLY: "an automatic answer",
    InboundKind.ACKNOWLEDGEMENT: "an acknowledgement: no answer yet",
    InboundKind.CHALLENGE: "asks us to prove that a person writes",
    InboundKind.COMPLAINT: "a complaint about the letter",
    InboundKind.UNSUBSCRIBE: "asks for no more letters",
    InboundKind.REPLY: "an answer",
    InboundKind.OTHER: "another mail",
}

#: How a mail found its correspondence, in a sentence that begins with the mail.
MATCHED: Mapping[MatchRule | None, str] = {
    MatchRule.ADDRESS: "it came to the address of our letter",
    MatchRule.THREAD: "it answers our letter",
    MatchRule.RETURNED: "it returns our letter",
    MatchRule.QUOTED: "it quotes the number of our letter",
    MatchRule.THEIRS: "it goes on in a thread of theirs",
    MatchRule.REFERENCE: "it names their reference number",
    MatchRule.BESIDE: "it is theirs to a supporter who wrote from their own mailbox",
    MatchRule.SENDER: "its sender and subject fit",
}

UNPROVEN = "Not proven: nothing shows that its writer had our letter. Reminders wait until a person says what it is."

_EVENTS: Mapping[EventKind, str] = {
    EventKind.DRAFTED: "drafted",
    EventKind.REDRAFTED: "drafted again with another text",
    EventKind.QUEUED: "approved",
    EventKind.RETURNED: "back to draft",
    EventKind.CLAIMED: "taken up for sending",
    EventKind.COMMITTED: "handed to the mail server",
    EventKind.SENT: "accepted by the mail server",
    EventKind.DEFERRED: "refused for now, to be tried again",
    EventKind.RELEASED: "given back, not sent",
    EventKind.REJECTED: "refused by the mail server",
    EventKind.IN_DOUBT: "in doubt: the mail server's answer was lost",
    EventKind.HELD: "held",
    EventKind.CANCELLED: "cancelled",
    EventKind.SUPPRESSED: "suppressed: the address must not be written to",
    EventKind.BOUNCED: "bounced",
    EventKind.EVIDENCE: "evidence found",
    EventKind.RESTORED: "in doubt: the ledger came from a backup",
    EventKind.SETTLED: "settled",
    EventKind.ANONYMISED: "anonymised",
}
#: In English whatever the machine speaks.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
#: What a machine does between two things that a person cares about.
UNTOLD = frozenset({EventKind.CLAIMED, EventKind.COMMITTED, EventKind.RELEASED})
_TOLD_DETAIL = ("code", "text", "words", "why", "reason")


def said_words(one: Verdict) -> str:
    """`Ana on 3 March 2026: an automatic answer. It names no person.`."""
    why = f". {one.why}" if one.why else ""
    return f"{one.by} on {day(one.at.date())}: {HEARD[one.kind]}{why}"


def event_words(event: Event) -> str:
    """`refused by the mail server: 550 no such user`."""
    said = " ".join(str(event.detail[key]) for key in _TOLD_DETAIL if event.detail.get(key))
    settled = f" as {event.now.value.replace('_', ' ')}" if event.kind is EventKind.SETTLED else ""
    return f"{_EVENTS[event.kind]}{settled}" + (f": {said}" if said else "")


def verdict_words(one: Heard, said: Iterable[Verdict] = ()) -> Iterator[str]:
    """Why a mail stands here, and what the program and a person made of it, each in a line."""
    if one.matched is MatchRule.PERSON:
        yield f"It belongs here: {one.person or 'a person'} says so."
    elif one.matched in MATCHED:
        yield f"It belongs here: {MATCHED[one.matched]}."
    if one.machine is None:
        yield "The program could not read it: that counts as an answer until a person says otherwise."
    else:
        yield f"The program says: {HEARD[one.machine]}" + (f" (rule {one.why})." if one.why else ".")
    if one.authentication:
        yield f"Its sender, says our mail server: {one.authentication}."
    if not one.proven:
        yield UNPROVEN
    lines = [said_words(each) for each in said]
    yield from lines
    if not lines and one.machine is not None and one.machine is not one.kind:
        yield f"{one.person or 'A person'} says: {HEARD[one.kind]}."


def position_words(stated: Stated | None) -> str:
    """`partly supports, by 1 June 2026`; nothing known is none."""
    if stated is None:
        return Position.NONE.value
    return stated.position.value.replace("_", " ") + (f", by {day(stated.due_on)}" if stated.due_on else "")


def source_words(source: Source, *, hashed: bool = True, short: bool = False) -> str:
    """`letter by post of 3 February 2026, scan.pdf, SHA-256 …`; without a document it is the word of a person."""
    number = f" {source.inbound}" if source.kind is SourceKind.REPLY and source.inbound is not None else ""
    parts = [f"{SOURCES[source.kind]}{number} of {day(source.taken_on)}", source.name, source.url]
    if hashed:
        sha = f"{source.sha256[:12]}…" if short else source.sha256
        parts.append(f"SHA-256 {sha}" if source.sha256 else "no document")
    return ", ".join(part for part in parts if part)


def day(when: date) -> str:
    """`3 February 2026`."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


__all__ = [
    "HEARD",
    "UNTOLD",
    "WORDS",
    "day",
    "event_words",
    "position_words",
    "said_words",
    "source_words",
    "verdict_words",
]
