"""The log per state: every institution once, in words, and no real address in a rehearsal."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Mode
from outreach.model.dispatch import Dispatch, Skipped, SkipReason, Standing
from outreach.model.log import Group, Log, LogRow
from outreach.model.status import HeldReason, Status
from outreach.rules.log import HELD, WORDS, build_log
from outreach.rules.positions import fold

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STATES = {"QM": "Quimera", "QN": "Quenland", "QO": "Åquoland"}


def standing(
    status: Status = Status.QUEUED,
    *,
    institution: str = "qm-mfa-1",
    state: str = "QM",
    recipient: str = "",
    held: HeldReason | None = None,
    attempts: int = 0,
    next_at: datetime | None = None,
    sent_at: datetime | None = None,
    server_code: int | None = None,
    server_text: str = "",
) -> Standing:
    address = recipient or f"{institution}@rehearsal.example"
    return Standing(
        dispatch=Dispatch(
            id=f"id-{institution}",
            campaign="spring",
            step=0,
            sender="campaign",
            institution=institution,
            institution_name=f"Ministry {institution}",
            state=state,
            role="mfa",
            recipient=address,
            address_norm=address,
            demands=("moratorium", "investigation"),
            languages=("fr", "en"),
            dated=date(2026, 3, 1),
        ),
        status=status,
        held=held,
        attempts=attempts,
        next_at=next_at,
        sent_at=sent_at,
        server_code=server_code,
        server_text=server_text,
    )


def skipped(
    reason: SkipReason = SkipReason.NO_EMAIL,
    *,
    institution: str = "qm-trade-1",
    state: str = "QM",
    detail: str = "",
    post: str = "",
    form: str = "",
) -> Skipped:
    return Skipped(
        institution=institution,
        institution_name=f"Ministry {institution}",
        state=state,
        role="trade_ministry",
        reason=reason,
        detail=detail,
        post=post,
        form=form,
    )


def built(*those: Standing | Skipped, mode: Mode = Mode.LIVE) -> Log:
    return build_log(
        [one for one in those if isinstance(one, Standing)],
        [one for one in those if isinstance(one, Skipped)],
        matrix=fold(
            (),
            campaign="spring",
            mode=mode,
            at=AT,
            today=AT.date(),
            demands=(),
            asked={},
            state_names=STATES,
            mails={},
        ),
        state_names=STATES,
        at=AT,
    )


def only_row(*those: Standing | Skipped, mode: Mode = Mode.LIVE) -> LogRow:
    (row,) = built(*those, mode=mode).rows
    return row


texts = st.text(max_size=30)
states = st.sampled_from(["QM", "QN", "QO", "QP"])


@st.composite
def plans(draw: st.DrawFn) -> list[Standing | Skipped]:
    """Institutions with a letter, without one, or with a letter that the latest plan leaves out."""
    made: list[Standing | Skipped] = []
    for number in range(draw(st.integers(0, 12))):
        institution, state = f"institution-{number}", draw(states)
        kind = draw(st.sampled_from(["letter", "skipped", "both"]))
        if kind != "skipped":
            status = draw(st.sampled_from(Status))
            held = draw(st.sampled_from(HeldReason)) if status is Status.HELD else None
            made.append(
                standing(
                    status,
                    institution=institution,
                    state=state,
                    held=held,
                    recipient=draw(st.sampled_from(["", "minister@gov.example"])),
                    server_text=draw(st.sampled_from(["", "no <minister@gov.example> here"])),
                )
            )
        if kind != "letter":
            reason = draw(st.sampled_from(SkipReason))
            detail = draw(texts | st.just("write to minister@gov.example"))
            made.append(skipped(reason, institution=institution, state=state, detail=detail, post=draw(texts)))
    return made


@given(plans())
def test_every_institution_is_in_the_log_once_and_every_total_adds_up(plan: list[Standing | Skipped]) -> None:
    """Rows, groups, states, and statuses with skip reasons each add up to the institutions of the plan."""
    log = built(*plan)

    institutions = {one.dispatch.institution if isinstance(one, Standing) else one.institution for one in plan}
    assert sorted(row.institution for row in log.rows) == sorted(institutions)
    assert log.institutions == len(institutions)
    assert sum(log.counts.values()) == len(institutions)
    assert sum(log.statuses.values()) + sum(log.skips.values()) == len(institutions)
    assert sum(state.institutions for state in log.states) == len(institutions)
    for state in log.states:
        assert sum(state.counts.values()) == state.institutions
        assert state.institutions == sum(row.state == state.state for row in log.rows)
    for group in Group:
        assert log.counts[group] == sum(state.counts[group] for state in log.states)


@given(plans())
def test_a_rehearsals_log_holds_no_real_address(plan: list[Standing | Skipped]) -> None:
    """Whatever stood in the sheet or in a server's words: a rehearsal's row shows rehearsal.example or nothing."""
    for row in built(*plan, mode=Mode.REHEARSAL).rows:
        for one in fields(row):
            assert "gov.example" not in str(getattr(row, one.name))
        assert row.recipient is None or row.recipient.endswith("@rehearsal.example")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param("550 <a@gov.example> unknown", "550 (address in the sheet) unknown", id="a server's words"),
        pytest.param("E-mail:a@gov.example, room 2", "(address in the sheet) room 2", id="a label before it"),
        pytest.param("a＠gov.example", "(address in the sheet)", id="a full-width at sign"),
        pytest.param("a@rehearsal.example.org", "(address in the sheet)", id="a longer domain"),
        pytest.param("a@rehearsal.example,b@gov.example", "(address in the sheet)", id="a real one beside it"),
        pytest.param("mail to a@rehearsal.example.", "mail to a@rehearsal.example.", id="a rehearsal's own"),
        pytest.param("1 Main Street", "1 Main Street", id="no address"),
    ],
)
def test_a_rehearsal_blots_real_addresses_out_of_free_text(said: str, shown: str) -> None:
    """Only addresses of rehearsal.example stay readable in a rehearsal."""
    assert only_row(standing(server_text=said), mode=Mode.REHEARSAL).server_text == shown
    assert only_row(standing(server_text=said), mode=Mode.LIVE).server_text == said


def test_a_live_row_says_what_was_sent_when_and_what_the_server_answered() -> None:
    """The row repeats the ledger's facts, and calls accepted what the server accepted."""
    row = only_row(
        standing(
            Status.ACCEPTED,
            recipient="mfa@gov.example",
            attempts=2,
            sent_at=AT,
            server_code=250,
            server_text="2.0.0 Ok: queued",
        )
    )

    assert row == LogRow(
        state="QM",
        state_name="Quimera",
        institution="qm-mfa-1",
        name="Ministry qm-mfa-1",
        role="mfa",
        group=Group.ACCEPTED,
        status=Status.ACCEPTED,
        words="accepted by the mail server",
        demands=("moratorium", "investigation"),
        languages=("fr", "en"),
        dated=date(2026, 3, 1),
        sent_at=AT,
        attempts=2,
        server_code=250,
        server_text="2.0.0 Ok: queued",
        recipient="mfa@gov.example",
    )


def test_every_status_and_held_reason_has_words_and_none_says_delivered() -> None:
    """The words are complete, different, and claim no more than is known."""
    assert set(WORDS) == set(Status)
    assert set(HELD) == set(HeldReason)
    words = [said for _, said in WORDS.values()]
    assert len(set(words)) == len(words)
    assert not any("deliver" in said for said in words)


def test_an_institution_without_an_address_is_counted_as_post_or_form_only() -> None:
    """What can only go by post is a group of its own, and the row says where to write."""
    row = only_row(skipped(detail="1 Main Street", post="1 Main Street", form="https://gov.example/form"))

    assert (row.group, row.status, row.skip) == (Group.BY_POST, None, SkipReason.NO_EMAIL)
    assert (row.words, row.reason) == ("by post or form only", "no e-mail (post or form)")
    assert (row.post, row.form) == ("1 Main Street", "https://gov.example/form")
    assert row.recipient is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(
            skipped(SkipReason.SAME_BOX, detail="same box as qm-mfa-1"), "same box as qm-mfa-1", id="said once"
        ),
        pytest.param(
            skipped(SkipReason.EXCLUDED, detail="at war"), "excluded by the campaign: at war", id="with detail"
        ),
        pytest.param(skipped(SkipReason.NO_DEMAND), "no demand applies", id="without detail"),
        pytest.param(standing(Status.DRAFT), "waits for approval", id="draft"),
        pytest.param(standing(Status.HELD, held=HeldReason.SIZE), "larger than the server takes", id="held"),
        pytest.param(standing(Status.HELD), "waits for a person", id="held without a reason"),
        pytest.param(standing(Status.IN_DOUBT), "it may have arrived: it is never sent again by itself", id="in doubt"),
        pytest.param(standing(Status.QUEUED, next_at=AT), "", id="not tried yet"),
        pytest.param(
            replace(standing(Status.QUEUED), planned=False),
            "no longer in the plan: the next approval cancels it",
            id="left out",
        ),
        pytest.param(
            standing(Status.QUEUED, attempts=1, next_at=AT),
            "tried before, again from 2026-03-02 09:30 UTC",
            id="refused for now",
        ),
    ],
)
def test_the_reason_is_in_words(one: Standing | Skipped, reason: str) -> None:
    """Held, skipped, waiting and in doubt each say why."""
    assert only_row(one).reason == reason


def test_a_bounced_letter_that_the_next_plan_skips_stays_one_bounced_row() -> None:
    """What happened to the letter stands; the plan's reason is added to it."""
    row = only_row(
        standing(Status.BOUNCED, institution="qm-mfa-1"),
        skipped(SkipReason.BOUNCED, institution="qm-mfa-1", detail="2026-03-01: 5.1.1 unknown"),
    )

    assert (row.group, row.status, row.skip) == (Group.BOUNCED, Status.BOUNCED, SkipReason.BOUNCED)
    assert row.reason == "the latest plan leaves it out: address bounced: 2026-03-01: 5.1.1 unknown"


def test_a_cancelled_letter_that_the_plan_skips_is_a_skipped_institution() -> None:
    """A cancelled draft is no letter: the row is that of the skipped institution."""
    row = only_row(
        standing(Status.CANCELLED, institution="qm-trade-1"), skipped(SkipReason.UNVERIFIED, institution="qm-trade-1")
    )

    assert (row.group, row.status, row.recipient) == (Group.SKIPPED, None, None)


def test_states_are_in_the_order_of_their_names_and_an_unknown_one_keeps_its_code() -> None:
    """A reader finds a state where its name is looked for."""
    log = built(
        standing(state="QN", institution="qn-1"),
        standing(state="QM", institution="qm-2"),
        standing(state="QM", institution="qm-1"),
        standing(state="QX", institution="qx-1"),
    )

    assert [state.state_name for state in log.states] == ["Quenland", "Quimera", "QX"]
    assert [row.institution for row in log.rows] == ["qn-1", "qm-1", "qm-2", "qx-1"]


def test_letters_from_own_mailboxes_are_summed_beside_everything_else() -> None:
    """By institution, state and in all; to whom nobody wrote has none, and what is in no plan is in no log."""
    its = [standing(institution="qm-mfa-1"), standing(institution="qm-mod-1"), standing(institution="qn-1", state="QN")]
    matrix = built().matrix
    made = build_log(
        its,
        [],
        matrix=matrix,
        own_letters={"qm-mfa-1": 2, "qm-mod-1": 3, "elsewhere": 7},
        state_names=STATES,
        at=AT,
    )
    assert {row.institution: row.own_letters for row in made.rows} == {"qm-mfa-1": 2, "qm-mod-1": 3, "qn-1": 0}
    assert {one.state: one.own_letters for one in made.states} == {"QM": 5, "QN": 0}
    assert made.total.own_letters == 5
    assert made.counts == built(*its).counts
    assert (made.total.sent, made.total.answered, made.total.acknowledged) == (0, 0, 0)
