"""Statuses change only as the table says, in the room and in the database, and never without their event."""

import pytest

from outreach.errors import IllegalTransition, LedgerError
from outreach.ledger.changes import Move, correct, move
from outreach.ledger.triggers import APPEND_ONLY, ILLEGAL
from outreach.model.event import EventKind
from outreach.model.status import TRANSITIONS, Status, may_become

#: To every status by allowed steps, from draft.
WAYS = {Status.DRAFT: ()}
for _ in Status:
    for _was, _way in list(WAYS.items()):
        for _then in TRANSITIONS[_was]:
            WAYS.setdefault(_then, (*_way, _then))


class Undo(Exception):
    """Ends a transaction that only tried something."""


def test_every_status_can_be_reached():
    """The tests below walk to each; none is left out."""
    assert set(WAYS) == set(Status)


def by_the_room(tx, n, was, now):
    move(tx, [Move(n=n, was=was, now=now, kind=EventKind.SETTLED, who="Ada")])


def by_plain_sql(tx, n, was, now):
    tx.driver.execute(f"UPDATE dispatch SET status = '{now}', kind = 'settled', who = 'Ada' WHERE n = {n}")


@pytest.mark.parametrize("change", [by_the_room, by_plain_sql])
@pytest.mark.parametrize("was", Status)
def test_a_change_is_allowed_or_refused_as_the_table_says(desk, was, change):
    """To each of the twelve statuses, by the room's function and by SQL past it: the answer is the table's.

    What is allowed has its event at once, whoever wrote the change.
    """
    desk.plan("bg-mfa")
    desk.force("bg-mfa", *WAYS[was])
    answers, said = {}, []
    for now in Status:
        try:
            with desk.ledger._store.write() as tx:
                (n,) = tx.driver.execute("SELECT n FROM dispatch").fetchone()
                change(tx, n, was, now)
                last = tx.driver.execute("SELECT kind, was, became, who FROM event ORDER BY id DESC").fetchone()
                assert last == ("settled", was, now, "Ada")
                raise Undo
        except Undo:
            answers[now] = True
        except IllegalTransition as refused:
            said.append(str(refused))
            answers[now] = False
        assert desk.status("bg-mfa") is was
    assert answers == {now: may_become(was, now) for now in Status}
    assert all((ILLEGAL in one) is (change is by_plain_sql) for one in said)


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.DRAFT])
def test_a_dispatch_begins_as_a_draft(desk, status):
    """No other status can be inserted, whoever tries."""
    desk.plan("bg-mfa")
    columns = "campaign, step, sender, institution, institution_name, state, role, recipient, address_norm"
    more = "demands, languages, timezone, calendar, dated, letter_sha, changed_at, kind"
    with pytest.raises(IllegalTransition), desk.ledger._store.write() as tx:
        tx.driver.execute(
            f"INSERT INTO dispatch (id, {columns}, {more}, status) SELECT 'x', campaign, 7, sender, institution,"
            f" institution_name, state, role, recipient, address_norm, {more}, '{status}' FROM dispatch"
        )
    assert desk.counts() == {Status.DRAFT: 1}


@pytest.mark.parametrize("statement", ["UPDATE event SET who = 'nobody'", "DELETE FROM event", "DELETE FROM dispatch"])
def test_events_are_append_only(desk, statement):
    """What happened stays: no event is changed or deleted, and with them no dispatch."""
    desk.queue("bg-mfa")
    with pytest.raises(LedgerError) as caught, desk.ledger._store.write() as tx:
        tx.driver.execute(statement)
    assert APPEND_ONLY in str(caught.value) or "foreign key" in str(caught.value).lower()
    assert desk.kinds("bg-mfa") == ["drafted", "queued"]


def test_events_cannot_be_truncated(desk):
    """PostgreSQL's short way past row triggers is closed too."""
    desk.queue("bg-mfa")
    if desk.ledger._store.server:
        with pytest.raises(LedgerError, match=APPEND_ONLY), desk.ledger._store.write() as tx:
            tx.driver.execute("TRUNCATE event")
    assert desk.kinds("bg-mfa") == ["drafted", "queued"]


def queue_twice(tx):
    first, second = (n for (n,) in tx.driver.execute("SELECT n FROM dispatch ORDER BY n").fetchall())
    drafted = {"was": Status.DRAFT, "now": Status.QUEUED, "kind": EventKind.QUEUED}
    move(tx, [Move(n=first, **drafted)])
    move(tx, [Move(n=first, **drafted), Move(n=second, **drafted)])


def test_a_change_that_came_too_late_is_not_written(desk):
    """The row is no longer where the change believes it: nothing of the whole transaction stays."""
    desk.plan("bg-mfa", "fr-mfa")
    with pytest.raises(LedgerError, match="1 letters changed"), desk.ledger._store.write() as tx:
        queue_twice(tx)
    assert desk.counts() == {Status.DRAFT: 2}


def test_a_status_is_no_ordinary_column(desk):
    """The function that corrects facts refuses to touch it."""
    desk.plan("bg-mfa")
    with pytest.raises(ValueError, match="move"), desk.ledger._store.write() as tx:
        correct(tx, [(1, {"status": "accepted"})])
