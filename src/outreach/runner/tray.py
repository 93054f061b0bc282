"""The tray: what waits for a person, what the person says, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from outreach.errors import UsageError
from outreach.model.collected import PostTotals, TrayItem
from outreach.model.proposal import NewRuling, Proposal, ProposalFate, ProposalKind
from outreach.runner.answer_ports import Interpreter, Post
from outreach.runner.bounded import bounded
from outreach.runner.collect import make_book, match_again
from outreach.runner.interpret import LONGEST, Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """What waits, and what was learnt and waits for approval."""

    items: tuple[TrayItem, ...]
    proposals: tuple[Proposal, ...]
    totals: PostTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One mail that waits, with its words and its bytes."""

    item: TrayItem
    raw: bytes
    text: str  #: "" where they cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a person's word did."""

    proposed: str = ""  #: an address that the institution is proposed to have
    moved: int = 0  #: other mails of the tray that belong somewhere now
    was: str = ""  #: the institution that it was filed under


def tray(post: Post, *, aside: bool = False) -> Tray:
    """All that waits for a person, or that one has set `aside`."""
    return Tray(
        items=tuple(post.tray(aside=aside)),
        proposals=tuple(_senders(post)),
        totals=post.post_totals(),
    )


def look(post: Post, interpreter: Interpreter, number: int) -> Waiting:
    """One mail of the tray, or of those that could not be read or were set aside. Raises UsageError for any other."""
    item = next((one for one in (*post.tray(), *post.tray(aside=True)) if one.id == number), None)
    raw = post.raw_mail(item.sha256) if item is not None else None
    if item is None or raw is None:
        todo = "`outreach tray` lists those that wait; `outreach show CAMPAIGN STATE` has those that belong somewhere."
        raise UsageError("No mail with that number waits.", where=str(number), todo=todo)
    try:
        with bounded(LONGEST):
            return Waiting(item=item, raw=raw, text=interpreter.read(raw).text)
    except (Exception, RecursionError):  # noqa: BLE001  that may be why it waits
        return Waiting(item=item, raw=raw, text="")


def settle(
    post: Post,
    interpreter: Interpreter,
    number: int,
    *,
    to: str,
    by: str,
    own: Collection[str] = (),
    server: str = "",
    secret: bytes = b"",
) -> Settled:
    """Say whose mail it is, also of one that is filed elsewhere.

    Its sender's address is proposed for that institution, and its thread is known from now.
    """
    by, was = _name(by), post.judged(number).institution
    proposed = post.attach(number, to, by=by, own=own)
    return Settled(proposed=proposed, moved=_again(post, interpreter, own, server, secret), was=was)


def set_aside(post: Post, numbers: Sequence[int], *, by: str) -> None:
    """Say that mails are none of ours: they stay, and are shown no more."""
    for number in numbers:
        post.set_aside(number, by=_name(by))


def approve(
    post: Post,
    interpreter: Interpreter,
    address: str,
    *,
    by: str,
    own: Collection[str] = (),
    server: str = "",
    secret: bytes = b"",
) -> Settled:
    """Approve what was learnt of an address: it belongs to the institution from now on."""
    found = [one for one in _senders(post) if one.change.now == address.casefold()]
    if not found:
        raise UsageError(
            f'Nothing about "{address}" waits for approval.', todo="`outreach tray` lists what was learnt."
        )
    rulings = [NewRuling(proposal=one.id, fate=ProposalFate.APPROVED, by=_name(by)) for one in found]
    post.settle_proposals(rulings, verified=False, today=date.min)
    return Settled(moved=_again(post, interpreter, own, server, secret))


def _senders(post: Post) -> list[Proposal]:
    """Whose mails persons have attached, and nobody has said yet whether the address is the institution's."""
    open_ones = (one for one in post.proposals() if one.fate is ProposalFate.OPEN)
    return [one for one in open_ones if one.change.kind is ProposalKind.SENDER]


def _again(post: Post, interpreter: Interpreter, own: Collection[str], server: str, secret: bytes) -> int:
    book = make_book(post, own, secret)
    return match_again(post, Desk(post, interpreter, book, server=server, secret=secret))


def _name(by: str) -> str:
    if not by.strip():
        raise UsageError("Whoever settles a mail says who.", todo="Add --by NAME.")
    return by.strip()
