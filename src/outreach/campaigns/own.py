"""The addresses as which a workspace's campaigns write: to tell our own mail from answers."""

from __future__ import annotations

import tomllib

from outreach.campaigns.workspace import Workspace

_KEYS = ("email", "reply_to")
_TOKENS = ("+{token}", "{token}")


def own_addresses(workspace: Workspace) -> frozenset[str]:
    """Lower case, without tokens. A campaign file with faults counts as well, as far as it can be read."""
    found = set()
    for name in workspace.names():
        try:
            sender = tomllib.loads(workspace.campaign_file(name).read_text("utf-8")).get("sender")
        except (OSError, ValueError):
            continue
        if not isinstance(sender, dict):
            continue
        for key in _KEYS:
            address = str(sender.get(key, "")).lower()
            for token in _TOKENS:
                address = address.replace(token, "")
            found |= {address} if address.partition("@")[0] else set()
    return frozenset(found)
