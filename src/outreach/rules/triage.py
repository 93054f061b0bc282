"""What a mail that came back is: heads first, then phrases. In doubt it is a person's answer, and no machine's.

The one error that must not happen is an answer of a person filed as a machine's: nobody would read it. So a head alone
(ticket systems mark what their clerks write as automatic), or a phrase alone, decides only where nothing speaks
against it: every sentence must be one that machines write, and none may be one that only a person writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from outreach.model.inbound import InboundKind, InboundMessage, Triage
from outreach.rules.bounces import bounce_of
from outreach.rules.daemons import answers, first, report_type
from outreach.rules.findings import findings
from outreach.rules.leftover import Leftover, leftovers
from outreach.rules.phrasebook import Phrasebook, Sentence
from outreach.rules.reply_text import new_words, quotes
from outreach.rules.report_actions import delivered
from outreach.rules.traces import Traces, no_reply, traces


@dataclass(frozen=True, slots=True)
class _Allowed:
    """How many words that no phrase speaks for are still a machine's."""

    sentence: int  #: in one that has a phrase
    share: int  #: there also one word in so many
    bare: int  #: in one clause or sentence without any
    all: int


#: By how surely the head says that a machine wrote.
_ALLOWED = {
    "sure": _Allowed(14, 2, 14, 60),
    "likely": _Allowed(0, 4, 0, 10),
    "said": _Allowed(2, 4, 0, 8),  # only the mail itself says so: "this is an automatic message"
    "": _Allowed(0, 4, 0, 6),
}
_SURE_WITHOUT_WORDS = 60  #: words in all, where no phrase is known: other languages, and "gone fishing"
_CONTACT = re.compile(r"[\d@/]|www|\w\.\w")


def triage(message: InboundMessage, book: Phrasebook) -> Triage:
    """The machine's verdict; a person's stands beside it."""
    if rule := _complaint(message):
        return Triage(kind=InboundKind.COMPLAINT, rule=rule)
    if delivered(message):
        return Triage(kind=InboundKind.OTHER, rule="dsn.delivered")
    bounce = bounce_of(message)
    if bounce is not None:
        kind = InboundKind.BOUNCE_HARD if bounce.hard else InboundKind.BOUNCE_SOFT
        return Triage(kind=kind, rule=bounce.rule, recipient=bounce.recipient, hard=bounce.hard, final=bounce.final)
    if report_type(message) == "disposition-notification" or message.receipt:
        return Triage(kind=InboundKind.OTHER, rule="mdn")  # RFC 8098: somebody's program showed or deleted it
    return _by_words(message, book)


def _by_words(message: InboundMessage, book: Phrasebook) -> Triage:
    text = new_words(message.text, book.marks)
    head = traces(message)
    sentences = book.read(_above_closing(text, book, machine=bool(head.level)))
    kind, rule = _verdict(message, sentences, head, book)
    machine = kind is not InboundKind.REPLY
    return Triage(kind=kind, rule=rule, reply_text=text, findings=findings(sentences, book, machine=machine))


def _verdict(
    message: InboundMessage, sentences: Sequence[Sentence], head: Traces, book: Phrasebook
) -> tuple[InboundKind, str]:
    if _unsubscribe(message, sentences):
        return InboundKind.UNSUBSCRIBE, "subject.unsubscribe"
    subject, subject_rule = book.subject(message.subject)
    said = {kind: _first_rule(sentences, kind) for kind in ("auto_reply", "machine", "challenge")}
    said["acknowledgement"] = next((rule for one in sentences if (rule := one.receipt)), "")
    level = _level(message, head, subject, machine=bool(said["machine"]))
    if not (any(said.values()) or subject):
        return _without_words(head, sentences)
    if rule := _somebodys_own(
        sentences, level, leftovers(sentences, f"{message.subject} {first(message, 'to')}", book)
    ):
        return InboundKind.REPLY, rule
    if said["challenge"] and (level or "http" in message.text):
        return InboundKind.CHALLENGE, said["challenge"]
    if said["acknowledgement"] and not _absent(sentences):
        return InboundKind.ACKNOWLEDGEMENT, said["acknowledgement"]
    if said["auto_reply"] and (level or not (answers(message) or quotes(message.text, book.marks))):
        return InboundKind.AUTO_REPLY, said["auto_reply"]
    if said["acknowledgement"] or (subject == "acknowledgement" and level):
        return InboundKind.ACKNOWLEDGEMENT, said["acknowledgement"] or subject_rule
    if subject == "auto_reply":
        return InboundKind.AUTO_REPLY, subject_rule
    if said["machine"]:
        return InboundKind.ACKNOWLEDGEMENT, said["machine"]  # nothing but what machines say, and no absence
    return InboundKind.REPLY, "doubt"


def _level(message: InboundMessage, head: Traces, subject: str, *, machine: bool) -> str:
    """How surely a machine wrote it; a ticket system's marks are worth nothing, clerks write through it."""
    if head.ticket:
        return ""
    if head.level and subject == "auto_reply":
        return "sure"
    return head.level or ("said" if machine or subject == "auto_reply" or no_reply(message) else "")


def _without_words(head: Traces, sentences: Sequence[Sentence]) -> tuple[InboundKind, str]:
    """No phrase is known: a head must be very sure."""
    few = (total <= _SURE_WITHOUT_WORDS for total in accumulate(map(_own, sentences)))
    if head.level == "sure" and not _person(sentences) and all(few):
        return InboundKind.AUTO_REPLY, head.rule
    return InboundKind.REPLY, "doubt" if head.level else "reply"


def _first_rule(sentences: Sequence[Sentence], kind: str) -> str:
    return next((one.rules[kind] for one in sentences if kind in one.rules), "")


def _somebodys_own(sentences: Sequence[Sentence], level: str, left: Sequence[Leftover]) -> str:
    """Why a mail with a machine's phrases is a person's all the same, "" = it is none's."""
    allowed = _ALLOWED[level]
    for one, its in zip(sentences, left, strict=True):
        if _answers(one, its, level):
            return "doubt.a_person_writes_so"
        most = max(allowed.sentence, one.size // allowed.share) if one.covered else allowed.bare
        if its.words > most or its.bare > allowed.bare:
            return "doubt.more_is_said"
    return "doubt.more_is_said" if sum(one.words for one in left) > allowed.all else ""


def _answers(one: Sentence, its: Leftover, level: str) -> bool:
    """A sentence that only a person writes: a position, a question, a promise; or a "no" where a machine has none."""
    if its.answer and not (level in {"sure", "likely"} and one.rule("machine")):
        return True
    if not one.covered and one.rule("commitment", "clarification"):
        return True
    if level == "sure":
        return False
    if one.words.endswith(("?", "؟")) and not one.rule("machine", "challenge"):
        return True
    return its.turn or (its.doubt and not (level == "likely" and one.rule("machine", "auto_reply", "harmless")))


def _absent(sentences: Sequence[Sentence]) -> bool:
    """Somebody is: "nobody reads this box" stands below receipts as well."""
    return any(one.rule("auto_reply") and not one.rule("machine") for one in sentences)


def _person(sentences: Sequence[Sentence]) -> bool:
    return any(one.rule("answer", "commitment", "clarification") for one in sentences)


def _own(one: Sentence) -> int:
    """A sentence's words without telephone numbers, addresses and the like; a salutation has none."""
    if one.size <= 7 and one.words.endswith((",", ":", "،", "!")):
        return 0
    return sum(not _CONTACT.search(word) for word in one.words.split())


def _above_closing(text: str, book: Phrasebook, *, machine: bool) -> str:
    """Without what stands below "Kind regards": names, offices, rooms, which are nobody's sentences.

    Below a machine's mail an address may stand without such words.
    """
    if machine:
        text = _above_address(text)
    lines = text.split("\n")
    at = next(
        (n for n, one in enumerate(lines) if n and len(one) < 80 and book.marks.closing.fullmatch(one)), len(lines)
    )
    return "\n".join(lines[:at])


def _above_address(text: str) -> str:
    """Without three short lines or more at the end, none of them a sentence, with a number among them."""
    above, _, block = text.rstrip().rpartition("\n\n")
    lines = block.split("\n")
    bare = all(len(one) <= 60 and not one.rstrip().endswith((".", "?", "!", ",", ";", ":")) for one in lines)
    return above if 3 <= len(lines) <= 12 and bare and _CONTACT.search(block) else text


def _unsubscribe(message: InboundMessage, sentences: Sequence[Sentence]) -> bool:
    """RFC 2369 and what mail programs send for it: the word, and nothing else."""
    return message.subject.strip().lower() == "unsubscribe" and sum(one.size for one in sentences) <= 8


def _complaint(message: InboundMessage) -> str:
    if report_type(message) == "feedback-report" or message.feedback:
        return "arf"  # RFC 5965
    if message.sender.endswith("@hotmail.com") and message.subject.startswith("complaint about message from"):
        return "arf.jmrp"  # Microsoft's older form
    return ""
