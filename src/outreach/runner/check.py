"""Check: every fault of every row, template and setting before anything is sent. Writes and connects to nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outreach.errors import LetterError
from outreach.model.campaign import Campaign, Mode
from outreach.model.dispatch import Planned, SkipReason
from outreach.model.problem import Place, Problem, Severity
from outreach.rules.domains import aligned, domain_of
from outreach.rules.exposure import names_somewhere
from outreach.rules.planning import months_before, unusable
from outreach.runner.desk import Desk
from outreach.runner.gather import Gathered, gather
from outreach.runner.letter_faults import each_once, letter_problems

FACTS_MONTHS = 6  #: facts older than this are pointed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found, and what it looked at."""

    problems: tuple[Problem, ...]
    rows: int
    institutions: int
    letters: int  #: that would be written

    def count(self, severity: Severity) -> int:
        """How many problems of one severity."""
        return sum(one.severity is severity for one in self.problems)


def check(desk: Desk, *, settings: Sequence[Problem] = (), mailbox: bool = True) -> Checked:
    """Find everything. `settings` are the problems of the settings, found by the office; `mailbox`: one is set."""
    gathered = gather(desk)
    problems = [
        *settings,
        *desk.ledger.place_problems(),
        *campaign_problems(desk),
        *([] if mailbox else _copies_problems(desk.campaign)),
        *gathered.problems,
        *each_once(_every_letter(desk, gathered), gathered.problems),
        *address_problems(desk, gathered),
    ]
    return Checked(
        problems=tuple(dict.fromkeys(problems)),
        rows=gathered.rows,
        institutions=gathered.plan.institutions,
        letters=len(gathered.plan.planned),
    )


def campaign_problems(desk: Desk) -> list[Problem]:
    """What a campaign file that is well formed still lacks."""
    campaign = desk.campaign
    live = desk.mode is not Mode.REHEARSAL
    found = [
        Problem(
            severity=Severity.FAULT if live else Severity.WARNING,
            code="placeholder",
            found="The shipped example still stands here.",
            todo="Write your own before anything is sent live.",
            place=place,
        )
        for place in campaign.placeholders
    ]
    facts = desk.letters.facts_as_of(campaign)
    if facts is not None and months_before(desk.today, FACTS_MONTHS) > facts:
        found.append(
            Problem(
                severity=Severity.WARNING,
                code="old-facts",
                found=f"The letters' facts are as of {facts}, more than {FACTS_MONTHS} months ago.",
                todo="Read the letters again, correct what has changed, and set facts_as_of.",
                place=Place(path=campaign.path, column="facts_as_of"),
            )
        )
    return [*found, *_alignment_problems(campaign), *_own_mailbox_problems(campaign)]


def _alignment_problems(campaign: Campaign) -> Iterable[Problem]:
    """Reports go to another organisation's domain than the letters come from, which is the one that a reader sees.

    A warning: with a DKIM signature of the provider's the letters hold all the same, and that is not to be seen here.
    """
    sender = campaign.sender
    domain = domain_of(sender.email)
    if sender.bounce_to and not aligned(domain, domain_of(sender.bounce_to)):
        yield Problem(
            severity=Severity.WARNING,
            code="unaligned-domains",
            found=f'Letters come from {domain}, and reports on them go to "{sender.bounce_to}", of another domain: '
            "SPF speaks for that one, and DMARC asks about yours.",
            todo=f"Write an address at {domain}, or take bounce_to out; "
            f"leave it only where your provider signs letters with DKIM as {domain}.",
            place=Place(path=campaign.path, column="sender.bounce_to"),
        )


def _own_mailbox_problems(campaign: Campaign) -> Iterable[Problem]:
    """A supporter's own mail program puts the campaign's address in copy, and that one tells no institution apart."""
    terms, sender = campaign.supporters, campaign.sender
    if terms is None or not names_somewhere(terms) or "{token}" in sender.reply_to:
        return
    yield Problem(
        severity=Severity.WARNING,
        code="untagged-copies",
        found=f'Supporters who write from their own mailbox send a copy to "{sender.reply_to or sender.email}", '
        "and nothing in it says to whom they wrote: each waits in the tray for a person.",
        todo="Write reply_to with {token} before the @, such as letters+{token}@…, if your provider delivers that.",
        place=Place(path=campaign.path, column="sender.reply_to"),
    )


def _copies_problems(campaign: Campaign) -> Iterable[Problem]:
    """Copies are wanted, and there is no mailbox to file them in: letters go all the same."""
    if campaign.copies_folder:
        yield Problem(
            severity=Severity.WARNING,
            code="no-mailbox",
            found="Copies are wanted, and no mailbox is set.",
            todo="Set OUTREACH_IMAP_HOST in .env as .env.example explains, or take [copies] out.",
            place=Place(path=campaign.path, column="copies.folder"),
        )


def _every_letter(desk: Desk, gathered: Gathered) -> Iterable[tuple[Planned, Problem]]:
    for planned in gathered.plan.planned:
        try:
            desk.letters.compose(planned, desk.campaign, mode=desk.mode)
        except LetterError as error:
            yield from ((planned, one) for one in letter_problems(error, planned))


def address_problems(desk: Desk, gathered: Gathered) -> list[Problem]:
    """Live: a fault for each address that may not be written to. Rehearsal: one note that says how many."""
    facts = desk.ledger.address_facts()
    today, months = desk.today, desk.campaign.verified_within_months
    out: list[Problem] = []
    reasons: Counter[SkipReason] = Counter()
    unasked = {one.institution for one in gathered.plan.skipped if one.reason in _UNASKED}
    for contact in gathered.addressed:
        if contact.institution.id in unasked:
            continue
        why = unusable(contact, facts, today=today, months=months)
        if why is None or why[0] is SkipReason.NO_EMAIL:
            continue
        reasons[why[0]] += 1
        if desk.mode is not Mode.REHEARSAL:
            out.append(
                Problem(
                    severity=Severity.FAULT,
                    code=why[0].name.lower().replace("_", "-") + "-address",
                    found=f'"{contact.address}": {_reason(*why)}.',
                    todo=_MEND[why[0]],
                    place=contact.place,
                )
            )
    if desk.mode is Mode.REHEARSAL and reasons:
        total = reasons.total()
        out.append(
            Problem(
                severity=Severity.NOTE,
                code="unverified-addresses",
                found=f"{total} {'address is' if total == 1 else 'addresses are'} not ready for live sending.",
                todo="`outreach check --live` names them; `outreach contacts verify` is how a person verifies them.",
            )
        )
    return out + doubled_boxes(gathered)


_UNASKED = {SkipReason.NO_DEMAND, SkipReason.EXCLUDED}  #: nobody writes to them, whatever their addresses are
_MEND = {
    SkipReason.UNVERIFIED: "Run `outreach contacts verify` once a person has checked it.",
    SkipReason.STALE: "Let a person check it again, and record it with `outreach contacts verify`.",
    SkipReason.BOUNCED: "Correct the address; if it is right, record that a person checked it after that day.",
    SkipReason.SUPPRESSED: "It is not written to any more: take it out, or give another address.",
}


def _reason(reason: SkipReason, detail: str) -> str:
    """What is wrong with an address; of an unverified one the detail is only what to do."""
    return reason.value if reason is SkipReason.UNVERIFIED else f"{reason.value} ({detail})"


def doubled_boxes(gathered: Gathered) -> list[Problem]:
    """Institutions that get no letter of their own: the same box stands in another sheet, or had its letter before.

    A box that stands twice in one sheet has been said by the sheet, at its row.
    """
    said = {(one.place.path, one.place.row) for one in gathered.problems if one.code == "duplicate-address"}
    rows = {one.institution.id for one in gathered.contacts if (one.place.path, one.place.row) in said}
    return [
        Problem(
            severity=Severity.WARNING,
            code="same-box",
            found=f'"{one.institution}" gets no letter of its own: {one.detail}.',
            todo="If both are to be written to at that box, say allow_shared = yes in both rows.",
        )
        for one in gathered.plan.skipped
        if one.reason is SkipReason.SAME_BOX and one.institution not in rows
    ]
