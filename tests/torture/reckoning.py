"""What came of it, read from the server's file and the ledger alone: who holds what, and whether both say the same."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from outreach.ledger import SqlLedger
from outreach.model.dispatch import Standing
from outreach.model.event import Event
from outreach.model.status import Status, may_become
from torture.campaigns import CAMPAIGN, opened
from torture.mailbox import kept

#: A letter in these has been given up by nobody: it will go, or it waits for a person.
NOT_SENT = frozenset({Status.DRAFT, Status.QUEUED, Status.HELD})


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """Both sides, letter by letter."""

    copies: Counter[str]  #: by Message-ID, at the server
    planned: int
    kills: int
    connections: int  #: of each runner: one letter may be at its last gap on each
    statuses: dict[str, Status]  #: by Message-ID, in the ledger
    altered: list[str]  #: letters of which the server has other bytes than were approved
    misfolded: list[str]  #: letters whose log does not lead to their status
    strangers: list[str]  #: at the server, and in no plan

    @property
    def counts(self) -> Counter[Status]:
        return Counter(self.statuses.values())

    @property
    def doubled(self) -> list[str]:
        return [name for name, copies in self.copies.items() if copies > 1]

    @property
    def lost(self) -> list[str]:
        """Not at the server, and nobody would look for them: accepted, or in a status that no sending leads to."""
        shown = {Status.IN_DOUBT, *NOT_SENT}
        return [name for name, status in self.statuses.items() if status not in shown and name not in self.copies]

    @property
    def unseen(self) -> list[str]:
        """At the server, while the ledger would send them again."""
        return [name for name, status in self.statuses.items() if status in NOT_SENT and name in self.copies]

    @property
    def in_doubt(self) -> list[str]:
        return [name for name, status in self.statuses.items() if status is Status.IN_DOUBT]

    def faults(self) -> dict[str, object]:
        """Every promise that was broken, with the letters that show it."""
        found: dict[str, object] = {
            "doubled": self.doubled,
            "lost": self.lost,
            "at the server and to be sent again": self.unseen,
            "altered": self.altered,
            "log and status differ": self.misfolded,
            "extra mail": self.strangers,
            "more in doubt than kills": max(0, len(self.in_doubt) - self.kills * self.connections),
            "statuses do not sum to the plan": len(self.statuses) - self.planned,
        }
        return {name: what for name, what in found.items() if what}

    def line(self, *, runners: int, seconds: float) -> str:
        """The summary, for a person; *there* is at the server."""
        there = sum(name in self.copies for name in self.in_doubt)
        return (
            f"{runners} at once: {self.kills:,} kills, {self.planned:,} letters, {self.copies.total():,} there, "
            f"{len(self.doubled)} doubled, {len(self.lost)} lost, {len(self.in_doubt)} in doubt "
            f"({there} of them there), {seconds:.0f} s"
        )


def reckon(
    url: str, file: Path, campaigns: Collection[str], *, planned: int, kills: int, connections: int
) -> Reckoning:
    """Read both sides."""
    held = kept(file)
    statuses: dict[str, Status] = {}
    digests: dict[str, str] = {}
    misfolded: list[str] = []
    with opened(url) as ledger:
        for campaign in campaigns:
            standings = list(ledger.standings(campaign))
            for one in standings:
                name = f"<{one.dispatch.id}@org.example>"
                statuses[name] = one.status
                digests[name] = one.letter_sha
            misfolded += refolded(standings, ledger.events(campaign))
    return Reckoning(
        copies=Counter(name for name, _ in held),
        planned=planned,
        kills=kills,
        connections=connections,
        statuses=statuses,
        altered=[name for name, digest in held if digests.get(name, digest) != digest],
        misfolded=misfolded,
        strangers=[name for name, _ in held if name not in statuses],
    )


def refolded(standings: Iterable[Standing], events: Iterable[Event]) -> list[str]:
    """The letters whose events, told again from the beginning, break the table or end elsewhere than they stand."""
    folded: dict[str, Status] = {}
    broken: list[str] = []
    for one in events:
        was = folded.get(one.dispatch)
        if one.was is not was or not (one.now is was or may_become(was, one.now)):
            broken.append(one.dispatch)
        folded[one.dispatch] = one.now
    return broken + [one.dispatch.id for one in standings if folded.get(one.dispatch.id) is not one.status]


def at(ledger: SqlLedger, campaign: str = CAMPAIGN) -> Counter[Status]:
    """How many letters stand where."""
    return Counter(one.status for one in ledger.standings(campaign))
