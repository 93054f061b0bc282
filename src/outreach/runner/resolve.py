"""Resolve: look for evidence of the letters in doubt, write it down, and settle what it settles; the rest a person may.

What is found is written down before anything is settled by it. Proof for and proof against settle nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from outreach.errors import InboxError, UsageError
from outreach.model.evidence import Doubt, Evidence, MailSeen, Says
from outreach.model.status import RELEASABLE, HeldReason, Status
from outreach.rules.evidence import of_folders, of_log, of_mail, settlement
from outreach.runner.answer_ports import Mailbox, Papers
from outreach.runner.desk import Desk
from outreach.runner.planned import require_plan

_DEEDS = {
    HeldReason.RENAMED: "Say `outreach contacts same` or `outreach contacts gone`, then plan again.",
    HeldReason.STALE_ADDRESS: "Say `outreach contacts verify`, then plan again.",
    HeldReason.SIZE: "Make it smaller (html = false), then plan again.",
}

_BACK = timedelta(days=1)  #: a mailbox's days are those of another time zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where to look: nowhere, and only what was found before counts."""

    papers: Papers | None = None
    mail_logs: Sequence[Path] = ()
    mails: Sequence[Path] = ()
    mailbox: Mailbox | None = None
    folders: Sequence[str] = ()  #: of sent letters and journal copies; () = as the mailbox and the campaign say


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What is left in doubt, what is held, and what evidence has settled now."""

    doubts: tuple[Doubt, ...]  #: still in doubt, with all evidence found so far
    held: tuple[Doubt, ...]
    settled: Mapping[str, Status] = field(default_factory=dict)  #: institution -> where its letter is now
    folders: tuple[str, ...] = ()  #: that were looked into
    trouble: str = ""  #: why the mailbox could not be looked into, or not to the end


def resolve(desk: Desk, sources: Sources) -> Resolved:
    """Look wherever `sources` says. Raises InboxError for a file that cannot be read; a mailbox's trouble is told.

    Raises UsageError when nothing has been planned yet.
    """
    ledger, campaign = desk.ledger, desk.campaign.slug
    ledger.recover()
    in_doubt = _in_doubt(ledger.doubts(campaign))
    found: dict[str, list[Evidence]] = {one.standing.dispatch.id: [] for one in in_doubt}
    folders: tuple[str, ...] = ()
    trouble = ""
    if in_doubt:
        _look_into_papers(desk, sources, in_doubt, found)
        if sources.mailbox is not None:
            folders, trouble = _look_into_mailbox(desk, sources.mailbox, sources.folders, in_doubt, found)
    for one in in_doubt:
        ledger.record_evidence(one, found[one.standing.dispatch.id])
    settled = _settle(desk, _in_doubt(ledger.doubts(campaign)))
    left = ledger.doubts(campaign)
    if not left:
        require_plan(desk)
    return Resolved(
        doubts=tuple(_in_doubt(left)),
        held=tuple(one for one in left if one.standing.status is Status.HELD),
        settled=settled,
        folders=folders,
        trouble=trouble,
    )


def resolve_by_person(
    desk: Desk, which: Collection[str], now: Status, *, every: bool = False, by: str, why: str
) -> Mapping[str, Status]:
    """Settle letters by a person's word: institution -> where its letter is then.

    `which` are institutions or dispatch ids; `every` means all that are in doubt, and none that are held. Raises
    UsageError, with nothing settled, when one of them does not wait for such a word.
    """
    desk.ledger.recover()
    waiting = desk.ledger.doubts(desk.campaign.slug)
    chosen = _in_doubt(waiting) if every else _chosen(waiting, which)
    _may_all(chosen, now)
    names = {one.standing.dispatch.id: one.standing.dispatch.institution for one in chosen}
    settled = desk.ledger.settle_by_person(names, now, by=by, why=why)
    return {names[one]: where for one, where in settled.items()}


def _in_doubt(doubts: Iterable[Doubt]) -> list[Doubt]:
    return [one for one in doubts if one.standing.status is Status.IN_DOUBT]


def _look_into_papers(
    desk: Desk, sources: Sources, doubts: Sequence[Doubt], found: Mapping[str, list[Evidence]]
) -> None:
    papers, now = sources.papers, desk.ledger.now()
    if papers is None:
        return
    if sources.mail_logs:
        look = papers.logs(sources.mail_logs, _message_ids(doubts))
        for one in doubts:
            found[one.standing.dispatch.id].append(of_log(one, look, now=now))
    if sources.mails:
        _take_mails(desk, doubts, papers.mails(sources.mails, list(found)), found)


def _look_into_mailbox(
    desk: Desk,
    mailbox: Mailbox,
    named: Sequence[str],
    doubts: Sequence[Doubt],
    found: Mapping[str, list[Evidence]],
) -> tuple[tuple[str, ...], str]:
    """Which folders were looked into, and what went wrong. Absence counts only when every folder was looked into."""
    folders: list[str] = []
    try:
        folders += named or _copy_folders(desk, mailbox)
        looks = [mailbox.copies(folder, _message_ids(doubts)) for folder in folders]
        now = desk.ledger.now()
        for one in doubts:
            found[one.standing.dispatch.id].extend(of_folders(one, looks, now=now))
        since = min(one.marked_at or one.standing.changed_at or now for one in doubts).date() - _BACK
        for folder in dict.fromkeys([mailbox.inbox, *named]):
            _take_mails(desk, doubts, mailbox.naming(folder, list(found), since=since), found)
    except InboxError as error:
        return tuple(folders), str(error)
    return tuple(folders), ""


def _copy_folders(desk: Desk, mailbox: Mailbox) -> list[str]:
    return list(dict.fromkeys([*mailbox.sent_folders(), *filter(None, [desk.campaign.copies_folder])]))


def _take_mails(
    desk: Desk, doubts: Sequence[Doubt], mails: Iterable[MailSeen], found: Mapping[str, list[Evidence]]
) -> None:
    sender = desk.campaign.sender
    own = {sender.email, sender.reply_to.replace("+{token}", "").replace("{token}", "") or sender.email}
    for mail in mails:
        for one in doubts:
            evidence = of_mail(one, mail, own=own)
            if evidence is not None:
                found[one.standing.dispatch.id].append(evidence)


def _message_ids(doubts: Iterable[Doubt]) -> list[str]:
    """Those of the letters and of their neighbours, each once."""
    names = [(one.message_id, *(near.message_id for near in one.neighbours)) for one in doubts]
    return list(dict.fromkeys(name for several in names for name in several))


def _settle(desk: Desk, doubts: Iterable[Doubt]) -> dict[str, Status]:
    settled = {}
    for one in doubts:
        now, _ = settlement(one.evidence)
        if now is None:
            continue
        proof = [evidence for evidence in one.evidence if evidence.says is not Says.NOTHING]
        if desk.ledger.settle_by_evidence(one, now, proof):
            settled[one.standing.dispatch.institution] = now
    return settled


def _chosen(waiting: Sequence[Doubt], which: Collection[str]) -> list[Doubt]:
    chosen: dict[str, Doubt] = {}
    for name in which:
        fits = [one for one in waiting if name in {one.standing.dispatch.institution, one.standing.dispatch.id}]
        if not fits:
            raise UsageError(
                f'No letter to "{name}" is in doubt or held.',
                todo="`outreach resolve` lists those that are; nothing was settled.",
            )
        chosen |= {one.standing.dispatch.id: one for one in fits}
    return list(chosen.values())


def _may_all(chosen: Sequence[Doubt], now: Status) -> None:
    for one in chosen:
        held, reason = one.standing.status is Status.HELD, one.standing.held or HeldReason.BY_HAND
        if held and now is Status.ACCEPTED:
            found, todo = "has not been sent: it is held", "Say --resend or --drop."
        elif held and now is Status.QUEUED and reason not in RELEASABLE:
            found, todo = f"waits for more than a word: {reason}", _DEEDS.get(reason, "Drop it, or plan again.")
        else:
            continue
        raise UsageError(
            f"The letter to {one.standing.dispatch.institution} {found}.", todo=f"{todo} Nothing was settled."
        )
