"""A letter that came back: the standard report first (RFC 3464), then what servers write instead of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from outreach.model.inbound import InboundMessage
from outreach.rules.bounce_families import FAMILIES, Family, own_words
from outreach.rules.bounce_languages import DELAYED
from outreach.rules.bounce_recipients import about, address_in, recipients
from outreach.rules.bounce_speakers import believed, machine, may_speak
from outreach.rules.bounce_words import enhanced, is_hard, of_letter
from outreach.rules.daemons import failure_subject, report_type
from outreach.rules.report_actions import FAILED, action_of

_FIELD = re.compile(r"(?mi)^[ \t]*(final-recipient|original-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.+)$")
_DELAY = re.compile(
    r"(?i)\bdelayed\b|not yet been delivered|n[o']t been delivered yet"
    r"|still undelivered|warning message only"
    r"|will (?:keep|continue) (?:to )?(?:try|attempt)|this is (?:just )?a warning|could not send message for past"
    r"|postponed|advisory.only|delivery attempts will continue|will be retried|no action is required"
    + "".join(f"|{one}" for one in DELAYED)
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


def _reported(message: InboundMessage) -> Bounce | None:
    """RFC 3464, as a part of its own or, from Amazon WorkMail and others, as lines of the text."""
    if not (report_type(message) or machine(message)):
        return None  # a person who forwards a report
    groups: list[Mapping[str, str]] = [one.fields for one in message.report if _address(one.fields)]
    rule = "dsn"
    if not groups and (fields := _inline(message.text)):
        groups, rule = [fields], "dsn.inline"
    failed = [one for one in groups if action_of(one) in FAILED]
    if not failed:
        return None
    worst = _worst(failed)
    return _from_fields(worst, about(_address(worst), own_words(message.text)), rule)


def _from_fields(fields: Mapping[str, str], words: str, rule: str) -> Bounce:
    said = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    status = fields.get("status", "")
    hard, why = is_hard(said, status=status)
    if why == "unsaid" or (not said.strip(" ;") and not enhanced(status).strip("0.245")):
        hard, why = is_hard(words)  # Gmail and others: the code says nothing, the text beside it does
    elif not hard and why in {"route", enhanced(status)} and re.search(r"(?i)address not found", words):
        hard, why = True, "gmail"
    if hard and of_letter(f"{said} {words}"):
        hard, why = False, "letter"
    return Bounce(
        rule=f"{rule}.{action_of(fields)}.{why}",
        recipient=_address(fields),
        hard=hard,
        final=action_of(fields) == "failed",
    )


def _worst(failed: list[Mapping[str, str]]) -> Mapping[str, str]:
    return next((one for one in failed if action_of(one) == "failed"), failed[0])


def _address(fields: Mapping[str, str]) -> str:
    """The address that we wrote to, if the report knows it, else the one it ended at (RFC 3464 2.3.1)."""
    return address_in(fields.get("original-recipient", "")) or address_in(fields.get("final-recipient", ""))


def _inline(text: str) -> dict[str, str]:
    found = {name.lower(): value.strip() for name, value in reversed(_FIELD.findall(own_words(text)))}
    return found if _address(found) and ("action" in found or "status" in found) else {}


def _told(message: InboundMessage) -> Bounce | None:
    """What a server says in words."""
    if not may_speak(message):
        return None
    words = own_words(message.text)
    family = next(_families(words), None)
    if not believed(message, family, words):
        return None
    found = next(recipients(message, words), "")
    said = about(found, words)
    hard, why = is_hard(said)
    if why == "unsaid" and failure_subject(message):
        hard, why = is_hard(message.subject)
    if hard and of_letter(said):
        hard, why = False, "letter"
    delay = _DELAY.search(f"{message.subject}\n{words}") is not None
    name = family.name if family else "subject"
    return Bounce(rule=f"bounce.{name}.{why}", recipient=found, hard=hard and not delay, final=not delay)


def _families(words: str) -> Iterator[Family]:
    return (one for one in FAMILIES if one.words.search(words))
