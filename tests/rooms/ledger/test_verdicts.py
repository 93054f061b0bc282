"""A person's word on what a mail is: it counts, and the machine's stays beside it."""

import pytest

from outreach.errors import UsageError
from outreach.model.inbound import STOPPING, InboundKind
from outreach.model.status import Status

from .test_collect import mail, message_id, rows
from .test_proposals import run

AUTO = {"Auto_Submitted": "auto-replied", "Subject": "Out of office"}


@pytest.fixture
def chased(desk, desk_at):
    """Two letters that left, and the reminders that wait."""
    desk.send("bg-1", "at-1")
    chasers = desk_at(desk.ledger)
    chasers.step = 1
    chasers.queue("bg-1", "at-1")
    return desk


def standing(desk, institution):
    (found,) = [one for one in desk.ledger.standings("spring", 1) if one.dispatch.institution == institution]
    return found.status


def only(desk):
    """The number of the one mail."""
    (one,) = desk.ledger.heard("spring")
    return one.id


def heard(desk):
    return [(one.institution, one.kind, one.machine) for one in desk.ledger.heard("spring")]


def test_a_persons_word_is_what_is_heard_and_every_word_is_kept(chased):
    """In its order, with its name, its day and its reason; the machine's verdict and its rule stay."""
    run(chased.ledger, mail(1, "I am out of office until Monday.", In_Reply_To=message_id(chased, "bg-1"), **AUTO))
    ((_, machine, _),) = heard(chased)
    assert machine is InboundKind.AUTO_REPLY
    number = only(chased)
    before = chased.ledger.judged(number)
    chased.ledger.judge(number, InboundKind.REPLY, by="Ana", why="he writes himself")
    chased.clock.tick(days=1)
    chased.ledger.judge(number, InboundKind.ACKNOWLEDGEMENT, by="Bo")
    assert heard(chased) == [("bg-1", InboundKind.ACKNOWLEDGEMENT, InboundKind.AUTO_REPLY)]
    after = chased.ledger.judged(number)
    assert (after.machine, after.rule, after.sha256) == (before.machine, before.rule, before.sha256)
    assert [(one.kind, one.by, one.why) for one in after.verdicts] == [
        (InboundKind.REPLY, "Ana", "he writes himself"),
        (InboundKind.ACKNOWLEDGEMENT, "Bo", ""),
    ]
    assert after.verdicts[1].at == chased.clock.now


def test_a_reply_takes_reminders_back_and_a_machines_word_does_not(chased):
    """In the same transaction, with the name of whoever said so."""
    run(chased.ledger, mail(1, "I am out of office until Monday.", In_Reply_To=message_id(chased, "bg-1"), **AUTO))
    for kind in set(InboundKind) - STOPPING:
        assert chased.ledger.judge(only(chased), kind, by="Ana") == 0
    assert standing(chased, "bg-1") is Status.QUEUED
    assert chased.ledger.judge(only(chased), InboundKind.REPLY, by="Ana") == 1
    assert (standing(chased, "bg-1"), standing(chased, "at-1")) == (Status.CANCELLED, Status.QUEUED)


def test_an_automatic_mail_that_the_machine_took_for_an_answer_lets_reminders_go_on(chased, desk_at):
    """They were cancelled; the next plan makes drafts of them."""
    run(chased.ledger, mail(1, "The ministry will look into it.", In_Reply_To=message_id(chased, "bg-1")))
    assert standing(chased, "bg-1") is Status.CANCELLED
    chased.ledger.judge(only(chased), InboundKind.AUTO_REPLY, by="Ana")
    assert heard(chased) == [("bg-1", InboundKind.AUTO_REPLY, InboundKind.REPLY)]
    chasers = desk_at(chased.ledger)
    chasers.step = 1
    chasers.plan("bg-1", "at-1")
    assert standing(chased, "bg-1") is Status.DRAFT


def test_a_mail_of_the_tray_keeps_its_word_until_somebody_says_whose_it_is(chased):
    """It stays in the tray; attached, the person's kind counts: an automatic one stops nothing."""
    run(chased.ledger, mail(1, "The ministry will look into it."))
    (item,) = chased.ledger.tray()
    assert chased.ledger.judge(item.id, InboundKind.AUTO_REPLY, by="Ana") == 0
    assert [one.id for one in chased.ledger.tray()] == [item.id]
    chased.ledger.attach(item.id, "bg-1", by="Ana")
    assert standing(chased, "bg-1") is Status.QUEUED
    assert heard(chased) == [("bg-1", InboundKind.AUTO_REPLY, InboundKind.REPLY)]


def test_what_is_none_of_theirs_has_no_verdict(chased):
    """Our own mail, one that was set aside, one that is not there."""
    run(chased.ledger, mail(1, From="ana@org.example"), mail(2))
    found = dict(rows(chased.ledger, "SELECT kind_rule, id FROM inbound"))
    ours = found.pop("own")
    (other,) = found.values()
    chased.ledger.set_aside(other, by="Ana")
    for number, why in ((ours, "our own"), (other, "set aside"), (9_999, "no mail with that number")):
        with pytest.raises(UsageError, match=why):
            chased.ledger.judge(number, InboundKind.REPLY, by="Ana")
    with pytest.raises(UsageError, match="no mail with that number"):
        chased.ledger.judged(9_999)


def test_what_was_set_aside_by_mistake_is_heard_once_it_is_attached(chased):
    """Whoever attaches it takes the other word back."""
    run(chased.ledger, mail(1, "The ministry agrees."))
    (item,) = chased.ledger.tray()
    chased.ledger.set_aside(item.id, by="Bo")
    chased.ledger.attach(item.id, "bg-1", by="Ana")
    assert [(one.institution, one.kind) for one in chased.ledger.heard("spring")] == [("bg-1", InboundKind.REPLY)]
    assert chased.ledger.post_totals().ignored == 0
