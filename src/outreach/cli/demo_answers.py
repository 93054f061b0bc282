"""The second half of the demo: what comes back, up to what each state says about each demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from outreach.cli.app import called
from outreach.cli.collect import WORDS, print_done
from outreach.cli.position import said
from outreach.cli.show import banner, clean, plural, print_table
from outreach.cli.tray import print_tray
from outreach.cli.walk import Walk, from_here
from outreach.model.campaign import Mode
from outreach.model.inbound import InboundKind
from outreach.rules.positions import invented

if TYPE_CHECKING:
    from outreach.model.simulated import Said, Simulated
    from outreach.runner.answer import Answered

LATER = timedelta(days=35)  #: what four weeks of working days and a holiday come to


def hear_answers(walk: Walk) -> tuple[Path, str]:
    """From the outbox to the organisers' page; where the page is, and a state that has said something."""
    answered = _answer(walk)
    _collect(walk)
    _tray(walk, answered)
    _due(walk)
    _position(walk, answered)
    _positions(walk)
    return _report(walk), next((one.state for one in answered.mails if one.says), "")


def _answer(walk: Walk) -> Answered:
    from outreach.runner.answer import answer

    place = walk.place
    with place.postman() as postman:
        at = datetime.now(UTC)
        done = answer(walk.desk, place.outbox(), place.interpreter, place.repertoire, postman, at=at)
    print("\nMeanwhile, at the authorities: a simulator inside this command reads the letters, and answers by SMTP.")
    silent = f"{done.silent:,} left without an answer"
    print(f"{plural(done.letters, 'letter')} read, {silent}. The text of each answer opens with SIMULATED.")
    for whose, keep in (("real", False), ("invented", True)):
        mails = [one for one in done.mails if invented(one.state) is keep]
        if mails:
            print(f"From {whose} states {plural(len(mails), 'mail')}: {_kinds(mails)}.")
    return done


def _kinds(mails: Sequence[Simulated]) -> str:
    found = Counter(one.kind for one in mails)
    told = [f"{found[one]:,} {WORDS[one][found[one] > 1]}" for one in InboundKind if found[one]]
    return ", ".join(told)


def _collect(walk: Walk) -> None:
    from outreach.runner.collect import collect

    walk.step("collect")
    place = walk.place
    with place.sources(Mode.REHEARSAL) as sources:
        done = collect(walk.desk.ledger, sources, place.interpreter, own=place.own_addresses(), secret=walk.desk.secret)
    print_done(done, banner(walk.desk.mode), live=False)


def _tray(walk: Walk, answered: Answered) -> None:
    from outreach.runner.tray import settle, tray

    ledger = walk.desk.ledger
    walk.step("tray")
    found = tray(ledger)
    print_tray(found, banner(walk.desk.mode), live=False)
    whose = {one.sender: one.institution for one in answered.mails if one.kind is InboundKind.REPLY}
    for item in found.items:
        if to := whose.get(item.sender):
            walk.step(f"tray {item.id} --to {to} --by demo")
            own = walk.place.own_addresses()
            done = settle(ledger, walk.place.interpreter, item.id, to=to, by="demo", own=own)
            print(f"{banner(walk.desk.mode)}. Mail {item.id} belongs to {to}, says demo.")
            if done.proposed:
                address = clean(done.proposed)
                print(f"Is {address} theirs? Then: {called()} tray --approve {address} --by NAME")


def _due(walk: Walk) -> None:
    from outreach.reports import due_table, due_totals
    from outreach.rules.apart import due_of
    from outreach.runner.due import due

    day = walk.desk.today + LATER
    command = f"due {walk.name} --as-if {day}"
    walk.step(command)
    made = due(replace(walk.desk, today=day, as_if=datetime.combine(day, time(12), tzinfo=UTC)))
    walk.few("Who owes an answer", due_table(made), command=command)
    walk.apart(lambda keep: due_totals(due_of(made, keep)))


def _position(walk: Walk, answered: Answered) -> None:
    """Every sentence of an invented state; the first as a person types it, the others in short."""
    from outreach.runner.position import position
    from outreach.runner.sources import Given

    numbers = {
        (one.institution, one.sender): one.id
        for one in walk.desk.answers.heard(walk.name)
        if one.kind is InboundKind.REPLY
    }
    told = [
        (mail, says, number)
        for mail in answered.mails
        for says in mail.says
        if (number := numbers.get((mail.institution, mail.sender)))
    ]
    for at, (mail, says, number) in enumerate(told):
        given = Given(
            state=mail.state, demand=says.demand, position=says.position, by="demo", quote=says.quote, reply=number
        )
        if not at:
            walk.step(f'{_words(walk, mail, says, number)} \\\n       --quote "{says.quote}"')
        done = position(walk.desk, given, walk.place.papers)
        if not at:
            print("\n".join([f"{banner(walk.desk.mode)}.", *said(done)]))
    if more := told[1:]:
        print("\nIn the same way, each with its sentence:")
        for one in more:
            print(f"   {called()} {_words(walk, *one)} …")


def _words(walk: Walk, mail: Simulated, says: Said, number: int) -> str:
    return f"position {walk.name} {mail.state} {says.demand} {says.position} --reply {number} --by demo"


def _positions(walk: Walk) -> None:
    from outreach.reports import evidence_table, matrix_table, matrix_totals
    from outreach.rules.apart import matrix_of
    from outreach.runner.positions import positions

    walk.step(f"positions {walk.name}")
    made = positions(walk.desk)
    shown = matrix_of(made, invented)
    if not shown.rows:
        print("No invented state was written to: nobody has said anything in this rehearsal.")
        return
    head, rows, right = matrix_table(shown)
    title = "The positions of invented states; a rehearsal has none of any other"
    print_table(f"{banner(walk.desk.mode)}. {title}", head, rows, right=right)
    evidence = evidence_table(shown, history=False)
    for row in evidence.rows:
        print(f"{row[0]}  {row[1]}: {row[2]}. “{row[3]}”")
        print(f"    {row[4]}")
    print(f"\n{matrix_totals(shown)}")


def _report(walk: Walk) -> Path:
    from outreach.reports.page import write_page
    from outreach.runner.report import report

    out = walk.place.workspace.folder(Mode.REHEARSAL) / f"report-{walk.name}.html"
    walk.step(f"report {walk.name} --out {from_here(out)}")
    write_page(report(walk.desk), out, overwrite=True)
    print(f"{banner(walk.desk.mode)}. One page for organisers: the matrix, each sentence with its source, the weeks.")
    return out
