"""The small decisions of the pages: whose address, which language, whose challenge, how long a link may be."""

from __future__ import annotations

import email
import json
from dataclasses import replace
from email.policy import default
from urllib.parse import parse_qs, urlsplit

import altcha
import pytest

from outreach.runner.supporters.own_mailbox import OwnLetter
from outreach.web.challenge import is_solved, new_challenge
from outreach.web.own_mailbox import LONGEST_LINK, mail_file, mail_link
from outreach.web.visitor import language_of, network_of

SECRET = b"a secret of this test alone"


def solution(challenge: str) -> str:
    asked = altcha.Challenge.from_dict(json.loads(challenge))
    found = altcha.solve_challenge(asked)
    assert found
    return altcha.Payload(asked, found).to_base64()


def test_a_challenge_is_solved_for_its_own_form_alone() -> None:
    """One solution does not open a thousand forms; nor does one of another secret, or of nobody's."""
    solved = solution(new_challenge(SECRET, "one"))
    assert is_solved(SECRET, "one", solved)
    assert not is_solved(SECRET, "two", solved)
    assert not is_solved(b"another", "one", solved)
    easy = altcha.create_challenge("SHA-256", 1, data={"form": "one"}, hmac_secret="guessed")
    assert not is_solved(SECRET, "one", solution(json.dumps(easy.to_dict())))


@pytest.mark.parametrize("said", ["", "x", "{}", "e30=", "bnVsbA==", "W10=", "é", "A" * 5_000])
def test_nonsense_solves_nothing(said: str) -> None:
    """And breaks nothing."""
    assert not is_solved(SECRET, "one", said)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", ["192.0.2.1"], "203.0.113.9"),
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["8.8.8.8, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["8.8.8.8", "192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["192.0.2.1, 10.1.2.3"], "192.0.2.1"),
        ("::ffff:127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("127.0.0.1", ["nonsense"], "nonsense"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("", ["192.0.2.1"], ""),
    ],
)
def test_the_proxies_word_counts_and_no_other(peer: str, forwarded: list[str], found: str) -> None:
    """From the right, as far as our own networks reach."""
    assert network_of(peer, forwarded, ["127.0.0.1/32", "10.0.0.0/8"]) == found


@pytest.mark.parametrize(
    ("wanted", "accepted", "found"),
    [
        ("ar", "en", "ar"),
        ("xx", "ar", "ar"),
        ("", "", "en"),
        ("", "de, ar;q=0.5", "ar"),
        ("", "en;q=0.1, ar;q=0.9", "ar"),
        ("", "ar-EG,en;q=0.3", "ar"),
        ("", "pt", "pt-BR"),
        ("", "en;q=0", "en"),
        ("", "ar;q=0, pt-PT;q=0.1", "pt-BR"),
        ("", ";;;q=,*,\x00" * 1_000, "en"),
    ],
)
def test_the_language_that_a_visitor_reads(wanted: str, accepted: str, found: str) -> None:
    """Asked for by name, else by weight, else near enough, else the campaign's first."""
    assert language_of(wanted, accepted, ("en", "ar", "pt-BR")) == found


LETTER = OwnLetter(
    to="mfa@gov.example",
    cc="answers+id@act.example",
    subject="Où & quoi?",
    text="Dear Minister,\n\nA & B = ü?\n",
    name='Ада Ü, "A"',
    email="ada@mail.example",
)


def test_a_link_holds_the_whole_letter() -> None:
    """Line ends as mail has them (RFC 6068 5), and nothing of the text becomes another header."""
    link = mail_link(LETTER)
    assert link
    parts = urlsplit(link)
    fields = parse_qs(parts.query, strict_parsing=True)
    assert (parts.scheme, parts.path) == ("mailto", "mfa@gov.example")
    assert fields == {
        "cc": ["answers+id@act.example"],
        "subject": [LETTER.subject],
        "body": [LETTER.text.replace("\n", "\r\n")],
    }
    assert "+" not in link


def test_a_link_that_would_be_cut_off_is_not_offered() -> None:
    """1,800 characters as they are encoded, and not one more."""
    room = LONGEST_LINK - len(mail_link(replace(LETTER, text="")) or "")
    assert len(mail_link(replace(LETTER, text="a" * room)) or "") == LONGEST_LINK
    assert mail_link(replace(LETTER, text="a" * (room + 1))) is None
    assert mail_link(replace(LETTER, text="ü" * (room // 6 + 1))) is None


def test_a_file_is_a_mail_that_was_not_sent() -> None:
    """With whom it is from, to and for, in any script; nothing else."""
    answer = mail_file(LETTER, "qm/mfa\r\n../x")
    mail = email.message_from_bytes(bytes(answer.body), policy=default)
    assert mail["X-Unsent"] == "1"
    assert str(mail["From"].addresses[0].display_name) == LETTER.name
    assert (mail["To"], mail["Cc"], mail["Subject"]) == (LETTER.to, LETTER.cc, LETTER.subject)
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text
    assert "Bcc" not in mail
    assert answer.headers["content-disposition"] == 'attachment; filename="qm-mfa-x.eml"'
