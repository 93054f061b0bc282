"""The log per state: what stands in the ledger, folded to one row per institution and one per state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from outreach.model.campaign import Mode
from outreach.model.collected import TrayItem
from outreach.model.dispatch import Skipped, SkipReason, Standing
from outreach.model.due import DueRow
from outreach.model.heard import Heard
from outreach.model.log import Group, Log, LogRow
from outreach.model.matrix import Matrix
from outreach.model.status import HeldReason, Status
from outreach.rules.blotting import blotted
from outreach.rules.progress import per_state, summed, with_answers

#: Status -> what it is counted under, and its name for people.
WORDS: Mapping[Status, tuple[Group, str]] = {
    Status.DRAFT: (Group.DRAFT, "draft"),
    Status.QUEUED: (Group.QUEUED, "approved, waiting"),
    Status.CLAIMED: (Group.QUEUED, "being sent"),
    Status.COMMITTED: (Group.QUEUED, "being sent, answer awaited"),
    Status.ACCEPTED: (Group.ACCEPTED, "accepted by the mail server"),
    Status.BOUNCED: (Group.BOUNCED, "bounced"),
    Status.HELD: (Group.HELD, "held"),
    Status.REJECTED: (Group.REFUSED, "refused by the mail server"),
    Status.IN_DOUBT: (Group.IN_DOUBT, "in doubt"),
    Status.CANCELLED: (Group.CLOSED, "cancelled"),
    Status.SUPPRESSED: (Group.CLOSED, "suppressed"),
    Status.ANONYMISED: (Group.CLOSED, "anonymised"),
}

HELD: Mapping[HeldReason, str] = {
    HeldReason.RENAMED: "renamed? Its institution vanished while a new one of the state and role came",
    HeldReason.STALE_ADDRESS: "its address was verified too long ago",
    HeldReason.SIZE: "larger than the server takes",
    HeldReason.REPEATED_CRASH: "the program ended again and again while it was being sent",
    HeldReason.MODERATION: "waits for a moderator",
    HeldReason.BY_HAND: "held by hand",
}

#: Status -> why, where the ledger's columns do not say it already.
_REASONS: Mapping[Status, str] = {
    Status.DRAFT: "waits for approval",
    Status.REJECTED: "the server refused it for good: nothing was delivered",
    Status.IN_DOUBT: "it may have arrived: it is never sent again by itself",
    Status.SUPPRESSED: "the address must not be written to",
}

#: What was cancelled is no letter any more: a plan's own reason says more.
_NO_LETTER = frozenset({Status.CANCELLED, Status.SUPPRESSED})


def build_log(
    standings: Iterable[Standing],
    skipped: Iterable[Skipped],
    *,
    matrix: Matrix,
    found: Iterable[DueRow] = (),
    heard: Iterable[Heard] = (),
    tray: Iterable[TrayItem] = (),
    own_letters: Mapping[str, int] | None = None,
    state_names: Mapping[str, str],
    at: datetime,
) -> Log:
    """Fold one step of one sender. An institution that is both in `standings` and in `skipped` has one row.

    `found` says of each institution where its correspondence stands, whatever the step, `matrix` what its state said,
    and `own_letters` how many supporters wrote to it from their own mailboxes. `at` is aware. In a rehearsal no row
    holds a real address: `recipient` is one of rehearsal.example, and addresses in free text (a sheet's postal cell, a
    server's words) are blotted out.
    """
    left_out = {one.institution: one for one in skipped}
    rows: list[LogRow] = []
    for standing in standings:
        skip = left_out.pop(standing.dispatch.institution, None)
        rows.append(_unsent(skip) if skip and standing.status in _NO_LETTER else _letter(standing, skip))
    rows += map(_unsent, left_out.values())
    wrote = own_letters or {}
    named = (
        replace(
            row,
            state_name=state_names.get(row.state, row.state),
            own_letters=wrote.get(row.institution, 0),
        )
        for row in rows
    )
    made = [_row_blotted(row) for row in named] if matrix.mode is Mode.REHEARSAL else list(named)
    made.sort(key=lambda row: (row.state_name.casefold(), row.state, row.institution))
    made = with_answers(made, matrix=matrix, found=found, tray=tray)
    states = per_state(made, matrix=matrix, heard=heard)
    return Log(
        campaign=matrix.campaign,
        mode=matrix.mode,
        at=at,
        rows=tuple(made),
        states=states,
        total=summed(states),
        matrix=matrix,
        statuses=Counter(row.status for row in made if row.status is not None),
        skips=Counter(row.skip for row in made if row.status is None and row.skip is not None),
    )


def _letter(one: Standing, skip: Skipped | None) -> LogRow:
    group, words = WORDS[one.status]
    it = one.dispatch
    return LogRow(
        state=it.state,
        state_name="",
        institution=it.institution,
        name=it.institution_name,
        role=it.role,
        group=group,
        status=one.status,
        skip=skip.reason if skip else None,
        planned=one.planned,
        words=words,
        reason=_why(one, skip),
        demands=it.demands,
        languages=it.languages,
        dated=it.dated,
        sent_at=one.sent_at,
        attempts=one.attempts,
        server_code=one.server_code,
        server_text=one.server_text,
        recipient=it.recipient,
        post=skip.post if skip else "",
        form=skip.form if skip else "",
    )


def _why(one: Standing, skip: Skipped | None) -> str:
    parts = [_REASONS.get(one.status, "")]
    if one.status is Status.HELD:
        parts.append(HELD[one.held] if one.held else "waits for a person")
    if one.status is Status.QUEUED and one.attempts and one.next_at is not None:
        parts.append(f"tried before, again from {one.next_at:%Y-%m-%d %H:%M} UTC")
    if skip:
        parts.append(f"the latest plan leaves it out: {_because(skip)}")
    elif one.status is Status.QUEUED and not one.planned:
        parts.append("no longer in the plan: the next approval cancels it")
    return "; ".join(part for part in parts if part)


def _unsent(skip: Skipped) -> LogRow:
    by_post = skip.reason is SkipReason.NO_EMAIL
    return LogRow(
        state=skip.state,
        state_name="",
        institution=skip.institution,
        name=skip.institution_name,
        role=skip.role,
        group=Group.BY_POST if by_post else Group.SKIPPED,
        skip=skip.reason,
        words="by post or form only" if by_post else "skipped",
        reason=_because(skip),
        post=skip.post,
        form=skip.form,
    )


def _because(skip: Skipped) -> str:
    """The reason and its detail, without saying a thing twice: "same box as …" already begins with its reason."""
    detail = skip.detail.strip()
    if detail in {"", skip.post.strip(), skip.form.strip()}:
        return skip.reason.value
    if detail.casefold().startswith(skip.reason.value.casefold()):
        return detail
    return f"{skip.reason.value}: {detail}"


def _row_blotted(row: LogRow) -> LogRow:
    recipient = row.recipient or ""
    return replace(
        row,
        recipient=recipient if recipient and blotted(recipient) == recipient else None,
        name=blotted(row.name),
        reason=blotted(row.reason),
        server_text=blotted(row.server_text),
        post=blotted(row.post),
        form=blotted(row.form),
    )
