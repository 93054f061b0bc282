"""A letter that came back: the standard report first (RFC 3464), then what servers write instead of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from outreach.model.inbound import InboundMessage
from outreach.rules.bounce_families import FAMILIES, Family, own_words
from outreach.rules.bounce_recipients import address_in, recipients
from outreach.rules.bounce_words import enhanced, is_hard
from outreach.rules.daemons import answers, failure_subject, mail_system, null_sender, report_type

_FAILED = frozenset({"failed", "delayed"})
_FIELD = re.compile(r"(?mi)^[ \t]*(final-recipient|original-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.+)$")
_SERVERS_WORDS = re.compile(r"(?im)^[\s<>\"*-]*[^\s<>@]+@[^\s<>@]+\W*$|\b[45]\d\d[ -]|\b[45]\.\d\.\d|rcpt to")
_DELAY = re.compile(
    r"(?i)\bdelayed\b|has not (?:yet )?been delivered|not yet been delivered|still undelivered|warning message only"
    r"|will (?:keep|continue) (?:to )?(?:try|attempt)|this is (?:just )?a warning|could not send message for past"
    r"|postponed|advisory.only|delivery attempts will continue|will be retried|no action is required"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a failed delivery says."""

    rule: str
    recipient: str  #: "" = it does not say whose
    hard: bool
    final: bool


def bounce_of(message: InboundMessage) -> Bounce | None:
    """The failure that a mail reports; None = it reports none."""
    return _reported(message) or _told(message)


def delivered(message: InboundMessage) -> bool:
    """A report that all went well (RFC 3464 2.3.3): relayed, delivered or expanded."""
    actions = {one.fields.get("action", "").strip().lower() for one in message.report}
    return bool(actions & {"delivered", "relayed", "expanded"}) and not actions & _FAILED


def _reported(message: InboundMessage) -> Bounce | None:
    """RFC 3464, as a part of its own or, from Amazon WorkMail and others, as lines of the text."""
    if not (report_type(message) or _machine(message)):
        return None  # a person who forwards a report
    groups: list[Mapping[str, str]] = [one.fields for one in message.report if _address(one.fields)]
    rule = "dsn"
    if not groups and (fields := _inline(message.text)):
        groups, rule = [fields], "dsn.inline"
    failed = [one for one in groups if _action(one) in _FAILED]
    if not failed:
        return None
    words = own_words(message.text)
    return _from_fields(_worst(failed), words if len(failed) == 1 else "", rule)


def _from_fields(fields: Mapping[str, str], words: str, rule: str) -> Bounce:
    said = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    status = fields.get("status", "")
    hard, why = is_hard(said, status=status)
    if why == "unsaid" or (not said.strip(" ;") and not enhanced(status).strip("0.245")):
        hard, why = is_hard(words)  # Gmail and others: the code says nothing, the text beside it does
    elif not hard and why in {"route", enhanced(status)} and re.search(r"(?i)address not found", words):
        hard, why = True, "gmail"
    return Bounce(
        rule=f"{rule}.{_action(fields)}.{why}", recipient=_address(fields), hard=hard, final=_action(fields) == "failed"
    )


def _worst(failed: list[Mapping[str, str]]) -> Mapping[str, str]:
    return next((one for one in failed if _action(one) == "failed"), failed[0])


def _address(fields: Mapping[str, str]) -> str:
    """The address that we wrote to, if the report knows it, else the one it ended at (RFC 3464 2.3.1)."""
    return address_in(fields.get("original-recipient", "")) or address_in(fields.get("final-recipient", ""))


def _action(fields: Mapping[str, str]) -> str:
    said = re.match(r"\w*", fields.get("action", "").strip().lower())
    if said and said[0]:
        return "failed" if said[0] in {"fail", "failure", "failed"} else said[0]
    return "delayed" if fields.get("status", "").strip().startswith("4") else "failed"


def _inline(text: str) -> dict[str, str]:
    found = {name.lower(): value.strip() for name, value in reversed(_FIELD.findall(own_words(text)))}
    return found if _address(found) and ("action" in found or "status" in found) else {}


def _machine(message: InboundMessage) -> bool:
    return mail_system(message) or null_sender(message) or "x-failed-recipients" in message.headers


def _told(message: InboundMessage) -> Bounce | None:
    """What a server says in words."""
    machine = _machine(message) or _webhook(message) or report_type(message) in {"delivery-status", "?"}
    if not machine and (answers(message) or not failure_subject(message)):
        return None
    words = own_words(message.text)
    family = next(_families(words), None)
    if family is None and not (machine and failure_subject(message)):
        return None
    if not machine and family is not None and family.name == "generic" and not _SERVERS_WORDS.search(words):
        return None  # a person tells of a mail that did not arrive
    said = f"{words}\n{message.subject}" if failure_subject(message) else words
    hard, why = is_hard(said)
    delay = _DELAY.search(f"{message.subject}\n{words}") is not None
    found = next(recipients(message, words), "")
    name = family.name if family else "subject"
    return Bounce(rule=f"bounce.{name}.{why}", recipient=found, hard=hard and not delay, final=not delay)


def _webhook(message: InboundMessage) -> bool:
    """Amazon SES tells of bounces over its notification service, as JSON in a mail."""
    return message.sender.endswith("@sns.amazonaws.com") and "Bounce" in message.text[:2_000]


def _families(words: str) -> Iterator[Family]:
    return (one for one in FAMILIES if one.words.search(words))
