"""What a head says of a machine that wrote the mail (RFC 3834, and what programs write beside it)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.model.inbound import InboundMessage
from outreach.rules.daemons import answers, first, null_sender

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
    "x-apple-action",  # iCloud
)
_SURE_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply"})
_BULK = frozenset({"bulk", "junk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a head says of a machine."""

    level: str  #: "sure", "likely" or ""
    rule: str
    ticket: bool = False  #: a ticket system's: it marks what clerks write as automatic


def traces(message: InboundMessage) -> Traces:
    """The surest sign first."""
    auto = first(message, "auto-submitted").strip().lower()
    precedence = {first(message, name).strip().lower() for name in ("precedence", "x-precedence", "preference")}
    ticket = _ticket_system(message)
    if auto.startswith("auto-replied") and not ticket:
        return Traces(level="sure", rule="head.auto_submitted")
    field = next((name for name in _AUTO_FIELDS if _yes(first(message, name))), "")
    if field or precedence & _SURE_PRECEDENCE:
        return Traces(level="likely" if ticket else "sure", rule=f"head.{field or 'precedence'}", ticket=ticket)
    if auto.startswith("auto-"):
        return Traces(level="likely", rule="head.auto_submitted", ticket=ticket)
    if null_sender(message):
        return Traces(level="likely", rule="head.null_sender", ticket=ticket)
    if precedence & _BULK and "list-id" not in message.headers and "list-unsubscribe" not in message.headers:
        return Traces(level="likely", rule="head.precedence", ticket=ticket)
    if "all" in first(message, "x-auto-response-suppress").lower() and not answers(message):
        return Traces(level="likely", rule="head.x_auto_response_suppress", ticket=ticket)
    return Traces(level="", rule="", ticket=ticket)


def _ticket_system(message: InboundMessage) -> bool:
    """Clerks write through these, and everything is marked as automatic."""
    if any(name.startswith(_TICKET_FIELDS) for name in message.headers):
        return True
    return any(
        _TICKETS.search(first(message, name)) for name in ("x-mailer", "user-agent", "message-id", "x-generator")
    )


def _yes(value: str) -> bool:
    return bool(value.strip()) and value.strip().lower() not in {"no", "false", "0", "none"}


def no_reply(message: InboundMessage) -> bool:
    """The sender's address says that nobody reads it."""
    return _NO_REPLY.search(message.sender) is not None
