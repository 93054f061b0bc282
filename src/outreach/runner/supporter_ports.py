"""What the supporters' verbs need of the rooms, beside runner/ports.py. The consumer owns the interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from outreach.model.action import Action, ActionStatus, ActionTarget, Crowd, NewAction, Purpose
from outreach.model.campaign import Campaign, Mode
from outreach.model.dispatch import Dispatch, Standing
from outreach.model.letter import Letter
from outreach.model.notice import NoticeEnd, NoticeKind, NoticeTurn
from outreach.model.supporter import ApprovedFrame, Frame, OwnMail, Target


class SupporterBook(Protocol):
    """The ledger, seen from the supporters' side: each verb one transaction. Times are aware UTC by its own clock."""

    def at_once(self) -> AbstractContextManager[None]:
        """What this thread does to the book in the block is one transaction: durable when the block has ended, undone
        when it raises. Whoever else writes waits for its end, so nothing slow belongs in it; nor do verbs that are
        several transactions (`sent_copies`, `expire`, `erase`), nor one whose failure is caught (`digest`).
        """

    # the frame
    def approve_frame(self, frame: Frame, *, by: str) -> None:
        """A person lets confirmed copies inside this frame go. It replaces the campaign's earlier one."""

    def frame(self, campaign: str) -> ApprovedFrame | None: ...

    # limits
    def spend(self, quota: str, key: str, *, most: int, within: timedelta) -> bool:
        """Count one more of `quota` for `key`; False, and nothing counted, where `most` were within that time."""

    def spent(self, quota: str, key: str, *, within: timedelta) -> int:
        """How many of `quota` were counted for `key` within that time."""

    def spend_once(self, key: str, *, until: datetime) -> bool:
        """Use up a form token or a solved challenge; False when it was used before. Forgotten after `until`."""

    # the form and its confirmation
    def take(self, new: NewAction, *, confirmation: bool = True) -> bool:
        """Keep a submitted action and want its confirmation mailed; False, and nothing kept, where one of the same
        supporter and campaign waits to be confirmed. `confirmation` False: a person has recorded why none is asked for.
        """

    def issue(self, token_sha256: str, action: str, purpose: Purpose, *, until: datetime) -> None:
        """A link's token, of which only the hash is kept. One to confirm is bound to the action's sha256 as it is."""

    def find(self, token_sha256: str, purpose: Purpose) -> Action | None:
        """Whose token this is; None for one that is unknown, used, too old, or whose action has changed or gone."""

    def confirm(self, token_sha256: str) -> Action | None:
        """Use the token: the action is confirmed, or held where `held` says why; None as `find`."""

    def withdraw(self, action: str) -> Sequence[ActionTarget]:
        """Take an action back wherever no letter of it is claimed; where each target stands then."""

    # reading
    def actions(self, campaign: str, *, status: ActionStatus | None = None) -> Iterator[Action]:
        """Actions in the order in which they came, never held whole."""

    def targets_of(self, action: str) -> Sequence[ActionTarget]: ...
    def crowds(self, campaign: str) -> Mapping[str, Crowd]:
        """Institution -> how many confirmed supporters wrote to it; erased ones are still counted."""

    def readers(self, campaign: str, mail: str) -> Iterator[Action]:
        """Those still known who are told of an answer; `mail` is the key of their notices. Never held whole."""

    def copies(self, campaign: str) -> Iterator[Standing]:
        """Every copy and digest, in the order in which they were queued, never held whole. The ledger's `standings`,
        `events` of a campaign, digest of drafts and plan book know the campaign's own letters alone."""

    # a person's look
    def moderate(self, action: str, *, release: bool, by: str, why: str = "") -> bool:
        """Let a held action go, or refuse it; False when it is not held any more."""

    # letters
    def to_flow(self, campaign: str, most: int) -> Sequence[tuple[Action, Sequence[str]]]:
        """Confirmed actions with the targets for which nothing is decided yet, the oldest first."""

    def queue_of(self, campaign: str, institution: str) -> int:
        """How many copies to this institution are queued and have not left."""

    def flow(
        self,
        action: str,
        *,
        copies: Sequence[tuple[Dispatch, Letter, datetime | None]],
        digests: Mapping[str, str],
        dropped: Mapping[str, str],
        frame: ApprovedFrame,
    ) -> None:
        """Decide for an action's targets: copies are queued in the name of who approved the frame, none before its
        time; `digests` and `dropped` say why by institution. A copy that its sender has sent there before is TWICE.
        All or nothing, and nothing for an action that is not confirmed any more. Raises ApprovalError where another
        frame was approved since; a letter whose sender, step or recipient is not the frame's is a ValueError.
        """

    def for_digest(self, campaign: str, institution: str) -> Sequence[Action]:
        """Confirmed actions that the next digest to this institution counts, the oldest first; none while one waits."""

    def digest(self, dispatch: Dispatch, letter: Letter, actions: Sequence[str], frame: ApprovedFrame) -> bool:
        """Queue a digest and let it count these actions; False, and nothing done, where that day's was made before, one
        of the actions was taken back since, or another frame was approved: ask `for_digest` again."""

    # mails to supporters
    def want(self, kind: NoticeKind, action: str, key: str = "", *, not_before: datetime | None = None) -> bool:
        """Want a notice sent, once: False where it was wanted before."""

    def want_reminders(self, campaign: str, *, before: datetime) -> int:
        """Want a reminder for every action that came by then and is not confirmed, each once; how many were new."""

    def next_notice(self, campaign: str) -> NoticeTurn | None:
        """A notice that is due, now ours: durable before this returns, so that no other command sends it too. One that
        a command had in hand when it ended is not sent again; a confirmation is, once, after five minutes.
        """

    def settle_notice(self, number: int, end: NoticeEnd, *, retry_at: datetime | None = None, text: str = "") -> None:
        """How a try ended. After an unknown end a confirmation is due once more, as if its command had ended."""

    def sent_copies(self, campaign: str) -> int:
        """Bring the fates of actions up to what their dispatches say, and want receipts and failure notices for what
        has changed; how many changed. A copy that was not sent within a week of its day is undecided again (`to_flow`
        finds it), and the next digest counts whom such a digest counted: call it before flowing."""

    def want_answers(self, campaign: str) -> int:
        """Want a notice for each supporter, still known, of an institution of which a person's answer was matched."""

    # time and the right to be forgotten
    def expire(
        self, campaign: str, *, now: datetime, unconfirmed: timedelta, overdue: timedelta, keep: timedelta
    ) -> int:
        """Erase what its time is up for: unconfirmed actions, and finished ones; used tokens and spent quotas too.

        What was confirmed so long ago and has not left is taken back, and its person is to be told.
        """

    def expire_own_letters(self, campaign: str, keep: timedelta) -> int:
        """Remove letters from supporters' own mailboxes that are so old, and at once those to institutions that may not
        know names; their number stays. How many.
        """

    def of_person(self, supporter: str) -> Sequence[Action]: ...
    def own_mails_of(self, supporter: str) -> Sequence[OwnMail]: ...
    def is_commonplace(self, spelling: str, *, before: datetime) -> bool:
        """Whether a spelling stands in what the campaigns wrote, in answers from before then, or names an organiser."""

    def erase(self, supporter: str, canaries: Sequence[str]) -> Mapping[str, int]:
        """Remove a person: names, addresses, words, letters' bytes, event payloads, notices, and `canaries` (name and
        address in every spelling) from raw mails, which are kept redacted under a new hash beside the old. What stays:
        the keyed hash, counts, hashes of what was removed. How much of each was removed.
        """


class SupporterLetters(Protocol):
    """The letters room: letters that carry supporters, and our mails to them."""

    def languages(self, campaign: Campaign) -> Mapping[str, frozenset[str]]:
        """Demand slug -> languages in which the demand, the copy and the digest all exist."""

    def fixed_parts(self, campaign: Campaign, target: Target, *, name: str = "…", place: str = "…") -> tuple[str, str]:
        """What stands before and after the supporter's own words, as plain text: in a copy, to the character; in a
        digest, its day and its address open, where the target learns no names.
        """

    def copy(self, dispatch: Dispatch, target: Target, action: Action, campaign: Campaign, *, mode: Mode) -> Letter:
        """A supporter's letter: from the campaign's address under "Name via Campaign", answers as the terms say.
        ValueError for a target that learns no names; LetterError for a template that cannot be filled.
        """

    def digest(
        self,
        dispatch: Dispatch,
        target: Target,
        actions: Sequence[Action],
        total: int,
        campaign: Campaign,
        *,
        mode: Mode,
    ) -> Letter:
        """The day's letter for many: how many, a selection of their own words, names where the target may know them."""

    def notice(
        self,
        turn: NoticeTurn,
        campaign: Campaign,
        *,
        recipient: str,
        message_id: str,
        links: Mapping[str, str],
        said: Mapping[str, str],
    ) -> bytes:
        """A mail to a supporter in the page's language: headers and body, CRLF, no Date. LetterError without what it
        needs. `links`: confirm or manage. `said`, names one a line, days as 2026-11-25: for a confirmation or reminder
        institution, days (left); for a receipt day, institution, letter ("" = counted in a digest), waiting; for a
        failure institution, status (such as 5.1.1), server (its words); for an answer institution, answer; for a
        withdrawal withdrawn, sent. What is needed: institution, day and answer where they are named here; the others
        may be left out.
        """

    def templates_sha256(self, campaign: Campaign) -> str:
        """Of everything fixed that copies and digests are made of."""


Randomness = Callable[[int], bytes]  #: so many random bytes
