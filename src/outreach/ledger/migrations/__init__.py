"""Alembic's migrations of the ledger, oldest first; `versions/` holds one file each."""
