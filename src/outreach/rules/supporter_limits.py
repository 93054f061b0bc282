"""How much of the page one person, one network and everybody may use: a form must not become a weapon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most so many within that time."""

    name: str
    most: int
    within: timedelta


PER_ADDRESS = Quota(name="address", most=3, within=timedelta(days=7))  #: mails that ask one address to confirm
PER_NETWORK = Quota(name="network", most=5, within=timedelta(hours=1))  #: with a solved challenge
UNSOLVED = Quota(name="network-unsolved", most=2, within=timedelta(hours=1))  #: without JavaScript
TURNED_AWAY = Quota(name="campaign-full", most=10_000, within=timedelta(days=1))  #: counted no further
LINKS_PER_ADDRESS = Quota(name="link-address", most=2, within=timedelta(days=1))
LINKS_PER_NETWORK = Quota(name="link-network", most=5, within=timedelta(hours=1))


def per_campaign(most: int) -> Quota:
    """All forms of a campaign's page. Each is a mail to an address that nobody has proved yet, from the one account."""
    return Quota(name="campaign", most=most, within=timedelta(hours=1))
