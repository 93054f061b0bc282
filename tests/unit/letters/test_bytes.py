"""A letter's bytes: read back they are what EmailMessage would have written, and no server can misread them."""

from __future__ import annotations

import email
import hashlib
import re
from binascii import a2b_qp
from collections import Counter
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, compat32, default
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from outreach.letters import wire
from outreach.letters.lint import as_text
from outreach.model.campaign import Mode, Sender
from outreach.model.letter import Letter

SENDER = Sender(
    name="Ada Example",
    organisation="Example Rights",
    email="letters@campaign.example",
    reply_to="reply+{token}@campaign.example",
    bounce_to="b+{token}@bounces.campaign.example",
)
ID = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def letters(workspace: Any) -> Any:
    workspace.sender = SENDER
    workspace.demand(
        "We ask, {{ row.greeting|default('politely') }}.", subject="\"On {{ row.greeting|default('asking') }}\""
    )
    return workspace


def test_every_header_stands_exactly_once_and_nothing_else(letters: Any, reread: Any) -> None:
    """Date is put in front as the letter leaves; a letter is no bulk mail and does not name its program."""
    message = reread(letters.compose().raw)
    assert Counter(message.keys()) == Counter(
        ["From", "To", "Reply-To", "Subject", "Message-ID", "MIME-Version", "Content-Language", "Content-Type"]
    )
    assert str(message["From"]) == '"Ada Example, Example Rights" <letters@campaign.example>'
    assert str(message["To"]) == "Ministry of Examples <bg-mfa-1@rehearsal.example>"
    assert str(message["Reply-To"]) == f"reply+{ID}@campaign.example"
    assert str(message["Subject"]) == "On asking"
    assert str(message["Message-ID"]) == f"<o.invented.{ID}@campaign.example>"
    assert str(message["Content-Language"]) == "en"


def test_a_letter_says_what_the_ledger_keeps(letters: Any) -> None:
    """Hashes, ids and the envelope's sender belong to the bytes."""
    letter = letters.compose()
    assert letter.dispatch == ID
    assert letter.message_id == f"<o.invented.{ID}@campaign.example>"
    assert letter.subject == "On asking"
    assert letter.envelope_from == f"b+{ID}@bounces.campaign.example"
    assert letter.sha256 == hashlib.sha256(letter.raw).hexdigest()


def test_a_letter_is_text_first_then_html(letters: Any, reread: Any) -> None:
    """One multipart/alternative, or text alone when the campaign wants that."""
    message = reread(letters.compose().raw)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"quoted-printable"}
    alone = letters.compose(campaign=letters.campaign(html=False)).raw
    assert reread(alone).get_content_type() == "text/plain"
    assert letters.room().html(alone) == ""
    assert letters.room().text(alone) == letters.text()


def test_the_same_letter_has_the_same_bytes(letters: Any) -> None:
    """What was approved is what is rendered again: no clock, no chance."""
    assert letters.compose() == letters.compose()


def test_a_changed_template_or_frame_changes_the_template_sha(letters: Any) -> None:
    """And an unused template does not."""
    before = letters.compose().template_sha
    letters.write("other", "en", "", "x")
    assert letters.compose().template_sha == before
    path = letters.root / "templates/letters/frame/en.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = letters.compose()
    assert after.template_sha != before
    assert after.sha256 == letters.compose().sha256


def test_a_room_keeps_the_templates_it_has_read(letters: Any, planned: Any) -> None:
    """A file edited while a plan is written cannot split the plan."""
    room, campaign = letters.room(), letters.campaign()
    first = room.compose(planned(), campaign, mode=Mode.REHEARSAL)
    letters.demand("Other words.")
    assert room.compose(planned(), campaign, mode=Mode.REHEARSAL) == first


@pytest.mark.parametrize("slug", ["été 2026", "a/b\r\nBcc: x", "a", "very-long-campaign-name"])
def test_a_message_id_holds_plain_letters_only(letters: Any, slug: str) -> None:
    """Eight characters of the slug tell a campaign's letters apart in a mailbox."""
    letter = letters.compose(campaign=letters.campaign(slug=slug))
    assert re.fullmatch(rf"<o\.[A-Za-z0-9-]{{1,8}}\.{ID}@campaign\.example>", letter.message_id)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=90)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, greeting=NAMES, body=NAMES)
@example(name='Office "A\\B" (x), y; z', greeting="=?utf-8?q?a?=", body=".")
@example(name="Ministère des Épreuves, Direction générale (DG) " + "é" * 60, greeting="ü" * 90, body="From here")
@example(name="a b  c", greeting="x" * 90, body="= =3D =\u00a0")
@example(name="Ministry of " + "x" * 70, greeting="a" * 60 + " " + "b" * 29, body=" . ")
@example(name='=?utf-8?q?a=0d=0aBcc:_x?= "', greeting="שר החוץ", body="..")
@example(name="0 000¡¡" + "ࠀ" * 12 + " ¡", greeting="a", body=".")
def test_read_back_its_headers_say_what_was_meant_and_its_bodies_are_email_messages(
    letters: Any, planned: Any, reread: Any, name: str, greeting: str, body: str
) -> None:
    """Name and subject come back letter by letter; EmailMessage loses a space of some names (CPython issue 92081)."""
    name, greeting, body = (as_text(one) or "x" for one in (name, greeting, body))
    head = wire.mailbox_header("To", name, "a.b+c@ministry.example") + wire.text_header("Subject", greeting)
    text = f"Before\r\n{body}\r\n{greeting * 9}\r\n"
    html = f"<p>\r\n{body}</p>\r\n"
    raw = wire.assemble(head + b"MIME-Version: 1.0\r\n", text=wire.quoted(text), html=wire.quoted(html))
    documented = EmailMessage(policy=SMTP)
    documented.set_content(text, cte="quoted-printable")
    documented.add_alternative(html, subtype="html", cte="quoted-printable")
    ours, theirs = reread(raw), reread(documented.as_bytes())
    _assert_sound(raw, ours)
    assert _names(raw) == [(name, "a.b+c@ministry.example")]
    assert ours["Subject"] == greeting
    for mine, other in zip(ours.iter_parts(), theirs.iter_parts(), strict=True):
        assert mine.get_content_type() == other.get_content_type()
        assert mine.get_content() == other.get_content()


@settings(max_examples=150)
@given(body=NAMES, html=st.none() | NAMES)
@example(body="--=_outreach_letter_part--", html="--=_outreach_letter_part\n")
def test_taken_apart_it_is_what_a_mime_parser_reads(body: str, html: str | None) -> None:
    """Our own letters are cut where they were spliced, with one part or two."""
    page = None if html is None else wire.quoted(f"<p>\r\n{html}</p>\r\n")
    raw = wire.assemble(b"MIME-Version: 1.0\r\n", text=wire.quoted(f"Before\r\n{body}\r\n"), html=page)
    message = email.message_from_bytes(raw, policy=default)
    parts = list(message.iter_parts()) or [message]
    read = [str(one.get_content()).replace("\r\n", "\n").encode() for one in parts]
    ours = wire.taken_apart(raw)
    assert ours is not None
    assert [a2b_qp(one).replace(b"\r\n", b"\n") for one in ours] == [*read, b""][:2]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: x\r\n\r\nwords\r\n",
        b'Content-Type: multipart/alternative; boundary="=_outreach_letter_part"\r\n\r\nnothing\r\n',
        b'Content-Type: text/plain; charset="latin-1"\r\n\r\nwords\r\n',
    ],
)
def test_another_mail_is_not_taken_apart(raw: bytes) -> None:
    """It is read as any mail is."""
    assert wire.taken_apart(raw) is None


def _names(raw: bytes) -> list[tuple[str, str]]:
    """Display names and addresses of To, by the older reader: that of 3.11's default policy parts long names anew."""
    value = email.message_from_bytes(raw, policy=compat32)["To"].replace("\r\n", "")
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])]


def _assert_sound(raw: bytes, message: EmailMessage) -> None:
    assert not message.defects
    assert not [defect for part in message.walk() for defect in part.defects]
    assert not [defect for header in message.values() for defect in header.defects]
    assert wire.is_clean(raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, greeting=NAMES)
@example(name="Ministry\r\nBcc: x@y.example", greeting="a\nb")
@example(name="Ministry\u2028of\x85Examples", greeting="a\u2028b")
def test_a_whole_letter_is_sound_whatever_the_sheet_holds(letters: Any, reread: Any, name: str, greeting: str) -> None:
    """Line ends in a cell never become line ends in a header: one recipient, one letter, no defects."""
    letter = letters.outcome(name=name, fields={"greeting": greeting})
    if not isinstance(letter, Letter):
        assert {one.code for one in letter} <= {"another-state", "placeholder", "control-character", "empty-field"}
        return
    raw = letter.raw
    message = reread(raw)
    _assert_sound(raw, message)
    assert message.keys() == [
        *("From", "To", "Reply-To", "Subject", "Message-ID", "MIME-Version", "Content-Language", "Content-Type"),
    ]
    assert [one.addr_spec for one in message["To"].addresses] == ["bg-mfa-1@rehearsal.example"]
    assert message.as_bytes(policy=default.clone(linesep="\r\n"))


BAD_ADDRESSES = {
    "two": "a@b.example, c@d.example",
    "parameters": "<a@b.example> NOTIFY=NEVER",
    "command": "a@b.example\r\nDATA",
    "space": "a b@c.example",
    "bracket": "alice@x.example)bob@evil",
    "two dots": "a@b..example",
    "leading dot": ".a@b.example",
    "literal": "a@[127.0.0.1]",
    "quoted": '"a b"@c.example',
    "full width": "ａ@b.example",
    "umlaut domain": "a@bücher.example",
    "no domain": "a",
    "no dot": "a@localhost",
    "empty": "",
    "encoded word": "=?utf-8?q?a=0d=0aBcc:_x?= <a@b.example>",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES.values(), ids=BAD_ADDRESSES.keys())
def test_an_address_that_is_none_is_never_written(letters: Any, address: str) -> None:
    """What smtplib would silently turn into another recipient is a finding here."""
    (problem,) = letters.refused(recipient=address)
    assert (problem.place.path, problem.place.row) == ("contacts/some.csv", 7)


@pytest.mark.parametrize("body", [".", "..", ".\n\n.", "From us\n\nFrom: you", "a" * 2000, "ж" * 2000])
def test_lines_that_mail_programs_trip_over_arrive(letters: Any, reread: Any, body: str) -> None:
    """Single dots, "From " at a line's start, and words without end."""
    letters.demand(body)
    raw = letters.compose().raw
    _assert_sound(raw, reread(raw))
    assert not re.search(rb"^From ", raw.partition(b"\r\n\r\n")[2], re.MULTILINE)
    assert not re.search(rb"^\.\r$", raw, re.MULTILINE)
    for line in body.split("\n"):
        assert line in letters.room().text(raw)


@pytest.mark.parametrize("words", ["{path}", "See {path}", "{path}\n\n{path}"])
def test_a_text_that_is_the_name_of_a_file_is_a_text(letters: Any, reread: Any, tmp_path: Any, words: str) -> None:
    """yagmail would attach the file: from a template or a cell, nothing of it is in the letter."""
    file = tmp_path / "secret.txt"
    file.write_text("S3CR3T-canary", encoding="utf-8")
    letters.demand(words.format(path=file) + "\n\n{{ row.greeting }}")
    raw = letters.compose(fields={"greeting": str(file)}).raw
    message = reread(raw)
    assert {part.get_content_type() for part in message.walk()} == {"multipart/alternative", "text/plain", "text/html"}
    assert not [part for part in message.walk() if part.get_filename() or part.get_content_disposition()]
    assert "secret.txt" in letters.room().text(raw)
    assert all("S3CR3T" not in part.get_content() for part in message.walk() if not part.is_multipart())


def test_two_letters_to_one_person_with_one_subject_have_two_ids(letters: Any, reread: Any) -> None:
    """yagmail's id is a hash of From, To and Subject: receivers would drop the second as a duplicate."""
    one, two = (reread(letters.compose(identifier=letter * 26).raw) for letter in "ab")
    assert (one["To"], one["Subject"]) == (two["To"], two["Subject"])
    assert one["Message-ID"] != two["Message-ID"]


def test_a_sender_without_reply_address_is_answered_at_its_own(letters: Any, reread: Any) -> None:
    """Reply-To is always there."""
    letters.sender = replace(SENDER, reply_to="", bounce_to="")
    letter = letters.compose()
    assert str(reread(letter.raw)["Reply-To"]) == "letters@campaign.example"
    assert letter.envelope_from == "letters@campaign.example"
