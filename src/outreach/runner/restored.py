"""Restored: a person says that the live ledger is a backup that was put back."""

from __future__ import annotations

from outreach.model.ledger import Restored
from outreach.runner.deed import signed
from outreach.runner.ports import WholeLedger


def restored(ledger: WholeLedger, *, by: str, why: str) -> Restored:
    """Put what may have left since in doubt and pause every campaign. Raises UsageError without a name and a reason."""
    by, why = signed(by, why)
    return ledger.restored(by=by, why=why)
