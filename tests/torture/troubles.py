"""What can be wrong with a runner's process or its disk, set off at a chosen mark; for a process of its own."""

import os
import resource
import signal
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from outreach.errors import FenceLost
from outreach.ledger import SqlLedger, open_ledger
from outreach.model.campaign import Mode
from outreach.model.receipt import Claim, Outcome
from outreach.model.status import Status
from outreach.runner import notes


def stopped(*, mark: int) -> None:
    """SIGSTOP with the body written, before this mark."""
    _at(mark, lambda: os.kill(os.getpid(), signal.SIGSTOP), after=False)


def file_limit(*, file: str, mark: int, after: bool) -> None:
    """No file of this process may grow beyond what this one is now, from before or after this mark."""

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (Path(file).stat().st_size, resource.RLIM_INFINITY))

    _at(mark, full, after=after)


def hasty() -> None:
    """A ledger that is locked is waited for, but not for half a minute."""
    notes.LEDGER_WAITS = (timedelta(seconds=0.1),) * 2


def page_limit(*, mark: int, after: bool) -> None:
    """The database may have no more pages than it has now."""
    connections: list[Any] = []
    event.listen(Engine, "connect", lambda driver, _: connections.append(driver))

    def full() -> None:
        for one in connections:
            pages = one.execute("PRAGMA page_count").fetchone()[0]
            one.execute(f"PRAGMA max_page_count = {pages}")

    _at(mark, full, after=after)


def filled(*, folder: str, mark: int, after: bool) -> None:
    """Somebody else fills the disk to the last byte."""

    def full() -> None:
        with Path(folder, "filler").open("ab", buffering=0) as filler:
            for size in (65_536, 4_096, 1):
                try:
                    while filler.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    _at(mark, full, after=after)


def nobody() -> None:
    """A user to whom nothing belongs; root may write everywhere.

    What is loaded late is loaded before: this user may not even read where the program is installed.
    """
    if os.geteuid() == 0:
        with tempfile.TemporaryDirectory() as folder:
            open_ledger(f"sqlite:///{folder}/throwaway.db", mode=Mode.LIVE).close()
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)


def no_mark() -> None:
    """The fault that this house is built against: the mark becomes durable with the answer, not before the dot.

    A runner that dies in between leaves its letter `claimed`, and recovery queues it again.
    """
    real_mark, real_settle = SqlLedger.mark, SqlLedger.settle

    def mark(self: SqlLedger, claim: Claim, *, settle: Sequence[Outcome] = (), **given: Any) -> None:
        if settle:
            self.settle(settle)

    def settle(self: SqlLedger, outcomes: Sequence[Outcome]) -> None:
        for one in outcomes:
            if one.status in {Status.ACCEPTED, Status.IN_DOUBT}:
                try:
                    real_mark(self, one.claim)
                except FenceLost:
                    continue
            real_settle(self, [one])

    SqlLedger.mark, SqlLedger.settle = mark, settle


def _at(number: int, what: Callable[[], None], *, after: bool) -> None:
    """Do `what` at the so-many-th mark of this process, before or after it is made."""
    real = SqlLedger.mark
    marks = 0

    def mark(self: SqlLedger, *args: Any, **given: Any) -> Any:
        nonlocal marks
        marks += 1
        mine = marks == number
        if mine and not after:
            what()
        done = real(self, *args, **given)
        if mine and after:
            what()
        return done

    SqlLedger.mark = mark
