"""Logs to report on: one with something of everything, and logs of any text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from outreach.model.campaign import Demand, Mode
from outreach.model.correspondence import NotChased
from outreach.model.dispatch import Dispatch, Skipped, SkipReason, Standing
from outreach.model.due import DueGroup, DueRow
from outreach.model.log import Log
from outreach.model.matrix import Matrix
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.model.status import HeldReason, Status
from outreach.rules.log import build_log
from outreach.rules.positions import fold

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
    def names() -> dict[str, str]:
        """The names of the two states."""
        return STATES

    @staticmethod
    def matrix(*records: Stated, mode: Mode = Mode.LIVE, demand: str = "d1") -> Matrix:
        """Positions on d0, which is asked of both states, and on another demand, which nobody is asked."""
        return fold(
            records,
            campaign="spring",
            mode=mode,
            at=AT,
            today=AT.date(),
            demands=[Demand(slug=slug, title=f"Title of {slug}") for slug in ("d0", demand)],
            asked={state: {"d0"} for state in STATES},
            state_names=STATES,
            mails={},
        )

    @staticmethod
    def of(*those: Standing | Skipped | DueRow, mode: Mode = Mode.LIVE, matrix: Matrix | None = None) -> Log:
        """The log of these."""
        return build_log(
            [one for one in those if isinstance(one, Standing)],
            [one for one in those if isinstance(one, Skipped)],
            matrix=matrix or Logs.matrix(mode=mode),
            found=[one for one in those if isinstance(one, DueRow)],
            state_names=STATES,
            at=AT,
        )

    @staticmethod
    def due(institution: str, group: DueGroup, **more: Any) -> DueRow:
        """Where the correspondence with an institution stands."""
        state = institution[:2].upper()
        return DueRow(
            state=state, state_name=STATES[state], institution=institution, name="", role="", group=group, **more
        )

    @staticmethod
    def acknowledged() -> Log:
        """A rehearsal: an institution has confirmed its letter, and its state supports a demand, said by telephone."""
        said = Stated(
            id=7,
            campaign="spring",
            state="QM",
            demand="d0",
            position=Position.SUPPORTS,
            quote="We do.",
            source=Source(id=1, kind=SourceKind.PHONE, taken_on=AT.date()),
            by="Ana",
            at=AT,
            due_on=date(2026, 6, 1),
        )
        waiting = {"due": date(2026, 3, 30), "next_step": 1, "next_on": date(2026, 3, 31), "why_not": NotChased.NOT_DUE}
        return Logs.of(
            Logs.standing(Status.ACCEPTED, "qm-trade-1", said="2.0.0 queued"),
            Logs.due("qm-trade-1", DueGroup.ACKNOWLEDGED, acknowledged_at=AT, **waiting),
            mode=Mode.REHEARSAL,
            matrix=Logs.matrix(said, mode=Mode.REHEARSAL),
        )

    @staticmethod
    def full(mode: Mode = Mode.LIVE, matrix: Matrix | None = None) -> Log:
        """Every status, every reason and every correspondence, in two states."""
        letters = [Logs.standing(status, f"q{'mn'[n % 2]}-trade-{n}") for n, status in enumerate(Status)]
        skips = [
            Logs.left_out(reason, f"q{'mn'[n % 2]}-licence-{n}", post="1 Main Street")
            for n, reason in enumerate(SkipReason)
        ]
        answers = [
            Logs.due(one.dispatch.institution, group, answered_at=AT if group is DueGroup.ANSWERED else None)
            for one, group in zip(letters, DueGroup, strict=False)
        ]
        return Logs.of(*letters, *skips, *answers, mode=mode, matrix=matrix)


@pytest.fixture(scope="session")
def logs() -> Logs:
    """A maker of logs."""
    return Logs()
