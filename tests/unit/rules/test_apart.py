"""Two parts of a campaign: each has sums of its own, and together they are the whole."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

from outreach.model.campaign import Demand, Mode
from outreach.model.dispatch import Plan, Skipped, SkipReason
from outreach.model.due import DueGroup, DueRow
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.rules.apart import due_of, log_of, matrix_of, plan_of
from outreach.rules.due import build_due
from outreach.rules.log import build_log
from outreach.rules.positions import fold, invented

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def skipped(institution, state, reason=SkipReason.NO_EMAIL):
    return Skipped(institution=institution, institution_name=institution, state=state, role="mfa", reason=reason)


ALL = (skipped("bg-1", "BG"), skipped("", ""), skipped("qm-1", "QM", SkipReason.SAME_BOX), skipped("qn-1", "QN"))


def nothing_said():
    return fold(
        [],
        campaign="spring",
        mode=Mode.REHEARSAL,
        at=AT,
        today=AT.date(),
        state_names={},
        mails={},
        demands=[],
        asked={},
    )


def real(state):
    return not invented(state)


def test_a_plan_and_its_log_fall_into_two_parts_that_add_up():
    """A row of which no state could be read is the sheet's own."""
    plan = Plan(campaign="spring", step=0, planned=(), skipped=ALL)
    assert [one.institution for one in plan_of(plan, real).skipped] == ["bg-1", ""]
    assert [one.institution for one in plan_of(plan, invented).skipped] == ["qm-1", "qn-1"]
    log = build_log([], ALL, matrix=nothing_said(), state_names={}, at=AT)
    ours, theirs = log_of(log, real), log_of(log, invented)
    assert (ours.institutions, theirs.institutions) == (2, 2)
    for part in (ours, theirs):
        assert sum(part.counts.values()) == sum(one.institutions for one in part.states) == part.institutions
        assert sum(part.skips.values()) + sum(part.statuses.values()) == part.institutions
    assert {group: ours.counts[group] + theirs.counts[group] for group in log.counts} == log.counts
    whole = build_log([], ALL[2:], matrix=nothing_said(), state_names={}, at=AT)
    assert [getattr(theirs, one.name) for one in fields(whole)] == [getattr(whole, one.name) for one in fields(whole)]


def test_who_owes_an_answer_falls_into_two_parts_that_add_up():
    """Each with every group, zeros too."""
    rows = [
        DueRow(state=state, state_name=state, institution=state, name=state, role="mfa", group=group)
        for state, group in (("BG", DueGroup.OVERDUE), ("QM", DueGroup.OVERDUE), ("QN", DueGroup.ANSWERED))
    ]
    due = build_due(rows, campaign="spring", mode=Mode.REHEARSAL, at=AT)
    ours, theirs = due_of(due, real), due_of(due, invented)
    assert [one.state for one in ours.rows] == ["BG"]
    assert {group: ours.counts[group] + theirs.counts[group] for group in DueGroup} == due.counts
    assert sum(theirs.counts.values()) == len(theirs.rows) == 2


def test_a_matrix_of_some_states_is_folded_as_if_there_were_no_others():
    """With the demands that concern them, and no column that says nothing."""
    call = Source(id=1, kind=SourceKind.PHONE, taken_on=AT.date())
    record = Stated(
        id=1, campaign="spring", state="QM", demand="d1", position=Position.OPPOSES, quote="No.", source=call, by="Ana",
        at=AT, due_on=date(2026, 3, 5),
    )  # fmt: skip
    given = {
        "campaign": "spring", "mode": Mode.REHEARSAL, "at": AT, "today": AT.date(), "state_names": {}, "mails": {},
    }  # fmt: skip
    demands = [Demand(slug=f"d{number}", title="x") for number in range(4)]
    asked = {"QM": {"d1"}, "QN": {"d2"}}
    whole = fold([record], demands=demands, asked={"BG": {"d0", "d1"}, **asked}, **given)
    alone = fold([record], demands=demands[1:3], asked=asked, **given)
    assert matrix_of(whole, invented) == replace(alone, left_out=whole.left_out)
    assert len(matrix_of(whole, invented).cells) == 4
    assert matrix_of(whole, lambda _: False).cells == ()
