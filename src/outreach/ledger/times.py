"""Moments as the ledger keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """An aware moment as the ledger keeps it. A naive one is a mistake of the caller: ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return (moment - _EPOCH) // _MICRO


def moment(micros: int) -> datetime:
    """The aware UTC moment again, exactly."""
    return _EPOCH + timedelta(microseconds=micros)


def length(span: timedelta) -> int:
    """A span in microseconds."""
    return span // _MICRO
