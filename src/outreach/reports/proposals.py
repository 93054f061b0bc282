"""Proposals for a terminal, as CSV and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from outreach.model.proposal import REDIRECTING, ProposalRow, Proposals, Target
from outreach.reports.cells import clean, csv_cell
from outreach.reports.columns import NOTES, Column
from outreach.reports.writers import csv_to, json_to
from outreach.rules.proposal_words import WHAT, fate_words, mail_words, not_proven

SCHEMA = "outreach.proposals/1"  #: raised when a field changes its meaning or goes; new fields may come any time
TARGET_COLUMNS = ("id", "state", "role", "institution", "email", "email_source", "email_source_date")


def proposal_lines(row: ProposalRow, *, indent: str = "    ") -> Iterator[str]:
    """One proposal as a person reads it."""
    one, change = row.proposal, row.proposal.change
    name = f" ({row.name})" if row.name else ""
    yield f"{one.id}  {change.institution}{name}: {WHAT[change.kind]}"
    redirects = change.kind in REDIRECTING
    if change.was and redirects:
        yield f"{indent}from    {change.was}"
    to = " ".join(part for part in (row.to, f"({row.about})" if row.to and row.about else row.about) if part)
    yield f"{indent}{'to' if redirects else 'who':<7} {to}"
    said = f"“{change.words}”, " if change.words else ""
    by = f"{change.by} attached " if change.by else ""
    yield f"{indent}because {said}{by}{mail_words(one)}, SHA-256 {one.sha256[:12]}…, rule {change.rule}"
    if doubt := not_proven(one):
        yield f"{indent}doubt   {doubt}"
    if one.ruling is not None:
        yield f"{indent}settled {fate_words(one)}"


def target_row(target: Target, row: ProposalRow) -> tuple[tuple[str, str], ...]:
    """The row that a sheet needs before the target can be written to: column and cell."""
    one = row.proposal
    source = f"{mail_words(one)} from {one.change.institution}, SHA-256 {one.sha256}"
    day = f"{one.received_at:%Y-%m-%d}" if one.received_at else ""
    cells = (target.id, target.state, target.role, target.name, one.change.now, source, day)
    return tuple(zip(TARGET_COLUMNS, (csv_cell(one) for one in cells), strict=True))


def write_proposals_csv(made: Proposals, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """Every proposal, one a line, every cell quoted, none of them a formula."""
    note = NOTES[made.mode]
    note = f"{note}. {made.campaign}: proposals on {made.at:%Y-%m-%d %H:%M} UTC" if note else ""
    csv_to(to, _columns(made), made.rows, note=note, overwrite=overwrite)


def write_proposals_json(made: Proposals, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """One object; times are ISO 8601 in UTC, what is not known is null."""
    whole = {
        "schema": SCHEMA,
        "note": NOTES[made.mode],
        "mode": made.mode.value,
        "campaign": clean(made.campaign),
        "at": made.at.isoformat(timespec="seconds"),
        "open": made.open,
        "proposals": [_object(row) for row in made.rows],
    }
    json_to(to, whole, overwrite=overwrite)


def _columns(made: Proposals) -> list[Column[ProposalRow]]:
    return [
        Column(head="id", value=lambda row: row.proposal.id),
        Column(head="state", value=lambda row: row.proposal.change.state),
        Column(head="institution", value=lambda row: row.proposal.change.institution),
        Column(head="name", value=lambda row: row.name),
        Column(head="kind", value=lambda row: row.proposal.change.kind.value),
        Column(head="from", value=lambda row: row.proposal.change.was),
        Column(head="to", value=lambda row: row.to),
        Column(head="remark", value=lambda row: row.about),
        Column(head="sentence", value=lambda row: row.proposal.change.words),
        Column(head="rule", value=lambda row: row.proposal.change.rule),
        Column(head="mail", value=lambda row: row.proposal.mail),
        Column(head="sha256", value=lambda row: row.proposal.sha256),
        Column(head="proof", value=lambda row: not_proven(row.proposal) or "proven"),
        Column(head="made at (UTC)", value=lambda row: row.proposal.at),
        Column(head="fate", value=lambda row: fate_words(row.proposal)),
        Column(head="mode", value=lambda _: made.mode.value),
    ]


def _object(row: ProposalRow) -> dict[str, Any]:
    one, change = row.proposal, row.proposal.change
    ruling = one.ruling
    return {
        "id": one.id,
        "campaign": clean(change.campaign),
        "state": change.state,
        "institution": clean(change.institution),
        "kind": change.kind.value,
        "from": clean(change.was) or None,
        "to": clean(row.to) or None,
        "remark": clean(row.about) or None,
        "mail": one.mail,
        "sha256": one.sha256,
        "sentence": clean(change.words) or None,
        "rule": change.rule,
        "proven": change.proven,
        "matched_by": one.match.value if one.match else None,
        "authentication": clean(one.authentication),
        "made_at": one.at.isoformat(timespec="seconds"),
        "made_by": clean(change.by) or None,
        "fate": one.fate.value,
        "settled_by": clean(ruling.by) if ruling else None,
        "settled_at": one.ruled_at.isoformat(timespec="seconds") if one.ruled_at else None,
        "reason": clean(ruling.why) or None if ruling else None,
        "target": dict(target_row(ruling.target, row)) if ruling and ruling.target else None,
    }
