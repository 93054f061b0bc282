"""Copies and digests: queued inside an approved frame, within each target's cap, never twice, taken back in time."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from outreach.errors import ApprovalError
from outreach.model.action import Fate, Way
from outreach.model.campaign import Pace, Window
from outreach.model.notice import NoticeEnd, NoticeKind
from outreach.model.receipt import Phase
from outreach.model.status import HeldReason, Status
from support.supporters import Crowd

HOUR = timedelta(hours=1)


@pytest.fixture
def crowd(desk):
    made = Crowd(desk)
    made.approve("qm-1", "qm-2")
    return made


@pytest.fixture
def copied(crowd):
    """Two supporters whose copies to qm-1 are queued."""
    several = [crowd.confirmed(who, "qm-1") for who in range(2)]
    for one in several:
        crowd.flow(one, "qm-1")
    return several


def wanted(ledger):
    found = []
    while turn := ledger.next_notice("spring"):
        ledger.settle_notice(turn.number, NoticeEnd.SENT)
        if turn.kind is not NoticeKind.CONFIRMATION:
            found.append((turn.kind.value, turn.key, turn.action.id))
    return sorted(found)


class TestFlow:
    def test_a_copy_is_queued_in_the_approvers_name(self, crowd):
        """A dispatch like any, from the supporter; the log says by whom and inside which frame."""
        new = crowd.confirmed(1, "qm-1", "qm-2")
        ((action, undecided),) = crowd.ledger.to_flow("spring", 10)
        assert (action.id, undecided) == (new.id, ("qm-1", "qm-2"))
        crowd.flow(new, "qm-1", digests=["qm-2"])
        (copy,) = crowd.ledger.copies("spring")
        assert (copy.dispatch.sender, copy.status) == (f"supporter:{new.supporter}", Status.QUEUED)
        queued = list(crowd.ledger.events("spring", copy.dispatch.id))[-1]
        assert (queued.by, queued.detail) == ("Ada", {"frame": "d1"})
        ways = [(one.fate, one.way, one.dispatch) for one in crowd.ledger.targets_of(new.id)]
        assert ways == [(Fate.QUEUED, Way.COPY, copy.dispatch.id), (Fate.QUEUED, Way.DIGEST, "")]
        assert crowd.ledger.to_flow("spring", 10) == []
        assert (crowd.ledger.queue_of("spring", "qm-1"), crowd.ledger.queue_of("spring", "qm-2")) == (1, 0)

    def test_nothing_unconfirmed_flows(self, crowd):
        """Pending, held, withdrawn: nothing is queued, whoever asks."""
        pending, held = crowd.action(1, "qm-1"), crowd.confirmed(2, "qm-1", held="a link")
        gone = crowd.confirmed(3, "qm-1")
        crowd.ledger.take(pending)
        crowd.ledger.withdraw(gone.id)
        assert crowd.ledger.to_flow("spring", 10) == []
        for one in (pending, held, gone):
            crowd.flow(one, "qm-1")
        assert crowd.statuses() == []

    def test_under_another_frame_nothing_flows(self, crowd):
        """What was decided before another approval is not written, and whoever decided it is told."""
        new, old = crowd.confirmed(1, "qm-1"), crowd.frame
        crowd.approve("qm-1", digest="d2", plan=False)
        with pytest.raises(ApprovalError, match="approved in between"):
            crowd.flow(new, "qm-1", frame=old)
        assert (crowd.statuses(), crowd.fates(new)) == ([], {"qm-1": "waiting"})
        crowd.flow(new, "qm-1")
        assert crowd.fates(new) == {"qm-1": "queued"}

    @pytest.mark.parametrize(
        "changed",
        [
            {"recipient": "other@gov.example"},
            {"sender": "campaign"},
            {"sender": "supporter:another"},
            {"step": 1},
            {"institution": "qm-9"},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_a_letter_outside_the_frame_is_refused(self, crowd, changed):
        """To another address, from another sender: a mistake of the caller, and nothing is written."""
        new = crowd.confirmed(1, "qm-1", "qm-2")
        dispatch, letter, _ = crowd.copy(new, "qm-1")
        with pytest.raises(ValueError, match="outside the approved frame"):
            crowd.flow(new, crowd.copy(new, "qm-2"), (replace(dispatch, **changed), letter, None))
        assert crowd.statuses() == []

    def test_nobody_writes_twice_to_an_institution(self, crowd, outcome):
        """Another action of the same person, by copy or digest, before or after it was sent: TWICE, and no error."""
        first = crowd.confirmed(1, "qm-1", "qm-2")
        crowd.flow(first, "qm-1", digests=["qm-2"])
        second = crowd.confirmed(1, "qm-1", "qm-2", number=2)
        crowd.flow(second, "qm-1", "qm-2")
        assert crowd.fates(second) == {"qm-1": "twice", "qm-2": "twice"}
        assert len(crowd.send(outcome)) == 1
        crowd.ledger.sent_copies("spring")
        third = crowd.confirmed(1, "qm-1", "qm-2", number=3)
        crowd.flow(third, "qm-2", digests=["qm-1"])
        assert crowd.fates(third) == {"qm-1": "twice", "qm-2": "twice"}
        assert crowd.statuses() == [("qm-1", "accepted")]

    def test_two_institutions_with_one_address_get_one_copy(self, desk):
        """The rule of the address holds for copies, too."""
        crowd = Crowd(desk)
        shared = {"recipient": "box@gov.example", "address_norm": "box@gov.example"}
        crowd.approve("qm-1", plan=True)
        crowd.approve(crowd.target("qm-1", **shared), crowd.target("qm-2", **shared), digest="d2", plan=False)
        new = crowd.confirmed(1, "qm-1", "qm-2")
        crowd.flow(new, "qm-1", "qm-2")
        assert crowd.fates(new) == {"qm-1": "queued", "qm-2": "twice"}


class TestTheCampaignsOwnLife:
    def test_its_own_letters_do_not_see_copies(self, crowd, copied):
        """Standings, drafts, their digest, approval, the next plan, the log: as if nobody else wrote."""
        ledger = crowd.ledger
        assert {one.dispatch.sender for one in ledger.standings("spring")} == {"campaign"}
        assert {one.dispatch.sender for one in ledger.standings("spring", 0)} == {"campaign"}
        before = ledger.drafts_digest("spring", 0)
        ledger.return_to_draft([one.dispatch.id for one in ledger.copies("spring")], why="x")
        assert ledger.drafts_digest("spring", 0) == before
        assert ledger.approve("spring", 0, digest=before, by="Ada") == (2, 0)
        assert [status for _, status in crowd.statuses()] == ["draft", "draft"]
        assert crowd.desk.plan("qm-1").vanished_queued == (crowd.desk.dispatch("qm-2").id,)
        own = {one.dispatch.id for one in ledger.standings("spring")}
        assert {one.dispatch for one in ledger.events("spring")} == own
        assert ledger.approve("spring", 0, digest=ledger.drafts_digest("spring", 0), by="Ada") == (0, 1)

    def test_a_copy_is_not_filed_for_colleagues(self, crowd, copied, outcome):
        """A supporter's name is not spread to a folder that erasing does not reach; matching knows the letter."""
        assert len(crowd.send(outcome)) == 2
        assert crowd.ledger.unfiled("spring", 10) == []
        assert len(crowd.ledger.written()) == 4

    def test_its_own_letters_leave_first(self, crowd, copied):
        """Copies were queued before they were approved."""
        crowd.desk.approve()
        turn = crowd.desk.turn(limit=3)
        senders = ["campaign" if one.dispatch in own(crowd) else "supporter" for one in turn.claims]
        assert senders == ["campaign", "campaign", "supporter"]
        assert turn.waiting == 1


def own(crowd):
    return {one.dispatch.id for one in crowd.ledger.standings("spring")}


class TestCaps:
    def queue(self, desk, outcome, *, many=5, **target):
        crowd = Crowd(desk)
        crowd.approve(crowd.target("qm-1", **target), "qm-2")
        for who in range(many):
            crowd.flow(crowd.confirmed(who, "qm-1"), "qm-1")
        return crowd

    def test_a_target_never_gets_more_than_its_cap_in_any_day(self, desk, outcome):
        """An exact sliding window of 24 hours, from the ledger's own record, whoever sends."""
        crowd = self.queue(desk, outcome, per_day=2)
        assert len(crowd.send(outcome, limit=1)) == 1
        desk.clock.tick(hours=5)
        turn = desk.turn(runner="r2", account="b@mail.example")
        assert (len(turn.claims), turn.waiting) == (1, 3)
        desk.accept(turn.claims[0])
        turn = desk.turn()
        assert (turn.claims, turn.waiting) == ((), 3)
        assert turn.next_at == desk.clock.now + timedelta(hours=19)
        assert turn.reason == "supporters' letters to qm-1 (2 per day)"
        desk.clock.tick(hours=19, microseconds=-1)
        assert desk.turn().claims == ()
        desk.clock.tick(microseconds=1)
        assert len(crowd.send(outcome)) == 1
        desk.clock.tick(hours=5)
        assert len(crowd.send(outcome)) == 1

    def test_what_was_given_back_does_not_count(self, desk, outcome):
        """A claim that ended before MAIL."""
        crowd = self.queue(desk, outcome, per_day=2)
        desk.ledger.release(desk.turn().claims)
        assert len(crowd.send(outcome)) == 2

    def test_a_full_target_holds_no_other_back(self, desk, outcome):
        """Nor does it cost the campaign's own letters their turn, with a pace or without."""
        crowd = self.queue(desk, outcome, per_day=1)
        for who in range(5):
            crowd.flow(crowd.confirmed(who, "qm-2", number=2), "qm-2")
        desk.approve()
        assert Counter(one.institution for one in crowd.send(outcome)) == {"qm-1": 2, "qm-2": 6}

    def test_copies_and_own_letters_do_not_use_up_each_others_window(self, desk, outcome):
        """The pace of the institution is the campaign's own letters'; the cap is the supporters'."""
        crowd = self.queue(desk, outcome, per_day=3)
        desk.approve()
        pace = Pace(institution=(Window(count=1, seconds=86_400),))
        assert len(crowd.send(outcome, only=["qm-1"], pace=pace)) == 4
        desk.step = 1
        desk.queue("qm-1")
        assert crowd.send(outcome, only=["qm-1"], pace=pace) == ()
        desk.clock.tick(days=1)
        assert len(crowd.send(outcome, only=["qm-1"], pace=pace)) == 3

    def test_account_and_domain_count_all(self, desk, outcome):
        """Copies are letters of the account, and mail to the domain."""
        crowd = self.queue(desk, outcome)
        desk.approve()
        pace = Pace(domain=(Window(count=3, seconds=3600),))
        assert len(crowd.send(outcome, pace=pace)) == 3
        turn = desk.turn(pace=pace)
        assert (turn.claims, turn.reason) == ((), "pace of gov.example (3 per hour)")
        desk.clock.tick(hours=1)
        account = Pace(account=(Window(count=1, seconds=60),))
        assert len(crowd.send(outcome, pace=account)) == 1
        turn = desk.turn(pace=account)
        assert (turn.claims, turn.next_at) == ((), desk.clock.now + timedelta(seconds=60))

    def test_a_drip_day_that_has_not_come_is_waited_for(self, desk, outcome):
        """Not before its day, be it a month ahead; no clock that was put back is suspected."""
        crowd = self.queue(desk, outcome, many=0)
        new, day = crowd.confirmed(1, "qm-1"), desk.clock.now + timedelta(days=20)
        crowd.flow(new, crowd.copy(new, "qm-1", day, dated=day.date()))
        turn = desk.turn(oldest=(desk.clock.now - timedelta(days=7)).date())
        assert (turn.claims, turn.waiting, turn.next_at) == ((), 1, day)
        desk.clock.now = day
        assert len(crowd.send(outcome, oldest=(day - timedelta(days=7)).date())) == 1

    def test_where_the_campaigns_own_letter_may_not_go_copies_wait(self, desk, outcome):
        """Held because it may be renamed, suppressed, or no target of the newest frame."""
        crowd = self.queue(desk, outcome)
        letter = desk.dispatch("qm-1").id
        desk.ledger.hold([letter], HeldReason.RENAMED)
        turn = desk.turn()
        assert (turn.claims, turn.waiting, turn.next_at) == ((), 5, None)
        assert "no target now" in turn.reason
        desk.ledger.return_to_draft([letter], why="x")
        crowd.approve(crowd.target("qm-1", suppressed="they asked us to"), digest="d2", plan=False)
        assert desk.turn().claims == ()
        assert {status for _, status in crowd.statuses()} == {"queued"}, "they wait for better days"
        crowd.approve("qm-1", digest="d3", plan=False)
        assert desk.turn().claims == (), "they were made for another frame"
        crowd.flow_all("qm-1")
        assert len(desk.turn().claims) == 5

    def test_a_paused_campaign_sends_no_copy(self, desk, outcome):
        """Nor a paused state; both are told how many wait."""
        crowd = self.queue(desk, outcome)
        desk.ledger.pause("spring", by="Ada", why="x")
        assert (desk.turn().claims, desk.turn().waiting) == ((), 5)
        desk.ledger.go("spring", by="Ada")
        desk.ledger.pause("spring", "QM", by="Ada", why="x")
        turn = desk.turn()
        assert (turn.claims, turn.waiting, turn.reason) == ((), 5, "QM paused")
        assert crowd.send(outcome, only=["qm-1"]) == ()


class TestStale:
    def test_a_copy_that_waited_too_long_is_decided_anew(self, crowd, copied, outcome):
        """Back to nothing decided, then the same dispatch with other bytes; it leaves once."""
        (first, *_) = crowd.ledger.copies("spring")
        crowd.desk.clock.tick(days=8)
        oldest = (crowd.desk.clock.now - timedelta(days=7)).date()
        assert crowd.send(outcome, oldest=oldest) == ()
        assert crowd.ledger.sent_copies("spring") == 2
        assert [one.id for one, _ in crowd.ledger.to_flow("spring", 10)] == [one.id for one in copied]
        for one in copied:
            crowd.flow(replace(one, words="Anew"), "qm-1")
        again, *_ = crowd.ledger.copies("spring")
        assert (again.dispatch.id, again.dispatch.dated) == (first.dispatch.id, crowd.desk.clock.now.date())
        assert b"Anew" in crowd.ledger.letter(again.dispatch.id).raw
        assert len(crowd.send(outcome, oldest=oldest)) == 2
        crowd.ledger.sent_copies("spring")
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["sent", "sent"]

    @pytest.mark.parametrize("way", ["digests", "dropped"])
    def test_a_copy_that_does_not_go_after_all_loses_its_words(self, crowd, copied, outcome, way):
        """Another frame counts whom it had in letters of their own, or has no such target: no draft keeps a name."""
        crowd.approve("qm-1", digest="d2", plan=False)
        crowd.ledger.sent_copies("spring")
        for one in copied:
            crowd.flow(one, **{way: ["qm-1"]})
        several = list(crowd.ledger.copies("spring"))
        assert [one.status for one in several] == [Status.CANCELLED] * 2
        assert [crowd.ledger.letter(one.dispatch.id).raw for one in several] == [b""] * 2
        crowd.ledger.sent_copies("spring")
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["queued" if way == "digests" else "dropped"] * 2

    def test_a_digest_that_waited_too_long_is_counted_in_the_next(self, crowd, outcome):
        """Its supporters are free again, and its words are gone."""
        several = [crowd.confirmed(who, "qm-2") for who in range(2)]
        for one in several:
            crowd.flow(one, digests=["qm-2"])
        assert crowd.digest("qm-2")
        crowd.desk.clock.tick(days=8)
        crowd.send(outcome, oldest=(crowd.desk.clock.now - timedelta(days=7)).date())
        crowd.ledger.sent_copies("spring")
        assert crowd.statuses() == [("qm-2", "cancelled")]
        assert [one.id for one in crowd.ledger.for_digest("spring", "qm-2")] == [one.id for one in several]
        assert crowd.digest("qm-2")
        assert crowd.statuses() == [("qm-2", "cancelled"), ("qm-2", "queued")]

    def test_another_frame_takes_back_what_was_made_for_the_old_one(self, crowd, copied):
        """Nothing goes before it is made anew; the same frame approved once more changes nothing."""
        crowd.approve("qm-1", digest="d1", plan=False)
        assert [status for _, status in crowd.statuses()] == ["queued", "queued"]
        crowd.approve("qm-1", digest="d2", plan=False)
        assert [status for _, status in crowd.statuses()] == ["draft", "draft"]
        crowd.ledger.sent_copies("spring")
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["waiting", "waiting"]
        for one in copied:
            crowd.flow(replace(one, words="Anew"), "qm-1")
        assert all(b"Anew" in crowd.ledger.letter(one.dispatch.id).raw for one in crowd.ledger.copies("spring"))
        assert [status for _, status in crowd.statuses()] == ["queued", "queued"]

    @pytest.mark.parametrize("comes_back", ["given back", "resolved"])
    def test_what_is_in_hand_when_another_frame_is_approved_is_made_anew_once_it_comes_back(
        self, crowd, copied, outcome, comes_back
    ):
        """A claim that is given back, or a doubt that a person settles: the old letter does not go again."""
        (claim, *_) = crowd.desk.turn(limit=1).claims
        if comes_back == "resolved":
            crowd.ledger.mark(claim)
            crowd.ledger.settle([replace(outcome(claim), status=Status.IN_DOUBT, code=None)])
        crowd.approve("qm-1", digest="d2", plan=False)
        if comes_back == "resolved":
            assert crowd.ledger.settle_by_person([claim.dispatch], Status.QUEUED, by="Ada", why="not there")
        else:
            crowd.ledger.release([claim])
        assert crowd.desk.turn().claims == ()
        crowd.ledger.sent_copies("spring")
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["waiting", "waiting"]

    def test_what_left_while_another_frame_was_approved_has_left(self, crowd, copied, outcome):
        """The letter on the wire is settled as any."""
        (claim, *_) = crowd.desk.turn(limit=1).claims
        crowd.approve("qm-1", digest="d2", plan=False)
        crowd.ledger.mark(claim)
        crowd.ledger.settle([outcome(claim)])
        crowd.ledger.sent_copies("spring")
        assert sorted(crowd.fates(one)["qm-1"] for one in copied) == ["sent", "waiting"]

    def test_a_run_without_supporters_claims_none_of_theirs(self, crowd, copied, outcome):
        """Their frame holds no more, and the run was told so: they wait, and are not counted."""
        turn = crowd.desk.turn(supporters=False)
        assert (turn.claims, turn.waiting) == ((), 0)
        assert len(crowd.send(outcome)) == 2


class TestDigests:
    def test_while_a_digest_waits_no_other_is_made(self, crowd, outcome):
        """After a weekend there is one letter, not three; who came meanwhile is in the next one."""
        first, late = (crowd.confirmed(who, "qm-2") for who in (1, 2))
        crowd.flow(first, digests=["qm-2"])
        assert crowd.digest("qm-2")
        crowd.flow(late, digests=["qm-2"])
        crowd.desk.clock.tick(days=1)
        assert crowd.ledger.for_digest("spring", "qm-2") == []
        assert not crowd.digest("qm-2", actions=[late])
        crowd.send(outcome)
        assert [one.id for one in crowd.ledger.for_digest("spring", "qm-2")] == [late.id]
        assert crowd.digest("qm-2")

    def test_a_digest_counts_everyone_once(self, crowd, outcome):
        """One a day and target; its fate is theirs."""
        several = [crowd.confirmed(who, "qm-2") for who in range(3)]
        for one in several:
            crowd.flow(one, digests=["qm-2"])
        assert [one.id for one in crowd.ledger.for_digest("spring", "qm-2")] == [one.id for one in several]
        assert crowd.digest("qm-2")
        assert crowd.ledger.for_digest("spring", "qm-2") == []
        late = crowd.confirmed(9, "qm-2")
        crowd.flow(late, digests=["qm-2"])
        assert not crowd.digest("qm-2")
        assert len(crowd.send(outcome)) == 1
        assert crowd.ledger.sent_copies("spring") == 3
        assert [crowd.fates(one)["qm-2"] for one in (*several, late)] == ["sent"] * 3 + ["queued"]
        assert crowd.ledger.crowds("spring")["qm-2"].sent == 3

    @pytest.mark.parametrize("comes_back", ["given back", "resolved", "sent"])
    def test_who_leaves_while_it_is_in_hand_is_not_counted_if_it_comes_back(self, crowd, outcome, comes_back):
        """The digest that names them does not go a second time; the next counts the others. If it has left, it has."""
        several = [crowd.confirmed(who, "qm-2") for who in range(3)]
        for one in several:
            crowd.flow(one, digests=["qm-2"])
        assert crowd.digest("qm-2")
        (claim,) = crowd.desk.turn().claims
        if comes_back != "given back":
            crowd.ledger.mark(claim)
        if comes_back == "resolved":
            crowd.ledger.settle([replace(outcome(claim), status=Status.IN_DOUBT, code=None)])
        crowd.ledger.withdraw(several[0].id)
        if comes_back == "sent":
            crowd.ledger.settle([outcome(claim)])
        elif comes_back == "resolved":
            assert crowd.ledger.settle_by_person([claim.dispatch], Status.QUEUED, by="Ada", why="not there")
        else:
            crowd.ledger.release([claim])
        assert crowd.desk.turn().claims == ()
        crowd.ledger.sent_copies("spring")
        if comes_back == "sent":
            assert [crowd.fates(one)["qm-2"] for one in several] == ["sent"] * 3
            return
        assert [crowd.fates(one)["qm-2"] for one in several] == ["withdrawn", "queued", "queued"]
        assert [one.id for one in crowd.ledger.for_digest("spring", "qm-2")] == [one.id for one in several[1:]]

    def test_who_leaves_before_it_has_left_is_not_counted(self, crowd):
        """The digest is taken back with its words, and made anew without them on the same day."""
        several = [crowd.confirmed(who, "qm-2") for who in range(3)]
        for one in several:
            crowd.flow(one, digests=["qm-2"])
        seen = crowd.ledger.for_digest("spring", "qm-2")
        assert crowd.digest("qm-2")
        (left,) = crowd.ledger.withdraw(several[0].id)
        assert left.fate is Fate.WITHDRAWN
        (digest,) = crowd.ledger.copies("spring")
        assert (digest.status, crowd.ledger.letter(digest.dispatch.id).raw) == (Status.CANCELLED, b"")
        assert not crowd.digest("qm-2", actions=seen), "one of them has left"
        assert crowd.digest("qm-2")
        assert crowd.statuses() == [("qm-2", "queued")]
        assert crowd.fates(several[0]) == {"qm-2": "withdrawn"}

    def test_one_in_a_runners_hand_keeps_whom_it_counts(self, crowd, outcome):
        """It may have left."""
        new = crowd.confirmed(1, "qm-2")
        crowd.flow(new, digests=["qm-2"])
        crowd.digest("qm-2")
        (claim,) = crowd.desk.turn().claims
        crowd.ledger.withdraw(new.id)
        assert crowd.fates(new) == {"qm-2": "queued"}
        crowd.desk.accept(claim)
        crowd.ledger.sent_copies("spring")
        assert crowd.fates(new) == {"qm-2": "sent"}


class TestWithdrawing:
    def test_what_has_not_been_claimed_is_taken_back(self, crowd, copied):
        """Cancelled and empty; where a runner has it, it stays."""
        crowd.desk.turn(limit=1)
        for one in copied:
            crowd.ledger.withdraw(one.id)
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["queued", "withdrawn"]
        claimed, cancelled = crowd.ledger.copies("spring")
        assert (claimed.status, cancelled.status) == (Status.CLAIMED, Status.CANCELLED)
        assert crowd.ledger.letter(cancelled.dispatch.id).raw == b""
        assert crowd.ledger.letter(claimed.dispatch.id).raw != b""

    def test_a_claim_that_is_given_back_does_not_leave_any_more(self, crowd, copied, outcome):
        """The supporter took the action back while a runner had its copy."""
        claims = crowd.desk.turn(limit=1).claims
        crowd.ledger.withdraw(copied[0].id)
        crowd.ledger.release(claims)
        assert [one.dispatch for one in crowd.send(outcome)] != [claims[0].dispatch]
        assert crowd.ledger.sent_copies("spring") == 2
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["withdrawn", "sent"]
        assert crowd.statuses()[0] == ("qm-1", "cancelled")

    def test_who_took_it_back_may_write_again(self, crowd, copied, outcome):
        """Nothing has left: it is the same dispatch, with the new words."""
        crowd.ledger.withdraw(copied[0].id)
        again = crowd.confirmed(0, "qm-1", number=2, words="Once more")
        crowd.flow(again, "qm-1")
        assert (crowd.fates(again), crowd.fates(copied[0])) == ({"qm-1": "queued"}, {"qm-1": "withdrawn"})
        assert len(crowd.send(outcome)) == 2


class TestNotices:
    def test_a_receipt_once_and_a_failure_for_each(self, crowd, outcome):
        """With the first letter that is accepted; a bounce later makes it fail."""
        new = crowd.confirmed(1, "qm-1", "qm-2")
        crowd.flow(new, "qm-1", "qm-2")
        first, second = crowd.desk.turn().claims
        assert crowd.ledger.sent_copies("spring") == 0
        crowd.desk.accept(first)
        assert crowd.ledger.sent_copies("spring") == 1
        assert wanted(crowd.ledger) == [("receipt", "", new.id)]
        crowd.ledger.mark(second)
        crowd.ledger.settle([outcome(second, status=Status.REJECTED, code=550, text="no", phase=Phase.DOT)])
        assert (crowd.ledger.sent_copies("spring"), crowd.ledger.sent_copies("spring")) == (1, 0)
        assert wanted(crowd.ledger) == [("failure", second.institution, new.id)]
        assert sorted(crowd.fates(new).values()) == ["failed", "sent"]

    def test_what_a_person_drops_from_doubt_has_failed(self, crowd, copied):
        """It may have arrived: nobody writes again."""
        (claim, _) = crowd.desk.turn().claims
        crowd.ledger.mark(claim)
        crowd.desk.clock.tick(hours=1)
        crowd.ledger.recover()
        assert {one.standing.status for one in crowd.ledger.doubts("spring")} == {Status.IN_DOUBT}
        crowd.ledger.settle_by_person([claim.dispatch], Status.CANCELLED, by="Ada", why="x")
        crowd.ledger.sent_copies("spring")
        assert crowd.fates(copied[0]) == {"qm-1": "failed"}
        again = crowd.confirmed(0, "qm-1", number=2)
        crowd.flow(again, "qm-1")
        assert crowd.fates(again) == {"qm-1": "twice"}

    def test_an_institution_that_is_gone_drops_its_copies(self, crowd, copied):
        """A person says so; the supporters' fate is told, and nothing leaves."""
        crowd.ledger.suppress_address("qm-1@gov.example", reason="x", by="Ada")
        crowd.ledger.sent_copies("spring")
        assert [crowd.fates(one)["qm-1"] for one in copied] == ["dropped", "dropped"]
        assert wanted(crowd.ledger) == []
