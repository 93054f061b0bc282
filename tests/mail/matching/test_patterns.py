"""The table of rewritings is whole: closed words, every placeholder known, every mail parses once it is filled in."""

import base64
import email
import quopri
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

PATTERNS = tomllib.loads((Path(__file__).parent / "patterns.toml").read_text("utf-8"))["pattern"]
EXPECTATIONS = {"exact", "guess", "tray"}
WAYS = {"token", "message-id", "thread", "reference", "quoted", "sender", "none"}
GIVEN = {"reference", "thread", "address", "their-id"}
TOKEN = "k4x7q2m5d3wzv6yhbnc2jralto"
BARE = f"o.moratori.{TOKEN}@rights-network.example"
INDEX = bytes(range(22))
SAMPLE = {
    "token": TOKEN,
    "TOKEN": TOKEN.upper(),
    "id": f"<{BARE}>",
    "bare": BARE,
    "ID": f"<{BARE}>".upper(),
    "left": BARE[:20],
    "right": BARE[20:],
    "RIGHT": BARE[20:].upper(),
    "reply_to": f"letters+{TOKEN}@rights-network.example",
    "box": "letters@rights-network.example",
    "bounce_to": f"bounces+{TOKEN}@rights-network.example",
    "subject": "Export licences for surveillance technology",
    "contact": "desk@trade.qm.example",
    "domain": "trade.qm.example",
    "wrong": "a" * 26,
    "wrong_id": f"<o.moratori.{'a' * 26}@rights-network.example>",
    "reference": "TRO-2026/0048713",
    "their_id": "<earlier.1@trade.qm.example>",
    "index": base64.b64encode(INDEX).decode(),
    "index_child": base64.b64encode(INDEX + bytes(5)).decode(),
}
ADDRESS = re.compile(r"[\w.+%=-]+@([\w.-]+\w)")


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values where their names stand in braces."""
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)


def built(pattern: dict, values: dict[str, str]) -> bytes:
    """The mail of a pattern, for a letter with these values."""
    inner = base64.encodebytes(fill(pattern.get("inner", "").lstrip("\n"), values).encode()).decode().rstrip("\n")
    head, _, body = fill(pattern["mail"].lstrip("\n"), {**values, "inner": inner}).partition("\n\n")
    if encode := pattern.get("encode"):
        head += f"\nMIME-Version: 1.0\nContent-Transfer-Encoding: {encode}"
        body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encode](body.encode()).decode()
    return f"X-Fixture: synthetic\n{head}\n\n{body}\n".replace("\n", "\r\n").encode("utf-8")


@pytest.fixture(params=PATTERNS, ids=[pattern["name"] for pattern in PATTERNS])
def pattern(request):
    return request.param


def test_there_are_enough_of_each_expectation():
    """At least 40 in all, each name once, and no expectation that hardly anything stands for."""
    assert len({pattern["name"] for pattern in PATTERNS}) == len(PATTERNS) >= 40
    assert min(Counter(pattern["expect"] for pattern in PATTERNS).values()) >= 8


def test_a_pattern_speaks_in_closed_words(pattern):
    """Expectation, way and what was learnt before are of the lists at the table's head, and agree."""
    assert set(pattern) <= {"name", "expect", "way", "why", "given", "encode", "inner", "mail"}
    assert pattern["expect"] in EXPECTATIONS
    assert pattern["way"] in WAYS
    assert set(pattern.get("given", ())) <= GIVEN
    assert (pattern["expect"] == "tray") == (pattern["way"] == "none")
    assert (pattern["expect"] == "guess") == (pattern["way"] == "sender")


def test_a_pattern_is_a_mail_once_it_is_filled_in(pattern):
    """No defect in any part, CRLF alone, addresses under .example alone; what is sure holds something of the letter."""
    raw = built(pattern, SAMPLE)
    message = email.message_from_bytes(raw)
    assert not [defect for part in message.walk() for defect in part.defects]
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert message["From"]
    assert message["Subject"]
    hosts = ADDRESS.findall(raw.decode())
    assert [host for host in hosts if not host.casefold().endswith(".example")] == []
    if pattern["expect"] == "exact":
        texts = [part.get_payload(decode=True) or b"" for part in message.walk()]
        seen = re.sub(rb"\s", b"", raw + b"".join(texts)).decode().casefold()
        known = [SAMPLE[name] for name in ("reference", "their_id")] + [SAMPLE["index_child"]]
        assert any(mark.casefold() in seen for mark in (TOKEN, *known))
    else:
        assert TOKEN not in raw.decode().casefold()


def test_the_quoted_printable_pattern_breaks_the_address():
    """The pattern is about an address in two lines: it must be."""
    broken = next(pattern for pattern in PATTERNS if pattern["name"] == "token-quoted-and-wrapped")
    assert TOKEN.encode() not in built(broken, SAMPLE)
