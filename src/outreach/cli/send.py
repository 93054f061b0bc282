"""outreach send: let approved letters go, with the progress said as it happens."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import CampaignName, code_or_id, mode_of
from outreach.cli.onward import next_command
from outreach.cli.progress import progress_for
from outreach.cli.show import banner, clean, plural
from outreach.errors import UsageError
from outreach.model.campaign import Mode, Pace
from outreach.model.status import Status

if TYPE_CHECKING:
    from types import FrameType

    from outreach.office import Office
    from outreach.runner.desk import Desk
    from outreach.runner.send import Sent
    from outreach.runner.supporters.desk import SupporterDesk

COPIES_EVERY = 600.0  #: seconds; how often a run that waits for long files copies for colleagues
LOOK = 0.0005  #: seconds; how old the last look for the file that stops a run may be
STOPPING = "Stopping; a letter in flight is finished first. Once more to drop it."
SOON = 0.02  #: seconds; when an interruption is tried again that came in the middle of a transaction
PLAYED = timedelta(minutes=1)  #: a rehearsal without the pace waits no longer: supporters' letters keep their days
GLANCE = 1.0  #: seconds; how often a run that waits looks for the file that stops it


@app.command()
def send(
    campaign: CampaignName,
    live: Annotated[bool, typer.Option("--live", help="To the real addresses, through your mail server.")] = False,
    to_me: Annotated[bool, typer.Option("--to-me", help="The whole live run into your own box first.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="BG", help="A state, by name or code, or institution; again.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many letters.")] = None,
    real_pace: Annotated[bool, typer.Option("--pace", help="Rehearsals only: keep the campaign's live pace.")] = False,
) -> None:
    """Send what is approved.

    Without --live or --to-me this is a rehearsal: nothing leaves this machine.

    Ctrl-C finishes the letter in flight. Run it again to go on: nothing is sent twice.
    """
    from outreach.runner.planned import is_planned, require_plan

    mode = mode_of(live=live, to_me=to_me)
    place = office()
    with place.desk(campaign, mode) as desk:
        desk.ledger.require_holder()
        if mode is Mode.TO_ME:
            _copy(place, desk)
        supporters = _supporters(place, desk)
        if supporters is None and mode is not Mode.TO_ME:
            require_plan(desk)
        done = run_send(
            place,
            desk,
            only=[code_or_id(one) for one in only or ()],
            limit=limit,
            keep_pace=real_pace or mode is not Mode.REHEARSAL,
            supporters=supporters is not None and _flow(supporters),
        )
        if supporters is not None:
            supporters.book.sent_copies(desk.campaign.slug)
        file_copies(place, desk)
        idle = not done.tried and not done.left
        ahead = "log" if is_planned(desk) else "plan"
        drafts = idle and any(one.status is Status.DRAFT for one in desk.ledger.standings(desk.campaign.slug))
    if mode is not Mode.TO_ME:
        flag = " --live" if live else ""
        print(
            next_command(campaign, flag, {Status.DRAFT} if drafts else ())
            or f"Next: {called()} {ahead} {campaign}{flag}"
        )
    elif done.accepted:
        print(f"Look at them in {desk.campaign.sender.email}.")
    if done.rejected or done.in_doubt or done.held or done.stale or (done.reason and done.until is None):
        raise typer.Exit(1)


def _supporters(place: Office, desk: Desk) -> SupporterDesk | None:
    """The supporters' side of the campaign; None where they do not write."""
    return None if desk.campaign.supporters is None or desk.mode is Mode.TO_ME else place.supporters(desk)


def _flow(it: SupporterDesk) -> bool:
    """Let supporters' letters flow that were confirmed since the last turn; False where none of theirs may go."""
    from outreach.runner.supporters.turn import turn

    done = turn(it, None).flowed
    if done.copies or done.digests:
        print(f"Of supporters: {plural(done.copies, 'letter')} and {plural(done.digests, 'digest')} more to send.")
    if done.waiting:
        flag = " --live" if it.mode is Mode.LIVE else ""
        print(
            "Supporters' letters wait: templates, terms or targets are not those that were approved. "
            f"Look at them: {called()} supporters approve {it.campaign.slug}{flag}"
        )
    return not done.closed


def file_copies(place: Office, desk: Desk) -> None:
    """Copies for colleagues, when the campaign wants them; that they failed is said, and no fault of the run."""
    if desk.mode is not Mode.LIVE or not desk.campaign.copies_folder:
        return
    from outreach.errors import OutreachError
    from outreach.runner.copies import file_copies as run

    folder = clean(desk.campaign.copies_folder)
    try:
        with place.mailbox() as mailbox:
            filed = run(desk, mailbox)
    except OutreachError as error:
        print(f"No copies were filed in {folder}: {clean(str(error))}", file=sys.stderr)
        return
    if filed.appended or filed.there:
        there = f", {filed.there:,} were there already" if filed.there else ""
        print(f"Copies for colleagues in {folder}: {filed.appended:,} filed{there}.")
    if filed.trouble:
        print(f"Not every copy is in {folder}; the next run tries again. {clean(filed.trouble)}", file=sys.stderr)


def _copies_meanwhile(place: Office, desk: Desk, stop: Asked) -> Callable[[datetime], None]:
    """Files copies while a run waits; what goes wrong then is tried again, and said, when the run has ended.

    Each time it goes wrong the next try is put off twice as long: logins refused by the hundred lock an account, and
    with it the letters' own login.
    """
    due, every = 0.0, COPIES_EVERY

    def idle(until: datetime) -> None:
        nonlocal due, every
        if desk.mode is not Mode.LIVE or not desk.campaign.copies_folder or time.monotonic() < due:
            return
        from outreach.errors import OutreachError
        from outreach.runner.copies import file_copies as run

        well = False
        with suppress(OutreachError), place.mailbox() as mailbox:
            well = not run(desk, mailbox, enough=lambda: stop.is_set() or desk.ledger.now() >= until).trouble
        every = COPIES_EVERY if well else 2 * every
        due = time.monotonic() + every

    return idle


def _copy(place: Office, desk: Desk) -> None:
    from outreach.runner.to_me import copy_to_me

    with place.ledger(Mode.LIVE) as live:
        copied = copy_to_me(desk, live, by="to-me")
    print(f"{banner(desk.mode)}. {plural(copied.letters, 'letter')} of the live plan to {copied.box}.")


def run_send(
    place: Office,
    desk: Desk,
    *,
    only: list[str] | tuple[str, ...] = (),
    limit: int | None = None,
    keep_pace: bool,
    supporters: bool = False,
) -> Sent:
    """Send over the mode's own channel, with progress, until done or told to stop; prints the outcome."""
    from outreach.runner.send import send as run

    pace = desk.campaign.pace if keep_pace else Pace(working_days_only=False)
    if desk.mode is Mode.TO_ME:  # one box: nobody's office hours, and the one domain is one's own
        pace = replace(pace, domain=(), institution=(), opens=None, closes=None, working_days_only=False)
    halt = place.workspace.stop_file
    _not_halted(halt)
    with (
        place.channels(desk.mode, pace.connections) as (first, *more),
        stop_on_signal(halt) as stop,
        progress_for(desk) as progress,
    ):
        done = run(
            desk,
            first,
            runner=place.runner,
            pace=pace,
            stop=stop,
            only=only,
            limit=limit,
            progress=progress,
            more=more,
            idle=_copies_meanwhile(place, desk, stop),
            longest=None if keep_pace else PLAYED,
            supporters=supporters,
        )
    if halt.exists() and not done.reason:
        done = replace(done, reason=f"the file {halt.name} is there; remove it to go on")
    print(outcome(done, desk.mode))
    return done


def _not_halted(halt: Path) -> None:
    if halt.exists():
        raise UsageError(
            "This file stops every run: nothing was sent.",
            where=str(halt),
            todo="When everything is settled, remove it and run the command again.",
        )


def outcome(done: Sent, mode: Mode) -> str:
    """One line: what became of the run's letters."""
    if not done.tried and not done.left:
        nothing = "Nothing new to send there." if mode is Mode.TO_ME else "Nothing approved is waiting."
        return f"{banner(mode)}. {nothing}{_besides(done)}"
    parts = [f"{done.accepted:,} accepted by the mail server"]
    parts += [f"{done.rejected:,} refused"] if done.rejected else []
    parts += [f"{done.deferred:,} put off"] if done.deferred else []
    parts += [f"{done.in_doubt:,} in doubt"] if done.in_doubt else []
    parts += [f"{done.held:,} held"] if done.held else []
    parts += [f"{done.left:,} not sent yet"] if done.left else []
    why = f" Stopped: {done.reason}." if done.reason else ""
    if done.until is not None:
        why = f" They wait: {done.reason}. The next may go on {done.until:%d %B, %H:%M} UTC; send again then."
    return f"{banner(mode)}. {', '.join(parts)}.{why}{_besides(done)}"


def _besides(done: Sent) -> str:
    """Letters that look as if they had been forgotten."""
    said = ""
    if done.elsewhere:
        said += (
            f" Another command has {plural(done.elsewhere, 'letter')} in hand; if it was killed, "
            "run this one again in a quarter of an hour."
        )
    if done.stale:
        said += f" {plural(done.stale, 'draft')} would show a day that is too long ago: plan and approve again."
    return said


class Asked:
    """Set by a signal, waited for by the run.

    Not a `threading.Event`: its `set` takes a lock that the main thread may hold at that very moment, in its `wait`,
    and a signal's handler runs in the main thread. A file `halt` is a signal that anybody can give.
    """

    def __init__(self, halt: Path) -> None:
        self._set = self._halted = False
        self._halt = str(halt)
        self._looked = 0.0
        self._ear, self._mouth = socket.socketpair()

    @property
    def signalled(self) -> bool:
        """Whether a signal has asked before."""
        return self._set

    def is_set(self) -> bool:
        """Whether the run is asked to end."""
        return self._set or self._is_halted()

    def _is_halted(self) -> bool:
        """Whether the file is there. Asked several times a letter; no letter takes less time than passes in between."""
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            self._halted = os.path.exists(self._halt)  # noqa: PTH110  quicker
        return self._halted

    def set(self) -> None:
        """Ask the run to end."""
        self._set = True
        self._mouth.send(b"!")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or so many seconds; whether it is."""
        until = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = GLANCE if until is None else min(GLANCE, until - time.monotonic())
            if left <= 0:
                return False
            select.select([self._ear], [], [], left)
        return True

    def close(self) -> None:
        """Give the sockets back."""
        self._ear.close()
        self._mouth.close()


@contextmanager
def stop_on_signal(halt: Path) -> Iterator[Asked]:
    """First Ctrl-C, SIGTERM or SIGHUP, or the file `halt`: finish the letter in flight. Second: drop everything."""
    stop = Asked(halt)

    def ask(_number: int, frame: FrameType | None) -> None:
        if stop.signalled and _in_the_ledger(frame):
            signal.setitimer(signal.ITIMER_REAL, SOON)
            return
        if stop.signalled:
            raise KeyboardInterrupt
        stop.set()
        with suppress(OSError, ValueError):  # a terminal that is gone must not break the letter in flight
            print(f"\n{STOPPING}", file=sys.stderr, flush=True)

    # A terminal that is closed says SIGHUP; whoever began the run with nohup wants it to go on.
    hangs_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, *hangs_up)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()


def _in_the_ledger(frame: FrameType | None) -> bool:
    """Whether a transaction is on: an exception between two of its steps would leave its lock held for all others."""
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith("outreach.ledger."):
            return True
        frame = frame.f_back
    return False
