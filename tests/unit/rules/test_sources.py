"""What a source must have, and which addresses may become links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.event import Event, EventKind
from outreach.model.inbound import InboundKind
from outreach.model.position import SourceKind
from outreach.model.status import Status
from outreach.rules import sources, story


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://gov.example/a?b=1&c=%20#d", True),
        ("http://gov.example:8080/", True),
        ("https://[2001:db8::1]/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//gov.example/", False),
        ("https:gov.example", False),
        ("https://", False),
        ("https://a@gov.example/", False),
        ("https://gov.example:0/", False),
        ("https://gov.example:99999/", False),
        ("https://[gov.example/", False),
        ("https://gov.example/ onclick=x", False),
        ('https://gov.example/"onclick=x', False),
        ("https://gov.example/<script>", False),
        ("https://gov.example/\u202egpj.exe", False),
        ("https://gov.example/\x00", False),
        ("https://gov.example/" + "a" * 2000, False),
        ("", False),
    ],
)
def test_only_plain_web_addresses_become_links(url, may):
    """Nothing that runs, hides, logs in or breaks out of an attribute."""
    assert sources.web_address(url) is may


@given(st.text())
def test_no_text_makes_the_question_fail(url):
    """Whatever a person pastes."""
    assert sources.web_address("https://gov.example/" + url) in {True, False}
    assert sources.web_address(url) in {True, False}


@pytest.mark.parametrize("kind", SourceKind)
def test_every_kind_has_its_word_and_its_need(kind):
    """A letter needs its scan, a statement its place; a call and a visit are a person's word."""
    assert sources.WORDS[kind]
    needs = bool(sources.missing(kind, file=False, url=False))
    assert needs is (kind in {SourceKind.POST, SourceKind.STATEMENT})
    assert not sources.missing(kind, file=True, url=False)


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_has_words(kind):
    """None is told by the name that programs have for it, if people have another."""
    made = Event(
        id=1,
        at=None,
        dispatch="x",
        kind=kind,
        was=None,
        now=Status.ACCEPTED,
        detail={"code": 250, "text": "ok", "date": "not told"},
    )
    words = story.event_words(made)
    assert words.endswith(": 250 ok")
    assert "_" not in words


def test_every_mail_has_words():
    """A reader is never shown `bounce_hard`."""
    assert set(story.HEARD) == set(InboundKind)
