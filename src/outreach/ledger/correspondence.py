"""The verbs for what comes back: keep, file, match again, the tray. `SqlLedger` has them beside its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import bindparam, select

from outreach.ledger import copied, hearing, mails, post, proposals, tray, verdicts
from outreach.ledger.compacting import cut_log
from outreach.ledger.post_schema import inbound
from outreach.ledger.returns import follow
from outreach.ledger.schema import dispatch, letter
from outreach.ledger.store import Store
from outreach.ledger.times import length, moment
from outreach.model.collected import (
    Bookmark,
    Filed,
    PostTotals,
    RawMail,
    Reference,
    ReferenceKind,
    Returned,
    TrayItem,
    Written,
)
from outreach.model.inbound import InboundKind
from outreach.model.proposal import NewRuling, Proposal
from outreach.model.verdict import Judged

_WRITTEN = (
    select(
        dispatch.c.id,
        dispatch.c.campaign,
        dispatch.c.step,
        dispatch.c.institution,
        dispatch.c.institution_name,
        dispatch.c.state,
        dispatch.c.address_norm,
        letter.c.subject,
        dispatch.c.sent_at,
    )
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .order_by(dispatch.c.n)
)
_DISPATCH_OF = select(inbound.c.dispatch_n, inbound.c.kind_rule).where(inbound.c.id == bindparam("id"))


class Correspondence:
    """One database, seen from the mail that comes back."""

    _store: Store

    def written(self) -> list[Written]:
        """Every letter, in plan order: what answers are recognised by."""
        with self._store.read() as tx:
            return [
                Written(
                    dispatch=row[0],
                    campaign=row[1],
                    step=row[2],
                    institution=row[3],
                    institution_name=row[4],
                    state=row[5],
                    address=row[6].partition(" ")[0],
                    subject=row[7],
                    left_at=None if row[8] is None else moment(row[8]),
                )
                for row in tx.each(_WRITTEN)
            ]

    def newest_mail(self) -> int:
        """The number of the mail that was filed last, 0 = none was."""
        with self._store.read() as tx:
            return mails.newest(tx)

    def bookmark(self, source: str) -> Bookmark:
        """How far a source has been read."""
        with self._store.read() as tx:
            return mails.bookmark_of(tx, source)

    def keep(self, source: str, several: Sequence[RawMail]) -> frozenset[str]:
        """Keep the bytes of mails, before anything is made of them; which of them were filed before."""
        with self._store.write() as tx:
            return mails.keep(tx, source, several)

    def raw_mail(self, sha256: str) -> bytes | None:
        """A mail as it came over the wire."""
        with self._store.read() as tx:
            return mails.raw(tx, sha256)

    def mail_hashes(self, campaign: str) -> dict[int, frozenset[str]]:
        """Mail -> the hash of its bytes, and of what they were, of all that was heard from the institutions."""
        with self._store.read() as tx:
            return hearing.hashes(tx, campaign)

    def unread_mails(self, most: int) -> list[RawMail]:
        """Mails that were kept and not filed: whoever kept them ended in between."""
        with self._store.read() as tx:
            return mails.unread(tx, most)

    def file_mails(self, source: str, several: Sequence[Filed], after: Bookmark | None = None) -> frozenset[str]:
        """File mails with all that follows, and how far their source has been read; which of them were new."""
        with self._store.write() as tx:
            return post.file(tx, source, several, after)

    def references(
        self, wanted: Sequence[tuple[ReferenceKind, str]]
    ) -> Mapping[tuple[ReferenceKind, str], list[Reference]]:
        """What was learnt of these names."""
        if not wanted:
            return {}
        with self._store.read() as tx:
            return post.references(tx, wanted)

    def supporter_campaigns(self) -> list[str]:
        """Those in which a person has let supporters write."""
        with self._store.read() as tx:
            return copied.campaigns(tx)

    def own_writers(self, those: Sequence[str]) -> frozenset[str]:
        """Which of these keyed hashes are of people who have sent a letter from their own mailbox."""
        with self._store.read() as tx:
            return copied.writers(tx, those)

    def own_letters(self, campaign: str) -> dict[str, int]:
        """Institution -> how many people have written to it from their own mailboxes."""
        with self._store.read() as tx:
            return copied.counts(tx, campaign)

    def expire_own_letters(self, campaign: str, keep: timedelta) -> int:
        """Remove letters from supporters' own mailboxes, whose number stays, once they are so old; how many."""
        with self._store.read() as tx:  # it is asked every few seconds, and mostly holds up nobody
            total, done = 0, len(copied.over(tx, campaign, tx.now - length(keep)))
        while done:
            with self._store.write() as tx:
                done = copied.expire(tx, campaign, tx.now - length(keep))
            total += done
        if total:
            cut_log(self._store)
        return total

    def in_tray(self, after: int, most: int) -> list[tuple[int, str, bytes]]:
        """Mails of the tray that no person has settled, from a number on: number, hash, bytes."""
        with self._store.read() as tx:
            return tray.in_tray(tx, after, most)

    def rematch(self, several: Sequence[Filed]) -> int:
        """Mails of the tray that belong somewhere by what was learnt since; how many."""
        if not several:
            return 0
        with self._store.write() as tx:
            return post.rematch(tx, several)

    def pending(self, after: int, most: int) -> list[tuple[int, str, bytes]]:
        """Reports whose letter was in a runner's hand when they came: number, hash, bytes."""
        with self._store.read() as tx:
            return tray.pending(tx, after, most)

    def follow(self, number: int, report: Returned) -> bool:
        """Do what such a report asks for, now that the letter may be out of the runner's hand."""
        with self._store.write() as tx:
            row = tx.one(_DISPATCH_OF, id=number)
            return row is not None and row[0] is not None and follow(tx, number, row[0], report, rule=row[1])

    def post_totals(self) -> PostTotals:
        """All mail, by where it is."""
        with self._store.read() as tx:
            return post.totals(tx)

    def tray(self, *, aside: bool = False) -> list[TrayItem]:
        """Every mail that waits for a person, or that one has set `aside`, with its guesses."""
        with self._store.read() as tx:
            return tray.waiting(tx, aside=aside)

    def attach(self, number: int, to: str, *, by: str, own: Collection[str] = ()) -> str:
        """A person says whose mail it is; the address that this proposes for the institution. Raises UsageError."""
        with self._store.write() as tx:
            return tray.attach(tx, number, to, by=by, own=own)

    def set_aside(self, number: int, *, by: str) -> None:
        """A person says that a mail is none of ours. Raises UsageError."""
        with self._store.write() as tx:
            tray.set_aside(tx, number, by=by)

    def judge(self, number: int, kind: InboundKind, *, by: str, why: str = "") -> int:
        """A person says what a mail is; how many reminders that stops. Raises UsageError."""
        with self._store.write() as tx:
            return verdicts.judge(tx, number, kind, by=by, why=why)

    def judged(self, number: int) -> Judged:
        """A mail with every verdict on it. Raises UsageError."""
        with self._store.read() as tx:
            return verdicts.judged(tx, number)

    def proposals(self, campaign: str = "") -> list[Proposal]:
        """Every proposal for the institutions of a campaign, or of all, settled or not, the oldest first."""
        with self._store.read() as tx:
            return proposals.all_proposals(tx, campaign)

    def settle_proposals(self, rulings: Sequence[NewRuling], *, verified: bool, today: date) -> None:
        """A person's word on each, all or none; `verified`: they checked the addresses, too. Raises UsageError."""
        with self._store.write() as tx:
            proposals.settle(tx, rulings, verified=verified, today=today)
