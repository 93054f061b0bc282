"""The first half of the demo: check, plan, approve, send, log."""

from __future__ import annotations

from dataclasses import replace

import typer

from outreach.cli.app import INTERRUPTED, called
from outreach.cli.check import summary
from outreach.cli.plan import print_plan, print_totals
from outreach.cli.send import run_send
from outreach.cli.show import console, plural, print_problems
from outreach.cli.walk import FEW, Walk
from outreach.errors import OutreachError
from outreach.model.dispatch import Plan
from outreach.model.problem import Severity


def write_letters(walk: Walk) -> Plan:
    """From the sheet to the outbox; the plan of the campaign's own sheets."""
    _check(walk)
    ours, theirs = _plan(walk)
    whose = walk.counted(len(ours.planned), len(theirs.planned))
    _approve(walk, whose)
    _send(walk, whose)
    _log(walk)
    return ours


def _check(walk: Walk) -> None:
    from outreach.runner.check import check

    walk.step(f"check {walk.name}")
    found = check(walk.own)
    print_problems(one for one in found.problems if one.severity is not Severity.NOTE)
    print(summary(found, walk.own.mode))


def _plan(walk: Walk) -> tuple[Plan, Plan]:
    from outreach.rules.apart import plan_of
    from outreach.runner.plan import plan

    walk.step(f"plan {walk.name}")
    made = plan(walk.desk)
    if made.totals is None:
        print_problems(made.faults)
        raise OutreachError("The demo stops here: the plan has faults.", todo="Mend them and run it again.")
    ours, theirs = plan_of(made.plan, walk.ours), plan_of(made.plan, walk.theirs)
    print_plan(ours, walk.desk.mode, longest=FEW, rest=f"`{called()} plan {walk.name}` shows them")
    its = {one.dispatch.id for one in ours.planned}
    totals = replace(made.totals, drafted=tuple(one for one in made.totals.drafted if one in its))
    print_totals(replace(made, plan=ours, totals=totals), walk.desk.mode)
    if walk.joined:
        states = len({one.dispatch.state for one in theirs.planned})
        print(
            f"The demo adds {plural(theirs.institutions, 'institution')} of {plural(states, 'invented state')} = "
            f"{plural(len(theirs.planned), 'letter')} planned + {len(theirs.skipped)} skipped: only they will say what "
            "they think."
        )
    return ours, theirs


def _approve(walk: Walk, whose: str) -> None:
    from outreach.runner.approve import approvable, approve

    walk.step(f"approve {walk.name} --yes --by demo")
    drafts = approvable(walk.desk)
    done = approve(walk.desk, digest=drafts.digest, by="demo")
    print(f"{plural(done.queued, 'letter')} approved by demo, digest {drafts.digest[:16]}…")
    if whose:
        print(whose)


def _send(walk: Walk, whose: str) -> None:
    walk.step(f"send {walk.name}")
    sent = run_send(walk.place, walk.desk, keep_pace=False)
    if sent.left:  # stopped by a person, or by a disk that is full
        raise typer.Exit(1 if sent.reason else INTERRUPTED)
    if whose:
        print(whose)


def _log(walk: Walk) -> None:
    from outreach.reports import state_table, totals_line
    from outreach.rules.apart import log_of
    from outreach.runner.log import log

    walk.step(f"log {walk.name}")
    made = log(walk.desk)
    table = state_table(log_of(made, walk.ours), width=console().width)
    walk.few(
        f"The log of {walk.name} per state",
        table._replace(rows=table.rows[:-1]),
        command=f"log {walk.name}",
    )
    walk.apart(lambda keep: totals_line(log_of(made, keep)))
