"""A campaign in the hands of chance, and a server that counts what reaches it: a state machine over a real ledger."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from outreach.errors import FenceLost
from outreach.model.receipt import Claim, Outcome, Phase
from outreach.model.status import Status
from support.campaigners import Campaigners, one_of_them, some

RUNNERS = ["r0", "r1", "r2"]
REFUSED = st.sampled_from([421, 450, 451, 452, 550, 552, 554])


@dataclass
class Hand:
    """A letter that a runner works on; `marked` = its end-of-data mark has gone."""

    runner: str
    claim: Claim
    marked: bool = False


class PostOffice(Campaigners):
    """Runners that follow the protocol, die, or sleep past their lease; they take turns at the desks' ledgers."""

    @initialize()
    def open(self):
        self.hands: list[Hand] = []

    @rule(runner=st.sampled_from(RUNNERS), limit=st.integers(1, 3), only=some)
    def claim(self, runner, limit, only):
        turn = self.at(runner).turn(limit=limit, only=only, runner=runner)
        assert turn.next_at is not None or turn.waiting == 0
        self.hands += [Hand(runner, one) for one in turn.claims]

    @rule(runner=st.sampled_from(RUNNERS), code=st.sampled_from([250, 250, 450, None]), kept=st.booleans())
    def a_whole_turn(self, runner, code, kept, only=()):
        """One letter from claim to answer while the others stand still."""
        before = len(self.hands)
        self.claim(runner, 1, only)
        if len(self.hands) > before:
            self.mark(len(self.in_hand(marked=False)) - 1)
            last = len(self.in_hand(marked=True)) - 1
            if code is None:
                self.lost_after_the_mark(last, kept)
            else:
                self.answered(last, code)

    @precondition(lambda self: self.in_hand(marked=False))
    @rule(n=one_of_them, runner=st.sampled_from(RUNNERS), code=st.sampled_from([250, 250, 450, None]))
    def sleep_past_the_lease(self, n, runner, code):
        """SIGSTOP before the mark; another has its letter meanwhile; then it wakes and goes on where it was."""
        hands = self.in_hand(marked=False)
        hand = hands[n % len(hands)]
        self.wait(16)
        self.a_whole_turn(runner, code, kept=True, only=[hand.claim.institution])
        self.mark(self.in_hand(marked=False).index(hand))
        if marked := [one for one in self.in_hand(marked=True) if one.claim is hand.claim]:
            self.answered(self.in_hand(marked=True).index(marked[0]), 250)

    @precondition(lambda self: self.in_hand(marked=False))
    @rule(n=one_of_them, code=REFUSED, phase=st.sampled_from([Phase.MAIL, Phase.RCPT, Phase.DATA]))
    def refused_before_the_mark(self, n, code, phase):
        hand = self.take(n, marked=False)
        self.settle(hand, self.verdict(code), code=code, phase=phase)

    @precondition(lambda self: self.in_hand(marked=False))
    @rule(n=one_of_them, phase=st.sampled_from([Phase.CONNECT, Phase.RCPT, Phase.BODY]))
    def lost_before_the_mark(self, n, phase):
        """Without the dot nothing can have been delivered (RFC 5321 4.1.1.4)."""
        hand = self.take(n, marked=False)
        self.settle(hand, Status.QUEUED, phase=phase, charged=False)

    @precondition(lambda self: self.in_hand(marked=False))
    @rule(n=one_of_them)
    def release(self, n):
        hand = self.take(n, marked=False)
        self.at(hand.runner).ledger.release([hand.claim])

    @precondition(lambda self: self.in_hand(marked=False))
    @rule(n=one_of_them)
    def mark(self, n):
        """Late or not: who has the mark sends the dot, who has not closes."""
        hand = self.take(n, marked=False)
        try:
            self.commit(hand)
        except FenceLost:
            return
        self.hands.append(Hand(hand.runner, hand.claim, marked=True))

    def commit(self, hand):
        self.at(hand.runner).ledger.mark(hand.claim)

    @precondition(lambda self: self.in_hand(marked=True))
    @rule(n=one_of_them, code=st.one_of(st.just(250), st.just(250), REFUSED))
    def answered(self, n, code):
        """The answer to the dot, perhaps long after the lease: the server keeps only what it said 250 to."""
        hand = self.take(n, marked=True)
        self.arrive(hand, kept=code == 250)
        self.settle(hand, Status.ACCEPTED if code == 250 else self.verdict(code), code=code)

    @precondition(lambda self: self.in_hand(marked=True))
    @rule(n=one_of_them, kept=st.booleans())
    def lost_after_the_mark(self, n, kept):
        hand = self.take(n, marked=True)
        self.arrive(hand, kept=kept)
        self.settle(hand, self.after_a_loss)

    after_a_loss = Status.IN_DOUBT

    @precondition(lambda self: self.hands)
    @rule(runner=st.sampled_from(RUNNERS), kept=st.booleans())
    def crash(self, runner, kept):
        """kill -9: it writes nothing more. A dot that has gone may have been heard."""
        for hand in [one for one in self.hands if one.runner == runner]:
            self.hands.remove(hand)
            if hand.marked:
                self.arrive(hand, kept=kept)

    @rule(minutes=st.sampled_from([1, 16, 16, 300]))
    def wait(self, minutes):
        """Past the lease: who still has a letter in hand is asleep, as by SIGSTOP, or dead."""
        self.desk.clock.now += timedelta(minutes=minutes)
        self.desk.ledger.recover()

    # what every step leaves true

    @invariant()
    def the_server_has_no_letter_twice(self):
        """At most one copy of each, and one more for each time that a person let it go again."""
        for dispatch, count in self.by_dispatch().items():
            assert count <= 1 + self.again[dispatch], f"{dispatch} is there {count} times"

    @invariant()
    def what_is_accepted_is_there(self):
        for found in self.standings().values():
            if found.status in {Status.ACCEPTED, Status.BOUNCED}:
                assert self.copies[found.dispatch.id, found.dispatch.recipient] >= 1

    @invariant()
    def the_log_tells_every_status(self):
        """Folded in the order of their numbers, the events of a letter begin with nothing and end where it stands."""
        for found in self.standings().values():
            status, last = None, 0
            for event in self.desk.ledger.events(self.desk.campaign, found.dispatch.id):
                assert event.was == status
                assert event.id > last
                status, last = event.now, event.id
            assert status == found.status

    @invariant()
    def nobody_of_the_sheet_is_forgotten_or_written_to_twice(self):
        """Those named have one dispatch each, the others stand among the skipped; no address serves two."""
        rows = [one.dispatch for one in self.desk.ledger.standings(self.desk.campaign)]
        skipped = {one.institution for one in self.desk.ledger.skipped(self.desk.campaign, 0)}
        assert self.named | skipped == self.sheet
        assert not self.named & skipped
        assert self.named <= {one.institution for one in rows}
        for key in ("id", "institution", "address_norm"):
            assert len({getattr(one, key) for one in rows}) == len(rows)

    def by_dispatch(self):
        total = Counter()
        for (dispatch, _), count in self.copies.items():
            total[dispatch] += count
        return total

    def at(self, runner):
        return self.desks[RUNNERS.index(runner) % len(self.desks)]

    def in_hand(self, *, marked):
        return [one for one in self.hands if one.marked is marked]

    def take(self, n, *, marked):
        hands = self.in_hand(marked=marked)
        hand = hands[n % len(hands)]
        self.hands.remove(hand)
        return hand

    def arrive(self, hand, *, kept):
        self.copies[hand.claim.dispatch, hand.claim.recipient] += kept

    def verdict(self, code):
        return Status.QUEUED if code < 500 else Status.REJECTED

    def settle(self, hand, status, *, code=None, phase=Phase.DOT, charged=True):
        later = self.desk.clock.now + timedelta(minutes=20) if status is Status.QUEUED and code else None
        outcome = Outcome(
            claim=hand.claim,
            status=status,
            code=code,
            text="said" if code else "",
            phase=phase,
            next_at=later,
            charged=charged,
            address_bad=code == 550 and phase is Phase.RCPT,
        )
        self.at(hand.runner).ledger.settle([outcome])
