"""Progress of a run: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from outreach.cli.show import banner, clean, console

if TYPE_CHECKING:
    from outreach.runner.desk import Desk
    from outreach.runner.send import Sent

LINE_EVERY = 5.0  #: seconds between two lines when the output is no terminal
WAIT_AGAIN = 3600.0  #: seconds until one and the same wait is said again: a night is no reason for 3,000 lines
WIDE = 120  #: columns of a terminal that hold the bar and all that is said beside it
DRAW_EVERY = 0.1  #: seconds between two drawings of the bar


@contextmanager
def progress_for(desk: Desk) -> Iterator[Callable[[Sent], None]]:
    """A function to be told how far the run is."""
    if sys.stdout.isatty():
        with _bar(banner(desk.mode)) as tell:
            yield tell
    else:
        yield _Lines(banner(desk.mode))


class _Lines:
    """Says how far a run is: every few seconds, and whenever it begins to wait; a wait itself once an hour."""

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.title = title
        self.clock = clock
        self.began = self.said = clock()
        self.waiting = ""

    def __call__(self, sent: Sent) -> None:
        now = self.clock()
        waiting = f"{sent.until}" if sent.until else ""
        if waiting == self.waiting and now - self.said < (WAIT_AGAIN if waiting else LINE_EVERY):
            return
        self.said, self.waiting = now, waiting
        print(f"{self.title}. {describe(sent, now - self.began)}", flush=True)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[Sent], None]]:
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    # The words matter, the bar does not: on a narrow terminal it is short and they go on in the next line.
    out = console()
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, min_width=4)),
        BarColumn(bar_width=40 if out.width >= WIDE else 8),
        TextColumn("{task.fields[said]}", markup=False, table_column=Column(no_wrap=False)),
    )
    began = time.monotonic()
    drawn = 0.0
    with Progress(*columns, console=out, auto_refresh=False, transient=True) as progress:
        task = progress.add_task(title.partition(":")[0], total=None, said="")

        def tell(sent: Sent) -> None:
            nonlocal drawn
            now = time.monotonic()
            if now - drawn < DRAW_EVERY and not sent.until:
                return
            drawn = now
            said = describe(sent, now - began)
            progress.update(task, total=sent.tried + sent.left, completed=sent.tried, said=said, refresh=True)

        yield tell


def describe(sent: Sent, seconds: float) -> str:
    """`41 sent, 2 refused, 77 left, 6 a minute, 13 min left`, or what is waited for and until when."""
    parts = [f"{sent.accepted:,} sent"]
    for count, word in ((sent.rejected, "refused"), (sent.deferred, "put off"), (sent.in_doubt, "in doubt")):
        parts += [f"{count:,} {word}"] if count else []
    parts.append(f"{sent.left:,} left")
    if sent.tried and seconds > 1:
        rate = sent.tried / seconds
        parts.append(f"{rate * 60:,.0f} a minute")
        if sent.left:
            parts.append(f"about {_span(sent.left / rate)} to go")
    if sent.until:
        at = sent.until.astimezone().strftime("%a %H:%M:%S")
        parts.append(f"waiting until {at}: {clean(sent.reason)}" if sent.reason else f"waiting until {at}")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
