"""A folder of a real Dovecot, read in batches: cut lines, deleted mails, another UIDVALIDITY, and no trace of us."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from outreach.errors import InboxError
from outreach.inbox import ImapMailbox, ImapSource, MaildirSource, imap_source, raw
from outreach.inbox.connect import Box
from outreach.model.collected import Batch, Bookmark
from outreach.model.server import Security
from servers.dovecot import USER, Dovecot
from servers.relay import Relay

from .conftest import QUICK


def mail(number: int, *, body: str = "Words.") -> bytes:
    return f"From: a@x.example\r\nSubject: {number}\r\nMessage-ID: <{number}@x.example>\r\n\r\n{body}\r\n".encode()


def subjects(mails) -> list[int]:
    return sorted(int(one.raw.split(b"Subject: ")[1].split(b"\r\n")[0]) for one in mails)


@pytest.fixture
def source(mailbox: ImapMailbox) -> ImapSource:
    return ImapSource(mailbox, account=USER)


def read(source: ImapSource, since: Bookmark = Bookmark(), each: Callable[[Batch], None] = lambda _: None):  # noqa: B008
    mails = []
    for batch in source.read(since):
        mails += batch.mails
        since = batch.after
        each(batch)
    return mails, since


def unflagged(dovecot: Dovecot) -> bool:
    return all(name.endswith(":") for name in dovecot.state())


def test_a_folder_is_read_once_and_nobody_sees_it(dovecot: Dovecot, source: ImapSource) -> None:
    """Byte for byte as they lie there, without a flag; the second time what is new alone."""
    for number in range(5):
        dovecot.put(mail(number))
    before = sorted(dovecot.state().values())
    mails, since = read(source)
    assert sorted(one.raw for one in mails) == sorted(
        one.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for one in before
    )
    assert (subjects(mails), since.uid > 0, since.uidvalidity > 0) == ([0, 1, 2, 3, 4], True, True)
    assert read(source, since)[0] == []
    dovecot.put(mail(7))
    assert subjects(read(source, since)[0]) == [7]
    assert unflagged(dovecot)
    assert sorted(dovecot.state().values())[: len(before)] == before


def test_a_server_and_its_maildir_have_the_same_mails(dovecot: Dovecot, source: ImapSource) -> None:
    """Line ends apart: read twice by two ways, it is one mail."""
    dovecot.put(mail(1).replace(b"\r\n", b"\n"))
    over_imap, _ = read(source)
    from_disk = [one for batch in MaildirSource(dovecot.folder / "mail").read(Bookmark()) for one in batch.mails]
    assert [one.sha256 for one in over_imap] == [one.sha256 for one in from_disk]


def test_a_line_that_is_cut_is_made_anew_and_reading_goes_on(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """No mail comes twice and none is missing."""
    monkeypatch.setattr(imap_source, "MANY", 2)
    for number in range(9):
        dovecot.put(mail(number))
    cuts: list[int] = []
    with Relay(dovecot.direct) as relay, ImapMailbox(dovecot.place(port=relay.port), patience=QUICK) as mailbox:

        def cut_once(batch: Batch) -> None:
            if len(cuts) < 2:
                cuts.append(batch.after.uid)
                relay.cut()
                relay.restore()

        mails, _ = read(ImapSource(mailbox, account=USER), each=cut_once)
    assert len(cuts) == 2
    assert len(mails) == 9
    assert subjects(mails) == list(range(9))
    assert unflagged(dovecot)


def test_a_line_that_stays_cut_is_told_and_the_next_run_goes_on(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bookmark stands behind the last batch that came through."""
    monkeypatch.setattr(imap_source, "MANY", 2)
    for number in range(6):
        dovecot.put(mail(number))
    came: list[Batch] = []
    with Relay(dovecot.direct) as relay:  # noqa: SIM117  the mailbox is of the relay's port
        with ImapMailbox(dovecot.place(port=relay.port), patience=QUICK, sleep=lambda _: None) as mailbox:

            def cut(batch: Batch) -> None:
                came.append(batch)
                relay.cut()

            with pytest.raises(InboxError):
                read(ImapSource(mailbox, account=USER), each=cut)
            relay.restore()
            rest, _ = read(ImapSource(mailbox, account=USER), came[-1].after)
    assert subjects([*came[0].mails, *rest]) == list(range(6))


@pytest.fixture
def another_client(dovecot: Dovecot) -> Iterator[Box]:
    with ImapMailbox(dovecot.place(), patience=QUICK) as mailbox, mailbox._talking() as box:
        box.folder.set("INBOX")
        yield box


def test_another_client_may_delete_mails_meanwhile(
    dovecot: Dovecot, source: ImapSource, another_client: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are gone are counted, and the others come."""
    monkeypatch.setattr(imap_source, "MANY", 2)
    for number in range(8):
        dovecot.put(mail(number))
    another_client.client.noop()
    uids = another_client.uids()
    mails = []
    for batch in source.read(Bookmark()):
        if not mails:
            another_client.delete(uids[3:6])
        mails += batch.mails
    assert len(mails) + source.gone == 8
    assert len(mails) >= 5


def test_a_server_that_counts_anew_is_read_anew(dovecot: Dovecot, source: ImapSource) -> None:
    """Another UIDVALIDITY: every mail comes again, and the ledger knows it by its bytes."""
    for number in range(3):
        dovecot.put(mail(number))
    first, since = read(source)
    source._mailbox.close()
    uidlist = next((dovecot.folder / "mail").glob("dovecot-uidlist"))
    text = uidlist.read_text()
    uidlist.write_text(text.replace(f"V{since.uidvalidity}", f"V{since.uidvalidity + 7}"))
    for index in (dovecot.folder / "mail").glob("dovecot.index*"):
        index.unlink()
    again, after = read(source, since)
    assert after.uidvalidity == since.uidvalidity + 7
    assert sorted(one.sha256 for one in again) == sorted(one.sha256 for one in first)


def test_of_a_mail_that_is_too_large_the_head_alone_is_fetched(
    dovecot: Dovecot, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large one comes in pieces, byte for byte; beyond the limit only its head does, and the next ones come."""
    monkeypatch.setattr(imap_source, "LARGE", 20_000)
    for module in (raw, imap_source):
        monkeypatch.setattr(module, "LARGEST_MAIL", 100_000)
    large, huge = mail(1, body="word\r\n" * 10_000), mail(2, body="word\r\n" * 40_000)
    for one in (large, huge, mail(3)):
        dovecot.put(one)
    mails, _ = read(source)
    by_subject = {subjects([one])[0]: one for one in mails}
    assert by_subject[1].raw == large
    assert by_subject[2].raw == huge.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert "larger than" in by_subject[2].lacks
    assert (by_subject[3].raw, by_subject[3].lacks) == (mail(3), "")


def test_one_mail_that_the_server_cannot_hand_over_stops_no_other(
    dovecot: Dovecot, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its head is kept with the reason, after it was asked for alone and again."""
    for number in range(4):
        dovecot.put(mail(number))
    real = imap_source._bodies

    def broken(box, uids, part="]"):
        found = real(box, uids, part)
        if part == "]" and any(b"Subject: 2" in one for one in found.values()):
            raise InboxError("The mailbox says no.")
        return found

    monkeypatch.setattr(imap_source, "_bodies", broken)
    mails, since = read(source)
    assert subjects(mails) == [0, 1, 2, 3]
    assert [subjects([one]) for one in mails if one.lacks] == [[2]]
    assert read(source, since)[0] == []


def test_a_login_that_is_refused_is_tried_once(dovecot: Dovecot) -> None:
    """Nobody's account is locked by us."""
    log = dovecot.folder / "log"
    before = log.read_text().count("auth failed, 1 attempts") if log.exists() else 0
    with (
        ImapMailbox(dovecot.place(password="wrong"), patience=QUICK) as mailbox,
        pytest.raises(InboxError, match="refused the login"),
    ):
        read(ImapSource(mailbox, account=USER))
    end = time.monotonic() + 5
    while log.read_text().count("auth failed, 1 attempts") == before and time.monotonic() < end:
        time.sleep(0.05)
    assert log.read_text().count("auth failed") == before + 1


def test_over_starttls_too(dovecot: Dovecot) -> None:
    dovecot.put(mail(1))
    with ImapMailbox(dovecot.place(security=Security.STARTTLS), patience=QUICK) as mailbox:
        assert subjects(read(ImapSource(mailbox, account=USER))[0]) == [1]


def test_a_mail_that_the_server_leaves_out_is_asked_for_again(
    dovecot: Dovecot, source: ImapSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not gone while the server still lists it: no mail is passed over in silence."""
    for number in range(4):
        dovecot.put(mail(number))
    real, left_out = imap_source._bodies, []

    def forgetful(box, uids, part="]"):
        found = real(box, uids, part)
        if not left_out:
            left_out.append(found.popitem())
        return found

    monkeypatch.setattr(imap_source, "_bodies", forgetful)
    assert subjects(read(source)[0]) == [0, 1, 2, 3]
    assert (source.gone, len(left_out)) == (0, 1)
