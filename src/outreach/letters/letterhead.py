"""What every letter of one campaign carries of its sender: values for templates, addresses, the Message-ID."""

from __future__ import annotations

import re
from typing import Any

from outreach.letters.values import Fields
from outreach.model.campaign import Campaign

_DISPATCH = "{token}"  # in the sender's addresses: becomes the dispatch's id


class Letterhead:
    """The sender of one campaign."""

    def __init__(self, campaign: Campaign) -> None:
        sender = campaign.sender
        self.title = Fields("campaign", {"title": campaign.title})
        self.email = sender.email
        self.display = ", ".join(part for part in (sender.name, sender.organisation) if part)
        self._reply_to = sender.reply_to or sender.email
        self._bounce_to = sender.bounce_to or sender.email
        self._sender: dict[str, Any] = {
            "name": sender.name,
            "organisation": sender.organisation,
            "email": sender.email,
            "reply_to": self._reply_to,
            "postal_address": list(sender.postal_address),
            "phone": sender.phone,
            "website": sender.website,
        }
        short = re.sub(r"[^A-Za-z0-9-]", "", campaign.slug[:8])
        self._message_id = f"<o.{short}.{{}}@{sender.email.rpartition('@')[2]}>"

    def sender(self, dispatch: str) -> Fields:
        """What a template may say of the sender of this letter."""
        return Fields("sender", {**self._sender, "reply_to": self.reply_to(dispatch)})

    def reply_to(self, dispatch: str) -> str:
        """Where answers to this letter go."""
        return self._reply_to.replace(_DISPATCH, dispatch)

    def envelope_from(self, dispatch: str) -> str:
        """Where this letter comes back to."""
        return self._bounce_to.replace(_DISPATCH, dispatch)

    def message_id(self, dispatch: str) -> str:
        """With angle brackets; its right side is the domain of From."""
        return self._message_id.format(dispatch)
