"""Our mails to supporters: what each says, in four languages, and that a confirmation says nothing that was typed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from outreach.errors import LetterError
from outreach.letters import LetterRoom, SupporterLetterRoom
from outreach.letters.wire import is_clean
from outreach.model.campaign import Mode
from outreach.model.notice import LETTER_TO, OVERDUE, NoticeKind
from support.crowd import CONTACT, LINKS, MAILS, ROOT, SAID, SITE, WHOLE, action, campaign, dispatch, notice_of, target

READ = LetterRoom(ROOT)
ASKING = [NoticeKind.CONFIRMATION, NoticeKind.REMINDER]
everywhere = pytest.mark.parametrize("language", ["en", "fr", "el", "ar"])
kinds = pytest.mark.parametrize("kind", NoticeKind)


def flat(raw: bytes) -> str:
    return " ".join(READ.text(raw).split())


@kinds
@everywhere
def test_a_notice_is_a_machines_mail_to_one_address(
    room: SupporterLetterRoom, reread: Any, kind: NoticeKind, language: str
) -> None:
    """RFC 3834: no machine answers it. No name in To; no unsubscribing; no Date, which is put in as it leaves."""
    raw = notice_of(room, kind, language)
    mail = reread(raw)
    assert is_clean(raw)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert dict(mail.items()) == {
        "From": "Example Rights International <letters@campaign.example>",
        "To": "noor1@people.example",
        "Reply-To": CONTACT,
        "Subject": mail["Subject"],
        "Message-ID": "<n.1.abc@campaign.example>",
        "MIME-Version": "1.0",
        "Content-Language": language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Type": mail["Content-Type"],
    }
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in READ.html(raw)


@pytest.mark.parametrize("kind", ASKING)
@everywhere
def test_a_confirmation_holds_nothing_that_was_typed(
    room: SupporterLetterRoom, kind: NoticeKind, language: str
) -> None:
    """No name, no place, no words: whoever typed this address may not own it. One link, and it is ours."""
    typed = action(language=language, name="Canaryname", place="Canaryplace", words="Canarywords https://evil.example")
    raw = notice_of(room, kind, language, action=typed, said={})
    page = READ.html(raw)
    assert "anary" not in flat(raw) + page
    assert "evil" not in flat(raw) + page
    assert re.findall(r"https?://[^\s<>\"]+", flat(raw)) == [LINKS["confirm"]]
    assert re.findall(r"(?:href|src)=\"([^\"]*)\"", page) == [LINKS["confirm"]]
    assert raw.count(b"noor1@people.example") == 1


def test_a_confirmation_says_who_asks_what_and_what_the_button_does(room: SupporterLetterRoom) -> None:
    """And what to do where it was somebody else: nothing."""
    said = flat(notice_of(room, NoticeKind.CONFIRMATION))
    for words in (
        "Somebody entered this address on our page to send a letter to 2 institutions.",
        "The campaign is “Stop the sale of surveillance technology” by Example Rights International.",
        "Pressing the button confirms the letter, and we send it. Nothing is sent before.",
        "The link works for 7 days.",
        "If it was not you, do nothing",
    ):
        assert words in said
    assert "The link works for 4 days." in flat(notice_of(room, NoticeKind.REMINDER))
    assert "The link works for 1 day." in flat(notice_of(room, NoticeKind.REMINDER, said={"days": "1"}))
    assert "to 1 institution." in flat(notice_of(room, NoticeKind.CONFIRMATION, action=action(targets=("qm-mfa-1",))))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (NoticeKind.RECEIPT, "has left on 25 November 2026. It went to: - Ministry of Foreign Affairs of Examplia"),
        (NoticeKind.RECEIPT, "Still to be sent: - Ministry of Trade of Examplia This is the whole letter: > I teach"),
        (NoticeKind.RECEIPT, f"take back what has not left yet, and see or erase what we hold about you: {SITE}/mine/"),
        (
            NoticeKind.FAILURE,
            "not be delivered to: - Ministry of Foreign Affairs of Examplia The address does not exist",
        ),
        (NoticeKind.FAILURE, "In the words of its mail server: > 550 5.1.1 Recipient address rejected"),
        (
            NoticeKind.ANSWER,
            "There is an answer from: - Ministry of Foreign Affairs of Examplia It says: > We thank you",
        ),
        (NoticeKind.ANSWER, f"To read the whole answer, write to {CONTACT}."),
        (NoticeKind.DATA, f"you can see it, take it along, or have it erased: {SITE}/mine/"),
        (NoticeKind.WITHDRAWN, "You have taken your letter back. It is not sent to: - Ministry of Trade of Examplia"),
        (NoticeKind.WITHDRAWN, "cannot be called back from: - Ministry of Foreign Affairs of Examplia"),
    ],
)
def test_a_notice_says_what_happened(room: SupporterLetterRoom, kind: NoticeKind, words: str) -> None:
    """In English, word by word."""
    assert words in flat(notice_of(room, kind))


def test_who_did_not_take_a_letter_back_is_not_told_so(room: SupporterLetterRoom) -> None:
    """It was time that did, and where it goes no more is said as ever."""
    text = flat(notice_of(room, NoticeKind.WITHDRAWN, said={**SAID, "why": OVERDUE}))
    assert "within half a year after you confirmed it. We do not send it any more. It is not sent to: - Min" in text
    assert "You have taken" not in text


def test_an_answer_of_which_nothing_can_be_passed_on_says_where_to_read_it(room: SupporterLetterRoom) -> None:
    """Nothing stands where its words would."""
    text = flat(notice_of(room, NoticeKind.ANSWER, said={**SAID, "answer": ""}))
    assert "Affairs of Examplia Attachments and quoted letters are left out here. To read the whole answer" in text
    assert "It says" not in text


def test_who_was_counted_in_a_digest_is_told_so(room: SupporterLetterRoom) -> None:
    """There is no letter of their own to show."""
    said = {"day": SAID["day"], "counted": SAID["institution"]}
    text = flat(notice_of(room, NoticeKind.RECEIPT, said=said))
    assert "You were counted in a letter that left on 25 November 2026 for everybody who wrote." in text
    assert "whole letter" not in text


def test_a_receipt_tells_apart_who_got_the_letter_and_who_learnt_a_number(room: SupporterLetterRoom) -> None:
    """Where names are dangerous nobody has to wonder whether theirs went there."""
    text = flat(notice_of(room, NoticeKind.RECEIPT, said={**SAID, "counted": "Ministry of Justice, Specimenia"}))
    own, _, rest = text.partition("You were counted in a letter that left on 25 November 2026 for everybody who wrote.")
    assert "Ministry of Justice" not in own
    assert rest.startswith(" It went to: - Ministry of Justice, Specimenia ")
    assert "This is the whole letter:" in rest


def test_a_receipt_shows_each_letter_under_those_to_whom_it_went(room: SupporterLetterRoom) -> None:
    """Two that differ are told apart, one that two got is shown once, and one whose text is gone is no letter."""
    letters = {"Board of Trade\nBoard of Export": "We ask you.", "Ministry of Justice": "I ask you.", "Nobody": ""}
    said = {"institution": "A", "day": SAID["day"], **{LETTER_TO + names: text for names, text in letters.items()}}
    text = flat(notice_of(room, NoticeKind.RECEIPT, said=said))
    whole = (
        "to whom it went: - Board of Trade - Board of Export > We ask you. - Ministry of Justice > I ask you. On this"
    )
    assert whole in text
    assert "Nobody" not in text


def test_a_receipt_shows_the_letter_as_it_was(room: SupporterLetterRoom) -> None:
    """Quoted, its lines break where they broke in the letter."""
    full = action(words=" ".join(["abcde"] * 40))  # its lines have 71 of 72 characters
    letter = READ.text(room.copy(dispatch(), target(), full, campaign(), mode=Mode.REHEARSAL).raw).strip()
    assert max(map(len, letter.splitlines())) > 70
    shown = READ.text(notice_of(room, NoticeKind.RECEIPT, said={**SAID, WHOLE: letter}))
    quoted = [line[2:] for line in shown.splitlines() if line.startswith(">")]
    assert "\n".join(quoted) == letter


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "does not exist"),
        ("5.1.10", "does not exist"),
        ("5.2.1", "takes no mail any more"),
        ("4.2.2", "mailbox is full"),
        ("5.3.4", "of this size"),
        ("4.4.7", "could not be reached"),
        ("5.7.26", "refuses such letters"),
        ("550", "did not take the letter"),
        ("", "did not take the letter"),
    ],
)
def test_a_failure_is_told_in_plain_words(room: SupporterLetterRoom, status: str, words: str) -> None:
    """Whoever reads it knows no codes."""
    assert words in flat(notice_of(room, NoticeKind.FAILURE, said={**SAID, "status": status, "server": ""}))


def test_the_campaigns_title_is_said_in_the_readers_language(room: SupporterLetterRoom) -> None:
    """The page's own where it has one, else the campaign's; an unknown language is answered in English."""
    assert "أوقفوا بيع تقنيات المراقبة" in flat(notice_of(room, NoticeKind.CONFIRMATION, "ar"))
    assert "« A moratorium on surveillance technology »" in flat(notice_of(room, NoticeKind.CONFIRMATION, "fr-BE"))
    assert flat(notice_of(room, NoticeKind.CONFIRMATION, "sw")).startswith("Somebody entered this address")


@pytest.mark.parametrize("site", ["http://127.0.0.1:8080/moratorium", "http://localhost/moratorium"])
def test_a_rehearsal_links_to_the_page_at_home(room: SupporterLetterRoom, site: str) -> None:
    """Where the page is served while nobody else can open it."""
    links = {"confirm": f"{site}/confirm/{'A' * 43}"}
    assert links["confirm"] in flat(notice_of(room, NoticeKind.CONFIRMATION, links=links))


@pytest.mark.parametrize(
    ("kind", "changes", "found"),
    [
        (NoticeKind.CONFIRMATION, {"links": {}}, "confirm"),
        (NoticeKind.CONFIRMATION, {"links": {"confirm": "https://evil.example/x"}}, "is not on https://act.example"),
        (NoticeKind.CONFIRMATION, {"links": {"confirm": "https://act.example.evil.example/x"}}, "is not on"),
        (NoticeKind.CONFIRMATION, {"links": {"confirm": "http://localhost@evil.example/x"}}, "is not on"),
        (NoticeKind.CONFIRMATION, {"links": {"confirm": f"{SITE}/a b\r\nBcc: x@y.z"}}, "is not on"),
        (NoticeKind.CONFIRMATION, {"recipient": "a@b.example\r\nBcc: x@y.z"}, "is not an address"),
        (NoticeKind.CONFIRMATION, {"message_id": "<a>\r\nBcc: x@y.z"}, "is not a Message-ID"),
        (NoticeKind.CONFIRMATION, {"campaign": replace(campaign(), supporters=None)}, r"no \[supporters\]"),
        (NoticeKind.RECEIPT, {"said": {"institution": "A"}}, "day"),
        (NoticeKind.RECEIPT, {"said": {"day": "2026-11-25"}}, "institution"),
        (NoticeKind.RECEIPT, {"said": {"day": "soon", "institution": "x"}}, "soon"),
        (NoticeKind.ANSWER, {"said": {"institution": "x"}}, "answer"),
        (NoticeKind.DATA, {"links": {}}, "manage"),
    ],
)
def test_a_notice_that_would_be_wrong_is_not_written(
    room: SupporterLetterRoom, kind: NoticeKind, changes: dict[str, Any], found: str
) -> None:
    """What a mail cannot do without, and what no mail may hold."""
    with pytest.raises(LetterError, match=found):
        notice_of(room, kind, **changes)


@pytest.mark.parametrize("name", MAILS)
def test_text_and_html_say_the_same(room: SupporterLetterRoom, name: str) -> None:
    """Word by word and in the same order, but for marks before lines; no image, no style sheet from elsewhere."""
    raw = MAILS[name](room)
    page = re.sub(r"<title>.*?</title>", "", READ.html(raw))
    words = re.sub(r"<[^>]*>", " ", re.sub(r"</?(?:em|strong|bdi|a)\b[^>]*>", "", page))
    words = words.replace("&#x27;", "'").replace("&amp;", "&")
    spoken = [word for word in READ.text(raw).split() if set(word) - set("->")]
    assert words.split() == spoken
    assert not re.search(r"<(?:img|link|style|script|iframe|form|input)\b", page)


def test_a_spam_filter_finds_nothing_in_any_mail_of_supporters(needs_server: Any, room: SupporterLetterRoom) -> None:
    """SpamAssassin, without network: at most 0.5 for each, in every language."""
    program = needs_server("spamassassin", shutil.which("spamassassin"))
    day = format_datetime(datetime.now(UTC)).encode()
    mails = [make(room).replace(b"\r\n", b"\n") for make in MAILS.values()]
    box = b"".join(b"From a@b.example Wed Nov 25 12:00:00 2026\nDate: " + day + b"\n" + one + b"\n" for one in mails)
    judged = subprocess.run([program, "-t", "-L", "--mbox"], input=box, capture_output=True, check=True, timeout=110)
    scores = re.findall(rb"^X-Spam-Status:.*?score=(-?[\d.]+)", judged.stdout, re.MULTILINE | re.DOTALL)
    assert len(scores) == len(MAILS)
    bad = {name: float(score) for name, score in zip(MAILS, scores, strict=True) if float(score) > 0.5}
    assert bad == {}, judged.stdout.decode(errors="replace")[-1500:]
