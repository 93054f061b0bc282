"""Every command of the command line; loading this module is what puts them into the app."""

from __future__ import annotations


def load() -> None:
    """Register the commands in the order in which `--help` lists them."""
    from outreach.cli import init, demo, check, plan, preview, approve, send, pause, log  # noqa: F401, I001
    from outreach.cli import collect, tray, proposals, verdict, triage, due, chase, resolve, position, positions  # noqa: F401
    from outreach.cli import report, correspondence, contacts, ledger  # noqa: F401
    from outreach.cli import supporters, serve, moderate, person  # noqa: F401
