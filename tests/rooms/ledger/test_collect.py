"""Collecting into a real ledger, on both databases: what is kept, where it goes, and what follows from a report."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from outreach.errors import Answered, InboxError, LedgerError, UsageError
from outreach.inbox import raw as raws
from outreach.inbox import read_message
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
from outreach.model.collected import Batch, Bookmark, InboundState
from outreach.model.inbound import Finding, FindingKind, InboundKind
from outreach.model.status import Status
from outreach.rules.triage import triage
from outreach.runner.collect import collect
from outreach.runner.tray import approve, set_aside, settle, tray
from outreach.runner.triage import book


class Words:
    """The interpreter, with a rule for numbers: `Our ref: …` is one."""

    def read(self, raw):
        if b"X-Breaks: " in raw:
            raise RecursionError("((((")
        return read_message(raw)

    def triage(self, message):
        found = [line.partition(":")[2].strip() for line in message.text.splitlines() if line.startswith("Our ref:")]
        findings = tuple(Finding(kind=FindingKind.REFERENCE, value=one, words=one) for one in found)
        return replace(triage(message, book()), findings=findings)


class Source:
    """Mails at hand, in batches of so many."""

    gone = 0

    def __init__(self, *mails, name="test", size=2, ends=None):
        self.mails = mails
        self.name = name
        self.size = size
        self.ends = ends

    def read(self, since):
        for at in range(since.uid, len(self.mails), self.size):
            several = self.mails[at : at + self.size]
            if self.ends is not None and at >= self.ends:
                raise InboxError("The connection to the mailbox was lost.")
            kept = tuple(raws.mail(one, where="here") for one in several)
            yield Batch(mails=kept, after=Bookmark(uid=at + len(several)))


def mail(number, body="Words.", **headers):
    head = {
        "From": "Clerk <clerk@ministry.example>",
        "To": "letters@org.example",
        "Message-ID": f"<{number}@ministry.example>",
        "Date": "Tue, 03 Mar 2026 10:00:00 +0000",
        "Subject": f"Re: {number}",
    }
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join([*(f"{name}: {value}\r\n" for name, value in head.items()), "\r\n", body, "\r\n"]).encode()


def report(number, message_id, address, *, action="failed", status="5.1.1", **headers):
    body = (
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--"
    )
    given = {"From": "MAILER-DAEMON@mx.example", "MIME-Version": "1.0"}
    given["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="b"'
    return mail(number, body, **given, **headers)


def run(ledger, *mails, **more):
    given = {"own": {"ana@org.example"}, **more}
    done = collect(ledger, [one if isinstance(one, Source) else Source(*mails) for one in mails[:1]], Words(), **given)
    assert done.adds_up
    assert done.totals.adds_up
    return done


def rows(ledger, query):
    with ledger._store.read() as tx:
        return tx.driver.execute(query).fetchall()


@pytest.fixture
def sent(desk):
    """Three letters that left."""
    desk.send("bg-1", "at-1", "rs-1")
    return desk


def message_id(desk, institution):
    return f"<{desk.dispatch(institution).id}@org.example>"


def test_mail_is_kept_before_it_is_read_and_adds_up(sent):
    """In = matched + tray + quarantined; every byte can be had again."""
    mails = [mail(1, In_Reply_To=message_id(sent, "bg-1")), mail(2), mail(3, X_Breaks="yes")]
    done = run(sent.ledger, *mails)
    states = {InboundState.MATCHED: 1, InboundState.TRAY: 1, InboundState.QUARANTINED: 1}
    assert (done.read, done.known, done.by_state) == (3, 0, states)
    assert str(done.totals) == "3 in = 1 matched + 1 tray + 1 quarantined"
    for one in mails:
        assert sent.ledger.raw_mail(hashlib.sha256(one).hexdigest()) == one
    ((reason,),) = rows(sent.ledger, "SELECT reason FROM inbound WHERE state = 'quarantined'")
    assert reason.startswith("RecursionError")


def test_the_same_mails_again_change_nothing(sent):
    """By the bookmark, and without it by their bytes; line ends and sources do not matter."""
    mails = [mail(1, In_Reply_To=message_id(sent, "bg-1")), mail(2), mail(3, X_Breaks="yes")]
    run(sent.ledger, *mails)
    before = everything(sent.ledger)
    assert run(sent.ledger, *mails).read == 0
    other = Source(*(one.replace(b"\r\n", b"\n") for one in mails), name="another")
    again = run(sent.ledger, other)
    assert (again.read, again.known) == (3, 3)
    assert everything(sent.ledger) == before


def everything(ledger):
    """All that was made of mail, whatever the order in which it came."""
    events = rows(
        ledger,
        "SELECT d.institution, e.kind, e.became FROM event e JOIN dispatch d ON d.n = e.dispatch_n ORDER BY 1, e.id",
    )
    inbound = rows(
        ledger,
        "SELECT sha256, state, reason, rule, score, keyed, campaign, institution, "
        "(SELECT id FROM dispatch WHERE n = dispatch_n), kind, hard, final, authentication, received_at "
        "FROM inbound ORDER BY sha256",
    )
    learnt = rows(ledger, "SELECT kind, value, institution, dispatch FROM reference ORDER BY 1, 2, 3, 4")
    guesses = rows(
        ledger,
        "SELECT i.sha256, g.rank, g.institution, g.score "
        "FROM guess g JOIN inbound i ON i.id = g.inbound_id ORDER BY 1, 2",
    )
    boxes = rows(ledger, "SELECT address_norm, bounced_on FROM address ORDER BY 1")
    return events, inbound, learnt, guesses, boxes


def test_a_lost_connection_is_told_and_the_next_run_goes_on(sent):
    """What came before it is filed."""
    mails = [mail(number) for number in range(5)]
    done = run(sent.ledger, Source(*mails, ends=3))
    assert (done.read, len(done.troubles)) == (4, 1)
    assert run(sent.ledger, *mails).read == 1


def test_what_was_kept_and_not_filed_is_filed_by_the_next_run(sent):
    """A run that ended between the two, and a mail that is gone from its mailbox since."""
    sent.ledger.keep("test", [raws.mail(mail(1), where="here")])
    done = run(sent.ledger, Source())
    assert (done.read, done.by_state) == (1, {InboundState.TRAY: 1})


def test_no_text_of_a_stranger_is_too_strange_for_a_database(sent):
    """NUL and half a surrogate pair, in a subject and in the text."""
    strange = mail(1, "a\0b").replace(b"Re: 1", b"=?utf-8?b?AGE=?= \xed\xa0\x80")
    assert run(sent.ledger, strange).by_state == {InboundState.TRAY: 1}


def test_raw_mail_and_what_was_made_of_it_cannot_be_changed(sent):
    """The database itself refuses."""
    run(sent.ledger, mail(1))
    set_aside(sent.ledger, [sent.ledger.tray()[0].id], by="Ana")
    for statement in ("UPDATE raw_mail SET size = 1", "DELETE FROM raw_mail", "DELETE FROM inbound_event"):
        with pytest.raises(LedgerError), sent.ledger._store.write() as tx:
            tx.driver.execute(statement)


# what follows from a report


def test_a_standard_report_with_our_id_brings_the_letter_back(sent):
    """Accepted becomes bounced, and a bad address is learnt."""
    run(sent.ledger, report(1, message_id(sent, "bg-1"), "BG-1@gov.example"))
    assert sent.status("bg-1") is Status.BOUNCED
    assert sent.ledger.address_facts()["bg-1@gov.example"].bounced_text == "5.1.1"
    assert (sent.status("at-1"), sent.status("rs-1")) == (Status.ACCEPTED, Status.ACCEPTED)


@pytest.mark.parametrize(
    "claim",
    [
        lambda ours: report(1, "<somebody@elsewhere.example>", "bg-1@gov.example"),
        lambda ours: mail(1, f"550 user unknown: bg-1@gov.example\r\n{ours}", From="MAILER-DAEMON@mx.example"),
        lambda ours: mail(1, "bg-1@gov.example is dead", In_Reply_To=ours),
        lambda ours: report(1, ours, "somebody@elsewhere.example"),
        lambda ours: report(1, ours, "bg-1@gov.example", Date="Mon, 02 Feb 2026 10:00:00 +0000"),
        lambda ours: report(1, ours, "bg-1@gov.example", action="delayed", status="4.4.1"),
        lambda ours: report(1, ours, "bg-1@gov.example", action="delivered", status="2.0.0"),
    ],
    ids=["no id", "informal", "a reply", "another address", "before it left", "delayed", "delivered"],
)
def test_whoever_only_claims_that_a_letter_came_back_moves_nothing(sent, claim):
    """No keyed id, no report, another address, a day before: a person may read it, and the letter stays."""
    run(sent.ledger, claim(message_id(sent, "bg-1")))
    assert sent.status("bg-1") is Status.ACCEPTED
    assert not sent.ledger.address_facts()


def test_a_report_settles_a_letter_in_doubt(desk):
    """It was taken, or there would be no report: accepted by evidence, then bounced; delayed, it stays accepted."""
    desk.queue("bg-1", "at-1")
    for claim in desk.turn().claims:
        desk.ledger.mark(claim)
    desk.clock.tick(hours=3)
    desk.ledger.recover()
    assert desk.counts() == {Status.IN_DOUBT: 2}
    late = {"Date": "Tue, 10 Mar 2026 10:00:00 +0000"}
    first = report(1, message_id(desk, "bg-1"), "bg-1@gov.example", **late)
    run(desk.ledger, first, report(2, message_id(desk, "at-1"), "at-1@gov.example", action="delayed", status="4.4.1"))
    assert (desk.status("bg-1"), desk.status("at-1")) == (Status.BOUNCED, Status.ACCEPTED)
    assert desk.kinds("bg-1")[-2:] == ["settled", "bounced"]
    assert desk.at("bg-1").sent_at is not None


def test_a_report_that_comes_while_a_runner_has_the_letter_waits(desk):
    """The next run does what it asks for."""
    desk.queue("bg-1")
    claim = desk.claim()["bg-1"]
    desk.ledger.mark(claim)
    run(desk.ledger, report(1, message_id(desk, "bg-1"), "bg-1@gov.example"))
    assert desk.status("bg-1") is Status.COMMITTED
    desk.ledger.settle([accepted_of(claim)])
    run(desk.ledger, Source())
    assert desk.status("bg-1") is Status.BOUNCED


def accepted_of(claim):
    from .conftest import accepted

    return accepted(claim)


def test_a_full_mailbox_has_patience(desk):
    """A letter that came back for a while came back; its address is dead after five within five weeks."""
    for number in range(5):
        desk.campaign = f"c{number}"
        pair = desk.pair("bg-1")
        desk.plan((replace(pair[0], campaign=desk.campaign), pair[1]))
        desk.approve()
        for claim in desk.turn().claims:
            desk.accept(claim)
        when = desk.clock.now + timedelta(hours=1)
        soft = report(
            number,
            message_id(desk, "bg-1"),
            "bg-1@gov.example",
            status="4.2.2",
            Date=f"{when:%a, %d %b %Y %H:%M:%S} +0000",
        )
        run(desk.ledger, Source(soft, name=str(number)))
        assert desk.status("bg-1") is Status.BOUNCED
        assert ("bg-1@gov.example" in desk.ledger.address_facts()) == (number == 4)
        desk.clock.tick(days=7)


# the tray


def test_a_person_settles_a_guess_and_it_teaches_after_approval(sent):
    """The address is proposed, not used; its thread is known at once."""
    ledger = sent.ledger
    subject = "Re: A letter"
    run(ledger, mail(1, From="x@cabinet.example", Subject=subject), mail(2, From="x@cabinet.example", Subject=subject))
    first, second = tray(ledger).items
    done = settle(ledger, Words(), first.id, to="bg-1", by="Ana")
    assert (done.proposed, done.moved) == ("x@cabinet.example", 0)
    ((state, rule, institution, by),) = rows(
        ledger, f"SELECT state, rule, institution, person_by FROM inbound WHERE id = {first.id}"
    )
    assert (state, rule, institution, by) == ("matched", "person", "bg-1", "Ana")
    assert [one.change.now for one in tray(ledger).proposals] == ["x@cabinet.example"]
    run(ledger, Source(mail(3, From="y@elsewhere.example", References="<1@ministry.example>"), name="b"))
    assert [one.id for one in tray(ledger).items] == [second.id]
    approve(ledger, Words(), "X@cabinet.example", by="Bo")
    assert not tray(ledger).proposals
    with pytest.raises(UsageError, match="Nothing about"):
        approve(ledger, Words(), "x@cabinet.example", by="Bo")


def test_a_head_that_names_an_institution_is_heard_until_a_person_has_looked(sent, monkeypatch):
    """By our Message-ID or the institution's own address; a stranger's and one of its neighbours' say nothing."""
    monkeypatch.setattr(raws, "LARGEST_MAIL", 2_000)
    own = sent.dispatch("at-1").address_norm
    words = "x" * 3_000
    run(
        sent.ledger,
        mail(1, words, In_Reply_To=message_id(sent, "bg-1"), From="a@elsewhere.example"),
        mail(2, words, From=own, Date="Thu, 05 Mar 2026 10:00:00 +0000"),
        mail(3, words, From="a@elsewhere.example"),
        mail(4, In_Reply_To=message_id(sent, "rs-1")),
    )
    found = {one.institution: one for one in sent.ledger.unread()}
    assert set(found) == {"bg-1", "at-1"}
    assert not any(one.proven for one in found.values())
    assert {one.institution for one in sent.ledger.heard("spring")} == {"rs-1"}
    set_aside(sent.ledger, [found["bg-1"].id], by="Ana")
    settle(sent.ledger, Words(), found["at-1"].id, to="at-1", by="Ana")
    assert sent.ledger.unread() == []


def test_a_mail_that_is_filed_under_the_wrong_institution_is_moved_by_a_person(sent, desk_at):
    """A slip, or the machine's. The right one has answered from then on, and the wrong one has not."""
    ledger = sent.ledger
    chasers = desk_at(ledger)
    chasers.step = 1
    chasers.queue("bg-1", "at-1", "rs-1")
    run(ledger, mail(1, From="x@cabinet.example"))
    (item,) = tray(ledger).items
    settle(ledger, Words(), item.id, to="bg-1", by="Ana")
    ledger.judge(item.id, InboundKind.OTHER, by="Ana", why="not theirs")
    done = settle(ledger, Words(), item.id, to="at-1", by="Bo")
    assert (done.was, done.proposed) == ("bg-1", "x@cabinet.example")
    assert [(one.institution, one.kind) for one in ledger.heard("spring")] == [("at-1", InboundKind.REPLY)]
    found = {one.dispatch.institution: one.status for one in ledger.standings("spring", 1)}
    assert (found["at-1"], found["rs-1"]) == (Status.CANCELLED, Status.QUEUED)
    chasers.plan("bg-1", "rs-1")
    assert next(one.status for one in ledger.standings("spring", 1) if one.dispatch.institution == "bg-1") == "draft"
    run(ledger, Source(mail(2, From="y@elsewhere.example", References="<1@ministry.example>"), name="b"))
    assert {one.institution for one in ledger.heard("spring")} == {"at-1"}
    with pytest.raises(UsageError, match="belongs to at-1 already"):
        settle(ledger, Words(), item.id, to="at-1", by="Bo")
    with pytest.raises(UsageError, match="belongs somewhere already"):
        set_aside(ledger, [item.id], by="Bo")


def test_an_answer_that_one_of_us_passes_on_waits_for_a_person(sent):
    """Its reminders wait, too; our own address is proposed for nobody."""
    words = f"From: minister@gov.example\r\nIn-Reply-To: {message_id(sent, 'bg-1')}\r\n\r\nWe agree."
    run(sent.ledger, mail(1, words, From="ana@org.example", To="ana@org.example"))
    assert [one.institution for one in sent.ledger.unread()] == ["bg-1"]
    (item,) = tray(sent.ledger).items
    assert settle(sent.ledger, Words(), item.id, to="bg-1", by="Ana", own={"ana@org.example"}).proposed == ""
    assert [(one.institution, one.kind) for one in sent.ledger.heard("spring")] == [("bg-1", InboundKind.REPLY)]


def test_what_no_institution_wrote_and_what_returns_a_letter_stay_where_they_are(sent):
    """Our own mails, and reports whose letter has bounced by them."""
    own = mail(1, From="ana@org.example", References=message_id(sent, "bg-1"))
    run(sent.ledger, own, report(2, message_id(sent, "at-1"), "at-1@gov.example"))
    found = rows(sent.ledger, "SELECT id FROM inbound ORDER BY id")
    for (number,), why in zip(found, ("is our own", "a server's report"), strict=True):
        with pytest.raises(UsageError, match=why):
            settle(sent.ledger, Words(), number, to="rs-1", by="Ana")
    assert sent.status("at-1") is Status.BOUNCED


def test_a_mail_that_is_set_aside_stays_and_is_counted(sent):
    """It is shown no more; nobody settles it without a name, or twice."""
    ledger = sent.ledger
    run(ledger, mail(1), mail(2, X_Breaks="yes"))
    one, other = tray(ledger).items
    with pytest.raises(UsageError, match="who"):
        set_aside(ledger, [one.id], by=" ")
    set_aside(ledger, [one.id, other.id], by="Ana")
    found = tray(ledger)
    assert not found.items
    assert str(found.totals) == "2 in = 0 matched + 1 tray + 1 quarantined (2 set aside by a person)"
    with pytest.raises(UsageError, match="no mail"):
        settle(ledger, Words(), 99, to="bg-1", by="Ana")
    with pytest.raises(UsageError, match="no institution"):
        settle(ledger, Words(), other.id, to="xx-9", by="Ana")


def test_a_number_that_comes_later_explains_what_waits(sent):
    """The mail that quotes it came first; what belongs together does so in the end."""
    quoting = mail(1, "Our ref: 04-12345/2026", From="y@cabinet.example")
    teaching = mail(2, "Our ref: 04-12345/2026", In_Reply_To=message_id(sent, "bg-1"))
    done = run(sent.ledger, quoting, teaching)
    assert done.moved + done.by_state.get(InboundState.MATCHED, 0) == 2
    assert done.totals.of(InboundState.TRAY) == 0


class Counting(Words):
    """Notes which mails were read, and which were judged."""

    def __init__(self):
        self.read_again, self.judged = [], []

    def read(self, raw):
        message = super().read(raw)
        self.read_again.append(message.message_id)
        return message

    def triage(self, message):
        self.judged.append(message.message_id)
        return super().triage(message)


def test_the_tray_is_looked_at_again_where_something_was_learnt_and_only_what_moves_is_judged_again(sent):
    others = [mail(one, From=f"{one}@elsewhere.example") for one in range(3, 9)]
    nobody = Counting()
    collect(sent.ledger, [Source(*others)], nobody)
    assert len(nobody.judged) == len(nobody.read_again) == 6  # nothing was learnt: each was read once

    quoting = mail(1, "Our ref: 04-12345/2026", From="y@cabinet.example")
    teaching = mail(2, "Our ref: 04-12345/2026", In_Reply_To=message_id(sent, "bg-1"))
    some = Counting()
    done = collect(sent.ledger, [Source(quoting, teaching, size=1, name="other")], some)
    assert done.moved == 1
    assert sorted(some.judged) == ["<1@ministry.example>", "<1@ministry.example>", "<2@ministry.example>"]
    assert set(some.read_again) > set(nobody.read_again)  # the tray of the first run, too


def test_mails_that_were_in_the_tray_before_are_looked_at_with_every_new_one(sent):
    """What they wait for may be a letter or an approval since; this run's own have been asked about it just now."""
    run(sent.ledger, mail(1, From="a@elsewhere.example"))
    later = Counting()
    collect(sent.ledger, [Source(mail(2, From="b@elsewhere.example"), name="other")], later)
    assert sorted(later.read_again) == ["<1@ministry.example>", "<2@ministry.example>"]
    assert later.judged == ["<2@ministry.example>"]


# any order


def pool(desk):
    """Mails of every kind: keyed, learnt, guessed, strange; reports too."""
    ours = message_id(desk, "bg-1")
    numbered = mail(2, "Our ref: MSZ/7781-2026", In_Reply_To=message_id(desk, "at-1"), From="a@at-1.example")
    return [
        mail(1, In_Reply_To=ours),
        numbered,
        mail(3, "Our ref: MSZ 7781 / 2026", From="b@cabinet.example"),
        mail(4, From="c@cabinet.example", References="<3@ministry.example>"),
        mail(5),
        mail(6, X_Breaks="yes"),
        report(7, message_id(desk, "rs-1"), "rs-1@gov.example"),
        report(8, message_id(desk, "rs-1"), "rs-1@gov.example", action="delayed", status="4.4.1"),
        mail(9, Message_ID=ours, From="ana@org.example"),
        mail(10, From="bg-1@gov.example", Subject="Re: A letter"),
    ]


def interleaved(ledger, desk, order, sizes):
    """Overlapping sources, each read in some runs up to somewhere."""
    mails = pool(desk)
    for name, upto, size in order:
        rng = random.Random(name)  # a source has its own order
        its = rng.sample(mails, k=len(mails))[: 4 + name * 3]
        lines = [one.replace(b"\r\n", b"\n") if name % 2 else one for one in its]
        run(ledger, Source(*lines[:upto], name=f"s{name}", size=size))
    for name in range(3):
        run(ledger, Source(*mails, name=f"whole{name}", size=sizes))
    return everything(ledger)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledgers(request, tmp_path_factory):
    """Makes ledgers with three letters that left."""
    from .conftest import Clock, Desk

    opened = []

    def make():
        if request.param == "sqlite":
            folder = tmp_path_factory.mktemp("any")
            url = f"sqlite:///{folder}/ledger.db"
        else:
            url = request.getfixturevalue("postgresql").ledger()
        clock = Clock()
        ledger = open_ledger(url, mode=Mode.REHEARSAL, clock=clock)
        opened.append(ledger)
        desk = Desk(ledger, clock)
        desk.send("bg-1", "at-1", "rs-1")
        return ledger, desk

    make.examples = 25 if request.param == "sqlite" else 4
    yield make
    for ledger in opened:
        ledger.close()


def test_any_interleaving_of_overlapping_sources_gives_the_same_rows(ledgers):
    """Whatever is read first, in whatever pieces, with whatever line ends: what belongs where is the same."""
    expected = interleaved(*ledgers(), [], 3)
    assert {one[1] for one in expected[1]} == {"matched", "tray", "quarantined"}
    steps = st.tuples(st.integers(0, 2), st.integers(0, 10), st.integers(1, 4))

    @settings(
        max_examples=ledgers.examples,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        database=None,
        phases=[Phase.generate],  # an example takes seconds: shrinking would take an hour
    )
    @given(order=st.lists(steps, max_size=6), sizes=st.integers(1, 10))
    def check(order, sizes):
        assert interleaved(*ledgers(), order, sizes) == expected

    check()


def test_a_guess_keeps_its_verdict_beside_the_persons(sent):
    """Two fields: what the machine said stays."""
    run(sent.ledger, mail(1))
    (item,) = tray(sent.ledger).items
    set_aside(sent.ledger, [item.id], by="Ana")
    ((kind, person),) = rows(sent.ledger, "SELECT kind, person_kind FROM inbound")
    assert (kind, person) == (InboundKind.REPLY.value, "ignored")


def test_what_a_person_answers_is_heard_and_takes_reminders_back(sent, desk_at):
    """In the transaction that files it. An automatic answer is heard, and stops nothing; the tray is not heard."""
    chasers = desk_at(sent.ledger)
    chasers.step = 1
    chasers.queue("bg-1", "at-1", "rs-1")
    automatic = {"Auto_Submitted": "auto-replied", "Subject": "Out of office"}
    run(
        sent.ledger,
        mail(1, "The ministry will review its licences by June.", In_Reply_To=message_id(sent, "bg-1")),
        mail(2, "I am out of office until Monday.", In_Reply_To=message_id(sent, "at-1"), **automatic),
        mail(3, "Who are you?"),
    )
    heard = {one.institution: one for one in sent.ledger.heard("spring")}
    assert {name: one.kind.value for name, one in heard.items()} == {"bg-1": "reply", "at-1": "auto_reply"}
    assert heard["bg-1"].sender == "clerk@ministry.example"
    assert sent.ledger.heard("autumn") == []
    found = {one.dispatch.institution: one.status for one in sent.ledger.standings("spring", 1)}
    assert found == {"bg-1": Status.CANCELLED, "at-1": Status.QUEUED, "rs-1": Status.QUEUED}
    (waiting,) = sent.ledger.tray()
    sent.ledger.attach(waiting.id, "rs-1", by="Ana")
    assert {one.institution for one in sent.ledger.heard("spring")} == {"bg-1", "at-1", "rs-1"}
    found = {one.dispatch.institution: one.status for one in sent.ledger.standings("spring", 1)}
    assert found["rs-1"] is Status.CANCELLED


@pytest.mark.parametrize("ahead", [timedelta(days=300), timedelta(days=-1)], ids=["ahead", "behind"])
def test_no_mail_came_after_we_had_it(sent, ahead):
    """A head's own date counts where no server of ours says more, unless it is still to come."""
    dated = sent.clock.now.replace(microsecond=0) + ahead
    head = {"In_Reply_To": message_id(sent, "bg-1"), "Date": format_datetime(dated)}
    run(sent.ledger, mail(1, "The ministry will review its licences.", **head))
    (one,) = sent.ledger.heard("spring")
    assert one.at == min(dated, sent.clock.now)


@pytest.mark.parametrize(
    ("words", "head", "held"),
    [
        ("We support it.", {"From": "bg-1@gov.example", "Subject": "Our position"}, {"bg-1"}),
        ("We support it.", {"From": "clerk@gov.example", "Subject": "Our position"}, {"bg-1", "at-1", "rs-1"}),
        ("This answers both letters.", {"From": "a@b.example", "References": "{bg-1} {at-1}"}, {"bg-1", "at-1"}),
        ("unsubscribe", {"From": "bg-1@gov.example", "Subject": "unsubscribe"}, {"bg-1"}),
        ("I am out of office until Monday.", {"From": "bg-1@gov.example", "Auto-Submitted": "auto-replied"}, set()),
        ("We sell shoes.", {"From": "shop@elsewhere.example"}, set()),
    ],
    ids=["its own address", "a domain that they share", "two letters of ours", "no more", "a machine", "a stranger"],
)
def test_a_persons_mail_in_the_tray_holds_up_the_reminders_of_whom_it_may_be(sent, desk_at, words, head, held):
    """Approved ones are taken back, and one on its way gets no mark; set aside, it holds up nobody."""
    chasers = desk_at(sent.ledger)
    chasers.step = 1
    chasers.queue("bg-1", "at-1", "rs-1")
    (claim,) = chasers.turn(only=["bg-1"]).claims
    ids = {name: message_id(sent, name) for name in ("bg-1", "at-1")}
    mine = {name.replace("-", "_"): value.format(**ids) for name, value in head.items()}
    assert run(sent.ledger, mail(1, words, **mine)).by_state == {InboundState.TRAY: 1}
    assert {one.institution for one in sent.ledger.unread()} == held
    found = {one.dispatch.institution: one.status for one in sent.ledger.standings("spring", 1)}
    assert {name for name, status in found.items() if status is Status.CANCELLED} == held - {"bg-1"}
    if "bg-1" in held:
        with pytest.raises(Answered, match="bg-1"):
            sent.ledger.mark(claim)
    (item,) = sent.ledger.tray()
    set_aside(sent.ledger, [item.id], by="Ana")
    assert sent.ledger.unread() == []
    sent.ledger.mark(claim)


@pytest.mark.parametrize("kind", [InboundKind.UNSUBSCRIBE, InboundKind.COMPLAINT])
def test_who_wants_no_more_letters_is_not_reminded_by_what_was_approved_before(sent, desk_at, kind):
    """By a mail of their own, or by a person's word on it."""
    chasers = desk_at(sent.ledger)
    chasers.step = 1
    chasers.queue("bg-1", "at-1", "rs-1")
    run(
        sent.ledger,
        mail(1, "unsubscribe", Subject="unsubscribe", In_Reply_To=message_id(sent, "bg-1")),
        mail(2, "I am out of office.", Auto_Submitted="auto-replied", In_Reply_To=message_id(sent, "at-1")),
    )
    (theirs,) = [one.id for one in sent.ledger.heard("spring") if one.institution == "at-1"]
    assert sent.ledger.judge(theirs, kind, by="Ana") == 1
    found = {one.dispatch.institution: one.status for one in sent.ledger.standings("spring", 1)}
    assert found == {"bg-1": Status.CANCELLED, "at-1": Status.CANCELLED, "rs-1": Status.QUEUED}


# simulated mails


SIMULATED = {
    "by-its-head": ({"X-Outreach-Simulated": "yes"}, "We agree."),
    "by-its-first-word": ({}, "SIMULATED by outreach demo:\r\n\r\nWe agree."),
}


@pytest.fixture
def live(tmp_path, opened, desk_at):
    """Three letters that left for real."""
    (tmp_path / "box").mkdir(exist_ok=True)
    found = desk_at(opened(f"sqlite:///{tmp_path}/box/live.db", mode=Mode.LIVE))
    found.send("bg-1", "at-1", "rs-1")
    return found


@pytest.mark.parametrize("how", SIMULATED)
def test_a_simulated_mail_counts_in_a_rehearsal_and_is_marked(sent, how):
    """It is matched and heard, as simulated; beside it a mail that is not."""
    head, body = SIMULATED[how]
    plain = mail(2, In_Reply_To=message_id(sent, "at-1"))
    done = run(sent.ledger, mail(1, body, In_Reply_To=message_id(sent, "bg-1"), **head), plain)
    assert done.by_state == {InboundState.MATCHED: 2}
    told = {one.institution: one for one in sent.ledger.heard("spring")}
    assert {name: one.rehearsal for name, one in told.items()} == {"bg-1": True, "at-1": False}
    assert {one.kind for one in told.values()} == {InboundKind.REPLY}


@pytest.mark.parametrize("how", SIMULATED)
def test_a_simulated_mail_is_kept_and_believed_nowhere_else(live, how):
    """With the keyed id of a real letter: no match, no status, no word heard, no reference, no person's way round."""
    head, body = SIMULATED[how]
    raw = mail(1, body, In_Reply_To=message_id(live, "bg-1"), **head)
    back = report(2, message_id(live, "at-1"), "at-1@gov.example", **SIMULATED["by-its-head"][0])
    done = run(live.ledger, raw, back)
    assert done.by_state == {InboundState.QUARANTINED: 2}
    assert str(done.totals) == "2 in = 0 matched + 0 tray + 2 quarantined"
    assert live.ledger.raw_mail(hashlib.sha256(raw).hexdigest()) == raw
    assert {live.status(name) for name in ("bg-1", "at-1", "rs-1")} == {Status.ACCEPTED}
    assert "at-1@gov.example" not in live.ledger.address_facts()
    assert live.ledger.heard("spring") == []
    assert live.ledger.mail_hashes("spring") == {}
    assert rows(live.ledger, "SELECT * FROM reference") == []
    items = tray(live.ledger).items
    assert [(one.reason, one.kind) for one in items] == [("simulated mail", "")] * 2
    with pytest.raises(UsageError, match="A rehearsal wrote that mail"):
        settle(live.ledger, Words(), items[0].id, to="bg-1", by="Ana")
    set_aside(live.ledger, [items[0].id], by="Ana")
    with pytest.raises(UsageError, match="A rehearsal wrote that mail"):
        settle(live.ledger, Words(), items[0].id, to="bg-1", by="Ana")
    assert live.ledger.heard("spring") == []


def test_another_mail_that_cannot_be_read_still_finds_its_place_live(live):
    """The guard is about simulated ones alone."""
    run(live.ledger, mail(3, X_Breaks="yes"))
    [item] = tray(live.ledger).items
    settle(live.ledger, Words(), item.id, to="bg-1", by="Ana")
    assert [one.institution for one in live.ledger.heard("spring")] == ["bg-1"]
