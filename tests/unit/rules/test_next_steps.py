"""What a person does next: the first thing that cannot wait, for an institution and for its state."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Demand, Mode
from outreach.model.collected import Guess, InboundState, TrayItem
from outreach.model.correspondence import NotChased
from outreach.model.dispatch import Dispatch, Skipped, SkipReason, Standing
from outreach.model.due import DueGroup, DueRow
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.log import Group, ToDo
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.model.status import Status
from outreach.rules.log import build_log
from outreach.rules.positions import fold

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
DAY = date(2026, 3, 31)
NAMES = {"QM": "Examplia", "QN": "Specimenia"}
WAITING = {"due": DAY - timedelta(days=1), "next_step": 1, "next_on": DAY, "why_not": NotChased.NOT_DUE}


def letter(institution, status):
    dispatch = Dispatch(
        id=institution,
        campaign="spring",
        step=0,
        sender="campaign",
        institution=institution,
        institution_name="Ministry",
        state=institution[:2].upper(),
        role="mfa",
        recipient=f"{institution}@rehearsal.example",
        address_norm=f"{institution}@rehearsal.example",
        demands=("moratorium", "inquiry"),
        languages=("en",),
        dated=AT.date(),
    )
    return Standing(dispatch=dispatch, status=status)


def skip(institution, reason, **more):
    return Skipped(
        institution=institution,
        institution_name="Office",
        state=institution[:2].upper(),
        role="mfa",
        reason=reason,
        **more,
    )


def due(institution, group, **more):
    state = institution[:2].upper()
    return DueRow(state=state, state_name="", institution=institution, name="", role="", group=group, **more)


def record(number=1, demand="moratorium", state="QM", at=AT, **changed):
    given = {"position": Position.SUPPORTS, "source": Source(kind=SourceKind.PHONE, taken_on=AT.date()), **changed}
    return Stated(id=number, campaign="spring", state=state, demand=demand, quote="Yes.", by="Ana", at=at, **given)


def tray(number, *institutions, less=0.1):
    """A mail with guesses, each so much less likely than the one before."""
    return TrayItem(
        id=number,
        state=InboundState.TRAY,
        reason="",
        sha256="",
        sender="",
        subject="",
        received_at=AT,
        kind="reply",
        authentication="",
        guesses=tuple(Guess(institution=one, score=0.5 - less * n, why="") for n, one in enumerate(institutions)),
    )


def reply(institution, at=AT, state=""):
    state = state or institution[:2].upper()
    return Heard(id=1, institution=institution, state=state, kind=InboundKind.REPLY, at=at)


def log(*those):
    """The log of letters, skips, correspondences, mails and records."""

    def of(kind):
        return [one for one in those if isinstance(one, kind)]

    asked = {}
    for one in of(Standing):
        asked.setdefault(one.dispatch.state, set()).update(one.dispatch.demands)
    matrix = fold(
        of(Stated),
        campaign="spring",
        mode=Mode.REHEARSAL,
        at=AT,
        today=AT.date(),
        demands=[Demand(slug="moratorium", title="M"), Demand(slug="inquiry", title="I")],
        asked=asked,
        state_names=NAMES,
        mails={},
    )
    return build_log(
        of(Standing),
        of(Skipped),
        matrix=matrix,
        found=of(DueRow),
        heard=of(Heard),
        tray=of(TrayItem),
        state_names=NAMES,
        at=AT,
    )


A = letter("qm-a", Status.ACCEPTED)
AWAITING = due("qm-a", DueGroup.AWAITING, **WAITING)
ANSWERED = due("qm-a", DueGroup.ANSWERED, answered_at=AT)
OVERDUE = due("qm-a", DueGroup.OVERDUE, next_step=1, next_on=DAY)
BY_POST = skip("qm-post", SkipReason.NO_EMAIL, post="1 Main Street")


@pytest.mark.parametrize(
    ("those", "kind", "words"),
    [
        ([A, due("qm-a", DueGroup.AWAITING, in_doubt=True)], ToDo.SETTLE_DOUBT, "settle the letter in doubt"),
        ([A, ANSWERED, tray(12, "qm-a", "qm-b"), tray(13, "qm-a")], ToDo.SETTLE_TRAY, "settle mail 12 in the tray"),
        ([A, AWAITING, tray(12, "qm-b", "qm-a")], ToDo.WAIT, "wait until 2026-03-31"),
        ([A, AWAITING, tray(12, "qm-b", "qm-a", less=0)], ToDo.SETTLE_TRAY, "settle mail 12 in the tray"),
        ([A, replace(OVERDUE, unproven=8)], ToDo.LOOK_AT_ANSWER, "look at mail 8: is it theirs?"),
        ([A, replace(AWAITING, unreceipted=True)], ToDo.CALL, "telephone: its usual acknowledgement is missing"),
        ([A, replace(OVERDUE, unreceipted=True)], ToDo.CHASE, "chase: reminder 1"),
        ([A, ANSWERED], ToDo.RECORD, "answer received: write down its position"),
        ([A, due("qm-a", DueGroup.IN_DIALOGUE, answered_at=AT), record(at=AT)], ToDo.NOTHING, "-"),
        ([A, ANSWERED, record(at=AT - timedelta(1))], ToDo.RECORD, "new answer: does it change the position?"),
        ([A, ANSWERED, record(position=Position.NONE, source=None)], ToDo.RECORD,
         "answer received: write down its position"),
        ([A, due("qm-a", DueGroup.CLOSED)], ToDo.NOTHING, "-"),
        ([A, OVERDUE], ToDo.CHASE, "chase: reminder 1"),
        ([A, due("qm-a", DueGroup.OVERDUE, next_step=1, under_way="draft")], ToDo.CHASE, "approve reminder 1"),
        ([A, due("qm-a", DueGroup.OVERDUE, next_step=2, under_way="queued")], ToDo.CHASE, "send reminder 2"),
        ([A, due("qm-a", DueGroup.OVERDUE, next_step=1, under_way="held")], ToDo.LOOK_AT_HELD,
         "look at reminder 1: it is held"),
        ([A, due("qm-a", DueGroup.VERY_OVERDUE, why_not=NotChased.NO_MORE)], ToDo.CALL,
         "telephone or write by post: every reminder was sent"),
        ([A, due("qm-a", DueGroup.AWAITING, why_not=NotChased.NO_MORE, overdue_from=DAY)], ToDo.WAIT,
         "wait until 2026-03-31"),
        ([A, AWAITING], ToDo.WAIT, "wait until 2026-03-31"),
        ([A, due("qm-a", DueGroup.AWAITING)], ToDo.WAIT, "wait for an answer"),
        ([letter("qm-a", Status.BOUNCED), due("qm-a", DueGroup.UNREACHABLE)], ToDo.FIND_ADDRESS,
         "find another address"),
        ([letter("qm-a", Status.BOUNCED), AWAITING], ToDo.WAIT, "wait until 2026-03-31"),
        ([letter("qm-a", Status.REJECTED)], ToDo.FIND_ADDRESS, "find another address"),
        ([letter("qm-a", Status.HELD)], ToDo.LOOK_AT_HELD, "look at the letter: it is held"),
        ([letter("qm-a", Status.DRAFT)], ToDo.APPROVE, "approve the draft"),
        ([letter("qm-a", Status.QUEUED)], ToDo.SEND, "send"),
        ([replace(letter("qm-a", Status.QUEUED), planned=False)], ToDo.APPROVE, "approve: that cancels it"),
        ([letter("qm-a", Status.CANCELLED)], ToDo.NOTHING, "-"),
        ([BY_POST], ToDo.WRITE_BY_POST, "write by post"),
        ([skip("qm-a", SkipReason.NO_EMAIL, form="https://gov.example/form")], ToDo.WRITE_BY_POST, "fill in its form"),
        ([skip("qm-a", SkipReason.UNVERIFIED)], ToDo.MEND, "verify its address"),
        ([skip("qm-a", SkipReason.SUPPRESSED)], ToDo.FIND_ADDRESS, "find another address"),
        ([skip("qm-a", SkipReason.EXCLUDED)], ToDo.NOTHING, "-"),
        ([skip("qm-a", SkipReason.SAME_BOX)], ToDo.NOTHING, "-"),
    ],
)  # fmt: skip
def test_an_institution_has_one_next_step(those, kind, words):
    """What is uncertain first, then what came in, then what is late, then what is missing, then waiting."""
    (row,) = log(*those).rows
    assert (row.next.kind, row.next.words) == (kind, words)


@pytest.mark.parametrize(
    ("those", "words"),
    [
        ([A, AWAITING, BY_POST], "wait until 2026-03-31"),
        ([A, AWAITING, letter("qm-b", Status.BOUNCED)], "find another address"),
        ([A, OVERDUE, letter("qm-b", Status.BOUNCED)], "chase: reminder 1"),
        ([A, AWAITING, letter("qm-b", Status.DRAFT)], "approve the draft"),
        ([letter("qm-a", Status.BOUNCED), BY_POST], "find another address"),
        ([A, OVERDUE, letter("qm-b", Status.QUEUED)], "chase: reminder 1"),
        ([A, OVERDUE, record(due_on=date(2026, 3, 1))], "ask what became of the promise: moratorium"),
        ([A, OVERDUE, record(source=None)], "find the source again: moratorium"),
        ([A, ANSWERED], "answer received: write down its position"),
        ([A, AWAITING, reply("qm-elsewhere")], "answer received: write down its position"),
        ([A, ANSWERED, record()], "ask about the other demands"),
        ([A, ANSWERED, record(), record(2, "inquiry")], "-"),
        ([A, AWAITING, record(), record(2, "inquiry")], "wait until 2026-03-31"),
        ([BY_POST, record()], "-"),
        ([letter("qm-b", Status.ACCEPTED), due("qm-b", DueGroup.AWAITING, next_on=date(2026, 3, 9)), A, AWAITING],
         "wait until 2026-03-09"),
        ([record()], "-"),
    ],
)  # fmt: skip
def test_a_state_asks_for_what_cannot_wait(those, words):
    """Of its institutions and of its positions; where two wait, the nearer day."""
    (state,) = log(*those).states
    assert state.next.words == words


def test_an_acknowledgement_is_no_answer_and_counts_beside_overdue():
    """Who has answered is no more merely acknowledged; an acknowledgement does not stop the clock."""
    late = due("qm-a", DueGroup.OVERDUE, acknowledged_at=AT)
    (state,) = log(A, late).states
    assert (state.acknowledged, state.answered, state.overdue) == (1, 0, 1)
    (state,) = log(A, due("qm-a", DueGroup.ANSWERED, acknowledged_at=AT, answered_at=AT)).states
    assert (state.acknowledged, state.answered, state.overdue) == (0, 1, 0)


def test_a_state_with_a_position_and_no_letter_is_in_the_log_and_in_no_count():
    """What was said in public stands in the log, though nobody there was written to."""
    made = log(A, AWAITING, record(1, state="QN", due_on=date(2026, 3, 1)))
    examplia, specimenia = made.states
    assert (examplia.institutions, specimenia.institutions) == (1, 0)
    assert specimenia.next.kind is ToDo.ASK_PROMISE
    assert (made.states_planned, made.total.institutions, made.total.promises_overdue) == (1, 1, 1)


@given(
    st.lists(
        st.tuples(st.sampled_from(["qm", "qn"]), st.sampled_from(Status), st.none() | st.sampled_from(DueGroup)),
        max_size=12,
    )
)
def test_every_institution_is_counted_once_each_way(letters):
    """Sent and not sent, letters, correspondences: each adds up to the institutions, in each state and in all."""
    those = []
    for number, (state, status, group) in enumerate(letters):
        those.append(letter(f"{state}-{number}", status))
        if group is not None:
            those.append(due(f"{state}-{number}", group))
    made = log(*those)
    for one in (*made.states, made.total):
        assert one.institutions == one.sent + one.not_sent
        assert one.institutions == sum(one.counts.values()) == sum(one.correspondence.values())
        assert one.sent == one.counts[Group.ACCEPTED] + one.counts[Group.BOUNCED]
    assert made.total.institutions == len(letters)
    for group in DueGroup:
        assert made.total.correspondence[group] == sum(row.correspondence is group for row in made.rows)
