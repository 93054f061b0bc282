"""Outbox and event log: one database. It claims, records and remembers; it does not decide."""

from outreach.ledger.ledger import SqlLedger, open_ledger

__all__ = ["SqlLedger", "open_ledger"]
