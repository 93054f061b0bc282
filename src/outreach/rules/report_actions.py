"""What became of a letter by the Action of a standard report (RFC 3464 2.3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from outreach.model.inbound import InboundMessage

FAILED = frozenset({"failed", "delayed"})
_WELL = frozenset({"delivered", "relayed", "expanded"})


def action_of(fields: Mapping[str, str]) -> str:
    """RFC 3464 2.3.3, and what programs write instead of "failed" or leave out."""
    said = re.match(r"\w*", fields.get("action", "").strip().lower())
    word = said[0] if said else ""
    if word in FAILED | _WELL:
        return word
    if word.startswith("delay"):
        return "delayed"
    return "delayed" if not word and fields.get("status", "").strip().startswith("4") else "failed"


def delivered(message: InboundMessage) -> bool:
    """A report that all went well (RFC 3464 2.3.3): relayed, delivered or expanded."""
    actions = {one.fields.get("action", "").strip().lower() for one in message.report}
    return bool(actions & _WELL) and not actions & FAILED
