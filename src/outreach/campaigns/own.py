"""What reading mail needs of a workspace's campaigns, whether their files have faults or not."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from outreach.campaigns.supporter_tables import LONGEST_KEPT as LONGEST
from outreach.campaigns.workspace import Workspace

_KEYS = ("email", "reply_to")
_TOKENS = ("+{token}", "{token}")


def own_addresses(workspace: Workspace) -> frozenset[str]:
    """The addresses as which the campaigns write, to tell our own mail from answers: lower case, without tokens."""
    found = set()
    for _, sender in _tables(workspace, "sender"):
        for key in _KEYS:
            address = str(sender.get(key, "")).lower()
            for token in _TOKENS:
                address = address.replace(token, "")
            found |= {address} if address.partition("@")[0] else set()
    return frozenset(found)


def own_mail_days(workspace: Workspace) -> Mapping[str, timedelta]:
    """Campaign -> how long letters from supporters' own mailboxes are kept, where its file says so."""
    return _days(workspace, "own_mail_days", least=0)


def keep_days(workspace: Workspace) -> Mapping[str, timedelta]:
    """Campaign -> how long its supporters are known after their last letter has left, where its file says so."""
    return _days(workspace, "keep_days", least=1)


def _days(workspace: Workspace, key: str, *, least: int) -> Mapping[str, timedelta]:
    said = {name: table.get(key) for name, table in _tables(workspace, "supporters")}
    return {name: timedelta(days=days) for name, days in said.items() if type(days) is int and least <= days <= LONGEST}


def _tables(workspace: Workspace, table: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The table of every campaign file that can be read and has it."""
    for name in workspace.names():
        try:
            found = tomllib.loads(workspace.campaign_file(name).read_text("utf-8")).get(table)
        except (OSError, ValueError):
            continue
        if isinstance(found, dict):
            yield name, found
