"""Backup: a whole copy of a ledger, taken while letters are being sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from outreach.runner.ports import WholeLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """Where a backup lies now."""

    file: Path
    size: int  #: bytes


def backup(ledger: WholeLedger, to: Path) -> BackedUp:
    """Write the ledger to a new file. Raises LedgerError when it exists, cannot be written, or is a server's."""
    return BackedUp(file=to, size=ledger.back_up(to))
