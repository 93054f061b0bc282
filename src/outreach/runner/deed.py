"""A deed is done to the ledger as a whole: by somebody, for a reason; both are written down for good."""

from __future__ import annotations

from outreach.errors import UsageError


def signed(by: str, why: str) -> tuple[str, str]:
    """Who and why, without blanks around them. Raises UsageError when either is missing."""
    if not by.strip():
        raise UsageError("This is recorded with a person's name.", todo="Say who does it with --by NAME.")
    if not why.strip():
        raise UsageError("This is recorded with its reason.", todo="Say it with --why TEXT.")
    return by.strip(), why.strip()
