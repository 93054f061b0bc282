"""Letters from supporters' own mailboxes in a real ledger: counted once a writer, heard by nothing, and let go."""

import base64
import contextlib
import re
import zlib
from datetime import timedelta

import pytest

from outreach.errors import UsageError
from outreach.inbox import raw as raws
from outreach.inbox import read_message
from outreach.inbox.mails import seen
from outreach.model.campaign import Mode
from outreach.model.collected import NOT_THEIRS, Filed, InboundState, Match
from outreach.model.inbound import Finding, FindingKind, InboundKind, Triage
from outreach.model.notice import NoticeKind
from outreach.model.status import Status
from outreach.model.supporter import Exposure
from outreach.rules.identity import copy_id, supporter_key
from outreach.rules.triage import triage
from outreach.runner.answers import Collected
from outreach.runner.collect import collect
from outreach.runner.tray import settle
from outreach.runner.triage import book
from support.supporters import Crowd

from .test_collect import Source, message_id, report, rows

SECRET = b"a secret of this test alone"
ADA = ("Ada Ångström", "ada.angstrom@home.example")
BO = ("Bo Wagtail", "bo@other.example")
MONTH = timedelta(days=30)


class Interpreter:
    """The real one."""

    def read(self, raw):
        return read_message(raw)

    def triage(self, message):
        return triage(message, book())


@pytest.fixture
def crowd(desk):
    """Supporters may write to two ministries by name; of the third one only how many they are may be known."""
    made = Crowd(desk)
    desk.send("qm-1", "qm-2", "qm-3")
    made.approve("qm-1", "qm-2", made.target("qm-3", exposure=Exposure.COUNTS), plan=False)
    return made


def cc(institution, secret=SECRET):
    identifier = copy_id(secret, mode=Mode.REHEARSAL, campaign="spring", institution=institution)
    return f"letters+{identifier}@org.example"


def letter(
    number, who=ADA, to="qm-1", body="I ask you to support it. The minister is away: write to x@gov.example.", **more
):
    name, email = who
    head = {
        "Received": "from home.example by mx.org.example; Tue, 03 Mar 2026 10:00:00 +0000",
        "From": f"=?utf-8?B?{base64.b64encode(name.encode()).decode()}?= <{email}>",
        "To": f"{to}@gov.example",
        "Cc": cc(to),
        "Message-ID": f"<{number}.{email}>",
        "Date": "Tue, 03 Mar 2026 10:00:00 +0000",
        "Subject": f"Our ref: MFA/2026/12345. A letter of {name.encode('ascii', 'replace').decode()}",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    } | {key.replace("_", "-"): value for key, value in more.items()}
    return "".join([*(f"{key}: {value}\r\n" for key, value in head.items()), "\r\n", body, f"\r\n{name}\r\n"]).encode()


def answer(number, who=ADA, to="qm-1", body="The ministry supports it.", **more):
    """To everybody, as a clerk presses the button."""
    given = {
        "From": f"Clerk <{to}@gov.example>",
        "To": who[1],
        "Message-ID": f"<{number}@gov.example>",
        "In_Reply_To": f"<{number}.{who[1]}>",
        "Subject": "Re: A letter",
    }
    return letter(number, who, to, body, **(given | more))


def run(crowd, *mails, name="test", **more):
    given = {"own": {"ana@org.example"}, "secret": SECRET, **more}
    done = collect(crowd.ledger, [Source(*mails, name=name)], Interpreter(), **given)
    assert done.adds_up
    assert done.totals.adds_up
    return done


def heard(crowd):
    return [(one.institution, one.kind, one.proven) for one in crowd.ledger.heard("spring")]


def test_each_writer_counts_once_for_an_institution(crowd):
    """However often they write, whatever the case of their address, and wherever the copies lie."""
    first = letter(1)
    done = run(crowd, first, letter(2, BO), letter(3, BO, to="qm-2"))
    assert (done.supporters, done.by_state, done.kinds) == (3, {InboundState.MATCHED: 3}, {})
    again = run(crowd, letter(4, (ADA[0], ADA[1].upper())), first, b"X-Folder: other\r\n" + first, name="another")
    assert (again.supporters, again.known) == (2, 1)
    assert crowd.ledger.own_letters("spring") == {"qm-1": 2, "qm-2": 1}
    assert crowd.ledger.own_letters("autumn") == {}
    assert crowd.ledger.tray() == []


def test_nobodys_id_counts_nothing(crowd):
    """One that was made up, and one that was keyed by another secret; nor without a secret of our own."""
    run(crowd, letter(1, Cc=f"letters+{'a' * 26}@org.example"), letter(2, BO, Cc=cc("qm-1", b"another")))
    anybodys = letter(4, ("Cy", "cy@home.example"), Cc=cc("qm-1", b""))
    run(crowd, letter(3), anybodys, name="without a secret", secret=b"")
    assert crowd.ledger.own_letters("spring") == {}
    assert len(crowd.ledger.tray()) == 4
    assert run(crowd, answer(9), name="and once the secret is there").moved == 1, "what lay in the tray"
    assert crowd.ledger.own_letters("spring") == {"qm-1": 1}


def test_nothing_hears_it(crowd, desk_at):
    """No answer, bounce, acknowledgement, proposal, reference or position; reminders go on, and no status moves."""
    crowd.ledger.want_answers("spring")
    reminders = desk_at(crowd.ledger)
    reminders.step = 1
    reminders.queue("qm-1")
    (number,) = [one for (one,) in rows(crowd.ledger, "SELECT count(*) FROM event")]
    words = {
        "an answer": "We support the moratorium.",
        "an acknowledgement": "Thank you for your letter. We have received it, our reference is MFA/2026/54321.",
        "an automatic reply": "I am out of the office until Monday. Please write to desk@gov.example.",
        "a bounce": "Your message could not be delivered: 550 5.1.1 user unknown <qm-1@gov.example>",
        "no more letters": "Please unsubscribe me from this list. Do not write to us again.",
    }
    mails = [letter(at, (f"W{at}", f"w{at}@home.example"), body=body) for at, body in enumerate(words.values())]
    done = run(crowd, *mails)
    assert done.supporters == len(words)
    assert (done.unproven, done.proposed, done.kinds) == (0, {}, {})
    ledger = crowd.ledger
    assert ledger.own_letters("spring") == {"qm-1": len(words)}
    assert ledger.heard("spring") == []
    assert ledger.mail_hashes("spring") == {}
    assert ledger.proposals() == []
    assert ledger.want_answers("spring") == 0
    assert ledger.pending(0, 10) == []
    assert rows(ledger, "SELECT * FROM reference") == []
    assert [one.status for one in ledger.standings("spring", 1)] == [Status.QUEUED]
    assert {one.status for one in ledger.standings("spring", 0)} == {Status.ACCEPTED}
    assert rows(ledger, "SELECT count(*) FROM event") == [(number,)]
    ids = [one.dispatch.id for one in ledger.standings("spring")]
    assert [seen(one, where="INBOX", ids=ids) for one in mails] == [None] * len(mails), "no evidence of a letter"
    answers = Collected(ledger, Interpreter())
    assert answers.mails("spring", "QM") == []
    for (mail,) in rows(ledger, "SELECT id FROM inbound"):
        assert answers.mail("spring", mail) is None, "no position is quoted from it"
        with pytest.raises(UsageError, match="supporter's own letter"):
            ledger.judge(mail, InboundKind.REPLY, by="Ana")
        with pytest.raises(UsageError, match="no institution wrote it"):
            ledger.attach(mail, "qm-1", by="Ana")


def test_who_wrote_stands_in_the_mail_alone(crowd):
    """Nothing of it is in any row that a command shows; one that came out of the tray has it taken away there."""
    run(crowd, letter(1), secret=b"")
    (item,) = crowd.ledger.tray()
    assert item.sender == ADA[1]
    assert run(crowd, letter(2, BO), name="with the secret").moved == 1
    for table in ("inbound", "inbound_event", "guess", "copied", "reference"):
        said = repr(rows(crowd.ledger, f"SELECT * FROM {table}"))
        assert [one for one in (*ADA, *BO, "angstrom", "MFA/2026") if one in said] == []
    assert len(rows(crowd.ledger, "SELECT * FROM copied")) == 2


def test_what_the_ministry_answers_to_all_is_its_answer(crowd, desk_at):
    """Proven by our own mail server's word alone, as any mail without our letter's id; then it stops the reminders."""
    reminders = desk_at(crowd.ledger)
    reminders.step = 1
    reminders.queue("qm-1", "qm-2")
    run(crowd, letter(1), letter(2, to="qm-2"))
    proof = {"Authentication_Results": "mx.org.example; dmarc=pass"}
    done = run(crowd, answer(1, **proof), answer(2, to="qm-2"), server="mx.org.example", name="answers")
    assert done.unproven == 1
    assert heard(crowd) == [("qm-1", InboundKind.REPLY, True), ("qm-2", InboundKind.REPLY, False)]
    why = {one.dispatch.institution: (one.status, one.reason) for one in _with_reasons(crowd.ledger)}
    assert why == {
        "qm-1": (Status.CANCELLED, "a person has answered"),
        "qm-2": (Status.CANCELLED, "what may be its answer is not proven"),
    }
    assert crowd.ledger.own_letters("spring") == {"qm-1": 1, "qm-2": 1}


class _Reason:
    def __init__(self, standing, reason):
        self.dispatch, self.status, self.reason = standing.dispatch, standing.status, reason


def _with_reasons(ledger):
    for one in ledger.standings("spring", 1):
        (*_, last) = ledger.events("spring", one.dispatch.id)
        yield _Reason(one, last.detail["why"])


def test_nobody_else_reads_what_was_answered_to_one_supporter(crowd, outcome):
    """Not by rule, and not when a person says whose it is: those who wrote by the page are not told."""
    other = crowd.confirmed(1, "qm-1")
    crowd.flow(other, "qm-1")
    assert len(crowd.send(outcome)) == 1
    crowd.ledger.sent_copies("spring")
    proof = {"Authentication_Results": "mx.org.example; dmarc=pass"}
    crowd.desk.clock.tick(days=1)
    late = {"Date": "Wed, 04 Mar 2026 10:00:00 +0000"}
    elsewhere = answer(2, BO, From="Clerk <clerk@elsewhere.example>", **late)
    run(crowd, letter(1), answer(1, **proof, **late), elsewhere, server="mx.org.example")
    (item,) = crowd.ledger.tray()
    assert [one.institution for one in item.guesses] == ["qm-1"]
    settle(crowd.ledger, Interpreter(), item.id, to="qm-1", by="Ana", secret=SECRET)
    assert [one[:2] for one in heard(crowd)] == [("qm-1", InboundKind.REPLY)] * 2
    assert crowd.ledger.want_answers("spring") == 0
    ours = answer(3, In_Reply_To=message_id(crowd.desk, "qm-1"), Cc="letters@org.example", **late)
    run(crowd, ours, name="to our own letter")
    assert crowd.ledger.want_answers("spring") == 1, "what answers the campaign is for everybody"
    assert rows(crowd.ledger, f"SELECT count(*) FROM notice WHERE kind = '{NoticeKind.ANSWER.value}'") == [(1,)]


def test_what_the_supporter_goes_on_with_is_no_answer(crowd):
    """A word to the clerk counts no second time; what is handed on to us alone waits for a person."""
    proof = {"Authentication_Results": "mx.org.example; dmarc=pass"}
    back = {"From": f"{ADA[0]} <{ADA[1]}>".encode("ascii", "replace").decode(), "References": "<1@gov.example>"}
    to_clerk = answer(2, To="clerk@gov.example", **back, **proof)
    handed_on = answer(3, To=cc("qm-1"), Cc="friend@home.example", Subject="Fwd: Re: A letter", **back, **proof)
    run(crowd, to_clerk, letter(1), answer(1, **proof), handed_on, server="mx.org.example")
    assert [one[:2] for one in heard(crowd)] == [("qm-1", InboundKind.REPLY)]
    assert crowd.ledger.own_letters("spring") == {"qm-1": 1}
    assert [one.subject for one in crowd.ledger.tray()] == ["Fwd: Re: A letter"]


def test_a_report_about_it_moves_nothing(crowd):
    """Not that it failed, nor that it came through: it was no letter of ours."""
    for at, action in enumerate(("failed", "delayed", "delivered")):
        run(crowd, report(at, f"<{at}.{ADA[1]}>", "qm-1@gov.example", action=action, To=cc("qm-1")), name=action)
    assert {one.status for one in crowd.ledger.standings("spring", 0)} == {Status.ACCEPTED}
    assert crowd.ledger.heard("spring") == []
    assert len(crowd.ledger.tray()) == 3
    assert all(one.bounced_on is None for one in crowd.ledger.address_facts().values())


def test_its_time_runs_out_and_the_count_stays(crowd):
    """Bytes and all that names somebody go by a clock of their own; nothing is counted or taken in a second time."""
    mails = [letter(1), letter(2, BO)]
    run(crowd, *mails)
    crowd.desk.clock.tick(days=20)
    run(crowd, letter(3, ("Cy", "cy@home.example")), name="later")
    crowd.desk.clock.tick(days=10)
    done = run(crowd, *mails, name="again")
    assert (done.removed, done.known, done.supporters) == (2, 2, 0)
    assert found_in(crowd.ledger, ADA[0], ADA[1], BO[1]) == []
    assert found_in(crowd.ledger, "cy@home.example") == ["cy@home.example"]
    assert crowd.ledger.own_letters("spring") == {"qm-1": 3}
    assert crowd.ledger.own_mails_of(supporter_key(SECRET, ADA[1]))[0].raw is None
    again = run(crowd, *mails, letter(4), name="and again")
    assert (again.known, again.supporters, again.removed) == (2, 1, 0)
    assert crowd.ledger.own_letters("spring") == {"qm-1": 3}


def test_a_campaign_says_how_long(crowd):
    """For a shorter or a longer time, or not at all."""
    run(crowd, letter(1), kept={"spring": timedelta(days=60)})
    crowd.desk.clock.tick(days=45)
    assert run(crowd, name="x", kept={"spring": timedelta(days=60)}).removed == 0
    assert crowd.ledger.expire_own_letters("spring", timedelta(days=45)) == 1
    assert run(crowd, letter(2, BO), name="y", kept={"spring": timedelta()}).removed == 1
    assert found_in(crowd.ledger, *ADA, *BO) == []


def test_to_an_institution_that_may_not_know_names_nothing_is_kept(crowd):
    """It is counted, and gone before the command ends; so when it must not know them any more."""
    run(crowd, letter(1, to="qm-3"), letter(2, BO))
    assert found_in(crowd.ledger, *ADA) == []
    assert found_in(crowd.ledger, BO[1]) == [BO[1]]
    assert crowd.ledger.own_letters("spring") == {"qm-1": 1, "qm-3": 1}
    crowd.approve(crowd.target("qm-1", exposure=Exposure.COUNTS), digest="d2", plan=False)
    assert crowd.ledger.expire_own_letters("spring", MONTH) == 1
    assert found_in(crowd.ledger, *ADA, *BO) == []


def test_what_a_person_set_aside_goes_with_them(crowd):
    """Of what came there; what waits for a person stays, and so does what was set aside elsewhere."""
    run(crowd, letter(1, To=cc("qm-1"), Cc="x@home.example"), letter(2, BO, To=cc("qm-1"), Cc="x@home.example"))
    run(crowd, letter(3, Cc="letters@org.example"), name="no copy")
    first, _, elsewhere = crowd.ledger.tray()
    for one in (first, elsewhere):
        crowd.ledger.set_aside(one.id, by="Ana")
    assert crowd.ledger.expire_own_letters("spring", timedelta()) == 1
    (left,) = crowd.ledger.tray()
    assert left.sender == BO[1]
    assert rows(crowd.ledger, "SELECT count(*) FROM inbound WHERE sender = ''") == [(1,)]


def test_erasing_a_person_leaves_the_number(crowd):
    """Also where they wrote by the page, too, and where the ministry's answer quotes them."""
    key = supporter_key(SECRET, ADA[1])
    quoted = f"Dear {ADA[0]},\r\nthank you.\r\n> {ADA[1]} wrote"
    run(crowd, letter(1), letter(2, BO), answer(1, body=quoted))
    assert len(found_in(crowd.ledger, *ADA)) == 2
    (mine,) = crowd.ledger.own_mails_of(key)
    assert (mine.institution, ADA[0].encode() in mine.raw) == ("qm-1", True)
    totals = crowd.ledger.post_totals()
    counts = crowd.ledger.erase(key, list(ADA))
    assert counts["own letters"] == 1
    assert found_in(crowd.ledger, *ADA, "angstrom") == []
    assert found_in(crowd.ledger, BO[1]) == [BO[1]]
    assert crowd.ledger.own_letters("spring") == {"qm-1": 2}
    assert crowd.ledger.post_totals() == totals
    again = run(crowd, letter(1), letter(5), name="again")
    assert (again.known, again.supporters) == (1, 1)
    assert crowd.ledger.own_letters("spring") == {"qm-1": 2}
    assert crowd.ledger.erase(key, list(ADA))["own letters"] == 1
    assert crowd.ledger.erase("nobody", [])["own letters"] == 0


def test_it_is_looked_for_again_by_whatever_has_changed_since(crowd):
    """A copy of a letter to an institution that gets its own letter later waits in the tray until then."""
    run(crowd, letter(1, to="qm-4"))
    assert [one.guesses for one in crowd.ledger.tray()] == [()]
    crowd.desk.send("qm-4")
    crowd.approve("qm-1", "qm-4", plan=False)
    assert run(crowd, letter(2, BO), name="later").moved == 1
    assert crowd.ledger.own_letters("spring") == {"qm-1": 1, "qm-4": 1}


def unpacked(raw):
    """Whatever was packed and begins somewhere in these bytes: a page that is free, or a log's."""
    for found in re.finditer(b"\x78\x01", raw):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(raw[found.start() : found.start() + 10_000])


def found_in(ledger, *spellings):
    """Which of them stand in the database's files, or in the server's rows; in packed mails, too."""
    store = ledger._store
    held = b""
    if store.file is not None:
        files = [one.read_bytes() for one in store.file.parent.iterdir() if one.is_file()]
        held = b"".join(view for one in files for view in (one, *unpacked(one)))
    with store.read() as tx:
        if store.file is None:
            query = "SELECT tablename FROM pg_tables WHERE schemaname='public'"
            for (table,) in tx.driver.execute(query).fetchall():
                held += repr(tx.driver.execute(f"SELECT * FROM {table}").fetchall()).encode()
        packed = tx.driver.execute("SELECT packed FROM raw_mail").fetchall()
    held += b"".join(zlib.decompress(one) for (one,) in packed)
    return [one for one in spellings if one.encode() in held]


@pytest.mark.parametrize("rule", sorted(NOT_THEIRS))
@pytest.mark.parametrize("kind", InboundKind)
def test_whatever_the_machine_took_it_for(crowd, desk_at, rule, kind):
    """Nothing that no institution wrote is heard, proposes anything, moves a letter, or stops a reminder."""
    reminders = desk_at(crowd.ledger)
    reminders.step = 1
    reminders.queue("qm-1")
    (one,) = [raws.mail(letter(1), where="here")]
    crowd.ledger.keep("test", [one])
    change = Finding(kind=FindingKind.CONTACT_CHANGE, value="desk@gov.example", words="Write to desk@gov.example.")
    verdict = Triage(kind=kind, rule="x", recipient="qm-1@gov.example", hard=True, final=True, findings=(change,))
    its = crowd.desk.dispatch("qm-1")
    found = Match(rule=rule, institution="qm-1", campaign="spring", dispatch=its.id)
    filed = Filed(sha256=one.sha256, state=InboundState.MATCHED, match=found, triage=verdict)
    assert crowd.ledger.file_mails("test", [filed]) == {one.sha256}
    assert crowd.ledger.heard("spring") == []
    assert crowd.ledger.mail_hashes("spring") == {}
    assert crowd.ledger.proposals() == []
    assert crowd.ledger.want_answers("spring") == 0
    assert [one.status for one in crowd.ledger.standings("spring", 1)] == [Status.QUEUED]
    assert {one.status for one in crowd.ledger.standings("spring", 0)} == {Status.ACCEPTED}
    assert all(one.bounced_on is None for one in crowd.ledger.address_facts().values())
    ((number,),) = rows(crowd.ledger, "SELECT id FROM inbound")
    with pytest.raises(UsageError, match="nothing follows from it"):
        crowd.ledger.judge(number, InboundKind.REPLY, by="Ana")
    (claim,) = reminders.turn().claims
    crowd.ledger.mark(claim)  # not refused as to one that has answered


def test_supporters_are_forgotten_in_time_when_their_page_is_served_no_more(crowd, outcome):
    """Mail is collected for months after the last letter: the clocks run with it, as the campaign says."""
    new = crowd.confirmed(0, "qm-1")
    crowd.ledger.take(crowd.action(1, "qm-1"))
    crowd.flow(new, "qm-1")
    crowd.send(outcome)
    crowd.ledger.sent_copies("spring")
    crowd.desk.clock.tick(days=8)
    assert run(crowd).forgotten == 1
    assert [one.name for one in crowd.ledger.actions("spring")] == [new.name]
    crowd.desk.clock.tick(days=12)
    assert run(crowd, name="x").forgotten == 0
    assert run(crowd, name="y", known={"spring": timedelta(days=19)}).forgotten == 1
    assert [one.name for one in crowd.ledger.actions("spring")] == [""]
    late = crowd.confirmed(2, "qm-1")
    crowd.flow(late, "qm-1")
    crowd.send(outcome)
    crowd.ledger.sent_copies("spring")
    crowd.desk.clock.tick(days=27)
    assert run(crowd, name="z").forgotten == 0
    crowd.desk.clock.tick(days=1)
    assert run(crowd, name="end").forgotten == 1
