"""What the command line is told of the world: which day it is, and what was heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind


class World:
    """What the ledger is told of: an own clock, and what comes back."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.said: list[Heard] = []

    def days(self, count: float) -> None:
        self.ahead += timedelta(days=count)

    def hears(self, institution: str, kind: InboundKind = InboundKind.REPLY, sender: str = "") -> None:
        at = datetime.now(UTC) + self.ahead
        self.said.append(
            Heard(id=len(self.said) + 1, institution=institution, state="", kind=kind, at=at, sender=sender)
        )

    def move_clocks(self, patch: pytest.MonkeyPatch) -> None:
        """The clocks of the ledger and of the office move together; what is heard is what a test says."""
        from outreach.cli import app

        real = app.office

        def later() -> Any:
            place = real()
            place.today = (datetime.now().astimezone() + self.ahead).date()
            return place

        def micros(*_: Any) -> int:
            return int((datetime.now(UTC) + self.ahead).timestamp() * 1_000_000)

        patch.setattr("outreach.ledger.store.Store.here", micros)
        patch.setattr("outreach.ledger.hearing.heard", lambda tx, campaign: list(self.said))
        for module in ("approve", "plan", "chase", "due", "send", "preview", "log"):
            patch.setattr(f"outreach.cli.{module}.office", later)
