"""The synthetic mails are what their README says: whole, harmless, and enough of each kind and family of scripts."""

import email
import re
import runpy
import tomllib
from collections import Counter
from email import policy
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from outreach.model.inbound import FindingKind, InboundKind

HERE = Path(__file__).parent
make = runpy.run_path(str(HERE / "make.py"))
FAMILIES = tuple(make["FAMILIES"])
MAILS = sorted(path for family in FAMILIES for path in (HERE / family).glob("*.eml"))
MOST = 3_000_000  #: bytes of all mails and twins together

ADDRESS = re.compile(r"[\w.+-]+@([\w.-]+\w)")
HOST = re.compile(r"https?://([^/\s\"<>]+)")


def parsed(path: Path):
    return email.message_from_bytes(path.read_bytes(), policy=policy.compat32)


def expected(path: Path) -> dict:
    return tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))


def words(message) -> str:
    """Every text part, decoded with the charset that it names, strictly."""
    return "\n".join(
        part.get_payload(decode=True).decode(part.get_content_charset())
        for part in message.walk()
        if part.get_content_maintype() == "text"
    )


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(params=MAILS, ids=[f"{path.parent.name}/{path.stem}" for path in MAILS])
def path(request):
    return request.param


def test_a_mail_parses_without_defects_and_ends_its_lines_as_smtp_does(path):
    """Real MIME: no defect in any part, every charset decodes, every header too, CRLF alone."""
    raw = path.read_bytes()
    message = parsed(path)
    assert not [defect for part in message.walk() for defect in part.defects]
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert words(message).strip()
    headers = [str(make_header(decode_header(value))) for value in message.values()]
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(headers) + words(message)
    assert message["From"]
    assert message["Subject"]


def test_a_mail_says_that_it_is_synthetic_and_names_nobody_real(path):
    """The header is there, and addresses and hosts are under .example alone (RFC 2606)."""
    message = parsed(path)
    assert message["X-Fixture"] == "synthetic"
    headers = "\n".join(str(make_header(decode_header(value))) for value in message.values())
    text = "\n".join([headers, words(message), path.with_suffix(".toml").read_text("utf-8")])
    hosts = ADDRESS.findall(text) + HOST.findall(text)
    assert not [host for host in hosts if not host.endswith(".example")]


def test_a_twin_says_what_is_expected_in_the_closed_words(path):
    """Kinds of the glossary; a reply is a person's and has its new words, which stand in the mail."""
    twin = expected(path)
    assert set(twin) <= {"kind", "language", "human", "expect", "note", "reply_text", "finding"}
    assert twin["kind"] in set(InboundKind)
    assert make["FAMILY"][twin["language"]] == path.parent.name
    assert all(finding["kind"] in set(FindingKind) for finding in twin.get("finding", ()))
    assert twin.get("expect", twin["kind"]) == twin["kind"]
    assert ("reply_text" in twin) == (twin["kind"] == InboundKind.REPLY)
    if twin["kind"] == InboundKind.REPLY:
        assert twin["human"] is True
    else:
        assert "expect" not in twin


def test_what_is_expected_stands_in_the_mail(path):
    """The new words line by line, and the numbers and addresses of the findings."""
    twin = expected(path)
    message = parsed(path)
    plain = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    seen = squeezed(str(make_header(decode_header(message["Subject"]))) + " " + words(message))
    if plain:
        for line in twin.get("reply_text", "").splitlines():
            assert squeezed(line) in seen
    for finding in twin.get("finding", ()):
        if finding["kind"] in (FindingKind.REFERENCE, FindingKind.CONTACT_CHANGE, FindingKind.REFERRAL):
            assert squeezed(finding["value"]) in seen
        else:
            assert re.fullmatch(r"(\d{4}-\d\d-\d\d)?", finding["value"])


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_has_enough_of_each_kind(family):
    """At least 20 auto-replies, 20 acknowledgements and 15 people's answers that look like machines' mail."""
    kinds = Counter(expected(path)["kind"] for path in MAILS if path.parent.name == family)
    assert kinds["auto_reply"] >= 20
    assert kinds["acknowledgement"] >= 20
    assert kinds["reply"] >= 15


def test_there_are_challenges_and_every_usual_code_page():
    """At least 8 challenges in all; each family is written in UTF-8, its Windows and its ISO code page."""
    assert sum(expected(path)["kind"] == "challenge" for path in MAILS) >= 8
    used = {
        (path.parent.name, part.get_content_charset())
        for path in MAILS
        for part in parsed(path).walk()
        if part.get_content_maintype() == "text"
    }
    pages = {
        "latin": {"windows-1252", "iso-8859-1", "windows-1254", "iso-8859-9"},
        "greek": {"windows-1253", "iso-8859-7"},
        "cyrillic": {"windows-1251", "iso-8859-5", "koi8-r"},
        "hebrew": {"windows-1255", "iso-8859-8"},
        "arabic": {"windows-1256", "iso-8859-6"},
    }
    assert {(family, page) for family, wanted in pages.items() for page in wanted | {"utf-8"}} <= used


def test_no_mail_and_no_twin_is_alone():
    """Two files each, and all of them together stay small."""
    for family in FAMILIES:
        mails, twins = ({one.stem for one in (HERE / family).glob(glob)} for glob in ("*.eml", "*.toml"))
        assert mails == twins
    assert sum(one.stat().st_size for family in FAMILIES for one in (HERE / family).iterdir()) < MOST


def test_the_mails_are_what_the_texts_say():
    """Who corrects a text and forgets make.py hears of it."""
    assert [name for name, data in make["made"]().items() if (HERE / name).read_bytes() != data] == []
