"""Logs to report on: one with something of everything, and logs of any text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from outreach.model.campaign import Mode
from outreach.model.dispatch import Dispatch, Skipped, SkipReason, Standing
from outreach.model.log import Log
from outreach.model.status import HeldReason, Status
from outreach.rules.log import build_log

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENT = datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)
STATES = {"QM": "Quimera", "QN": "Quenland"}


class Logs:
    """Makes logs."""

    @staticmethod
    def standing(status: Status, institution: str, *, name: str = "Ministry of Trade", said: str = "") -> Standing:
        """A letter of QM or QN, as the institution's id begins."""
        return Standing(
            dispatch=Dispatch(
                id=f"id-{institution}",
                campaign="spring",
                step=0,
                sender="campaign",
                institution=institution,
                institution_name=name,
                state=institution[:2].upper(),
                role="trade_ministry",
                recipient=f"{institution}@rehearsal.example",
                address_norm=f"{institution}@rehearsal.example",
                demands=("moratorium", "investigation"),
                languages=("en",),
                dated=date(2026, 3, 1),
            ),
            status=status,
            held=HeldReason.SIZE if status is Status.HELD else None,
            attempts=1,
            sent_at=SENT if status is Status.ACCEPTED else None,
            server_code={Status.ACCEPTED: 250, Status.REJECTED: 550}.get(status),
            server_text=said,
        )

    @staticmethod
    def left_out(
        reason: SkipReason, institution: str, *, name: str = "Licensing Authority", detail: str = "", post: str = ""
    ) -> Skipped:
        """An institution without a letter."""
        return Skipped(
            institution=institution,
            institution_name=name,
            state=institution[:2].upper(),
            role="licensing_authority",
            reason=reason,
            detail=detail,
            post=post,
        )

    @staticmethod
    def of(*those: Standing | Skipped, mode: Mode = Mode.LIVE) -> Log:
        """The log of these."""
        return build_log(
            [one for one in those if isinstance(one, Standing)],
            [one for one in those if isinstance(one, Skipped)],
            state_names=STATES,
            campaign="spring",
            mode=mode,
            at=AT,
        )

    @staticmethod
    def full(mode: Mode = Mode.LIVE) -> Log:
        """Every status and every reason once, in two states."""
        letters = [Logs.standing(status, f"q{'mn'[n % 2]}-trade-{n}") for n, status in enumerate(Status)]
        skips = [
            Logs.left_out(reason, f"q{'mn'[n % 2]}-licence-{n}", post="1 Main Street")
            for n, reason in enumerate(SkipReason)
        ]
        return Logs.of(*letters, *skips, mode=mode)


@pytest.fixture(scope="session")
def logs() -> Logs:
    """A maker of logs."""
    return Logs()
