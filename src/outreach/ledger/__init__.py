"""Outbox and event log: one database. It claims, records and remembers; it does not decide."""
