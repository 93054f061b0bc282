"""The table of rewritings is whole: closed words, every placeholder known, every mail parses once it is filled in."""

import email
import re
from collections import Counter

import pytest

from support.rewritings import PATTERNS, SAMPLE, TOKEN, built

EXPECTATIONS = {"exact", "guess", "tray"}
WAYS = {"token", "message-id", "thread", "reference", "quoted", "sender", "none"}
GIVEN = {"reference", "thread", "address", "their-id"}
ADDRESS = re.compile(r"[\w.+%=-]+@([\w.-]+\w)")


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
        seen = re.sub(r"\s|&#8203;", "", (raw + b"".join(texts)).decode()).casefold()
        known = [SAMPLE[name] for name in ("reference", "their_id")] + [SAMPLE["index_child"]]
        assert any(mark.casefold() in seen for mark in (TOKEN, *known))
    else:
        assert TOKEN not in raw.decode().casefold()


def test_the_quoted_printable_pattern_breaks_the_address():
    """The pattern is about an address in two lines: it must be."""
    broken = next(pattern for pattern in PATTERNS if pattern["name"] == "token-quoted-and-wrapped")
    assert TOKEN.encode() not in built(broken, SAMPLE)
