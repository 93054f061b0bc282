"""Erasing: after it a search for the person finds nothing, in whatever spelling, and every count stays."""

import base64
import hashlib
import quopri
from dataclasses import replace
from email.header import Header

import pytest

from outreach.errors import LedgerError
from outreach.inbox import raw as raws
from outreach.model.action import ActionStatus, Purpose
from outreach.model.collected import Filed, InboundState, Match, MatchRule
from outreach.model.inbound import InboundKind, InboundMessage, Triage
from outreach.model.notice import NoticeEnd, NoticeKind
from outreach.model.position import NewPosition, Position, Source, SourceKind
from outreach.model.status import Status
from outreach.rules.redaction import Canaries
from support.supporters import NAMES, Crowd

NAME, EMAIL, PLACE = NAMES[0], "person.0@home.example", "Musterstadt"
OTHER = NAMES[1]
#: In every charset and encoding that the mails below use.
SPELLINGS = [
    *(NAME.encode(charset) for charset in ("utf-8", "latin-1", "utf-16-le")),
    EMAIL.encode(),
    EMAIL.upper().encode(),
    b"person.0%40home",
    b"Zo=C3=AB",
    b"Zo=EB",
    b"Zo\\u00eb",
    b"Zo&euml;",
    *(base64.b64encode(f"{before}{NAME}".encode())[4:12] for before in ("", "x", "xx")),
    *(base64.b64encode(f"{before}{EMAIL}".encode())[4:20] for before in ("", "x", "xx")),
]


@pytest.fixture
def crowd(desk):
    made = Crowd(desk)
    made.approve("qm-1", "qm-2", "qm-3")
    return made


def mails():
    """What an institution may send, each with the person somewhere."""
    body = f"Dear {NAME}, thank you for your letter of 2 March, which reached us from {EMAIL}."
    head = "From: Clerk <clerk@gov.example>\r\nMessage-ID: <{}@gov.example>\r\nSubject: {}\r\n"
    plain = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: {}\r\n\r\n"

    def lines(packed):
        return packed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    subject = Header(f"Your letter, {NAME}", "utf-8").encode()
    yield (head.format(1, subject) + plain.format("utf-8", "8bit") + body).encode()
    yield (head.format(2, "x") + plain.format("iso-8859-1", "quoted-printable")).encode() + lines(
        quopri.encodestring(body.encode("latin-1"))
    )
    yield (head.format(3, "x") + plain.format("utf-8", "base64")).encode() + lines(base64.encodebytes(body.encode()))
    yield (head.format(4, "x") + plain.format("us-ascii", "7bit")).encode() + (
        b"<a href='mailto:person.0%40home.example'>Zo&euml; &Aring;ngstr&ouml;m</a>"
    )
    yield (head.format(5, "x") + f"To: {Header(NAME, 'iso-8859-1').encode()} <{EMAIL.upper()}>\r\n\r\nx").encode()


def collect(ledger, *several, institution="qm-1", rule=MatchRule.THREAD):
    """As the runner files them: matched, read, a person's answer."""
    kept = [raws.mail(one, where="INBOX, UID 7") for one in several]
    ledger.keep("test", kept)
    filed = [
        Filed(
            sha256=one.sha256,
            state=InboundState.MATCHED,
            message=message(f"Your letter, {NAME}", sender=EMAIL),
            match=Match(rule=rule, institution=institution, campaign="spring"),
            triage=Triage(kind=InboundKind.REPLY, rule="x", reply_text=f"Dear {NAME},\nthank you"),
        )
        for one in kept
    ]
    return ledger.file_mails("test", filed)


def message(subject, **given):
    from email.message import EmailMessage

    from outreach.inbox import read_message

    made = EmailMessage()
    made["From"], made["Subject"] = given["sender"], subject
    made.set_content("x")
    found = read_message(made.as_bytes())
    assert isinstance(found, InboundMessage)
    return found


def found_in(ledger):
    """Spellings that stand in the database's files, or in a dump of the server's rows."""
    store = ledger._store
    if store.file is not None:
        files = [one for one in store.file.parent.iterdir() if one.is_file()]
        held = b"".join(one.read_bytes() for one in files)
    else:
        held = b""
        with store.read() as tx:
            tables = [
                name for (name,) in tx.driver.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")
            ]
            for table in tables:
                for row in tx.driver.execute(f"SELECT * FROM {table}").fetchall():
                    held += b"\0".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
    with store.read() as tx:
        import zlib

        for table, column in (("raw_mail", "packed"), ("source", "content")):
            packed = tx.driver.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
            held += b"".join(zlib.decompress(one) for (one,) in packed)
    return [one for one in SPELLINGS if one in held]


def everywhere(crowd, outcome):
    """A person with a copy that left, one that waits, a digest that left, mails, notices, a position and traces."""
    ledger, desk = crowd.ledger, crowd.desk
    new = crowd.confirmed(0, "qm-1", "qm-2", proof=f"list of {NAME}")
    other = crowd.confirmed(1, "qm-1", "qm-2", "qm-3")
    for one in (new, other):
        crowd.flow(one, "qm-1", digests=["qm-2"])
    assert crowd.digest("qm-2")
    assert len(crowd.send(lambda claim: outcome(claim, text=f"queued for {EMAIL}"))) == 3
    assert ledger.sent_copies("spring") == 4
    crowd.flow(other, "qm-3")
    assert len(collect(ledger, *mails())) == 5
    crowd.token(new.id, Purpose.MANAGE)
    turn = ledger.next_notice("spring")
    ledger.settle_notice(turn.number, NoticeEnd.FAILED, text=f"550 no {EMAIL} here")
    ledger.spend("form", new.supporter, most=2, within=desk.clock.now - desk.clock.now.replace(hour=0))
    ledger.pause("spring", "XX", by="Ada", why=f"{NAME} asks for it")
    letter = f"An answer to {NAME}".encode()
    source = Source(
        kind=SourceKind.POST,
        sha256=hashlib.sha256(letter).hexdigest(),
        name=f"to {NAME}.txt",
        taken_on=desk.clock.now.date(),
    )
    quote = NewPosition(
        campaign="spring",
        state="QM",
        demand="moratorium",
        position=Position.SUPPORTS,
        quote=NAME,
        source=source,
        by="Ada",
    )
    ledger.record_position(quote, letter)
    ledger.rescue([outcome(claim_of(crowd), text=f"550 {EMAIL}")])
    return new, other


def claim_of(crowd):
    (claim,) = crowd.desk.turn(only=["qm-3"]).claims
    crowd.ledger.release([claim])
    return claim


def test_nothing_names_the_person_any_more_and_every_count_stays(crowd, outcome):
    """Rows, letters, events, raw mails, free pages, the log, the file beside it: a byte search finds nothing."""
    new, other = everywhere(crowd, outcome)
    ledger = crowd.ledger
    assert len(found_in(ledger)) > 5, "the search finds what is there"
    before, totals = ledger.crowds("spring"), ledger.post_totals()
    counts = ledger.erase(new.supporter, [NAME, EMAIL, PLACE + " of Zoë"])
    assert found_in(ledger) == []
    assert (ledger.crowds("spring"), ledger.post_totals()) == (before, totals)
    assert counts["actions"] == counts["copies"] == counts["digests"] == counts["files"] == 1
    assert (counts["mails"], counts["quotas"], counts["tokens"]) == (5, 1, 2)
    assert counts["notices"] >= 1
    assert counts["texts"] >= 10
    (gone,) = ledger.of_person(new.supporter)
    assert (gone.status, gone.name, gone.email, gone.words, gone.place) == (ActionStatus.ERASED, "", "", "", "")
    assert crowd.fates(new) == {"qm-1": "sent", "qm-2": "sent"}
    (theirs,) = ledger.of_person(other.supporter)
    assert theirs.name == OTHER
    kept = [ledger.letter(one.dispatch.id).raw.decode() for one in ledger.copies("spring")]
    assert [OTHER in one for one in kept] == [False, True, True, True]
    assert kept[0] == ""
    assert "[erased]" in kept[2]


def test_erasing_twice_finds_nothing_more(crowd, outcome):
    """And nobody else is touched by it."""
    new, other = everywhere(crowd, outcome)
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    again = crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    assert {name: count for name, count in again.items() if count} == {"actions": 1}
    assert crowd.ledger.erase("nobody", []) == dict.fromkeys(again, 0)
    assert crowd.fates(other) == {"qm-1": "sent", "qm-2": "sent", "qm-3": "queued"}


def test_a_redacted_mail_has_its_own_hash_and_is_not_taken_in_again(crowd, outcome):
    """The old hash stands beside the new one; the mail is still filed where it belongs."""
    new, _ = everywhere(crowd, outcome)
    was = [hashlib.sha256(one).hexdigest() for one in mails()]
    heard = [one.id for one in crowd.ledger.heard("spring")]
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    hashes = {one: crowd.ledger.judged(one).sha256 for one in heard}
    assert not set(hashes.values()) & set(was)
    known = crowd.ledger.mail_hashes("spring")
    assert sorted(known) == sorted(heard)
    assert all(now in known[one] and len(known[one] & set(was)) == 1 for one, now in hashes.items())
    for sha256 in hashes.values():
        raw = crowd.ledger.raw_mail(sha256)
        assert hashlib.sha256(raw).hexdigest() == sha256
        assert Canaries([NAME, EMAIL]).mail(raw) == raw
    assert crowd.ledger.keep("test", [raws.mail(one, where="x") for one in mails()]) == frozenset(was)
    assert crowd.ledger.unread_mails(10) == []
    with crowd.ledger._store.read() as tx:
        kept = tx.driver.execute("SELECT was_sha256, sha256 FROM redacted").fetchall()
    assert sorted(was) == sorted(old for old, _ in kept)
    assert sorted(hashes.values()) == sorted(now for _, now in kept)


def test_who_was_erased_does_not_write_twice(crowd, outcome):
    """The keyed hash stays in the sender: the same person's next action is TWICE where they wrote before."""
    new, _ = everywhere(crowd, outcome)
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    again = crowd.confirmed(0, "qm-1", "qm-2", "qm-3", number=2)
    crowd.flow(again, "qm-1", "qm-3", digests=["qm-2"])
    assert crowd.fates(again) == {"qm-1": "twice", "qm-2": "twice", "qm-3": "queued"}


@pytest.mark.parametrize("arrived", [False, True], ids=["never went", "may have arrived"])
def test_whose_letter_never_went_may_write_again(crowd, outcome, arrived):
    """Forgotten with a copy in the queue they have written to nobody; with one in doubt they may have."""
    new = crowd.confirmed(0, "qm-1")
    crowd.flow(new, "qm-1")
    if arrived:
        (claim,) = crowd.desk.turn().claims
        crowd.ledger.mark(claim)
        crowd.ledger.settle([replace(outcome(claim), status=Status.IN_DOUBT, code=None)])
    assert crowd.ledger.erase(new.supporter, [NAME, EMAIL])["copies"] == 1
    assert [crowd.ledger.letter(one.dispatch.id).raw for one in crowd.ledger.copies("spring")] == [b""]
    again = crowd.confirmed(0, "qm-1", number=2)
    crowd.flow(again, "qm-1")
    assert crowd.fates(again) == {"qm-1": "twice" if arrived else "queued"}
    assert len(crowd.send(outcome)) == (not arrived)


def test_what_waits_is_taken_back_first(crowd):
    """A queued copy does not leave, a digest that waits is made without the person."""
    new, other = crowd.confirmed(0, "qm-1", "qm-2"), crowd.confirmed(1, "qm-2")
    crowd.flow(new, "qm-1", digests=["qm-2"])
    crowd.flow(other, digests=["qm-2"])
    crowd.digest("qm-2")
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    assert crowd.desk.turn().claims == ()
    assert crowd.statuses() == [("qm-1", "cancelled"), ("qm-2", "cancelled")]
    assert crowd.fates(new) == {"qm-1": "withdrawn", "qm-2": "withdrawn"}
    assert [one.id for one in crowd.ledger.for_digest("spring", "qm-2")] == [other.id]
    assert found_in(crowd.ledger) == []


def test_a_letter_that_is_being_sent_makes_erasing_wait(crowd, outcome):
    """A clear error, and nothing changed; a runner that ended long ago does not hold it up."""
    new = crowd.confirmed(0, "qm-1")
    crowd.flow(new, "qm-1")
    (claim,) = crowd.desk.turn().claims
    crowd.ledger.mark(claim)
    with pytest.raises(LedgerError, match="being sent right now: nothing was erased"):
        crowd.ledger.erase(new.supporter, [NAME])
    assert crowd.ledger.of_person(new.supporter)[0].name == NAME
    crowd.desk.clock.tick(hours=1)
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    assert (crowd.statuses(), crowd.fates(new)) == ([("qm-1", "anonymised")], {"qm-1": "failed"})
    crowd.ledger.settle([outcome(claim)])
    assert crowd.statuses() == [("qm-1", "anonymised")]
    assert crowd.ledger.sent_copies("spring") == 0


def test_nobody_who_was_erased_is_mailed(crowd, outcome):
    """Not even what was wanted before, and an answer that comes later is told to the others alone."""
    new, other = crowd.confirmed(0, "qm-1"), crowd.confirmed(1, "qm-1")
    for one in (new, other):
        crowd.flow(one, "qm-1")
    crowd.send(outcome)
    crowd.ledger.sent_copies("spring")
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    assert not crowd.ledger.want(NoticeKind.DATA, new.id)
    crowd.desk.clock.tick(days=1)
    collect(crowd.ledger, b"Subject: x\r\n\r\nAn answer")
    assert crowd.ledger.want_answers("spring") == 1
    assert crowd.ledger.want_answers("spring") == 0
    whom = []
    while turn := crowd.ledger.next_notice("spring"):
        crowd.ledger.settle_notice(turn.number, NoticeEnd.SENT)
        whom.append((turn.action.id, turn.kind))
    assert whom == [(other.id, NoticeKind.RECEIPT), (other.id, NoticeKind.ANSWER)]


def test_answers_are_told_to_those_who_had_written_before(crowd, outcome):
    """Who writes after an answer is not told of it."""
    first = crowd.confirmed(1, "qm-1")
    crowd.flow(first, "qm-1")
    crowd.send(outcome)
    crowd.desk.clock.tick(days=1)
    collect(crowd.ledger, b"Subject: x\r\n\r\nAn answer")
    crowd.desk.clock.tick(days=1)
    late = crowd.confirmed(2, "qm-1")
    crowd.flow(late, "qm-1")
    crowd.send(outcome)
    assert crowd.ledger.want_answers("spring") == 1


def test_an_answer_by_telephone_has_no_words_that_supporters_could_be_told(crowd, outcome):
    """It ends the reminders, and is no mail to pass on."""
    crowd.flow(crowd.confirmed(1, "qm-1"), "qm-1")
    crowd.send(outcome)
    crowd.desk.clock.tick(days=1)
    call = Source(kind=SourceKind.PHONE, taken_on=crowd.desk.clock.now.date())
    new = NewPosition(
        campaign="spring",
        state="QM",
        demand="moratorium",
        position=Position.OPPOSES,
        quote="No.",
        source=call,
        by="Ana",
        institution="qm-1",
    )
    crowd.ledger.record_position(new)
    assert [one.institution for one in crowd.ledger.heard("spring")] == ["qm-1"]
    assert crowd.ledger.want_answers("spring") == 0


def test_the_readers_of_an_answer_are_those_still_known_whom_it_is_told(crowd, outcome):
    """Whoever was erased is none, nor anybody of whom it is not the answer."""
    several = [crowd.confirmed(who, institution) for who, institution in ((0, "qm-1"), (1, "qm-1"), (2, "qm-2"))]
    for one in several:
        crowd.flow(one, *one.targets)
    while crowd.send(outcome):
        crowd.desk.clock.tick(hours=1)
    crowd.desk.clock.tick(days=1)
    collect(crowd.ledger, b"Subject: x\r\n\r\nAn answer")
    assert crowd.ledger.want_answers("spring") == 2
    (heard,) = crowd.ledger.heard("spring")
    assert {one.id for one in crowd.ledger.readers("spring", str(heard.id))} == {one.id for one in several[:2]}
    crowd.ledger.erase(several[0].supporter, [])
    assert [one.name for one in crowd.ledger.readers("spring", str(heard.id))] == [several[1].name]
    assert list(crowd.ledger.readers("spring", "0")) == []
    assert list(crowd.ledger.readers("autumn", str(heard.id))) == []


def test_an_answer_that_is_not_proven_is_told_once_a_person_says_that_it_is_one(crowd, outcome):
    """Anybody may write under an institution's address."""
    crowd.flow(crowd.confirmed(1, "qm-1"), "qm-1")
    crowd.send(outcome)
    crowd.desk.clock.tick(days=1)
    collect(crowd.ledger, b"Subject: x\r\n\r\nAn answer", rule=MatchRule.SENDER)
    assert crowd.ledger.want_answers("spring") == 0
    (heard,) = crowd.ledger.heard("spring")
    crowd.ledger.judge(heard.id, InboundKind.REPLY, by="Ana", why="")
    assert crowd.ledger.want_answers("spring") == 1


def test_an_answer_to_a_copy_is_the_institutions_answer(crowd, outcome):
    """It is heard by the campaign, and ends its reminders."""
    new = crowd.confirmed(1, "qm-1")
    crowd.flow(new, "qm-1")
    (claim,) = crowd.send(outcome)
    crowd.desk.step = 1
    crowd.desk.queue("qm-1")
    one = raws.mail(b"Subject: x\r\n\r\nAn answer", where="x")
    crowd.ledger.keep("test", [one])
    found = Match(rule=MatchRule.THREAD, institution="qm-1", campaign="spring", dispatch=claim.dispatch)
    answer = Triage(kind=InboundKind.REPLY, rule="x")
    filed = Filed(
        sha256=one.sha256, state=InboundState.MATCHED, message=message("x", sender="a@b.example"), match=found
    )
    crowd.ledger.file_mails("test", [replace(filed, triage=answer)])
    assert [heard.institution for heard in crowd.ledger.heard("spring")] == ["qm-1"]
    assert [one.status for one in crowd.ledger.standings("spring", 1)] == [Status.CANCELLED]


def test_events_and_mails_stay_append_only(crowd, outcome):
    """The exception is for erasing alone: nobody else changes or removes them, and no row of it is left."""
    new, _ = everywhere(crowd, outcome)
    crowd.ledger.erase(new.supporter, [NAME, EMAIL])
    store = crowd.ledger._store
    for statement in (
        "UPDATE event SET who = 'x'",
        "DELETE FROM event",
        "UPDATE raw_mail SET place = 'x'",
        "DELETE FROM raw_mail",
        "UPDATE position SET note = 'x'",
        "UPDATE deed SET who = 'x'",
    ):
        with pytest.raises(Exception, match="append-only"), store.write() as tx:
            tx.driver.execute(statement)
    with store.read() as tx:
        assert tx.driver.execute("SELECT count(*) FROM erasing").fetchone() == (0,)
    assert crowd.statuses()[0] == ("qm-1", Status.ANONYMISED.value)


def test_a_word_of_the_campaigns_letters_or_of_earlier_answers_is_nobodys_name(crowd):
    """Whoever is called so wrote later; what they may have written themselves, in the tray, says nothing."""
    ledger, clock = crowd.ledger, crowd.desk.clock
    answer = b"From: Clerk <clerk@gov.example>\r\n\r\nWe will gr=\r\nant no licence.\r\n"
    crowd.desk.queue("qm-4")
    collect(ledger, answer, institution="qm-4")
    tray = raws.mail(f"From: {NAME} <{EMAIL}>\r\n\r\nI would sign.\r\n".encode(), where="INBOX, UID 9")
    ledger.keep("test", [tray])
    seen = Filed(
        sha256=tray.sha256, state=InboundState.TRAY, message=message("A question", sender=EMAIL), match=Match()
    )
    ledger.file_mails("test", [seen])
    clock.tick(hours=1)
    collect(ledger, b"From: Clerk <clerk@gov.example>\r\n\r\nDear Mr Later,\r\n", institution="qm-4")
    found = {one: ledger.is_commonplace(one, before=clock.now) for one in ("Grant", "Later", NAME, "Ada", "Damen")}
    assert found == {"Grant": True, "Later": False, NAME: False, "Ada": True, "Damen": True}
