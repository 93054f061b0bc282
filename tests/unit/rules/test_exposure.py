"""What a target learns of its supporters: nobody is put in danger by a rule that was written with others in mind."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.action import Learns
from outreach.model.contact import Institution
from outreach.model.supporter import Delivery, Exposure, PageText, ReplyTo, SupporterTerms, TargetRule
from outreach.rules.exposure import as_told, by_state, learns, terms_at_one_box, terms_of
from support.crowd import target

TEXTS = {"en": PageText(title="T", why="W", suggestion="S")}


def terms(*rules: TargetRule, **more: object) -> SupporterTerms:
    return SupporterTerms(
        site="https://act.example",
        contact="data@ngo.example",
        texts=TEXTS,
        rules=rules,
        **more,  # type: ignore[arg-type]
    )


def institution(*tags: str, state: str = "QM", role: str = "mfa") -> Institution:
    return Institution(id=f"{state.lower()}-{role}-1", state=state, role=role, name="Ministry", tags=frozenset(tags))


def test_a_target_learns_names_and_gets_single_letters_when_nothing_is_said():
    found = terms_of(terms(), institution())
    assert (found.exposure, found.delivery, found.per_day) == (Exposure.NAMES, Delivery.INDIVIDUAL, 20)


def test_a_target_at_risk_learns_counts_by_a_digest_when_nothing_is_said():
    found = terms_of(terms(), institution("at-risk", "exporter"))
    assert (found.exposure, found.delivery) == (Exposure.COUNTS, Delivery.DIGEST)


@pytest.mark.parametrize(
    "rule",
    [
        TargetRule(exposure=Exposure.NAMES),
        TargetRule(roles=frozenset({"mfa"}), exposure=Exposure.NAMES),
        TargetRule(tags=frozenset({"at-risk"}), exposure=Exposure.NAMES),
    ],
    ids=["all", "role", "tag"],
)
def test_a_rule_for_many_does_not_expose_supporters_to_a_state_at_risk(rule):
    """It may be written for other targets: only who names the state or the institution means it."""
    assert terms_of(terms(rule), institution("at-risk")).exposure is Exposure.COUNTS
    assert terms_of(terms(rule, exposure=Exposure.NAMES), institution("at-risk")).exposure is Exposure.COUNTS


@pytest.mark.parametrize(
    "rule",
    [
        TargetRule(states=frozenset({"QM"}), exposure=Exposure.NAMES),
        TargetRule(institutions=frozenset({"qm-mfa-1"}), exposure=Exposure.NAMES),
    ],
    ids=["state", "institution"],
)
def test_a_rule_that_names_the_target_is_meant(rule):
    assert terms_of(terms(rule), institution("at-risk")).exposure is Exposure.NAMES


def test_less_than_counts_stays_less():
    rule = TargetRule(roles=frozenset({"mfa"}), exposure=Exposure.NONE)
    assert terms_of(terms(rule), institution("at-risk")).exposure is Exposure.NONE
    assert terms_of(terms(exposure=Exposure.NONE), institution("at-risk")).exposure is Exposure.NONE


def test_the_first_rule_that_fits_decides_each_thing():
    rules = (
        TargetRule(states=frozenset({"QN"}), per_day=1),
        TargetRule(states=frozenset({"QM"}), delivery=Delivery.DRIP),
        TargetRule(per_day=3, suppressed="asked us to stop"),
    )
    found = terms_of(terms(*rules), institution())
    assert (found.delivery, found.per_day, found.suppressed) == (Delivery.DRIP, 3, "asked us to stop")


_RULES = st.builds(
    TargetRule,
    states=st.sampled_from([frozenset(), frozenset({"QN"})]),
    tags=st.sampled_from([frozenset(), frozenset({"at-risk"}), frozenset({"exporter"})]),
    roles=st.sampled_from([frozenset(), frozenset({"mfa"})]),
    exposure=st.sampled_from([None, *Exposure]),
    delivery=st.sampled_from([None, *Delivery]),
)


@given(st.lists(_RULES, max_size=5), st.sampled_from(Exposure), st.sampled_from(Delivery))
def test_no_rules_expose_a_target_at_risk_that_none_of_them_names(rules, exposure, delivery):
    """For all rules: names never, and counts only by digest."""
    found = terms_of(terms(*rules, exposure=exposure, delivery=delivery), institution("at-risk", state="QM"))
    assert found.exposure is not Exposure.NAMES
    if found.exposure is Exposure.COUNTS:
        assert found.delivery is Delivery.DIGEST


def test_every_pair_of_exposure_and_delivery_is_possible_where_nobody_is_at_risk():
    for exposure, delivery in itertools.product((Exposure.NAMES, Exposure.NONE), Delivery):
        found = terms_of(terms(exposure=exposure, delivery=delivery), institution())
        assert (found.exposure, found.delivery) == (exposure, delivery)


def test_at_a_shared_box_a_target_learns_what_the_most_careful_of_its_readers_may():
    at_risk, closed = institution("at-risk", state="QN"), institution("closed", state="QO")
    it = terms(TargetRule(tags=frozenset({"closed"}), exposure=Exposure.NONE))
    assert terms_at_one_box(it, institution(), [institution()]).exposure is Exposure.NAMES
    found = terms_at_one_box(it, institution(), [institution(), at_risk])
    assert (found.exposure, found.delivery) == (Exposure.COUNTS, Delivery.DIGEST)
    assert terms_at_one_box(it, at_risk, [institution(), at_risk]).exposure is Exposure.COUNTS
    assert terms_at_one_box(it, institution(), [at_risk, closed]).exposure is Exposure.NONE


def test_who_reads_alone_keeps_its_own_terms():
    it = terms(delivery=Delivery.DRIP)
    assert terms_at_one_box(it, institution(), []) == terms_of(it, institution())


@pytest.mark.parametrize(
    ("exposure", "reply_to", "learnt"),
    [
        (Exposure.COUNTS, ReplyTo.SUPPORTER, Learns.COUNTS),
        (Exposure.NAMES, ReplyTo.ALIAS, Learns.NAMES),
        (Exposure.NAMES, ReplyTo.SUPPORTER, Learns.ADDRESS),
    ],
)
def test_a_target_learns_as_much_as_its_exposure_and_the_way_of_answers_say(exposure, reply_to, learnt):
    assert learns(target(exposure=exposure), reply_to) is learnt


@pytest.mark.parametrize("told", [{}, {"qm-mfa-1": Learns.COUNTS}, {"qn-mfa-1": Learns.NAMES}])
def test_who_was_not_told_that_a_target_sees_names_is_counted_there(told):
    found = as_told(target(exposure=Exposure.NAMES), told)
    assert (found.exposure, found.delivery) == (Exposure.COUNTS, Delivery.DIGEST)


@pytest.mark.parametrize("exposure", list(Exposure))
@pytest.mark.parametrize("told", [Learns.NAMES, Learns.ADDRESS])
def test_a_target_never_learns_more_than_it_may_now_whatever_was_told(exposure, told):
    its = target(exposure=exposure)
    assert as_told(its, {its.institution: told}) == its


def test_one_tagged_institution_puts_its_whole_state_at_risk():
    several = [institution("at-risk"), institution(role="trade_ministry"), institution(state="QN")]
    found = [terms_of(terms(), one).exposure for one in by_state(terms(), several)]
    assert found == [Exposure.COUNTS, Exposure.COUNTS, Exposure.NAMES]
    named = terms(TargetRule(institutions=frozenset({"qm-trade_ministry-1"}), exposure=Exposure.NAMES))
    assert [terms_of(named, one).exposure for one in by_state(named, several)][1] is Exposure.NAMES
