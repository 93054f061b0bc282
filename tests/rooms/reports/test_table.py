"""The log as rows for a terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.due import DueGroup
from outreach.model.log import Group
from outreach.model.status import Status
from outreach.reports import answers_line, detail_table, own_letters_line, state_table, totals_line
from outreach.reports.columns import OWN_LETTERS
from outreach.reports.table import WIDE
from support.organisers import AT

GROUPS = [group.value for group in Group]


def test_the_table_of_states_adds_up_in_both_directions(logs: Any) -> None:
    """Groups add up to a state's institutions, states to the last line."""
    head, rows, right = state_table(logs.full())
    *states, last = [[int(row[index]) for index in right] for row in rows]

    assert [sum(column) for column in zip(*states, strict=True)] == last
    for row in rows:
        named = dict(zip(head, row, strict=True))
        assert int(named["institutions"]) == sum(int(count) for name, count in named.items() if name in GROUPS)


@pytest.mark.parametrize("width", [80, 100, 159])
def test_a_narrow_table_keeps_what_a_campaigner_looks_for(logs: Any, width: int) -> None:
    """How many letters are out, who answered, what is late, what was said and what is next, in 80 columns."""
    head, rows, _ = state_table(logs.acknowledged(), width=width)
    quimera = dict(zip(head, rows[-2], strict=True))
    assert {"state", "sent", "answered", "overdue", "positions", "next step"} <= set(head)
    assert ("acknowledged" in head) is (width >= 100)
    assert (quimera["sent"], quimera["positions"], quimera["next step"]) == (
        "1 of 1", "1 supports of 1", "wait until 2026-03-31",
    )  # fmt: skip
    assert dict(zip(head, rows[-1], strict=True))["positions"] == "1 supports of 2"
    assert "bounced" not in state_table(logs.full(), width=99).head
    assert {"bounced", "refused", "in doubt"} <= set(state_table(logs.full(), width=width).head) or width < 100
    narrow = detail_table(logs.acknowledged(), width=width)
    (row,) = [dict(zip(narrow.head, one, strict=True)) for one in narrow.rows]
    assert (row["status"], row["correspondence"]) == ("accepted", "acknowledged until 2026-03-30")


def test_a_group_that_nobody_is_in_is_left_out_unless_people_ask_for_it(logs: Any) -> None:
    """Refused, in doubt and held are always shown, at zero too; bounced and drafts when there are any."""
    head = state_table(logs.of(logs.standing(Status.ACCEPTED, "qm-1"))).head

    assert {"accepted", "queued", "refused", "in doubt", "held", "skipped", "post or form only"} <= set(head)
    assert not {"bounced", "draft", "closed"} & set(head)
    assert "bounced" in state_table(logs.of(logs.standing(Status.BOUNCED, "qm-1"))).head


def test_each_institution_has_a_line_with_what_happened_and_why(logs: Any) -> None:
    """Words only: status, time, the server's answer, and for the others the reason and where to write."""
    table = detail_table(
        logs.of(
            logs.standing(Status.ACCEPTED, "qm-trade-1", said="2.0.0 queued"),
            logs.due("qm-trade-1", DueGroup.ANSWERED, answered_at=AT),
            logs.left_out(SkipReason.NO_EMAIL, "qm-licence-1", post="1 Main Street"),
        )
    )

    assert table.rows == (
        ("QM", "qm-licence-1", "Licensing Authority", "by post or form only", "", "", "", "not written",
         "no e-mail (post or form); 1 Main Street", "write by post"),
        ("QM", "qm-trade-1", "Ministry of Trade", "accepted by the mail server", "2026-03-01 08:15", "1",
         "250 2.0.0 queued", "answered 2026-03-02", "", "answer received: write down its position"),
    )  # fmt: skip
    assert all(len(row) == len(table.head) for row in table.rows)


def test_the_line_of_totals_names_every_group_that_occurs(logs: Any) -> None:
    """The parts add up to the whole, and a rehearsal says so."""
    log = logs.of(
        logs.standing(Status.ACCEPTED, "qm-1"),
        logs.standing(Status.ACCEPTED, "qn-1"),
        logs.left_out(SkipReason.SAME_BOX, "qn-2"),
        mode=Mode.REHEARSAL,
    )

    assert totals_line(log) == (
        "REHEARSAL: nothing was sent to any state. "
        "3 institutions of 2 states: 2 accepted by the mail server, 1 skipped."
    )
    assert answers_line(log) == "Their answers: 3 not written."
    assert totals_line(logs.of()) == "0 institutions of 0 states: none."


def test_letters_from_own_mailboxes_have_a_line_and_a_column_where_somebody_wrote_one(logs: Any) -> None:
    """A campaign without supporters reads nothing of them."""
    log = logs.full()
    assert own_letters_line(log) == ""
    assert OWN_LETTERS not in state_table(log).head
    rows = (replace(log.rows[0], own_letters=1_200), *log.rows[1:])
    wrote = replace(log, rows=rows, total=replace(log.total, own_letters=1_200))
    assert own_letters_line(wrote) == "Supporters: 1,200 letters from own mailboxes, to 1 institution."
    head, cells, right = state_table(wrote)
    at = head.index(OWN_LETTERS)
    assert at in right
    assert cells[-1][at] == "1,200"
    assert OWN_LETTERS not in state_table(wrote, width=WIDE).head
