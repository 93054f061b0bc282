"""The next command for a campaign's letters, by what waits among them."""

from __future__ import annotations

from collections.abc import Collection

from outreach.cli.app import called
from outreach.model.status import Status


def next_command(campaign: str, flag: str, statuses: Collection[Status]) -> str:
    """Look at drafts and approve them, or send what is approved; "" where nothing waits for either."""
    if Status.DRAFT in statuses:
        return f"Next: {called()} preview {campaign}{flag}, then {called()} approve {campaign}{flag}"
    if Status.QUEUED in statuses:
        return f"Next: {called()} send {campaign}{flag}"
    return ""
