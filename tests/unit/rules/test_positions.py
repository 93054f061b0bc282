"""The matrix: the newest record counts, a source that is gone is told, and every total adds up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Demand, Mode
from outreach.model.matrix import Deadline, Tally
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.rules.positions import WORDS, belongs, deadline, fold, invented, supported

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = AT.date()
DEMANDS = (Demand(slug="moratorium", title="A moratorium"), Demand(slug="inquiry", title="An inquiry"))
CALL = Source(id=1, kind=SourceKind.PHONE, taken_on=TODAY)
REPLY = Source(id=2, kind=SourceKind.REPLY, taken_on=TODAY, sha256="a" * 64, inbound=7)
SCAN = Source(id=3, kind=SourceKind.POST, taken_on=TODAY, sha256="b" * 64, kept=True)


def record(number, position=Position.SUPPORTS, **changed):
    made = Stated(
        id=number,
        campaign="spring",
        state="QM",
        demand="moratorium",
        position=position,
        quote="We do.",
        source=CALL,
        by="Ana",
        at=AT,
    )
    return replace(made, **changed)


def matrix(*records, mode=Mode.REHEARSAL, asked=None, mails=None):
    return fold(
        records,
        campaign="spring",
        mode=mode,
        at=AT,
        today=TODAY,
        demands=DEMANDS,
        asked={"QM": {"moratorium"}, "QN": {"moratorium", "inquiry"}} if asked is None else asked,
        state_names={"QM": "Examplia", "QN": "Specimenia"},
        mails=mails or {},
    )


def cell(made, state="QM", demand="moratorium"):
    return next(one for one in made.cells if (one.state, one.demand) == (state, demand))


def test_without_records_a_demand_is_none_or_not_asked():
    """What is not known is said, and what was not asked is no silence."""
    made = matrix()
    assert [one.tally for one in made.cells] == [Tally.NONE, Tally.NOT_ASKED, Tally.NONE, Tally.NONE]
    assert [row.state_name for row in made.rows] == ["Examplia", "Specimenia"]


def test_the_newest_record_counts_and_the_earlier_ones_stay():
    """By number, not by the order in which they come."""
    made = cell(matrix(record(3, Position.OPPOSES), record(1), record(2, Position.DECLINED)))
    assert (made.tally, made.stated.id, [one.id for one in made.earlier]) == (Tally.OPPOSES, 3, [2, 1])


def test_a_record_of_none_takes_a_mistake_back():
    """The cell is as if nothing were known; the history still shows what was."""
    made = cell(matrix(record(1), record(2, Position.NONE, source=None, quote="")))
    assert (made.tally, made.deadline, len(made.earlier)) == (Tally.NONE, None, 1)


@pytest.mark.parametrize("position", [one for one in Position if one is not Position.NONE])
def test_every_position_is_counted_under_its_own_word(position):
    """A word of the glossary is a tally of the matrix."""
    assert cell(matrix(record(1, position))).tally.value == position.value


@pytest.mark.parametrize(
    ("source", "mails", "stands"),
    [
        (None, {}, False),
        (CALL, {}, True),
        (SCAN, {}, True),
        (replace(SCAN, kept=False), {}, False),
        (REPLY, {7: {"a" * 64}}, True),
        (REPLY, {7: {"c" * 64, "a" * 64}}, True),
        (REPLY, {7: {"c" * 64}}, False),
        (REPLY, {}, False),
        (replace(REPLY, inbound=None), {7: {"a" * 64}}, False),
        (replace(REPLY, sha256=""), {7: {""}}, False),
        (Source(kind=SourceKind.STATEMENT, taken_on=TODAY, url="https://gov.example/"), {}, True),
    ],
)
def test_a_cell_whose_source_is_gone_shows_as_unsupported(source, mails, stands):
    """A mail that is no more in the ledger, or another one of its number; a file that was erased."""
    assert supported(source, mails) is stands
    assert cell(matrix(record(1, source=source), mails=mails)).tally is (
        Tally.SUPPORTS if stands else Tally.UNSUPPORTED
    )


@pytest.mark.parametrize(
    ("days", "stands"),
    [(30, Deadline.OPEN), (15, Deadline.OPEN), (14, Deadline.DUE), (0, Deadline.DUE), (-1, Deadline.OVERDUE)],
)
def test_a_commitment_becomes_due_and_overdue(days, stands):
    """Two weeks before its day, and on the day after it."""
    promised = record(1, due_on=TODAY + timedelta(days=days))
    assert deadline(promised, TODAY) is stands
    made = matrix(promised)
    assert cell(made).deadline is stands
    assert made.deadlines == {one: int(one is stands) for one in Deadline}


def test_no_commitment_has_no_deadline():
    """Neither an empty cell, nor a record without a day, nor one that was taken back."""
    assert deadline(None, TODAY) is deadline(record(1), TODAY) is None
    assert cell(matrix(record(1, Position.NONE, due_on=date(2020, 1, 1)))).deadline is None


def test_a_record_beside_the_plan_has_its_place():
    """A state that was not written to, and a demand that the campaign file no longer has."""
    made = matrix(record(1, state="QZ"), record(2, demand="gone"))
    assert [row.state for row in made.rows] == ["QM", "QZ", "QN"]
    assert [one.slug for one in made.demands] == ["moratorium", "inquiry", "gone"]
    assert cell(made, "QZ").asked is False
    assert cell(made, "QZ").tally is Tally.SUPPORTS
    assert cell(made, "QZ", "gone").tally is Tally.NOT_ASKED


@pytest.mark.parametrize(
    ("code", "is_invented"),
    [
        ("QM", True),
        ("QZ", True),
        ("QA", False),
        ("QL", False),
        ("RA", False),
        ("XK", False),
        ("QMA", False),
        ("", False),
    ],
)
def test_invented_states_are_those_that_iso_leaves_to_users(code, is_invented):
    """QM to QZ alone; their neighbours are real."""
    assert invented(code) is is_invented
    assert [belongs(mode, code) for mode in (Mode.LIVE, Mode.REHEARSAL, Mode.TO_ME)] == [
        not is_invented,
        is_invented,
        is_invented,
    ]


def test_a_live_matrix_never_shows_an_invented_states_position():
    """Whatever got into its ledger: it is left out, and counted."""
    made = matrix(record(1), mode=Mode.LIVE)
    assert (cell(made).tally, cell(made).stated, made.left_out) == (Tally.NONE, None, 1)


def test_every_tally_has_its_words():
    """None is without a name for people."""
    assert set(WORDS) == set(Tally)


records = st.lists(
    st.builds(
        record,
        st.integers(1, 999),
        st.sampled_from(Position),
        state=st.sampled_from(["QM", "QN", "QO", "ZZ"]),
        demand=st.sampled_from(["moratorium", "inquiry", "gone"]),
        source=st.sampled_from([None, CALL, REPLY, SCAN, replace(SCAN, kept=False)]),
        due_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    ),
    unique_by=lambda one: one.id,
)


@given(
    records,
    st.dictionaries(st.sampled_from(["QM", "QN", "QO"]), st.sets(st.sampled_from(["moratorium", "inquiry"]))),
    st.sampled_from(Mode),
)
def test_every_total_adds_up(made_of, asked, mode):
    """Cells, per demand and over all; every record is in a cell, in its history, or counted as left out."""
    made = matrix(*made_of, mode=mode, asked=asked)
    assert sum(made.counts.values()) == len(made.rows) * len(made.demands) == len(made.cells)
    assert all(sum(counts.values()) == len(made.rows) for counts in made.per_demand.values())
    assert made.counts == {one: sum(counts[one] for counts in made.per_demand.values()) for one in Tally}
    shown = sum((one.stated is not None) + len(one.earlier) for one in made.cells)
    assert shown + made.left_out == len(made_of)
    assert sum(made.deadlines.values()) == sum(one.deadline is not None for one in made.cells)
