"""A person is taken out of mail however a mail writes it, and nothing else is."""

import base64
import quopri
from email.header import Header
from email.message import EmailMessage

import pytest

from outreach.rules.redaction import Canaries

NAME, LATIN, EMAIL = "Zoë Ångström", "Zoe Angstroem", "zoe.a@home.example"
CANARIES = Canaries([NAME, "Иван Пример", "سارة مثال", LATIN, EMAIL])
TEXTS = {
    NAME: ("utf-8", "latin-1", "cp1252"),
    "Иван Пример": ("utf-8", "koi8-r", "cp1251", "iso8859-5"),
    "سارة مثال": ("utf-8", "cp1256"),
}


def mail(body, encoding, charset="utf-8"):
    head = (
        f'Subject: x\r\nContent-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    )
    return head.encode() + body


CASES = [(name, charset) for name, charsets in TEXTS.items() for charset in (*charsets, "utf-16-le")]


@pytest.mark.parametrize(("name", "charset"), CASES)
class TestCharsets:
    def test_as_it_is(self, name, charset):
        raw = mail(f"Dear {name}, thank you".encode(charset), "8bit", charset)
        assert name.encode(charset) not in CANARIES.mail(raw)
        assert "thank you".encode(charset) in CANARIES.mail(raw)

    def test_in_base64(self, name, charset):
        """At every place in the lines, so that the name is broken anywhere."""
        for before in range(60):
            body = base64.encodebytes(f"{'x' * before} {name} and much more behind it, in lines".encode(charset))
            found = CANARIES.mail(mail(body.replace(b"\n", b"\r\n"), "base64", charset))
            inside = base64.b64decode(found.partition(b"\r\n\r\n")[2])
            assert name.encode(charset) not in inside
            assert "much more behind it".encode(charset) in inside

    def test_in_quoted_printable(self, name, charset):
        """With soft line breaks anywhere."""
        if charset == "utf-16-le":
            pytest.skip("UTF-16 is never quoted-printable: RFC 2045 6.7 wants line ends of ASCII")
        for before in range(80):
            body = quopri.encodestring(f"{'x' * before} {name} writes to us".encode(charset))
            inside = quopri.decodestring(CANARIES.mail(mail(body, "quoted-printable", charset)))
            assert name.encode(charset) not in inside
            assert b"writes to us" in inside.replace(b"\n", b"")


@pytest.mark.parametrize("name", [NAME, "Иван Пример", "سارة مثال"])
@pytest.mark.parametrize("charset", ["utf-8", "b-utf-8"])
def test_in_encoded_words(name, charset):
    """Q and B, broken into several words, and with half of the name outside."""
    for before in range(0, 70, 3):
        header = Header(f"{'x' * before} {name} wrote", "utf-8", header_name="Subject")
        raw = f"Subject: {header.encode()}\r\n\r\nx".encode()
        message = CANARIES.mail(raw)
        assert b"[erased]" in message
        assert decoded(message) == f"{'x' * before} [erased] wrote".strip()
    first, last = name.split()
    half = f"From: =?utf-8?Q?{quopri.encodestring(first.encode(), header=True).decode()}?= {last} <{EMAIL}>\r\n\r\nx"
    assert CANARIES.mail(half.encode()).startswith(b"From: [erased] <[erased]>\r\n")


def decoded(raw):
    import email
    import email.policy

    return " ".join(email.message_from_bytes(raw, policy=email.policy.default)["Subject"].split())


@pytest.mark.parametrize(
    "written",
    [
        b"zoe.a@home.example",
        b"ZOE.A@Home.Example",
        b"zoe.a%40home.example",
        b"zoe.a&#64;home.example",
        b"zoe.a=40home.example",
        b"zoe.a@ho=\r\nme.example",
        b"Zo&euml; &Aring;ngstr&ouml;m",
        b"Zo&#235;\r\n  &#xC5;ngstr&#xf6;m",
        b"Zoe\r\n> Angstroem",
        b"ZOE_ANGSTROEM",
        b"Zoe&nbsp;Angstroem",
        "Zoë Ångström".encode(),
    ],
)
def test_as_links_html_and_quotes_write_it(written):
    """Case, white space, references and escapes do not hide a person."""
    assert CANARIES.mail(b"\r\n\r\nby " + written + b", again") == b"\r\n\r\nby [erased], again"


@pytest.mark.parametrize("text", ["Zoe Angstroems", "Chloe Angstroem", "azoe.a@home.example", "zoe@home.example"])
def test_another_person_stays(text):
    """A name inside a longer word is another name."""
    raw = f"\r\n\r\nby {text}, again".encode()
    assert CANARIES.mail(raw) == raw
    assert CANARIES.text(text) == text


def test_a_mail_in_a_mail(tmp_path):
    """Forwarded as an attachment that is base64 itself."""
    inner = EmailMessage()
    inner["Subject"], inner["From"] = f"From {NAME}", EMAIL
    inner.set_content(f"I am {NAME}.\n", cte="base64")
    outer = EmailMessage()
    outer["Subject"] = "Forwarded"
    outer.set_content("See below.")
    outer.add_attachment(inner.as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml")
    found = CANARIES.mail(outer.as_bytes())
    import email

    attached = email.message_from_bytes(found).get_payload()[1].get_payload(decode=True)
    again = email.message_from_bytes(attached)
    assert again["From"] == "[erased]"
    assert again.get_payload(decode=True) == b"I am [erased].\n"


def test_a_mail_that_names_nobody_is_byte_for_byte_the_same():
    """Also with blocks that are base64, broken headers, and no canary at all."""
    raw = b"Subject: =?x?B?!!?= =?utf-8?Q?=zz?=\r\n\r\n" + base64.encodebytes(bytes(range(256)) * 40) + b"\xff\xfe=\r\n"
    assert CANARIES.mail(raw) == raw
    assert Canaries([]).mail(raw) == raw
    assert Canaries(["", " "]).text("x") == "x"
