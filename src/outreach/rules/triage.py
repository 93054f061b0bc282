"""What a mail that came back is: heads first, then phrases. In doubt it is a person's answer, and no machine's.

The one error that must not happen is an answer of a person filed as a machine's: nobody would read it. So a head alone
(ticket systems mark what their clerks write as automatic), or a phrase alone, decides only where nothing speaks
against it: every sentence must be one that machines write, and none may be one that only a person writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from outreach.model.inbound import InboundKind, InboundMessage, Triage
from outreach.rules.bounces import bounce_of, delivered
from outreach.rules.daemons import answers, first, null_sender, report_type
from outreach.rules.findings import findings
from outreach.rules.phrasebook import Phrasebook, Sentence
from outreach.rules.reply_text import new_words, quotes

#: How many words outside every phrase are still a machine's, by how surely its head says so; in one sentence that has a
#: phrase, and in all together.
_ALLOWED = {"sure": (14, 60), "likely": (10, 14), "": (8, 8)}
_SENTENCE = 5  #: words of a sentence without any phrase that is somebody's own, where a head is not sure
_SURE_WITHOUT_WORDS = 60  #: words in all, where no phrase is known: other languages, and "gone fishing"

_TICKETS = re.compile(
    r"zendesk|freshdesk|otrs|znuny|\brt\b|request tracker|jira|servicenow|helpdesk|zammad|glpi|redmine"
    r"|osticket|kayako",
    re.IGNORECASE,
)
_TICKET_FIELDS = (
    "x-zendesk",
    "x-otrs",
    "x-rt-",
    "x-jira",
    "x-freshdesk",
    "x-redmine",
    "x-zammad",
    "x-glpi",
    "x-powered-by",
)
_NO_REPLY = re.compile(
    r"(?:no|not|do-?not|ne-?pas|nicht)[-_.]?(?:reply|respond|answer|repondre|antworten)\b|noreply|no\.?reply"
    r"|auto(?:reply|responder|mailer)?@",
    re.IGNORECASE,
)
#: RFC 3834 5; Microsoft Exchange and others before it and beside it.
_AUTO_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-vacation",
    "x-autoreply-from",
)
_SURE_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply"})
_CONTACT = re.compile(r"[\d@/]|www|\w\.\w")
_BULK = frozenset({"bulk", "junk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traces:
    """What a head says of a machine."""

    level: str  #: "sure", "likely" or ""
    rule: str


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
    sentences = book.read(_above_closing(text, book, machine=bool(_traces(message).level)))
    kind, rule = _verdict(message, sentences, book)
    machine = kind is not InboundKind.REPLY
    return Triage(kind=kind, rule=rule, reply_text=text, findings=findings(sentences, book, machine=machine))


def _verdict(message: InboundMessage, sentences: Sequence[Sentence], book: Phrasebook) -> tuple[InboundKind, str]:
    if _unsubscribe(message, sentences):
        return InboundKind.UNSUBSCRIBE, "subject.unsubscribe"
    traces = _traces(message)
    subject, subject_rule = book.subject(message.subject)
    said = {kind: _first_rule(sentences, kind) for kind in ("auto_reply", "acknowledgement", "machine", "challenge")}
    if _person(sentences) or not (any(said.values()) or subject):
        return _without_words(traces, sentences, said["machine"])
    level = (
        "sure"
        if traces.level and subject == "auto_reply"
        else traces.level or ("likely" if said["machine"] or (subject == "auto_reply") or _no_reply(message) else "")
    )
    if _more_is_said(sentences, level):
        return InboundKind.REPLY, "doubt.more_is_said"
    if said["challenge"] and (level or "http" in message.text):
        return InboundKind.CHALLENGE, said["challenge"]
    if said["auto_reply"] and (level or not (answers(message) or quotes(message.text, book.marks))):
        return InboundKind.AUTO_REPLY, said["auto_reply"]
    if said["acknowledgement"] or (subject == "acknowledgement" and level):
        return InboundKind.ACKNOWLEDGEMENT, said["acknowledgement"] or subject_rule
    if subject == "auto_reply":
        return InboundKind.AUTO_REPLY, subject_rule
    if said["machine"]:
        return InboundKind.ACKNOWLEDGEMENT, said["machine"]  # nothing but what machines say, and no absence
    return InboundKind.REPLY, "doubt"


def _without_words(traces: _Traces, sentences: Sequence[Sentence], machine: str) -> tuple[InboundKind, str]:
    """No phrase is known, or one that only persons write is: a head must be very sure."""
    if traces.level == "sure" and not _person(sentences) and _own_words(sentences, 14) <= _SURE_WITHOUT_WORDS:
        return InboundKind.AUTO_REPLY, traces.rule
    if traces.level and _person(sentences):
        return InboundKind.REPLY, "doubt.person_in_a_machine"
    return InboundKind.REPLY, "doubt" if traces.level or machine else "reply"


def _traces(message: InboundMessage) -> _Traces:
    auto = first(message, "auto-submitted").strip().lower()
    precedence = {first(message, name).strip().lower() for name in ("precedence", "x-precedence", "preference")}
    ticket = _ticket_system(message)
    if auto.startswith("auto-replied") and not ticket:
        return _Traces(level="sure", rule="head.auto_submitted")
    field = next((name for name in _AUTO_FIELDS if _yes(first(message, name))), "")
    if field or precedence & _SURE_PRECEDENCE:
        return _Traces(level="likely" if ticket else "sure", rule=f"head.{field or 'precedence'}")
    if auto.startswith("auto-"):
        return _Traces(level="likely", rule="head.auto_submitted")
    if null_sender(message):
        return _Traces(level="likely", rule="head.null_sender")
    if precedence & _BULK and "list-id" not in message.headers and "list-unsubscribe" not in message.headers:
        return _Traces(level="likely", rule="head.precedence")
    if "all" in first(message, "x-auto-response-suppress").lower() and not answers(message):
        return _Traces(level="likely", rule="head.x_auto_response_suppress")
    return _Traces(level="", rule="")


def _ticket_system(message: InboundMessage) -> bool:
    """Clerks write through these, and everything is marked as automatic."""
    if any(name.startswith(_TICKET_FIELDS) for name in message.headers):
        return True
    return any(
        _TICKETS.search(first(message, name)) for name in ("x-mailer", "user-agent", "message-id", "x-generator")
    )


def _yes(value: str) -> bool:
    return bool(value.strip()) and value.strip().lower() not in {"no", "false", "0", "none"}


def _no_reply(message: InboundMessage) -> bool:
    return _NO_REPLY.search(message.sender) is not None


def _first_rule(sentences: Sequence[Sentence], kind: str) -> str:
    return next((rule for one in sentences if (rule := one.rule(kind))), "")


def _person(sentences: Sequence[Sentence]) -> bool:
    """A sentence that only a person writes: a position, a question, an answer, a promise."""
    return any(
        (one.rule("answer") and not one.rule("machine"))
        or (not one.covered and one.rule("commitment", "clarification"))
        for one in sentences
    )


def _more_is_said(sentences: Sequence[Sentence], level: str) -> bool:
    """Whether a mail with a machine's phrases says something of its own as well."""
    slack, most = _ALLOWED[level]
    if level != "sure" and any(not one.covered and _own(one) >= _SENTENCE + bool(level) for one in sentences):
        return True
    return any(_in_doubt(one, level) for one in sentences) or _own_words(sentences, slack) > most


def _in_doubt(one: Sentence, level: str) -> bool:
    """A "no" or a "but" where a machine has none: beside a receipt it may be the answer."""
    if level == "sure" or not one.rule("doubt"):
        return False
    return not one.rule("machine", "auto_reply", *(("harmless",) if level else ()))


def _own_words(sentences: Sequence[Sentence], slack: int) -> int:
    """Words that no phrase speaks for; a sentence with one may have some of its own: names, dates, offices."""
    return sum(max(one.size - one.covered - slack, 0) if one.covered else _own(one) for one in sentences)


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
