"""A stand-in: a standard report is a bounce, everything else a reply. The rules and phrase packs take its place."""

from __future__ import annotations

from outreach.model.inbound import InboundKind, InboundMessage, Triage

_HARD = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")


def triage(message: InboundMessage, packs: object = None) -> Triage:  # noqa: ARG001
    """The machine's verdict."""
    for one in message.report:
        action = one.fields.get("action", "").lower()
        if action in {"failed", "delayed"}:
            hard = one.fields.get("status", "").split()[:1] in [[code] for code in _HARD]
            kind = InboundKind.BOUNCE_HARD if hard else InboundKind.BOUNCE_SOFT
            recipient = one.fields.get("final-recipient", "").rpartition(";")[2].strip()
            return Triage(kind=kind, rule="dsn.action", recipient=recipient, hard=hard, final=action == "failed")
    if message.report:
        return Triage(kind=InboundKind.OTHER, rule="dsn.action")
    return Triage(kind=InboundKind.REPLY, rule="stand-in", reply_text=message.text)
