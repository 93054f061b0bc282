"""The ladder of evidence: what was seen of a letter in doubt, and what that says (docs/operator.md).

A letter too many to a minister is worse than a letter late: presence proves, absence hardly ever does. Where a folder
or a log lacks the letter, that is proof only when it has the letters that left just before or after it, and when time
enough has passed for it to come in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from outreach.model.evidence import (
    Doubt,
    Evidence,
    FolderLook,
    LogLook,
    LogState,
    MailKind,
    MailSeen,
    Neighbour,
    Says,
)
from outreach.model.status import Status

SESSION = timedelta(minutes=2)  #: letters so near to each other went over the same session of the same account
SETTLING = timedelta(minutes=15)  #: how long a copy may take to come into its folder, or a line into the log


def of_folders(doubt: Doubt, looks: Sequence[FolderLook], *, now: datetime) -> list[Evidence]:
    """What the folders of sent letters and of journal copies say, looked at together.

    A letter that lies in one of them need not lie in the others: absence counts only when it is in none.
    """
    found = any(doubt.message_id in look.theirs for look in looks)
    return [_of_folder(doubt, look, found=found, now=now) for look in looks]


def of_log(doubt: Doubt, look: LogLook, *, now: datetime) -> Evidence:
    """What a mail server's own log says."""
    source = f"log {look.name}"
    line = look.letters.get(doubt.message_id)
    if line is not None and line.state is not LogState.SEEN:
        return Evidence(source=source, says=Says.TAKEN, words=f"{line.state}: {line.words}")
    if line is not None:
        return Evidence(source=source, says=Says.NOTHING, words=f"{line.state}: {line.words}")
    why = _too_soon(doubt, now) or _log_gap(doubt, look)
    if why:
        return Evidence(source=source, says=Says.NOTHING, words=f"not in it, which proves nothing: {why}")
    words = "not in it, though the letters before and after it are"
    return Evidence(source=source, says=Says.NOT_TAKEN, words=words)


def of_mail(doubt: Doubt, mail: MailSeen, *, own: Collection[str]) -> Evidence | None:
    """What a mail that names the letter says; `own` are the campaign's addresses. Never that it was not taken."""
    identifier = doubt.standing.dispatch.id
    if identifier not in mail.names:
        return None
    source = f"mail {mail.message_id or mail.subject or '(without an id)'} in {mail.where}"
    about = f'{mail.kind} "{mail.subject}" from {mail.sender or "nobody"}'
    why = _no_proof(mail, identifier, {one.lower() for one in own})
    if why:
        return Evidence(source=source, says=Says.NOTHING, words=f"{about}: {why}")
    return Evidence(source=source, says=Says.TAKEN, words=about)


def settlement(evidence: Iterable[Evidence]) -> tuple[Status | None, str]:
    """Where the evidence leads, and why not when it leads nowhere: of each source the newest counts."""
    newest = {one.source: one for one in evidence}
    taken = [one for one in newest.values() if one.says is Says.TAKEN]
    not_taken = [one for one in newest.values() if one.says is Says.NOT_TAKEN]
    if taken and not_taken:
        return None, f"contradictory: taken by {_sources(taken)}; not taken by {_sources(not_taken)}"
    if taken:
        return Status.ACCEPTED, ""
    if not_taken:
        return Status.QUEUED, ""
    return None, "nothing found proves anything" if newest else "nothing found yet"


def _of_folder(doubt: Doubt, look: FolderLook, *, found: bool, now: datetime) -> Evidence:
    source = f"folder {look.folder}"
    if doubt.message_id in look.theirs:
        return Evidence(source=source, says=Says.TAKEN, words="the letter lies in it")
    if found:
        return Evidence(source=source, says=Says.NOTHING, words="not in it, and need not be")
    if doubt.message_id in look.ours:
        words = "only our own copy lies in it, which proves nothing"
        return Evidence(source=source, says=Says.NOTHING, words=words)
    why = _too_soon(doubt, now) or _folder_gap(doubt, look)
    if why:
        return Evidence(source=source, says=Says.NOTHING, words=f"not in it, which proves nothing: {why}")
    words = "not in it, though the letters sent just before or after it are"
    return Evidence(source=source, says=Says.NOT_TAKEN, words=words)


def _too_soon(doubt: Doubt, now: datetime) -> str:
    """Why the letter's absence could not count anywhere."""
    if doubt.marked_at is None:
        return "this ledger does not know when it was sent"
    if doubt.restored:
        return "the ledger came back from a backup since, and later attempts may be missing in it"
    if now - doubt.marked_at < SETTLING:
        return f"{SETTLING.seconds // 60} minutes must have passed since it was sent"
    return ""


def _folder_gap(doubt: Doubt, look: FolderLook) -> str:
    near = [one for one in doubt.neighbours if doubt.marked_at and abs(one.at - doubt.marked_at) <= SESSION]
    if not near:
        return "no other letter was accepted within two minutes of it"
    if any(one.message_id not in look.theirs for one in near):
        return "letters that were accepted just before or after it are not in it either"
    return ""


def _log_gap(doubt: Doubt, look: LogLook) -> str:
    """Why no single file is known to be whole around the attempt: between two files a third may be missing."""
    before, after = _around(doubt)
    if not before or not after:
        return "no letter was accepted both before and after it"
    if any(
        any(one.message_id in file for one in before) and any(one.message_id in file for one in after)
        for file in look.files
    ):
        return ""
    return "no single file of it has a letter before and a letter after it"


def _around(doubt: Doubt) -> tuple[list[Neighbour], list[Neighbour]]:
    at = doubt.marked_at
    if at is None:
        return [], []
    return [one for one in doubt.neighbours if one.at < at], [one for one in doubt.neighbours if one.at >= at]


def _no_proof(mail: MailSeen, identifier: str, own: Collection[str]) -> str:
    if mail.ours:
        return "our own copy, which proves nothing"
    if mail.to_me:
        return "about the copy in your own box, not about the letter"
    if mail.kind is MailKind.LETTER:
        return "" if mail.received else "no mail server has handled this copy of it"
    if mail.sender.lower() in own:
        return "we wrote it ourselves"
    if identifier in mail.threaded or (mail.kind is not MailKind.REPLY and identifier in mail.returned):
        return ""
    # Whoever was asked about the letter names it as well: "we have no such letter" must not prove that they have it.
    return "it names the letter in its text alone; read it, and settle the letter yourself"


def _sources(evidence: Iterable[Evidence]) -> str:
    return ", ".join(one.source for one in evidence)
