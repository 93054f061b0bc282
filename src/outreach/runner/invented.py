"""The invented states of the demo beside a campaign's own sheets: for a rehearsal that is thrown away, never live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.contact import SheetRows
from outreach.rules.positions import invented
from outreach.runner.desk import Desk
from outreach.runner.gather import contacts_of, gather
from outreach.runner.ports import Sheets


def with_invented(desk: Desk, theirs: Sheets, path: str) -> Desk:
    """The desk with the sheet `path` of `theirs` too.

    As it is where its own sheets hold invented states already, and where these would only bring a fault: a campaign may
    have no letter that they can read. Raises UsageError outside of a rehearsal.
    """
    if desk.mode is not Mode.REHEARSAL:
        raise UsageError("Invented states are for rehearsals.", todo="Take --live out.")
    if any(invented(one.institution.state) for one in contacts_of(desk)):
        return desk
    campaign = replace(desk.campaign, contacts=(*desk.campaign.contacts, path))
    both = replace(desk, campaign=campaign, sheets=_Both(desk.sheets, theirs, path))
    return desk if gather(both).faults else both


@dataclass(frozen=True, slots=True)
class _Both:
    """`runner.ports.Sheets`: the workspace's, and one of the package."""

    ours: Sheets
    theirs: Sheets
    path: str  #: what the package's is called in the campaign

    def read(self, path: str, *, columns: Mapping[str, str], encoding: str = "") -> SheetRows:
        """Read one sheet. Raises SheetError."""
        if path == self.path:
            return self.theirs.read(path, columns={})
        return self.ours.read(path, columns=columns, encoding=encoding)
