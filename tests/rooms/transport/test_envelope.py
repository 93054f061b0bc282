"""What may go on the wire: nothing that could become another recipient, another command or a second letter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import OutcomeUnknown, TransportError, Unavailable
from outreach.model.receipt import Claim, Phase
from outreach.transport.channel import SmtpChannel
from outreach.transport.envelope import LONGEST_LINE, is_address, sealed
from servers.scripted import Script, ScriptedServer

GOOD = [
    "minister@mfa.example",
    "k5rv2mzt3yqhd7@rehearsal.example",
    "First.Last+tag@a.b.c.example",
    "b+k5rv2mzt3yqhd7=mfa.example@ngo.example",
    "o'neill@mfa.example",
    "x@xn--bcher-kva.example",
    "0_0@1a.example",
    f"{'l' * 64}@mfa.example",
]
BAD = {
    "empty": "",
    "no at": "minister",
    "no domain": "minister@",
    "no local part": "@mfa.example",
    "two": "a@b.example, d@e.example",
    "two at": "a@b@c.example",
    "a second command": "a@b.example>\r\nRCPT TO:<d@e.example",
    "CRLF": "a@b.example\r\nDATA",
    "LF": "a@b.example\nDATA",
    "CR": "a@b.example\rDATA",
    "LF at the end": "a@b.example\n",
    "NUL": "a\0@b.example",
    "tab": "a\t@b.example",
    "space": "a b@c.example",
    "space at the end": "a@b.example ",
    "angle brackets": "<a@b.example>",
    "a parameter": "a@b.example> NOTIFY=NEVER",
    "a parameter within brackets": "<a@b.example> NOTIFY=NEVER",
    "a comment": "alice@x.example)bob@evil.example",
    "a display name": "Minister <a@b.example>",
    "quoted": '"a b"@c.example',
    "two dots": "a..b@c.example",
    "dot first": ".a@b.example",
    "dot last": "a.@b.example",
    "two dots in the domain": "a@b..example",
    "a number for a domain": "a@[127.0.0.1]",
    "an address for a domain": "a@127.0.0.1",
    "one label": "root@localhost",
    "dot at the end": "a@b.example.",
    "hyphen first": "a@-b.example",
    "hyphen last": "a@b-.example",
    "underscore in the domain": "a@b_c.example",
    "percent route": "victim%elsewhere.example@relay.example",
    "bang route": "elsewhere!victim@relay.example",
    "source route": "@relay.example:a@b.example",
    "full-width letter": "ａ@b.example",
    "umlaut": "müller@mfa.example",
    "umlaut in the domain": "a@bücher.example",
    "full-width at": "a＠b.example",
    "line separator": "a@b.example\u2028DATA",
    "65 before the at": f"{'l' * 65}@mfa.example",
    "64 in a label": f"a@{'l' * 64}.example",
    "255 in all": f"a@{'l.' * 122}longexample",
    "backslash": "a\\@b.example",
    "semicolon": "a;b@c.example",
}


@pytest.mark.parametrize("address", GOOD)
def test_an_ordinary_address_may_go(address):
    """Tokens, tags and IDNA among them."""
    assert is_address(address)


@pytest.mark.parametrize("field", ["recipient", "envelope_from"])
@pytest.mark.parametrize("what", BAD)
def test_anything_else_is_refused_before_a_byte_is_sent(what, field, channel, claim, text):
    """smtplib would quietly send some of these to somebody else; here the server is not even called."""
    with ScriptedServer() as server:
        with pytest.raises(TransportError) as caught:
            channel(server.address()).deliver(claim(**{field: BAD[what]}), text, pytest.fail)
        assert server.talks == []

    assert not isinstance(caught.value, Unavailable | OutcomeUnknown)
    assert caught.value.phase == (Phase.RCPT if field == "recipient" else Phase.MAIL)
    assert caught.value.where == claim().dispatch


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_address_holds_what_ends_a_command_or_an_envelope(left, right):
    """Whatever is put around an address, or into it: accepted ones are made of one line, one at and no brackets."""
    for address in (left, f"{left}@{right}", f"a{left}@b.example", f"a@b{left}.example{right}"):
        if is_address(address):
            assert address.isascii()
            assert address.isprintable()
            assert address.count("@") == 1
            assert not set(address) & set('<>()[]\\,;: "%!')


UNCLEAN = {
    "bare LF": b"Subject: a\r\n\r\na\nb\r\n",
    "bare CR": b"Subject: a\r\n\r\na\rb\r\n",
    "CR CR LF": b"Subject: a\r\n\r\na\r\r\n",
    "LF CR": b"Subject: a\r\n\r\na\n\r\r\n",
    "smuggled, LF dot CRLF": b"Subject: a\r\n\r\na\n.\r\nMAIL FROM:<x@y.example>\r\n",
    "smuggled, CRLF dot CR": b"Subject: a\r\n\r\na\r\n.\rMAIL FROM:<x@y.example>\r\n",
    "no end": b"Subject: a\r\n\r\na",
    "half an end": b"Subject: a\r\n\r\na\r",
    "nothing": b"",
    "NUL": b"Subject: a\r\n\r\na\0b\r\n",
    "999 in a line": b"Subject: a\r\n\r\n" + b"x" * (LONGEST_LINE + 1) + b"\r\n",
}


@pytest.mark.parametrize("what", UNCLEAN)
def test_an_unclean_text_is_refused_before_a_byte_is_sent(what, channel, claim):
    """Bare CR and LF are how one mail smuggles another past a server (CVE-2023-51764)."""
    with ScriptedServer() as server:
        with pytest.raises(TransportError, match="letter's bytes hold") as caught:
            channel(server.address()).deliver(claim(), UNCLEAN[what], pytest.fail)
        assert server.talks == []

    assert not isinstance(caught.value, Unavailable | OutcomeUnknown)


def test_a_line_as_long_as_allowed_goes():
    """998 bytes and CRLF (RFC 5321 4.5.3.1.6); the stuffed dot is not counted."""
    assert sealed(b"." + b"x" * 997 + b"\r\n") == b".." + b"x" * 997 + b"\r\n"


lines = st.lists(st.sampled_from([b"", b".", b"..", b". ", b".a", b"a.", b"...", b"text", b"MAIL FROM:<a@b.example>"]))


@pytest.fixture(scope="module")
def lasting():
    """One server and one channel for many examples."""
    with ScriptedServer(Script()) as server:
        channel = SmtpChannel(server.address())
        yield server, channel
        channel.close()


@settings(max_examples=60)
@given(lines=lines)
def test_every_text_arrives_byte_for_byte(lines, lasting):
    """Dots and commands in it included, on one connection, which stays in step."""
    server, channel = lasting
    text = b"".join(line + b"\r\n" for line in [b"Subject: dots", b"", *lines])
    claim = Claim(
        dispatch="d", institution="i", state="XA", fence=1, attempt=1, tries=0, raw=b"", message_id="<m@ngo.example>",
        recipient="a@mfa.example", envelope_from="c@ngo.example",
    )  # fmt: skip
    before = len(server.mails)

    answer = channel.deliver(claim, text, lambda: None)

    assert answer.accepted
    assert [mail.raw for mail in server.mails[before:]] == [text]
