"""The verbs for supporters: `runner.supporter_ports.SupporterBook`. `SqlLedger` has them beside its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from outreach.ledger import actions as submitted
from outreach.ledger import (
    copied,
    erasing,
    expiring,
    flowing,
    frames,
    leases,
    notices,
    quotas,
    reading,
    retreat,
    telling,
    tokens,
    traces,
)
from outreach.ledger import copies as left
from outreach.ledger.action_rows import targets_of
from outreach.ledger.commonplace import is_commonplace
from outreach.ledger.compacting import compact
from outreach.ledger.rescue import Rescue
from outreach.ledger.store import Store, Tx
from outreach.ledger.times import length, micros
from outreach.model.action import Action, ActionStatus, ActionTarget, Crowd, NewAction, Purpose
from outreach.model.dispatch import Dispatch, Standing
from outreach.model.letter import Letter
from outreach.model.notice import NoticeEnd, NoticeKind, NoticeTurn
from outreach.model.supporter import ApprovedFrame, Frame, OwnMail
from outreach.rules.redaction import Canaries


class Supporting:
    """One database, seen from the supporters' side: each verb one transaction, but `expire`, which takes several."""

    _store: Store
    _lease: int
    _rescue: Rescue

    def at_once(self) -> AbstractContextManager[None]:
        """What this thread does in the block is one transaction: one wait for the disk instead of many."""
        return self._store.together()

    # the frame

    def approve_frame(self, frame: Frame, *, by: str) -> None:
        """A person lets confirmed copies inside this frame go. It replaces the campaign's earlier one."""
        with self._store.write() as tx:
            frames.approve_frame(tx, frame, by=by)

    def frame(self, campaign: str) -> ApprovedFrame | None:
        """What a person approved last."""
        with self._store.read() as tx:
            return frames.approved_frame(tx, campaign)

    # limits

    def spend(self, quota: str, key: str, *, most: int, within: timedelta) -> bool:
        """Count one more; False, and nothing counted, where `most` were within that time."""
        with self._store.write() as tx:
            return quotas.spend(tx, quota, key, most=most, within=length(within))

    def spent(self, quota: str, key: str, *, within: timedelta) -> int:
        """How many were counted within that time."""
        with self._store.read() as tx:
            return quotas.counted(tx, quota, key, within=length(within))

    def spend_once(self, key: str, *, until: datetime) -> bool:
        """Use up a form token or a solved challenge; False when it was used before."""
        with self._store.write() as tx:
            return quotas.spend_once(tx, key, until=micros(until))

    # the form and its confirmation

    def take(self, new: NewAction, *, confirmation: bool = True) -> bool:
        """Keep a submitted action and want its confirmation; False where one of the same supporter is pending."""
        with self._store.write() as tx:
            return submitted.take(tx, new, confirmation=confirmation)

    def issue(self, token_sha256: str, action: str, purpose: Purpose, *, until: datetime) -> None:
        """A link's token, of which only the hash is kept."""
        with self._store.write() as tx:
            tokens.issue(tx, token_sha256, action, purpose, until=micros(until))

    def find(self, token_sha256: str, purpose: Purpose) -> Action | None:
        """Whose token this is, while it may be used."""
        with self._store.read() as tx:
            return tokens.find(tx, token_sha256, purpose)

    def confirm(self, token_sha256: str) -> Action | None:
        """Use the token: the action is confirmed, or held where `held` says why."""
        with self._store.write() as tx:
            return tokens.confirm(tx, token_sha256)

    def withdraw(self, action: str) -> Sequence[ActionTarget]:
        """Take an action back wherever no letter of it is claimed; where each target stands then."""
        with self._store.write() as tx:
            return retreat.withdraw(tx, action)

    # reading

    def actions(self, campaign: str, *, status: ActionStatus | None = None) -> Iterator[Action]:
        """Actions in the order in which they came, never held whole."""
        return submitted.actions(self._store, campaign, status)

    def targets_of(self, action: str) -> Sequence[ActionTarget]:
        """Where an action stands at each of its targets."""
        with self._store.read() as tx:
            return targets_of(tx, action)

    def readers(self, campaign: str, mail: str) -> Iterator[Action]:
        """Those still known who are told of an answer, never held whole."""
        return telling.readers(self._store, campaign, mail)

    def crowds(self, campaign: str) -> Mapping[str, Crowd]:
        """Institution -> how many confirmed supporters wrote to it; erased ones are still counted."""
        with self._store.read() as tx:
            return submitted.crowds(tx, campaign)

    def copies(self, campaign: str) -> Iterator[Standing]:
        """Every copy and digest, in the order in which they were queued; `standings` has the campaign's own letters."""
        return reading.copies(self._store, campaign)

    # a person's look

    def moderate(self, action: str, *, release: bool, by: str, why: str = "") -> bool:
        """Let a held action go, or refuse it; False when it is not held any more."""
        with self._store.write() as tx:
            return submitted.moderate(tx, action, release=release, by=by, why=why)

    # letters

    def to_flow(self, campaign: str, most: int) -> Sequence[tuple[Action, Sequence[str]]]:
        """Confirmed actions with the targets for which nothing is decided yet, the oldest first."""
        with self._store.read() as tx:
            return flowing.to_flow(tx, campaign, most)

    def queue_of(self, campaign: str, institution: str) -> int:
        """How many copies to this institution are queued and have not left."""
        with self._store.read() as tx:
            return flowing.queue_of(tx, campaign, institution)

    def flow(
        self,
        action: str,
        *,
        copies: Sequence[tuple[Dispatch, Letter, datetime | None]],
        digests: Mapping[str, str],
        dropped: Mapping[str, str],
        frame: ApprovedFrame,
    ) -> None:
        """Decide for an action's targets, all or nothing. ApprovalError when another frame was approved since; a letter
        outside the frame is a ValueError.
        """
        with self._store.write() as tx:
            flowing.flow(tx, action, copies, digests, dropped, frame)

    def for_digest(self, campaign: str, institution: str) -> Sequence[Action]:
        """Confirmed actions that the next digest to this institution counts, the oldest first; none while one waits."""
        with self._store.read() as tx:
            return flowing.for_digest(tx, campaign, institution)

    def digest(self, dispatch: Dispatch, letter: Letter, actions: Sequence[str], frame: ApprovedFrame) -> bool:
        """Queue a digest and let it count these actions; False, and nothing done, where that day's was made before,
        one of the actions was taken back since, or another frame was approved.
        """
        try:
            with self._store.write() as tx:
                return flowing.digest(tx, dispatch, letter, actions, frame)
        except flowing.NotAsItWas:
            return False

    # mails to supporters

    def want(self, kind: NoticeKind, action: str, key: str = "", *, not_before: datetime | None = None) -> bool:
        """Want a notice sent, once: False where it was wanted before."""
        with self._store.write() as tx:
            begins = 0 if not_before is None else micros(not_before)
            return notices.want_for(tx, kind, action, key, not_before=begins)

    def want_reminders(self, campaign: str, *, before: datetime) -> int:
        """Want a reminder for every action that came by then and is not confirmed, each once; how many were new."""
        with self._store.write() as tx:
            return notices.want_reminders(tx, campaign, micros(before))

    def next_notice(self, campaign: str) -> NoticeTurn | None:
        """A notice that is due, now ours, and durably so. Of what commands ended with, confirmations come again."""
        with self._store.write() as tx:
            return notices.next_notice(tx, campaign)

    def settle_notice(self, number: int, end: NoticeEnd, *, retry_at: datetime | None = None, text: str = "") -> None:
        """Write down how a try to send a notice ended."""
        with self._store.write() as tx:
            notices.settle_notice(tx, number, end, retry_at=None if retry_at is None else micros(retry_at), text=text)

    def sent_copies(self, campaign: str) -> int:
        """Bring fates up to what dispatches say, a few hundred in a transaction; how many changed."""
        total = 0
        while True:
            with self._store.write() as tx:
                looked_at, changed = left.look(tx, campaign)
            total += changed
            if not looked_at:
                return total

    def want_answers(self, campaign: str) -> int:
        """Want a notice for each supporter, still known, of an institution of which a person's answer was matched."""
        self.sent_copies(campaign)
        with self._store.write() as tx:
            return telling.want_answers(tx, campaign)

    # time and the right to be forgotten

    def expire(
        self, campaign: str, *, now: datetime, unconfirmed: timedelta, overdue: timedelta, keep: timedelta
    ) -> int:
        """Take back what did not leave, and erase what its time is up for, a few hundred in a transaction; how many
        actions were erased.
        """
        total = self._few_at_a_time(expiring.expire_unconfirmed, campaign, micros(now - unconfirmed))
        self._few_at_a_time(expiring.take_back_overdue, campaign, micros(now - overdue))
        total += self._few_at_a_time(expiring.expire_finished, campaign, micros(now - keep))
        with self._store.write() as tx:
            expiring.expire_used(tx, micros(now))
        return total

    def _few_at_a_time(self, expire: Callable[[Tx, str, int], int], campaign: str, since: int) -> int:
        total, done = 0, 1
        while done:
            with self._store.write() as tx:
                done = expire(tx, campaign, since)
            total += done
        return total

    def of_person(self, supporter: str) -> Sequence[Action]:
        """Every action of one supporter, over all campaigns."""
        with self._store.read() as tx:
            return submitted.of_person(tx, supporter)

    def own_mails_of(self, supporter: str) -> Sequence[OwnMail]:
        """Every letter that they sent from their own mailbox, over all campaigns."""
        with self._store.read() as tx:
            return copied.of_person(tx, supporter)

    def is_commonplace(self, spelling: str, *, before: datetime) -> bool:
        """Whether a spelling stands in what the campaigns wrote, in answers from before then, or names an organiser."""
        with self._store.read() as tx:
            return is_commonplace(tx, Canaries([spelling]), micros(before))

    def erase(self, supporter: str, canaries: Sequence[str]) -> Mapping[str, int]:
        """Remove a person, and `canaries` wherever they stand; how much of each was removed.

        Everything is read first, which may take minutes and holds up nobody; what comes in meanwhile is found when this
        is done once more. Raises LedgerError, with nothing removed, while a letter of the person is being sent, and
        LedgerBusy where all is removed but old pages could not be overwritten.
        """
        wanted = Canaries(canaries)
        with self._store.write() as tx:
            leases.recover(tx, self._lease)
            erasing.refuse_in_flight(tx, supporter)
        with self._store.read() as tx:
            found = traces.search(tx, wanted)
        with self._store.write() as tx:
            counts = erasing.erase(tx, supporter, found, wanted)
        counts["texts"] += self._rescue.redact(wanted.text)
        compact(self._store)
        return counts
