"""Bars per week, one strip for each track, as numbers that a template draws. Words stay outside the SVG: they wrap
there, are read aloud, and keep their direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.model.report import Track, Week

WIDTH, HEIGHT = 1000, 40  #: of a strip's own coordinates; the page stretches it
FEWEST = 12  #: weeks that the width always has room for: three weeks are not three slabs
GAP = 0.15  #: of a week's room stays empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One week of one track."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One track over all weeks."""

    track: Track
    total: int
    most: int  #: in one week
    busiest: date | None
    bars: tuple[Bar, ...]  #: of the weeks in which something happened


def strips(weeks: Sequence[Week]) -> tuple[Strip, ...]:
    """Each track scaled by itself: five answers are to be seen beside five hundred letters."""
    return tuple(_strip(track, weeks) for track in Track)


def _strip(track: Track, weeks: Sequence[Week]) -> Strip:
    counts = [week.counts[track] for week in weeks]
    most = max(counts, default=0)
    room = WIDTH / max(len(weeks), FEWEST)
    bars = tuple(
        Bar(
            x=round(room * (index + GAP / 2), 2),
            y=round(HEIGHT * (1 - count / most), 2),
            width=round(room * (1 - GAP), 2),
            height=round(HEIGHT * count / most, 2),
        )
        for index, count in enumerate(counts)
        if count
    )
    busiest = weeks[counts.index(most)].monday if most else None
    return Strip(track=track, total=sum(counts), most=most, busiest=busiest, bars=bars)
