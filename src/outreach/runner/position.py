"""Position: a person writes down what a state says about a demand, with the sentence and its source."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.due import OWING
from outreach.model.position import NewPosition, Position, SourceKind, Stated
from outreach.rules.positions import belongs
from outreach.rules.quotes import tidy
from outreach.rules.sources import LONGEST_NAME, LONGEST_QUOTE, has_controls
from outreach.runner.answer_ports import Papers
from outreach.runner.desk import Desk
from outreach.runner.due import due_rows
from outreach.runner.sources import Given, compare, found_source
from outreach.states import state_name

_OTHERWISE = frozenset({SourceKind.POST, SourceKind.PHONE, SourceKind.VISIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was written down."""

    stated: Stated
    before: Stated | None  #: the record whose place it takes
    compared: bool | None  #: the quote was found in the source; None = there is no text to look into
    silent: tuple[str, ...] = ()  #: who is reminded all the same: an answer came not by mail, and nobody said whose


def position(desk: Desk, given: Given, papers: Papers) -> Recorded:
    """Append a record. Raises UsageError for what no record may be, InboxError for a file that cannot be read."""
    _may_be_recorded(desk, given)
    by, quote, note = (_line(*one) for one in (("--by", given.by), ("--quote", given.quote), ("--note", given.note)))
    if not by:
        raise UsageError("A position is recorded with a person's name.", todo="Say who writes it down with --by NAME.")
    if given.position is Position.NONE and (quote or given.due):
        raise UsageError(
            "Where nothing is known there is no quote and no commitment.", todo="Leave --quote and --due out."
        )
    if given.position is not Position.NONE and not quote:
        raise UsageError("A position needs the sentence that says it.", todo='Add --quote "…", word for word.')
    found = found_source(desk, given, papers)
    compared = compare(given, quote, found)
    who = _who(desk, given)
    new = NewPosition(
        campaign=desk.campaign.slug,
        state=given.state,
        demand=given.demand,
        position=given.position,
        quote=quote,
        source=found.source if found else None,
        by=by,
        due_on=given.due,
        note=note,
        institution=who,
    )
    desk.ledger.require_holder()
    number = desk.ledger.record_position(new, found.content if found else None)
    cell = [
        one
        for one in desk.ledger.positions(desk.campaign.slug)
        if (one.state, one.demand) == (given.state, given.demand) and one.id <= number
    ]
    before = cell[-2] if len(cell) > 1 else None
    return Recorded(stated=cell[-1], before=before, compared=compared, silent=() if who else _silent(desk, given))


def _who(desk: Desk, given: Given) -> str:
    """Who answered by post, telephone or visit, or for whom a mail speaks as well; "" = nobody was named, or nobody can
    be: of several none is guessed.
    """
    if given.position is Position.NONE or given.kind is SourceKind.STATEMENT:
        if given.institution:
            raise UsageError(
                "A statement, or nothing at all, answers nobody's letter.", where="--from", todo="Leave --from out."
            )
        return ""
    if given.kind not in _OTHERWISE and not given.institution:
        return ""  # a mail is heard by itself
    rows = [row for row in due_rows(desk) if row.state == given.state]
    if not given.institution:
        written = [row.institution for row in rows if row.letters]
        return written[0] if len(written) == 1 else ""
    there = {row.institution.casefold(): row.institution for row in rows}
    if given.institution.casefold() not in there:
        raise UsageError(
            f'"{given.institution}" is no institution of {state_name(given.state)} in this campaign.',
            where="--from",
            todo=f"Say one of {', '.join(sorted(there.values()))}." if there else "Plan the campaign first.",
        )
    return there[given.institution.casefold()]


def _silent(desk: Desk, given: Given) -> tuple[str, ...]:
    """Those of the state who owe an answer by mail, where somebody of them has answered otherwise."""
    if given.kind not in _OTHERWISE or given.position is Position.NONE:
        return ()
    return tuple(row.institution for row in due_rows(desk) if row.state == given.state and row.group in OWING)


def _may_be_recorded(desk: Desk, given: Given) -> None:
    demands = [one.slug for one in desk.campaign.demands]
    if given.demand not in demands:
        raise UsageError(
            f'"{given.demand}" is no demand of the campaign.',
            where=desk.campaign.path,
            todo=f"Say one of {', '.join(demands)}.",
        )
    if belongs(desk.mode, given.state):
        return
    name = f"{state_name(given.state)} ({given.state})"
    if desk.mode is Mode.LIVE:
        raise UsageError(
            f"{name} is an invented state: a live campaign keeps no position of it.", todo="Rehearse it without --live."
        )
    raise UsageError(
        f"{name} is a real state: a rehearsal invents no position for it.",
        todo="If it really said so, add --live; rehearse with an invented state, such as QM.",
    )


def _line(option: str, text: str) -> str:
    """What was said, on one line. Raises UsageError when it is too long or holds controls."""
    made = tidy(text)
    most = LONGEST_NAME if option == "--by" else LONGEST_QUOTE
    if has_controls(made):
        raise UsageError("Control characters stand in it.", where=option, todo="Copy the words as plain text.")
    if len(made) > most:
        raise UsageError(
            f"It is {len(made):,} characters long; {most:,} is the most.",
            where=option,
            todo="Quote the sentence that says it; the whole stands in the source.",
        )
    return made
