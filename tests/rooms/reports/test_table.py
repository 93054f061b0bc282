"""The log as rows for a terminal."""

from __future__ import annotations

from typing import Any

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.status import Status
from outreach.reports import detail_table, state_table, totals_line


def test_the_table_of_states_adds_up_in_both_directions(logs: Any) -> None:
    """Groups add up to a state's institutions, states to the last line."""
    _, rows, right = state_table(logs.full())
    *states, last = [[int(row[index]) for index in right] for row in rows]

    assert [sum(column) for column in zip(*states, strict=True)] == last
    for institutions, *groups in (*states, last):
        assert sum(groups) == institutions


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
            logs.left_out(SkipReason.NO_EMAIL, "qm-licence-1", post="1 Main Street"),
        )
    )

    assert table.rows == (
        ("QM", "qm-licence-1", "Licensing Authority", "by post or form only", "", "", "",
         "no e-mail (post or form); 1 Main Street"),
        ("QM", "qm-trade-1", "Ministry of Trade", "accepted by the mail server", "2026-03-01 08:15", "1",
         "250 2.0.0 queued", ""),
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
    assert totals_line(logs.of()) == "0 institutions of 0 states: none."
