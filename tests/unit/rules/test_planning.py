"""The plan: nobody forgotten, nobody written to twice, nobody asked what is not theirs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Campaign, Demand, Exclusion, Mode, Sender
from outreach.model.contact import AddressFacts, Contact, Institution
from outreach.model.dispatch import Plan, SkipReason
from outreach.rules.planning import Circumstances, make_plan, months_before

TODAY = date(2026, 11, 23)
STATES = ("QM", "QN", "QO", "BG")
ROLES = ("mfa", "trade_ministry", "licensing_authority", "other")
TAGS = ("nso-named", "at-risk")
SENDER = Sender(name="Ana", organisation="Org", email="ana@org.example")


def campaign(*demands: Demand, exclude: tuple[Exclusion, ...] = ()) -> Campaign:
    return Campaign(
        slug="c", title="C", sender=SENDER, contacts=("contacts/a.csv",), demands=demands or (ALL,), exclude=exclude
    )


ALL = Demand(slug="all", title="All")


def circumstances(mode: Mode = Mode.LIVE, **more: object) -> Circumstances:
    base: dict[str, object] = {
        "mode": mode,
        "step": 0,
        "today": TODAY,
        "secret": b"s",
        "languages": lambda _institution, _demands: ("en",),
        "clock": lambda _institution: ("UTC", ""),
    }
    return Circumstances(**{**base, **more})  # type: ignore[arg-type]


def row(
    identifier: str,
    address: str = "",
    *,
    state: str = "QM",
    role: str = "mfa",
    tags: tuple[str, ...] = (),
    rank: int = 0,
    shared: bool = False,
) -> Contact:
    it = Institution(id=identifier, state=state, role=role, name=identifier.upper(), tags=frozenset(tags))
    return Contact(institution=it, address=address or None, address_norm=address, rank=rank, allow_shared=shared)


def verified(*addresses: str, on: date = TODAY) -> dict[str, AddressFacts]:
    return {one: AddressFacts(address_norm=one, verified_on=on, verified_by="Ana") for one in addresses}


def reasons(plan: Plan) -> dict[str, SkipReason]:
    return {one.institution: one.reason for one in plan.skipped}


exclusions = st.one_of(
    st.builds(Exclusion, reason=st.just("why"), state=st.sampled_from(STATES)),
    st.builds(Exclusion, reason=st.just("why"), institution=st.sampled_from(["i0", "i1", "i2"])),
)
demands = st.builds(
    Demand,
    slug=st.sampled_from(["d1", "d2", "d3"]),
    title=st.just("T"),
    states=st.frozensets(st.sampled_from(STATES), max_size=2),
    tags=st.frozensets(st.sampled_from(TAGS), max_size=1),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=2),
    exclude=st.lists(exclusions, max_size=2).map(tuple),
)
rows = st.builds(
    row,
    st.sampled_from([f"i{n}" for n in range(12)]),
    st.sampled_from(["", "a@x.example", "b@x.example", "c@x.example"]),
    rank=st.integers(0, 1),
    shared=st.booleans(),
)


def may_be_asked(demand: Demand, everywhere: list[Exclusion], it: Institution) -> bool:
    """Said in other words than the program's: who is named, or whose state is, is out; every filter holds."""
    out = {one.institution or one.state for one in (*demand.exclude, *everywhere)}
    fits = (
        demand.states == frozenset() or it.state in demand.states,
        demand.roles == frozenset() or it.role in demand.roles,
        demand.tags == frozenset() or len(demand.tags & it.tags) > 0,
    )
    return not out & {it.id, it.state} and False not in fits


@given(
    st.lists(demands, min_size=1, max_size=3, unique_by=lambda one: one.slug),
    st.lists(
        st.tuples(st.sampled_from(STATES), st.sampled_from(ROLES), st.frozensets(st.sampled_from(TAGS)), rows),
        max_size=25,
    ),
    st.sampled_from([Mode.REHEARSAL, Mode.LIVE]),
    st.lists(exclusions, max_size=1),
    st.fixed_dictionaries(
        {
            "renamed": st.dictionaries(st.sampled_from(["i3", "i4"]), st.just("perhaps"), max_size=1),
            "faulty": st.dictionaries(st.sampled_from(["i4", "i5"]), st.just("a fault"), max_size=1),
            "boxes": st.dictionaries(st.sampled_from(["a@x.example", "b@x.example"]), st.just("i6"), max_size=1),
            "standing": st.frozensets(st.sampled_from(["i6", "i7"])),
        }
    ),
)
def test_every_institution_is_planned_or_skipped_once_and_gets_only_its_demands(
    asked: list[Demand],
    drawn: list[tuple[str, str, frozenset[str], Contact]],
    mode: Mode,
    everywhere: list[Exclusion],
    given_so_far: dict[str, Any],
) -> None:
    """dispatches + skipped == institutions; no letter carries a demand its institution is not eligible for."""
    by_id: dict[str, Institution] = {}
    contacts = []
    for state, role, tags, one in drawn:
        it = by_id.setdefault(
            one.institution.id,
            Institution(id=one.institution.id, state=state, role=role, name="N", tags=tags),
        )
        contacts.append(
            Contact(
                institution=it,
                address=one.address,
                address_norm=one.address_norm,
                rank=one.rank,
                allow_shared=one.allow_shared,
            )
        )
    asking = campaign(*asked, exclude=tuple(everywhere))
    facts = verified("a@x.example", "b@x.example")
    plan = make_plan(asking, contacts, circumstances(mode, facts=facts, **given_so_far))

    ids = [one.dispatch.institution for one in plan.planned] + [one.institution for one in plan.skipped]
    assert sorted(ids) == sorted(by_id)
    assert plan.institutions == len(by_id)
    for one in plan.planned:
        eligible = tuple(d.slug for d in asked if may_be_asked(d, everywhere, by_id[one.dispatch.institution]))
        assert one.dispatch.demands == eligible != ()
        assert one.dispatch.institution not in {*given_so_far["renamed"], *given_so_far["faulty"]}
    boxes = [one.dispatch.address_norm for one in plan.planned]
    assert len(set(boxes)) == len(boxes)
    real = [one.contact for one in plan.planned if one.contact.address]
    boxes = [one.address_norm for one in real]
    assert all(one.allow_shared or boxes.count(one.address_norm) == 1 for one in real)
    if mode is Mode.REHEARSAL:
        assert all(one.dispatch.recipient.endswith("@rehearsal.example") for one in plan.planned)
    else:
        assert {one.dispatch.recipient for one in plan.planned} <= {"a@x.example", "b@x.example"}


def test_a_shared_box_gets_one_letter_and_the_other_institution_is_named() -> None:
    """A ministry and its commission in one box: one letter, and the second is said to share it."""
    plan = make_plan(
        campaign(), [row("i1", "a@x.example"), row("i2", "a@x.example")], circumstances(facts=verified("a@x.example"))
    )
    assert [one.dispatch.institution for one in plan.planned] == ["i1"]
    assert [(one.institution, one.detail) for one in plan.skipped] == [("i2", "same box as i1")]


def test_a_box_that_only_one_row_shares_gets_one_letter() -> None:
    """`allow_shared` in one of two rows is no leave of the other: the check says that both rows have to say it."""
    rows = [row("i1", "a@x.example"), row("i2", "a@x.example", shared=True)]
    for drawn in (rows, rows[::-1]):
        plan = make_plan(campaign(), drawn, circumstances(facts=verified("a@x.example")))
        assert [one.dispatch.institution for one in plan.planned] == ["i1"]
        assert [(one.institution, one.detail) for one in plan.skipped] == [("i2", "same box as i1")]


def test_a_box_shared_on_purpose_gets_a_letter_for_each() -> None:
    """`allow_shared` in both rows lifts the rule of one letter a box."""
    contacts = [row("i1", "a@x.example", shared=True), row("i2", "a@x.example", shared=True)]
    plan = make_plan(campaign(), contacts, circumstances(facts=verified("a@x.example")))
    assert [one.dispatch.recipient for one in plan.planned] == ["a@x.example", "a@x.example"]


def test_a_box_that_had_its_letter_gets_no_second_one_for_another_institution() -> None:
    """A row that comes anew at an address that was written to at this step is skipped."""
    plan = make_plan(
        campaign(),
        [row("i2", "a@x.example")],
        circumstances(facts=verified("a@x.example"), boxes={"a@x.example": "i1"}),
    )
    assert [one.detail for one in plan.skipped] == ["same box as i1"]


def test_a_rehearsal_writes_to_institutions_without_an_address_too() -> None:
    """What will go by post is rehearsed as well; its recipient is the institution's id."""
    plan = make_plan(campaign(), [row("qm-mfa-1")], circumstances(Mode.REHEARSAL))
    assert [one.dispatch.recipient for one in plan.planned] == ["qm-mfa-1@rehearsal.example"]


@pytest.mark.parametrize("identifier", ["a b", "Größe", "x" * 80, "a..b", ".a", "a@b", "a\nb"])
def test_an_id_that_is_no_local_part_is_replaced_by_the_dispatchs(identifier: str) -> None:
    """Nothing of a sheet's id can reach an envelope unless it is a plain local part."""
    plan = make_plan(campaign(), [row(identifier)], circumstances(Mode.REHEARSAL))
    dispatch = plan.planned[0].dispatch
    assert dispatch.recipient == f"{dispatch.id}@rehearsal.example"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, SkipReason.UNVERIFIED),
        (verified("a@x.example", on=date(2025, 11, 22)), SkipReason.STALE),
        (
            {"a@x.example": AddressFacts(address_norm="a@x.example", verified_on=date(2026, 1, 1), bounced_on=TODAY)},
            SkipReason.BOUNCED,
        ),
        (
            {"a@x.example": AddressFacts(address_norm="a@x.example", verified_on=TODAY, suppressed_on=TODAY)},
            SkipReason.SUPPRESSED,
        ),
    ],
    ids=["unverified", "stale", "bounced", "suppressed"],
)
def test_live_never_writes_to_an_address_that_is(facts: dict[str, AddressFacts], reason: SkipReason) -> None:
    """What was learnt about an address keeps it out of a live plan, with its reason."""
    assert reasons(make_plan(campaign(), [row("i1", "a@x.example")], circumstances(facts=facts))) == {"i1": reason}


def test_an_address_verified_again_after_its_bounce_is_written_to() -> None:
    """A person's later word outweighs an old bounce."""
    facts = {"a@x.example": AddressFacts(address_norm="a@x.example", verified_on=TODAY, bounced_on=date(2026, 11, 1))}
    assert make_plan(campaign(), [row("i1", "a@x.example")], circumstances(facts=facts)).planned


def test_the_next_address_of_an_institution_stands_in_for_a_bad_one() -> None:
    """A second address of the row is the fallback; the institution still gets one letter."""
    contacts = [row("i1", "bad@x.example"), row("i1", "good@x.example", rank=1)]
    plan = make_plan(campaign(), contacts, circumstances(facts=verified("good@x.example")))
    assert [one.dispatch.recipient for one in plan.planned] == ["good@x.example"]
    assert plan.institutions == 1


def test_exclusions_say_why() -> None:
    """An excluded state is skipped with the campaign's own words."""
    plan = make_plan(
        campaign(exclude=(Exclusion(reason="no office answers", state="QM"),)),
        [row("i1", "a@x.example")],
        circumstances(Mode.REHEARSAL),
    )
    assert [(one.reason, one.detail) for one in plan.skipped] == [(SkipReason.EXCLUDED, "no office answers")]


def test_an_institution_without_a_demand_or_a_language_is_skipped() -> None:
    """Nothing to ask, or no language to ask it in, is said and not sent."""
    only_trade = campaign(Demand(slug="d", title="D", roles=frozenset({"trade_ministry"})))
    assert reasons(make_plan(only_trade, [row("i1")], circumstances(Mode.REHEARSAL))) == {"i1": SkipReason.NO_DEMAND}
    speechless = circumstances(Mode.REHEARSAL, languages=lambda _institution, _demands: ())
    assert reasons(make_plan(campaign(), [row("i1")], speechless)) == {"i1": SkipReason.NO_LANGUAGE}


@pytest.mark.parametrize(
    ("demand", "why"),
    [
        (Demand(slug="d", title="D", states=frozenset({"QN"})), "none goes to its state"),
        (Demand(slug="d", title="D", roles=frozenset({"trade_ministry"})), 'none goes to the role "mfa"'),
        (Demand(slug="d", title="D", tags=frozenset({"t"})), "none goes to its tags"),
    ],
    ids=["state", "role", "tags"],
)
def test_whoever_no_demand_goes_to_is_told_by_what(demand: Demand, why: str) -> None:
    """Its role, most often: an empty reason would leave a person to compare sheet and campaign file."""
    (one,) = make_plan(campaign(demand), [row("i1")], circumstances(Mode.REHEARSAL)).skipped
    assert one.detail == why


def test_two_demands_that_fit_by_half_are_told_as_such() -> None:
    """Each filter holds for one of them, and together for none."""
    half = Demand(slug="a", title="A", states=frozenset({"QN"})), Demand(slug="b", title="B", roles=frozenset({"x"}))
    (one,) = make_plan(campaign(*half), [row("i1")], circumstances(Mode.REHEARSAL)).skipped
    assert one.detail == "none goes to its state, role and tags together"


def test_a_perhaps_renamed_institution_and_a_faulty_row_wait() -> None:
    """Both are skipped with their reason until a person has settled them."""
    given_ = circumstances(Mode.REHEARSAL, renamed={"i1": "perhaps i0"}, faulty={"i2": "bad row"})
    plan = make_plan(campaign(), [row("i1"), row("i2")], given_)
    assert reasons(plan) == {"i1": SkipReason.RENAMED, "i2": SkipReason.FAULT}


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 23), 12, date(2025, 11, 23)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 5, 31), 6, date(2025, 11, 30)),
    ],
)
def test_months_are_counted_back_to_a_day_that_exists(day: date, months: int, then: date) -> None:
    """The end of a longer month becomes the end of a shorter one."""
    assert months_before(day, months) == then


@given(st.permutations(["i1", "i2", "i3"]))
def test_the_order_of_rows_does_not_decide_who_gets_the_letter_of_a_shared_box(order: list[str]) -> None:
    """Whoever is asked for the most gets it; whoever has it already keeps it."""
    asked = campaign(ALL, Demand(slug="more", title="More", roles=frozenset({"trade_ministry"})))
    rows_ = [row(one, "a@x.example", role="trade_ministry" if one == "i2" else "mfa") for one in order]
    facts = verified("a@x.example")
    plan = make_plan(asked, rows_, circumstances(facts=facts))
    assert [one.dispatch.institution for one in plan.planned] == ["i2"]
    kept = make_plan(asked, rows_, circumstances(facts=facts, standing=frozenset({"i3"})))
    assert [one.dispatch.institution for one in kept.planned] == ["i3"]


def test_nobody_behind_an_address_that_waits_for_a_person_is_written_to_by_itself() -> None:
    """With the reason; an address before it, or one that may be written to, is not touched by a stop."""
    group = [row("qm-mfa-1", "a@x.example"), row("qm-mfa-1", "b@x.example", rank=1)]
    stop = {"qm-mfa-1": {"a@x.example": "its next contact waits"}}
    bad = verified("a@x.example", "b@x.example")
    bad["a@x.example"] = AddressFacts(address_norm="a@x.example", verified_on=TODAY, bounced_on=TODAY)
    (skipped,) = make_plan(campaign(), group, circumstances(facts=bad, stops=stop)).skipped
    assert (skipped.reason, skipped.detail) == (SkipReason.BOUNCED, f"{TODAY}: ; its next contact waits")
    for stops, facts, to in (
        ({}, bad, "b@x.example"),
        (stop, verified("a@x.example"), "a@x.example"),
        ({"qm-mfa-1": {"b@x.example": ""}}, bad, "b@x.example"),
        ({"qn-mfa-1": {"a@x.example": ""}}, bad, "b@x.example"),
    ):
        (planned,) = make_plan(campaign(), group, circumstances(facts=facts, stops=stops)).planned
        assert planned.dispatch.recipient == to
