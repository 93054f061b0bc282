"""Those who decide about letters in a state machine: planners with sheets that change, persons with second thoughts."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from outreach.errors import LedgerError
from outreach.model.dispatch import Skipped, SkipReason
from outreach.model.status import HeldReason, Status

NAMES = [f"bg-{number}" for number in range(4)]
some = st.sets(st.sampled_from(NAMES)).map(sorted)
one_of_them = st.integers(0, 11)


class Campaigners(RuleBasedStateMachine):
    """One campaign on a real ledger, its sheet, and what people make of it.

    `make` gives the desks of a campaign that nobody has begun, each with a ledger of its own.
    """

    @initialize()
    def begin(self):
        self.desks = self.make()
        self.desk = self.desks[0]
        self.copies = Counter()  #: (dispatch, recipient) -> what the server has
        self.again = Counter()  #: dispatch -> how often a person let it go once more
        self.named, self.sheet = set(NAMES), set(NAMES)
        self.desk.queue(*NAMES)

    # planners and persons

    @rule(
        sheet=st.sets(st.sampled_from(NAMES), min_size=1).map(sorted),
        without=some,
        text=st.sampled_from("ab"),
        moved=st.sampled_from([0, 0, 1, 2]),
        swap=st.booleans(),
        redraft=st.booleans(),
    )
    def plan(self, sheet, without, text, moved, swap, redraft):
        """A sheet with rows that came, went or moved; some get no letter. What cannot be changes nothing."""
        planned = [one for one in sheet if one not in without]
        boxes = planned[::-1] if swap else planned
        pairs = [
            self.desk.pair(one, text, address_norm=f"{box}.{moved}@gov.example")
            for one, box in zip(planned, boxes, strict=True)
        ]
        left_out = [
            Skipped(institution=one, institution_name=one, state="BG", role="mfa", reason=SkipReason.EXCLUDED)
            for one in sheet
            if one in without
        ]
        before = self.standings()
        try:
            self.desk.plan(*pairs, redraft=redraft, skipped=left_out)
        except LedgerError as error:
            if "Two letters" not in str(error) or self.standings() != before:
                raise
        else:
            self.named, self.sheet = set(planned), set(sheet)

    @rule()
    def approve(self):
        self.desk.approve()

    @rule(who=some, reason=st.sampled_from(list(HeldReason)), moved=st.sampled_from([0, 1, 2]), data=st.data())
    def think_again(self, who, reason, moved, data):
        """A person holds letters, takes them back to draft, be they refused or cancelled, or will not write there."""
        found = [one for one in self.standings().values() if one.dispatch.institution in who]
        ids = [one.dispatch.id for one in found]
        what = data.draw(st.sampled_from(["hold", "return", "suppress"]))
        if what == "hold":
            self.desk.ledger.hold(ids, reason)
        elif what == "return":
            self.desk.ledger.return_to_draft(ids, why="x")
            self.again.update(one.dispatch.id for one in found if one.status is Status.CANCELLED and self.dropped(one))
        else:
            for one in who:
                self.desk.ledger.suppress_address(f"{one}.{moved}@gov.example", reason="x", by="Ada")

    @precondition(lambda self: self.those(Status.IN_DOUBT))
    @rule(n=one_of_them, said=st.sampled_from([Status.ACCEPTED, Status.QUEUED, Status.CANCELLED]))
    def resolve(self, n, said):
        """A person settles a doubt: sees that it has arrived, lets it go again, rightly or not, or drops it."""
        found = self.those(Status.IN_DOUBT)
        one = found[n % len(found)].dispatch
        if said is Status.ACCEPTED and not self.copies[one.id, one.recipient]:
            return
        self.settle_doubt(one.institution, said)
        self.again[one.id] += said is Status.QUEUED

    def settle_doubt(self, who, said):
        """Where a ledger has a verb for it, it goes here."""
        self.desk.force(who, said)

    @precondition(lambda self: self.those(Status.ACCEPTED))
    @rule(n=one_of_them)
    def bounce(self, n):
        found = self.those(Status.ACCEPTED)
        one = found[n % len(found)].dispatch
        self.desk.force(one.institution, Status.BOUNCED)
        self.again[one.id] += 1  # at another address, as another letter

    def those(self, status):
        return [one for one in self.standings().values() if one.status is status]

    def standings(self):
        if not hasattr(self, "desk"):
            return {}
        return {one.dispatch.id: one for one in self.desk.ledger.standings(self.desk.campaign)}

    def dropped(self, found):
        events = list(self.desk.ledger.events(self.desk.campaign, found.dispatch.id))
        return any((one.was, one.now) == (Status.IN_DOUBT, Status.CANCELLED) for one in events)
