"""Proposals in a real ledger, on both databases: made once, settled once, by persons alone, and never forgotten."""

from datetime import date, timedelta

import pytest

from outreach.errors import LedgerError, UsageError
from outreach.inbox import read_message
from outreach.model.campaign import Mode
from outreach.model.collected import MatchRule
from outreach.model.proposal import NewRuling, ProposalFate, ProposalKind, Target
from outreach.model.status import Status
from outreach.rules.triage import triage
from outreach.runner.collect import collect
from outreach.runner.tray import approve, settle, tray
from outreach.runner.triage import book

from .test_collect import Source, mail, message_id, report, rows

TODAY = date(2026, 3, 3)
LEFT = "Ms Moss has left the ministry. Please write to desk@ministry.example from now on."
NEXT, ADDRESS, TARGET, SENDER = ProposalKind


class Interpreter:
    """The real one."""

    def read(self, raw):
        return read_message(raw)

    def triage(self, message):
        return triage(message, book())


def run(ledger, *mails, name="test"):
    done = collect(ledger, [Source(*mails, name=name)], Interpreter(), own={"ana@org.example"})
    assert done.adds_up
    return done


@pytest.fixture
def sent(desk):
    """Three letters that left."""
    desk.send("bg-1", "at-1", "rs-1")
    return desk


def told(ledger, campaign="spring"):
    return [(one.change.kind, one.change.institution, one.change.now) for one in ledger.proposals(campaign)]


def say(ledger, number, fate=ProposalFate.APPROVED, *, verified=False, **more):
    ledger.settle_proposals([NewRuling(proposal=number, fate=fate, by="Ana", **more)], verified=verified, today=TODAY)


def test_a_proposal_has_its_mail_its_sentence_and_its_rule(sent):
    """Enough for a person to look it up, and nothing is changed by it."""
    before = (sent.ledger.address_facts(), sent.counts())
    done = run(sent.ledger, mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1"), Auto_Submitted="auto-replied"))
    assert done.proposed == {"spring": 1}
    (one,) = sent.ledger.proposals("spring")
    assert (one.change.kind, one.change.was, one.change.now) == (
        ADDRESS,
        "bg-1@gov.example",
        "desk@ministry.example",
    )
    assert (one.change.campaign, one.change.state, one.change.words) == ("spring", "BG", LEFT)
    assert one.change.rule.startswith("en.contact_change.")
    assert (one.match, one.keyed, one.change.proven, one.fate) == (MatchRule.THREAD, True, True, ProposalFate.OPEN)
    ((number, sha256),) = rows(sent.ledger, "SELECT id, sha256 FROM inbound")
    assert (one.mail, one.sha256, one.at) == (number, sha256, sent.clock.now)
    assert (sent.ledger.address_facts(), sent.counts()) == before


def test_the_same_mailbox_twice_and_another_mail_that_says_the_same_propose_nothing_new(sent):
    """Read again, from elsewhere, with other line ends; said again, in other letters, in other words."""
    ours = message_id(sent, "bg-1")
    one = mail(1, LEFT, In_Reply_To=ours)
    run(sent.ledger, one)
    before = sent.ledger.proposals()
    run(sent.ledger, one)
    run(sent.ledger, one.replace(b"\r\n", b"\n"), name="another")
    run(sent.ledger, mail(2, f"Hello! {LEFT.replace('desk', 'Desk')}", In_Reply_To=ours), name="more")
    assert sent.ledger.proposals() == before
    assert len(before) == 1


def test_what_is_settled_is_not_proposed_again_but_by_better_proof(sent):
    """A claim without a key was dismissed; then somebody says it who had our letter."""
    run(sent.ledger, mail(1, LEFT, From="clerk@ministry.example"))
    (item,) = tray(sent.ledger).items
    settle(sent.ledger, Interpreter(), item.id, to="bg-1", by="Ana")
    number = next(one.id for one in sent.ledger.proposals() if one.change.kind is ADDRESS)
    say(sent.ledger, number, ProposalFate.DISMISSED, why="who is that?")
    settle_again = mail(2, LEFT, From="x@elsewhere.example")
    run(sent.ledger, settle_again, name="two")
    settle(sent.ledger, Interpreter(), tray(sent.ledger).items[0].id, to="bg-1", by="Ana")
    assert [one.fate for one in sent.ledger.proposals() if one.change.kind is ADDRESS] == [ProposalFate.DISMISSED]
    run(sent.ledger, mail(3, LEFT, In_Reply_To=message_id(sent, "bg-1")), name="three")
    found = [(one.change.proven, one.fate) for one in sent.ledger.proposals() if one.change.kind is ADDRESS]
    assert found == [(False, ProposalFate.DISMISSED), (True, ProposalFate.OPEN)]


def test_a_report_proposes_the_next_contact_once_however_many_come(sent):
    """Several reports on one letter are one bounce."""
    ours = message_id(sent, "bg-1")
    run(sent.ledger, report(1, ours, "bg-1@gov.example"), report(2, ours, "bg-1@gov.example", status="5.1.10"))
    assert told(sent.ledger) == [(NEXT, "bg-1", "")]
    (one,) = sent.ledger.proposals()
    assert (one.change.was, one.change.proven, one.change.rule) == ("bg-1@gov.example", True, "dsn.failed.5.1.1")
    assert sent.status("bg-1") is Status.BOUNCED


def test_an_address_that_was_verified_anew_and_fails_anew_is_proposed_anew(sent):
    """The old word was about another time."""
    run(sent.ledger, report(1, message_id(sent, "bg-1"), "bg-1@gov.example"))
    (first,) = sent.ledger.proposals()
    say(sent.ledger, first.id, ProposalFate.DISMISSED, why="it was a slip of theirs")
    sent.clock.tick(days=30)
    sent.ledger.verify_addresses(["bg-1@gov.example"], by="Ana", on=sent.clock.now.date())
    sent.step = 1
    sent.send("bg-1")
    late = {"Date": f"{sent.clock.now + timedelta(hours=1):%a, %d %b %Y %H:%M:%S} +0000"}
    run(sent.ledger, report(2, message_id(sent, "bg-1"), "bg-1@gov.example", **late), name="later")
    assert [one.fate for one in sent.ledger.proposals()] == [ProposalFate.DISMISSED, ProposalFate.OPEN]


def soft(desk, number):
    sent_on = f"{desk.clock.now + timedelta(hours=1):%a, %d %b %Y %H:%M:%S} +0000"
    return report(number, message_id(desk, "bg-1"), "bg-1@gov.example", status="4.2.2", Date=sent_on)


def test_a_soft_bounce_has_patience_and_the_fifth_in_five_weeks_proposes(desk):
    """And a verification in between begins to count anew."""
    for step in range(10):
        desk.step = step
        desk.send("bg-1")
        run(desk.ledger, soft(desk, step), name=f"s{step}")
        if step == 3:
            desk.clock.tick(days=1)
            desk.ledger.verify_addresses(["bg-1@gov.example"], by="Ana", on=desk.clock.now.date())
        assert len(desk.ledger.proposals()) == (step >= 8), step
        desk.clock.tick(days=1)
    assert desk.ledger.address_facts()["bg-1@gov.example"].bounced_on is not None


@pytest.mark.parametrize(
    "claim",
    [
        lambda ours: report(1, "<somebody@elsewhere.example>", "bg-1@gov.example"),
        lambda ours: mail(1, f"550 user unknown: bg-1@gov.example\r\n{ours}", From="MAILER-DAEMON@mx.example"),
        lambda ours: mail(1, f"{LEFT}\r\n{ours}", From="evil@elsewhere.example"),
        lambda ours: mail(1, LEFT, From="bg-1@gov.example", Subject="Re: A letter"),
    ],
    ids=["a report without our id", "an informal one that quotes it", "a quote", "a forged sender"],
)
def test_a_mail_that_only_claims_to_be_ours_changes_nothing_and_is_not_proven(sent, claim):
    """Whatever it says: no status, no address, and at most a proposal that says so."""
    before = (sent.counts(), sent.ledger.address_facts())
    run(sent.ledger, claim(message_id(sent, "bg-1")))
    assert (sent.counts(), sent.ledger.address_facts()) == before
    assert [one.change.proven for one in sent.ledger.proposals()] in ([], [False])
    assert all(one.fate is ProposalFate.OPEN for one in sent.ledger.proposals())


def test_a_settled_guess_proposes_its_sender_and_what_its_mail_says(sent):
    """One list: whoever wrote it, and the address that it names; the first counts in matching once approved."""
    run(sent.ledger, mail(1, LEFT, From="x@cabinet.example"), mail(2, "More.", From="x@cabinet.example"))
    first = tray(sent.ledger).items[0]
    settle(sent.ledger, Interpreter(), first.id, to="bg-1", by="Ana")
    assert told(sent.ledger) == [
        (ADDRESS, "bg-1", "desk@ministry.example"),
        (SENDER, "bg-1", "x@cabinet.example"),
    ]
    assert [one.change.proven for one in sent.ledger.proposals()] == [False, False]
    approve(sent.ledger, Interpreter(), "X@Cabinet.example", by="Bo")
    last = sent.ledger.proposals()[-1]
    assert (last.fate, last.ruling.by, last.change.by) == (ProposalFate.APPROVED, "Bo", "Ana")
    with pytest.raises(UsageError, match="waits for approval"):
        approve(sent.ledger, Interpreter(), "x@cabinet.example", by="Bo")
    assert tray(sent.ledger).proposals == ()


def test_a_dismissed_sender_is_no_sign_of_anybody(sent):
    """It is not even a guess any more."""
    run(sent.ledger, mail(1, From="x@cabinet.example"))
    settle(sent.ledger, Interpreter(), tray(sent.ledger).items[0].id, to="bg-1", by="Ana")
    run(sent.ledger, mail(2, "More.", From="x@cabinet.example"), name="two")
    assert [guess.why for one in sent.ledger.tray() for guess in one.guesses][:1] == [
        "an address that waits for approval"
    ]
    say(sent.ledger, sent.ledger.proposals()[0].id, ProposalFate.DISMISSED, why="a lobbyist")
    run(sent.ledger, mail(3, "More.", From="x@cabinet.example"), name="three")
    assert sent.ledger.tray()[-1].guesses == ()


def test_a_word_is_said_once_and_all_or_none_of_several_count(sent):
    """A number that is not there, one that is settled: nothing is written."""
    run(
        sent.ledger,
        mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1")),
        mail(2, "The Ministry of Trade is competent for this matter.", In_Reply_To=message_id(sent, "at-1")),
    )
    first, second = (one.id for one in sent.ledger.proposals())
    both = [NewRuling(proposal=one, fate=ProposalFate.APPROVED, by="Ana") for one in (first, 9_999)]
    with pytest.raises(UsageError, match="9999: There is no proposal"):
        sent.ledger.settle_proposals(both, verified=False, today=TODAY)
    assert {one.fate for one in sent.ledger.proposals()} == {ProposalFate.OPEN}
    target = Target(id="at-trade-1", state="AT", role="trade_ministry", name="Trade")
    say(sent.ledger, second, target=target)
    for fate in (ProposalFate.APPROVED, ProposalFate.DISMISSED):
        with pytest.raises(UsageError, match="is settled: approved by Ana on 2026-03-02"):
            say(sent.ledger, second, fate)
    assert sent.ledger.proposals()[1].ruling.target == target
    assert sent.ledger.proposals()[0].fate is ProposalFate.OPEN


def test_an_approval_may_be_a_verification_and_a_dismissal_never_is(sent):
    """Only when the person says that they checked it."""
    run(sent.ledger, mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1")))
    run(sent.ledger, mail(2, LEFT.replace("desk@", "post@"), In_Reply_To=message_id(sent, "at-1")), name="two")
    first, second = (one.id for one in sent.ledger.proposals())
    say(sent.ledger, first, address="Desk@ministry.example")
    assert sent.ledger.address_facts() == {}
    say(sent.ledger, second, address="post@ministry.example", verified=True)
    facts = sent.ledger.address_facts()["post@ministry.example"]
    assert (facts.verified_on, facts.verified_by) == (TODAY, "Ana")


def test_proposals_and_words_on_them_cannot_be_changed(sent):
    """The database itself refuses."""
    run(sent.ledger, mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1")))
    say(sent.ledger, sent.ledger.proposals()[0].id)
    for statement in (
        "UPDATE proposal SET now = 'x'",
        "DELETE FROM proposal",
        "UPDATE ruling SET who = 'x'",
        "DELETE FROM ruling",
    ):
        with pytest.raises(LedgerError, match="append-only"), sent.ledger._store.write() as tx:
            tx.driver.execute(statement)


def test_each_campaign_sees_the_proposals_for_its_institutions(sent, desk_at):
    """An institution is one, however many campaigns write to it; another's is not shown."""
    other = desk_at(sent.ledger)
    other.campaign = "autumn"
    other.send("at-1")
    run(
        sent.ledger,
        mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1")),
        mail(2, LEFT, In_Reply_To=message_id(sent, "at-1")),
    )
    assert [one[1] for one in told(sent.ledger, "spring")] == ["bg-1", "at-1"]
    assert [one[1] for one in told(sent.ledger, "autumn")] == ["at-1"]
    assert told(sent.ledger, "winter") == []


def test_a_backup_has_every_proposal_and_every_word(sent, opened, tmp_path):
    """Put back, what was open is open, and what was said is said."""
    if sent.ledger._store.server:
        pytest.skip("a database server has its own backups")
    run(sent.ledger, mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1")))
    run(sent.ledger, report(2, message_id(sent, "at-1"), "at-1@gov.example"), name="two")
    say(sent.ledger, sent.ledger.proposals()[0].id, address="desk@ministry.example", row=("bg-1@gov.example",))
    before = sent.ledger.proposals()
    sent.ledger.back_up(tmp_path / "copy.db")
    back = opened(f"sqlite:///{tmp_path}/copy.db")
    assert back.proposals() == before
    back.restored(by="Ana", why="the disk broke")
    assert back.proposals() == before
    run(back, report(2, message_id(sent, "at-1"), "at-1@gov.example"), name="again")
    assert back.proposals() == before
    say(back, before[1].id, ProposalFate.DISMISSED, why="by post")
    assert [one.fate for one in back.proposals()] == [ProposalFate.APPROVED, ProposalFate.DISMISSED]


def test_a_live_ledger_knows_nothing_of_a_rehearsals(sent, opened, tmp_path):
    """Two databases."""
    run(sent.ledger, mail(1, LEFT, In_Reply_To=message_id(sent, "bg-1")))
    live = opened(f"sqlite:///{tmp_path}/live.db", mode=Mode.LIVE)
    assert (len(sent.ledger.proposals()), live.proposals()) == (1, [])


def test_a_reference_number_is_learnt_at_once_and_a_guess_teaches_none(sent):
    """It only helps to find whose a mail is: it moves no status, and proposes nothing."""
    run(sent.ledger, mail(1, "Our reference: MSZ-2026-4711.", In_Reply_To=message_id(sent, "bg-1")))
    assert rows(sent.ledger, "SELECT value, institution FROM reference WHERE kind = 'number'") == [
        ("msz20264711", "bg-1")
    ]
    run(sent.ledger, mail(2, "About MSZ-2026-4711: soon.", From="x@other.example"), name="two")
    assert rows(sent.ledger, "SELECT rule, keyed FROM inbound ORDER BY id DESC LIMIT 1")[0][0] == "reference"
    assert sent.ledger.proposals() == []
