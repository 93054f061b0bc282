"""Reports to make pages of: every position of two invented states, and nine weeks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from outreach.model.campaign import Demand, Mode
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.model.report import Report, Track, Week
from outreach.rules.positions import fold

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
POSITIONS = [one for one in Position if one is not Position.NONE]


def record(number: int, position: Position, **changed: Any) -> Stated:
    made = Stated(
        id=number,
        campaign="spring",
        state="QM" if number % 2 else "QN",
        demand=f"d{number // 2}",
        position=position,
        quote="We do.",
        source=Source(id=number, kind=SourceKind.PHONE, taken_on=AT.date()),
        by="Ana",
        at=AT,
    )
    return replace(made, **changed)


def report(
    logs: Any, *records: Stated, mode: Mode = Mode.REHEARSAL, text: str = "A spring campaign", name: str = "Examplia"
) -> Report:
    matrix = fold(
        records or [record(number, position) for number, position in enumerate(POSITIONS)],
        campaign="spring",
        mode=mode,
        at=AT,
        today=AT.date(),
        demands=[Demand(slug=f"d{number}", title=f"{text} {number}") for number in range(5)],
        asked={"QM": {"d0", "d4"}, "QN": {"d0"}},
        state_names={"QM": name, "QN": "Specimenia"},
        mails={},
    )
    weeks = [
        Week(monday=date(2026, 1, 5) + timedelta(days=7 * n), counts=dict.fromkeys(Track, n % 3)) for n in range(9)
    ]
    return Report(
        title=text,
        organisation=text,
        log=logs.full(mode, matrix),
        weeks=tuple(weeks),
    )
