"""Adopt: a person says that the live ledger, moved or copied here, is the one that sends from now on."""

from __future__ import annotations

from outreach.model.ledger import Adopted
from outreach.runner.deed import signed
from outreach.runner.ports import WholeLedger


def adopt(ledger: WholeLedger, *, by: str, why: str) -> Adopted:
    """Make this computer and path the holder. Raises UsageError without a name and a reason, LedgerError when the
    former holder has sent since the copy was made, or is sending now.
    """
    by, why = signed(by, why)
    return ledger.adopt(by=by, why=why)
