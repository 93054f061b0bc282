"""Plans: what becomes of every letter, new or known; nothing that left is touched, nothing is forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from outreach.errors import LedgerError
from outreach.model.dispatch import Skipped, SkipReason
from outreach.model.status import HeldReason, Status


def ids(desk, *institutions):
    return tuple(desk.dispatch(one).id for one in institutions)


def test_a_first_plan_drafts_every_letter(desk):
    """What was planned stands as a draft, byte for byte, and its event says so."""
    totals = desk.plan("bg-mfa", "fr-mfa")
    assert totals.drafted == ids(desk, "bg-mfa", "fr-mfa")
    dispatch, letter = desk.pair("bg-mfa")
    at = desk.at("bg-mfa")
    assert (at.dispatch, at.status, at.letter_sha, at.attempts) == (dispatch, Status.DRAFT, letter.sha256, 0)
    assert (at.next_at, at.sent_at, at.server_code, at.changed_at) == (None, None, None, desk.clock.now)
    assert desk.ledger.letter(dispatch.id) == letter
    assert desk.kinds("bg-mfa") == ["drafted"]
    assert desk.ledger.letter("nobody") is None


def test_the_same_plan_again_changes_nothing(desk):
    """Same bytes: no event, no change, whether drafted or approved."""
    desk.plan("bg-mfa", "fr-mfa")
    assert desk.plan("bg-mfa", "fr-mfa").unchanged == ids(desk, "bg-mfa", "fr-mfa")
    desk.approve()
    assert desk.plan("bg-mfa", "fr-mfa").unchanged == ids(desk, "bg-mfa", "fr-mfa")
    assert desk.kinds("bg-mfa") == ["drafted", "queued"]
    assert desk.counts() == {Status.QUEUED: 2}


def test_a_draft_takes_new_bytes(desk):
    """A draft follows the sheet and the template; its event names both letters."""
    desk.plan("bg-mfa")
    old, new = desk.letter(desk.dispatch("bg-mfa")), desk.pair("bg-mfa", "Monsieur le Ministre")
    assert desk.plan(new).redrafted == ids(desk, "bg-mfa")
    assert desk.ledger.letter(new[0].id) == new[1]
    event = list(desk.ledger.events("spring", new[0].id))[-1]
    assert (event.kind, event.was, event.now) == ("redrafted", "draft", "draft")
    assert event.detail == {"was_letter": old.sha256, "letter": new[1].sha256}


def test_facts_that_are_not_in_the_letter_follow_the_sheet(desk):
    """The same bytes with another calendar, name or template: the row follows, nothing is said to have happened."""
    desk.plan("bg-mfa", "fr-mfa")
    desk.approve()
    dispatch, letter = desk.pair("bg-mfa", calendar="BG||Sun-Thu", institution_name="Ministry of Trade")
    totals = desk.plan((dispatch, replace(letter, template_sha="8" * 64)), "fr-mfa")
    assert totals.unchanged == ids(desk, "bg-mfa", "fr-mfa")
    assert desk.at("bg-mfa").dispatch == dispatch
    assert desk.ledger.letter(dispatch.id).template_sha == "8" * 64
    assert desk.status("bg-mfa") is Status.QUEUED


def test_an_approved_letter_never_changes_silently(desk):
    """New bytes for an approved letter are not taken, and said; with redraft it is a draft again."""
    desk.queue("bg-mfa", "fr-mfa")
    approved, new = desk.letter(desk.dispatch("bg-mfa")), desk.pair("bg-mfa", "Monsieur le Ministre")
    totals = desk.plan(new, "fr-mfa")
    assert (totals.changed_since_approval, totals.unchanged) == (ids(desk, "bg-mfa"), ids(desk, "fr-mfa"))
    assert desk.ledger.letter(new[0].id) == approved
    assert desk.status("bg-mfa") is Status.QUEUED
    totals = desk.plan(new, "fr-mfa", redraft=True)
    assert (totals.redrafted, totals.unchanged) == (ids(desk, "bg-mfa"), ids(desk, "fr-mfa"))
    assert desk.ledger.letter(new[0].id) == new[1]
    assert desk.counts() == {Status.DRAFT: 1, Status.QUEUED: 1}
    assert desk.kinds("bg-mfa") == ["drafted", "queued", "returned"]


def test_another_envelope_sender_is_a_change(desk):
    """The bytes are not all that is sent: where bounces go was approved too."""
    desk.queue("bg-mfa")
    dispatch, letter = desk.pair("bg-mfa")
    other = (dispatch, replace(letter, envelope_from="other@org.example"))
    assert desk.plan(other).changed_since_approval == ids(desk, "bg-mfa")
    assert desk.plan(other, redraft=True).redrafted == ids(desk, "bg-mfa")
    assert desk.ledger.letter(dispatch.id).envelope_from == "other@org.example"


@pytest.mark.parametrize(
    ("reason", "stays"),
    [
        pytest.param(HeldReason.RENAMED, False, id="renamed"),
        pytest.param(HeldReason.BY_HAND, True, id="by hand"),
        pytest.param(HeldReason.REPEATED_CRASH, True, id="repeated crash"),
        pytest.param(HeldReason.MODERATION, True, id="moderation"),
        pytest.param(HeldReason.STALE_ADDRESS, False, id="stale address"),
        pytest.param(HeldReason.SIZE, False, id="size"),
    ],
)
def test_a_held_letter_waits_for_its_person(desk, reason, stays):
    """What the sheet or template can mend comes back as a draft; what a person must settle stays held."""
    desk.plan("bg-mfa")
    assert desk.ledger.hold(ids(desk, "bg-mfa"), reason, why="look at it", by="Ada") == 1
    assert desk.at("bg-mfa").held is reason
    totals = desk.plan(desk.pair("bg-mfa", "new"))
    assert (totals.held, totals.drafted) == ((ids(desk, "bg-mfa"), ()) if stays else ((), ids(desk, "bg-mfa")))
    assert desk.status("bg-mfa") is (Status.HELD if stays else Status.DRAFT)
    assert desk.at("bg-mfa").held is (reason if stays else None)


def test_a_vanished_draft_is_cancelled_and_comes_back_as_the_same_row(desk):
    """A cancelled letter is still its row: planned again, it becomes a draft with the new bytes."""
    desk.plan("bg-mfa", "fr-mfa")
    assert desk.plan("fr-mfa").vanished_drafts == ids(desk, "bg-mfa")
    assert desk.status("bg-mfa") is Status.CANCELLED
    assert desk.plan(desk.pair("bg-mfa", "again"), "fr-mfa").drafted == ids(desk, "bg-mfa")
    assert desk.kinds("bg-mfa") == ["drafted", "cancelled", "returned"]
    assert b"again" in desk.ledger.letter(desk.dispatch("bg-mfa").id).raw


def test_a_vanished_approved_letter_is_cancelled_by_the_next_approval_only(desk):
    """A plan takes nothing back that a person approved; the approval of the new plan does."""
    desk.queue("bg-mfa", "fr-mfa")
    assert desk.plan("fr-mfa", "gr-mfa").vanished_queued == ids(desk, "bg-mfa")
    assert desk.plan("fr-mfa", "gr-mfa").vanished_queued == ids(desk, "bg-mfa")
    assert desk.status("bg-mfa") is Status.QUEUED
    assert desk.approve() == (1, 1)
    assert desk.status("bg-mfa") is Status.CANCELLED


def test_an_approved_letter_that_is_planned_again_is_not_cancelled(desk):
    """Left out by one plan and back in the next: as if nothing had been."""
    desk.queue("bg-mfa", "fr-mfa")
    desk.plan("fr-mfa")
    desk.plan("bg-mfa", "fr-mfa")
    assert desk.approve() == (0, 0)
    desk.plan("fr-mfa")
    with desk.ledger.planning("spring", 0) as book:
        book.keep(ids(desk, "bg-mfa", "fr-mfa"))
        assert book.finish().unchanged == ids(desk, "bg-mfa", "fr-mfa")
    assert desk.approve() == (0, 0)
    assert desk.counts() == {Status.QUEUED: 2}


GONE = [
    pytest.param((Status.CLAIMED,), id="claimed"),
    pytest.param((Status.CLAIMED, Status.COMMITTED), id="committed"),
    pytest.param((Status.CLAIMED, Status.COMMITTED, Status.ACCEPTED), id="accepted"),
    pytest.param((Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT), id="in doubt"),
    pytest.param((Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT, Status.CANCELLED), id="in doubt, then dropped"),
    pytest.param((Status.CLAIMED, Status.COMMITTED, Status.ACCEPTED, Status.ANONYMISED), id="anonymised"),
    pytest.param((Status.CLAIMED, Status.REJECTED), id="rejected, same address"),
    pytest.param((Status.CLAIMED, Status.COMMITTED, Status.ACCEPTED, Status.BOUNCED), id="bounced, same address"),
]


@pytest.mark.parametrize("way", GONE)
@pytest.mark.parametrize("verb", ["draft", "keep", "leave out"])
def test_what_left_or_may_have_left_is_never_touched(desk, way, verb):
    """Planned with other bytes, kept, or planned no more: the letter and its status stay."""
    desk.queue("bg-mfa")
    desk.force("bg-mfa", *way)
    before = desk.at("bg-mfa"), desk.ledger.letter(desk.dispatch("bg-mfa").id)
    with desk.ledger.planning("spring", 0, redraft=True) as book:
        if verb == "draft":
            book.draft([desk.pair("bg-mfa", "other bytes")])
        elif verb == "keep":
            book.keep(ids(desk, "bg-mfa"))
        totals = book.finish()
    assert totals.gone == (() if verb == "leave out" else ids(desk, "bg-mfa"))
    assert (desk.at("bg-mfa"), desk.ledger.letter(desk.dispatch("bg-mfa").id)) == before


@pytest.mark.parametrize(
    "way",
    [(Status.CLAIMED, Status.REJECTED), (Status.CLAIMED, Status.COMMITTED, Status.ACCEPTED, Status.BOUNCED)],
    ids=["rejected", "bounced"],
)
def test_a_refused_letter_starts_again_at_a_corrected_address(desk, way):
    """It was not delivered: with another address it is a draft again, and has not been tried."""
    desk.queue("bg-mfa")
    desk.force("bg-mfa", *way)
    assert desk.plan(desk.pair("bg-mfa", address_norm="right@gov.example")).drafted == ids(desk, "bg-mfa")
    at = desk.at("bg-mfa")
    assert (at.status, at.dispatch.recipient, at.attempts) == (Status.DRAFT, "right@gov.example", 0)


def test_two_institutions_swap_their_addresses(desk):
    """The rule of one letter per address holds at the end of a plan, not in the middle of it."""
    a, b = (
        desk.pair("bg-mfa", address_norm="fr-mfa@gov.example"),
        desk.pair("fr-mfa", address_norm="bg-mfa@gov.example"),
    )
    desk.plan("bg-mfa", "fr-mfa", "gr-mfa")
    totals = desk.plan(a, b, "gr-mfa")
    assert set(totals.redrafted) == set(ids(desk, "bg-mfa", "fr-mfa"))
    assert [desk.at(one).dispatch.address_norm for one in ("bg-mfa", "fr-mfa")] == [
        "fr-mfa@gov.example",
        "bg-mfa@gov.example",
    ]


def test_addresses_move_on_in_a_ring_longer_than_a_chunk(desk):
    """Each of 450 institutions gets its neighbour's address: more than are written at once."""
    names = [f"bg-{number}" for number in range(450)]
    desk.queue(*names)
    moved = [desk.pair(a, address_norm=f"{b}@gov.example") for a, b in zip(names, names[1:] + names[:1], strict=True)]
    totals = desk.plan(*moved, redraft=True)
    assert len(totals.redrafted) == 450
    found = {one.dispatch.institution: one.dispatch.address_norm for one in desk.ledger.standings("spring")}
    assert found == {dispatch.institution: dispatch.address_norm for dispatch, _ in moved}


def test_a_new_institution_takes_the_address_of_a_vanished_one(desk):
    """The draft that is no longer planned gives its address up, and is cancelled."""
    desk.plan("bg-mfa")
    totals = desk.plan(desk.pair("bg-new", address_norm="bg-mfa@gov.example"))
    assert (totals.drafted, totals.vanished_drafts) == (ids(desk, "bg-new"), ids(desk, "bg-mfa"))
    assert desk.counts() == {Status.DRAFT: 1, Status.CANCELLED: 1}


@pytest.mark.parametrize("way", [*GONE[:4], GONE[5]])
def test_an_address_that_has_its_letter_gets_no_second_one(desk, way):
    """Same step, same address, another institution: refused with both names, and nothing is written."""
    desk.queue("bg-mfa")
    desk.force("bg-mfa", *way)
    with pytest.raises(LedgerError, match=r'"bg-mfa@gov.example".*"bg-new".*"bg-mfa" \(\w+\)'):
        desk.plan(desk.pair("bg-new", address_norm="bg-mfa@gov.example"))
    assert len(list(desk.ledger.standings("spring"))) == 1


@pytest.mark.parametrize("redraft", [False, True], ids=["kept", "redraft"])
def test_an_approved_letter_keeps_its_address(desk, redraft):
    """It vanished from the plan but is still approved: its address is not free until the approval is taken back."""
    desk.queue("bg-mfa")
    with pytest.raises(LedgerError, match="Two letters of one step"):
        desk.plan(desk.pair("bg-new", address_norm="bg-mfa@gov.example"), redraft=redraft)
    assert desk.status("bg-mfa") is Status.QUEUED
    assert desk.at("bg-mfa").dispatch.address_norm == "bg-mfa@gov.example"


@pytest.mark.parametrize("distance", [0, 300], ids=["side by side", "in another chunk"])
def test_two_planned_institutions_with_one_address_are_refused(desk, distance):
    """A clear sentence with both names, not a database's error; nothing is written."""
    between = [f"fr-{number}" for number in range(distance)]
    with pytest.raises(LedgerError, match=r'"bg-mfa@gov\.example": to "bg-.*" and to "bg-') as caught:
        desk.plan("bg-mfa", *between, desk.pair("bg-new", address_norm="bg-mfa@gov.example"))
    assert "Give one of them its own address" in str(caught.value)
    assert list(desk.ledger.standings("spring")) == []


def test_one_address_may_have_a_letter_in_each_step_and_campaign(desk):
    """The rule is per campaign, step and sender."""
    desk.plan("bg-mfa")
    desk.step = 1
    desk.plan("bg-mfa")
    desk.campaign = "autumn"
    desk.plan("bg-mfa")
    assert [one.dispatch.step for one in desk.ledger.standings("spring")] == [0, 1]
    assert [one.dispatch.step for one in desk.ledger.standings("spring", 1)] == [1]


def test_another_secret_is_noticed_before_a_second_letter_goes(desk):
    """The same institution under another id: the key of the ids was changed."""
    desk.send("bg-mfa")
    other = desk.pair("bg-mfa", id="z" * 26, address_norm="other@gov.example")
    with pytest.raises(LedgerError, match="OUTREACH_SECRET"):
        desk.plan(other)


def test_a_plan_speaks_for_the_campaigns_own_letters_alone(desk):
    """What vanishes with a plan is the campaign's own; a supporter's letter in a plan is a mistake of the caller."""
    desk.plan("bg-mfa")
    with pytest.raises(ValueError, match="of another plan"):
        desk.plan(desk.pair("fr-mfa", sender="supporter:7"))
    assert desk.plan("gr-mfa").vanished_drafts == ids(desk, "bg-mfa")
    assert desk.plan().vanished_drafts == ids(desk, "gr-mfa")


def test_a_letter_planned_twice_is_refused(desk):
    """Near or far: one dispatch has one place in a plan."""
    with pytest.raises(LedgerError, match="planned twice"):
        desk.plan("bg-mfa", "bg-mfa")
    with pytest.raises(LedgerError, match="planned twice"):
        desk.plan("bg-mfa", *(f"fr-{number}" for number in range(300)), "bg-mfa")
    with pytest.raises(LedgerError, match="to keep"), desk.ledger.planning("spring", 0) as book:
        book.keep(["nobody"])


def break_off(book, desk):
    book.draft([desk.pair("bg-mfa", "new"), desk.pair("fr-mfa")])
    book.skip([])
    raise ZeroDivisionError


def test_a_plan_that_breaks_off_leaves_nothing(desk):
    """An exception in the block, or a forgotten finish: the ledger is as before."""
    desk.plan("bg-mfa", skipped=[skipped("gr-mfa", SkipReason.NO_EMAIL)])
    with pytest.raises(ZeroDivisionError), desk.ledger.planning("spring", 0) as book:
        break_off(book, desk)
    with pytest.raises(LedgerError, match="not finished"), desk.ledger.planning("spring", 0) as book:
        book.draft([desk.pair("fr-mfa")])
    assert desk.counts() == {Status.DRAFT: 1}
    assert desk.ledger.letter(desk.dispatch("bg-mfa").id) == desk.pair("bg-mfa")[1]
    assert len(desk.ledger.skipped("spring", 0)) == 1


def test_a_plan_knows_where_every_letter_stands(desk):
    """`standing` sees what was there before, and what this plan has just written."""
    desk.send("bg-mfa")
    with desk.ledger.planning("spring", 0) as book:
        sent, new = desk.dispatch("bg-mfa").id, desk.pair("fr-mfa")
        assert book.standing(sent).status is Status.ACCEPTED
        assert book.standing(sent).dispatch.dated == desk.clock.now.date()
        assert book.standing(new[0].id) is None
        book.draft([new])
        assert book.standing(new[0].id).dispatch == new[0]
        book.keep([sent])
        book.finish()


def test_the_skipped_of_a_step_are_those_of_its_last_plan(desk):
    """In the plan's order, with every word; a new plan replaces them."""
    first = [skipped("bg-mfa", SkipReason.SAME_BOX, detail="same box as bg-trade"), skipped("fr-mfa")]
    desk.plan(skipped=first)
    assert desk.ledger.skipped("spring", 0) == first
    assert desk.ledger.skipped("spring", 1) == []
    second = [skipped("zz-mfa", SkipReason.NO_EMAIL, post="1, rue de l'Université", form="https://gov.example/f")]
    desk.plan(skipped=second)
    assert desk.ledger.skipped("spring", 0) == second


def skipped(institution, reason=SkipReason.NO_DEMAND, **more):
    return Skipped(institution=institution, institution_name="Mädchen", state="BG", role="mfa", reason=reason, **more)


def test_the_digest_names_drafts_bytes_and_recipients(desk):
    """It changes with each of them, comes back with the same plan, and does not depend on the order."""
    one = desk.plan("bg-mfa", "fr-mfa").digest
    assert desk.ledger.drafts_digest("spring", 0) == one
    others = {
        desk.plan("bg-mfa").digest,
        desk.plan("bg-mfa", desk.pair("fr-mfa", "other")).digest,
        desk.plan("bg-mfa", desk.pair("fr-mfa", recipient="x@gov.example")).digest,
    }
    assert len(others | {one}) == 4
    assert desk.plan("fr-mfa", "bg-mfa").digest == one


def test_letters_leave_in_plan_order(desk):
    """Standings and claims follow the sheet, not the ids."""
    names = ["fr-9", "bg-1", "zz-5", "aa-3"]
    desk.queue(*names)
    assert [one.dispatch.institution for one in desk.ledger.standings("spring")] == names
    assert [one.institution for one in desk.turn().claims] == names


class Counted(bytes):
    """Bytes that say how many of them are in memory."""

    alive = most = 0

    def __new__(cls, *given):
        Counted.alive += 1
        Counted.most = max(Counted.most, Counted.alive)
        return super().__new__(cls, *given)

    def __del__(self):
        Counted.alive -= 1


def test_a_plan_never_holds_all_its_letters(desk):
    """Of 2,000 letters no more than a few hundred are in memory at a time."""
    Counted.most = 0

    def letters():
        for number in range(2000):
            dispatch, letter = desk.pair(f"bg-{number}")
            yield dispatch, replace(letter, raw=Counted(letter.raw))

    with desk.ledger.planning("spring", 0) as book:
        book.draft(letters())
        assert len(book.finish().drafted) == 2000
    assert 0 < Counted.most <= 500


def test_dates_and_times_come_back_exactly(desk):
    """To the microsecond, aware, in UTC."""
    desk.clock.tick(microseconds=123456)
    desk.plan("bg-mfa")
    at = desk.at("bg-mfa")
    assert at.changed_at == desk.clock.now
    assert at.changed_at.utcoffset() == timedelta(0)
    assert desk.ledger.now() == desk.clock.now
