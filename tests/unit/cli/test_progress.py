"""Progress where no terminal shows a bar: lines, few enough to be kept."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from outreach.cli import progress
from outreach.cli.progress import _bar, _Lines
from outreach.runner.send import Sent

NINE = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


class Clock:
    """Moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_wait_is_said_when_it_begins_and_once_an_hour(capsys: pytest.CaptureFixture[str]) -> None:
    """The run looks again every few seconds; whoever reads its output in the morning needs no line for each look."""
    clock = Clock()
    tell = _Lines("LIVE", clock)
    for _ in range(3 * 3600 // 15):
        tell(Sent(left=9, until=NINE, reason="office hours of QM"))
        clock.now += 15
    assert capsys.readouterr().out.count("office hours of QM") == 3
    tell(Sent(left=9, until=NINE + timedelta(minutes=1), reason="pace of the account"))
    assert "pace of the account" in capsys.readouterr().out


def test_letters_that_leave_are_counted_every_few_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten letters a second are no ten lines a second."""
    clock = Clock()
    tell = _Lines("LIVE", clock)
    for count in range(1, 601):
        clock.now += 0.1
        tell(Sent(accepted=count, left=600 - count))
    assert 10 <= len(capsys.readouterr().out.splitlines()) <= 13


@pytest.mark.parametrize("width", [40, 60, 80, 130])
def test_a_narrow_terminal_loses_no_word(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """What is waited for, and until when, matters more than the bar."""
    shown = io.StringIO()
    terminal = Console(file=shown, width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr(progress, "console", lambda: terminal)
    with _bar("REHEARSAL: nothing leaves this machine") as tell:
        tell(Sent(accepted=41, rejected=2, left=77, until=NINE, reason="office hours of QM"))
    words = re.sub(r"\x1b\[\S*?[A-Za-z]|[━╸╺]", " ", shown.getvalue()).split()
    at = NINE.astimezone().strftime("%a %H:%M:%S")
    wanted = f"REHEARSAL 41 sent, 2 refused, 77 left, waiting until {at}: office hours of QM"
    assert wanted in " ".join(words)
