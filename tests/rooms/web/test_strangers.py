"""What strangers try: every input of theirs over a real socket, and what they learn from the answers."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from outreach.model.action import ActionStatus, Purpose
from outreach.runner.supporters.confirm import token_sha256
from outreach.web.posted import LARGEST
from support.page_desk import link_in, mailed
from support.visitors import FILLED, Got, Visitor

EVIL = "https://evil.example"


def shape(got: Got) -> tuple[Any, ...]:
    """All that an answer tells, but for what is new in each: the date, and the stamp of a form."""
    return got.status, got.body, sorted((name, value) for name, value in got.headers.items() if name.lower() != "date")


# Where a form comes from


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": EVIL, "Sec_Fetch_Site": "cross-site"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "", "Sec_Fetch_Site": "same-site"},
        {"Origin": "http://127.0.0.1.evil.example"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_not_taken(page: Visitor, headers: dict[str, str]) -> None:
    """Nor one of which the browser does not say where it is from."""
    got = page.send(headers)
    assert got.status == 403
    assert not page.it.book.kept


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec_Fetch_Site": "same-origin"}, {"Origin": "null", "Sec_Fetch_Site": "same-origin"}],
    ids=str,
)
def test_our_own_form_is_taken(page: Visitor, headers: dict[str, str]) -> None:
    """Also where the browser keeps the origin to itself and says that it is the same."""
    assert page.send(headers).status == 303


def test_a_site_that_may_embed_the_page_may_send_its_form(serve: Callable[..., Visitor]) -> None:
    """The configured one, and none whose name begins alike."""
    page = serve(embed=("https://partner.example",))
    assert page.send({"Origin": "https://partner.example"}).status == 303
    assert page.send({"Origin": "https://partner.example.evil.example"}).status == 403


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", ""])
def test_other_kinds_of_forms_are_not_read(page: Visitor, kind: str) -> None:
    """What a page elsewhere could send without being asked for leave is no form of ours."""
    got = page.send({"Content_Type": kind})
    assert got.status == 415
    assert not page.it.book.kept


def test_a_form_without_our_stamp_comes_back(page: Visitor) -> None:
    """Forged, of another campaign, cut off, with a bit flipped, or none at all: nothing is kept."""
    stamp = page.get().field("stamp")
    flipped = ("B" if stamp[0] != "B" else "C") + stamp[1:]
    for wrong in ("", "x", "é", stamp[:-1], stamp[:-2] + "AA", flipped, stamp + "A", "A" * 75, "A" * 10_000):
        assert page.send(stamp=wrong).status == 409, wrong
    assert page.send(stamp=page.get("link").field("stamp")).status == 409
    assert not page.it.book.kept


# What the headers of a request may change


def test_no_host_header_reaches_a_page_or_a_mail(page: Visitor) -> None:
    """Links and redirects are made of the configured site alone."""
    poison = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example"}
    answers = [page.get(path, **poison) for path in ("", "thanks", "privacy", "link", "confirm/x", "nothing", "/")]
    answers.append(page.send(poison))
    assert not [got for got in answers if "evil.example" in got.text + str(got.headers)]
    assert link_in(mailed(page.it)[0]).startswith(f"{page.site}/moratorium/confirm/")


def test_limits_go_by_the_peer_whatever_it_says(page: Visitor) -> None:
    """Without a proxy of ours X-Forwarded-For is anybody's word."""
    for number in range(5):
        page.send({"X_Forwarded_For": f"192.0.{number}.1"}, email=f"p{number}@mail.example")
    assert page.send({"X_Forwarded_For": "192.0.77.1"}, email="p6@mail.example").status == 429


def test_behind_our_proxy_limits_go_by_whom_the_proxy_saw(serve: Callable[..., Visitor]) -> None:
    """The last word is the proxy's; what the visitor wrote before it counts for nothing."""
    page = serve(proxies=("127.0.0.0/8",))
    for number in range(5):
        page.send({"X_Forwarded_For": f"10.0.{number}.1, 192.0.2.1"}, email=f"p{number}@mail.example")
    assert page.send({"X_Forwarded_For": "10.0.9.1, 192.0.2.1"}, email="p6@mail.example").status == 429
    assert page.send({"X_Forwarded_For": "10.0.9.1, 203.0.113.1"}, email="p7@mail.example").status == 303


@pytest.mark.parametrize(
    "path", ["", "thanks", "privacy", "link", "link/sent", "confirm/x", "manage/x", "nothing", "/x"]
)
def test_every_page_is_closed_to_what_does_not_belong_to_it(page: Visitor, path: str) -> None:
    """No script, style or frame from elsewhere, no cookie, nothing kept, no word of what serves it."""
    got = page.get(path)
    policy = got.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert got.headers["x-frame-options"] == "DENY"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    open_page = path in {"", "thanks", "privacy"}
    assert got.headers["referrer-policy"] == ("same-origin" if open_page else "no-referrer")
    assert not {"set-cookie", "server", "x-powered-by"} & {name.lower() for name in got.headers}
    assert " style=" not in got.text
    assert "<script>" not in got.text


def test_only_the_form_may_be_framed_and_only_by_whom_the_campaign_names(serve: Callable[..., Visitor]) -> None:
    """Never a page that a link with a token leads to, nor the one that asks for such a link."""
    page = serve(embed=("https://partner.example", "https://second.example"))
    for path in ("", "thanks", "privacy"):
        headers = page.get(path).headers
        assert "frame-ancestors https://partner.example https://second.example" in headers["content-security-policy"]
        assert "x-frame-options" not in headers
    for path in ("link", "confirm/x", "manage/x", "nothing"):
        headers = page.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused(page: Visitor, method: str) -> None:
    """On a page, a file and nothing at all."""
    for path in ("", "static/page.css", "/nowhere"):
        assert page.ask(method, path).status == 405


# What is sent


@pytest.mark.parametrize(
    "more",
    [
        {"to": "victim@mail.example"},
        {"recipient": "victim@mail.example", "bcc": "victim@mail.example"},
        {"targets": ["qm-mfa", "victim@mail.example"]},
        {"targets": ["qm-mfa", "nowhere-mfa"]},
        {"targets": ["qm-mfa\r\nBcc: victim@mail.example"]},
        {"targets": [f"qm-{number}" for number in range(150)]},
        {"email": ["ada@mail.example", "victim@mail.example"]},
        {"email": "ada@mail.example, victim@mail.example"},
        {"email": "ada@mail.example\r\nBcc: victim@mail.example"},
        {"name": "Ada\r\nBcc: victim@mail.example"},
        {"name": "Ada\u2028Bcc"},
        {"name": "Ada\x00"},
        {"place": "see victim@mail.example"},
        {"words": "a\x00b is what I write to you today"},
    ],
    ids=str,
)
def test_nobody_is_written_to_but_targets_of_the_campaign(page: Visitor, more: dict[str, Any]) -> None:
    """An unknown field means nothing; a bad one comes back. No other address is in what is kept."""
    got = page.send(**more)
    assert got.status in {303, 422}
    kept = list(page.it.book.kept.values())
    assert (got.status == 303) is bool(kept)
    assert all(one.targets == ("qm-mfa",) and one.email == "ada@mail.example" for one in kept)
    assert "victim" not in str(kept)


def test_what_people_write_is_shown_as_they_wrote_it(page: Visitor) -> None:
    """No markup of theirs is markup of the page, in a field, a letter, or an attribute."""
    evil = "\"'></textarea><script>alert(1)</script>{{1234*1234}}<img src=x onerror=alert(1)>"
    for got in (
        page.preview(words=evil + " and so I write to you", name='"><b>Ada', place="x' onfocus='y"),
        page.preview(do="edit", words=evil, name='"><b>Ada', place="x' onfocus='y", email='"><b>', state='"><b>'),
        page.preview(words=evil, name="", targets=['"><b>'], language='"><b>', do="preview"),
        page.get('?lang="><b>'),
    ):
        assert got.status in {200, 422}
        assert "<script>alert" not in got.text
        assert "<img" not in got.text
        assert "<b>" not in got.text
        assert "x' onfocus" not in got.text
        assert "1522756" not in got.text


@pytest.mark.parametrize("said", [LARGEST + 1, 10**15, "-1", "x", "²"], ids=str)
def test_a_body_that_says_to_be_too_large_is_not_waited_for(page: Visitor, said: object) -> None:
    """It is refused before it is there."""
    raw = (
        f"POST /moratorium/ HTTP/1.1\r\nHost: x\r\nOrigin: {page.site}\r\nContent-Length: {said}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    assert _first_line(page, raw.encode()).split()[1] in {"413", "400"}


def test_a_body_that_does_not_say_how_large_it_is_is_cut_off(page: Visitor) -> None:
    """A chunked one is read up to the limit."""
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    head = (
        f"POST /moratorium/ HTTP/1.1\r\nHost: x\r\nOrigin: {page.site}\r\nTransfer-Encoding: chunked\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    assert _first_line(page, head.encode() + chunk + chunk).split()[1] == "413"


def test_a_letter_of_the_greatest_length_in_any_script_fits(page: Visitor) -> None:
    """5,000 characters of four bytes each are a form, and one more is a fault of its field, not of its size."""
    words = "\U0001f54a" * 4_990 + " is a dove"
    assert page.send(words=words).status == 303
    assert page.send(words=words + "s").status == 422


def test_a_form_of_very_many_fields_is_refused(page: Visitor) -> None:
    """Before any of them is looked at."""
    assert page.post(fields={f"f{number}": "x" for number in range(1_000)}).status == 400


# What answers tell


def test_a_known_and_an_unknown_address_get_the_same_answer(page: Visitor) -> None:
    """Byte for byte: of a new address, one that waits, one that has confirmed, and one whose mails are used up."""
    page.it.book.unlimited = True
    first = shape(page.send())
    assert shape(page.send()) == first
    page.post(page.path_of(link_in(mailed(page.it)[0])))
    assert shape(page.send()) == first
    page.it.book.unlimited = False
    for _ in range(2):
        assert shape(page.send(email="busy@mail.example")) == first
    assert len(page.it.book.kept) == 3
    assert shape(page.get("thanks?lang=en")) == shape(page.get("thanks?lang=en"))


def test_asking_for_a_link_does_not_tell_who_is_known(page: Visitor) -> None:
    """The answer is the same for a stranger, for no address at all, and for a person who wrote; the mail decides."""
    page.send()
    mailed(page.it)
    answers = []
    for email in ("ada@mail.example", "stranger@mail.example", "nonsense", ""):
        stamp = page.get("link").field("stamp")
        answers.append(shape(page.post("link", {"email": email, "stamp": stamp})))
    assert answers.count(answers[0]) == 4
    assert [mail.split("\n\n")[1].split("\n")[0] for mail in mailed(page.it)] == ["data"]


def test_every_bad_link_gets_the_same_page(page: Visitor) -> None:
    """Unknown, with a bit flipped, cut off, used, too old, of another purpose: one answer, to a look and a press."""
    page.send()
    link = page.path_of(link_in(mailed(page.it)[0]))
    folder, token = link.rsplit("/", 1)
    flipped = ("B" if token[0] != "B" else "C") + token[1:]
    bad = [f"{folder}/{one}" for one in (flipped, token[:-1], token + "A", "x", "A" * 3_000, "%00", "%F0%9F%95%8A")]
    bad.append(link.replace("confirm", "manage"))
    answers = [shape(page.get(one)) for one in bad] + [shape(page.post(one, {"do": "erase-for-good"})) for one in bad]
    assert answers[0][0] == 404
    assert answers.count(answers[0]) == len(answers)
    page.it.book.ahead = timedelta(days=8)
    assert shape(page.get(link)) == answers[0]
    page.it.book.ahead = timedelta()
    assert page.post(link).status == 200
    assert shape(page.get(link)) == answers[0]
    assert shape(page.post(link)) == answers[0]


def test_a_link_is_bound_to_the_letter_as_it_was(page: Visitor) -> None:
    """Whoever changes it behind the mail has changed what nobody has confirmed."""
    page.send()
    (action,) = page.it.book.kept
    token = "a-token"
    page.it.book.issue(token_sha256(token), action, Purpose.CONFIRM, until=page.it.now + timedelta(days=7))
    assert page.get(f"confirm/{token}").status == 200
    page.it.book.tokens[token_sha256(token)] = (*page.it.book.tokens[token_sha256(token)][:3], "another hash")
    assert page.post(f"confirm/{token}").status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_look_changes_nothing(page: Visitor, method: str) -> None:
    """A mail scanner may follow every link as often as it likes."""
    page.send()
    link = page.path_of(link_in(mailed(page.it)[0]))
    before = repr(page.it.book.kept)
    for path in ("", "thanks", "link", "link/sent", "privacy", link, link, f"{link}?do=confirm"):
        got = page.ask(method, path)
        assert got.status == 200
        assert (got.body == b"") is (method == "HEAD")
    assert repr(page.it.book.kept) == before
    page.post(link)
    own = page.path_of(link_in(mailed(page.it)[0]))
    before = repr((page.it.book.kept, page.it.book.fates))
    for path in (own, f"{own}?do=withdraw", f"{own}?do=erase-for-good"):
        assert page.ask(method, path).status == 200
    assert repr((page.it.book.kept, page.it.book.fates)) == before


def test_links_work_where_a_browser_says_nothing_and_not_from_elsewhere(page: Visitor) -> None:
    """A mail program's own browser may send no Origin; another site's page that knows the link may not press for us."""
    page.send()
    link = page.path_of(link_in(mailed(page.it)[0]))
    assert page.post(link, Origin=EVIL).status == 403
    assert page.post(link, Origin="null", Sec_Fetch_Site="cross-site").status == 403
    assert [one.status for one in page.it.book.kept.values()] == [ActionStatus.PENDING]
    assert page.post(link, Origin="null").status == 200


# What is written down


def test_no_token_name_or_address_is_logged(
    page: Visitor, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of what goes well nor of what breaks: a fault is logged by its kind and place."""

    words = "C4NARY Ada Person ada@mail.example\n[INFO] all is well"

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(words)

    with caplog.at_level(logging.DEBUG):
        page.send(name="Ada\x1b[31mPerson")
        page.send()
        link = page.path_of(link_in(mailed(page.it)[0]))
        page.get(link)
        monkeypatch.setattr(page.it.book, "find", broken)
        assert page.get(link).status == 500
    said = caplog.text + "".join(capfd.readouterr())
    assert "A page could not be served: RuntimeError" in said
    assert "in broken" in said
    for secret in (link.rsplit("/", 1)[1], "ada@mail.example", "Ada", "C4NARY", "127.0.0.1", "\x1b"):
        assert secret not in said, secret


def test_a_fault_of_ours_tells_a_stranger_nothing(page: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page with its usual headers says that nothing was sent."""
    monkeypatch.setattr(page.it.book, "frame", lambda _: 1 / 0)
    got = page.get()
    assert got.status == 500
    assert "Nothing was sent" in got.text
    assert "ZeroDivision" not in got.text
    assert "default-src 'none'" in got.headers["content-security-policy"]


def test_a_slow_form_does_not_wait_for_ever(page: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends half a form and then nothing is told so, and hung up on."""
    monkeypatch.setattr("outreach.web.posted.SLOWEST", 0.2)
    raw = (
        f"POST /moratorium/ HTTP/1.1\r\nHost: x\r\nOrigin: {page.site}\r\nContent-Length: 100\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\nname=A"
    )
    assert _first_line(page, raw.encode()).split()[1] == "408"


def _first_line(page: Visitor, raw: bytes) -> str:
    with socket.create_connection(("127.0.0.1", page.port), timeout=30) as line:
        line.sendall(raw)
        return line.recv(1_000).split(b"\r\n")[0].decode()


def test_the_words_of_the_consent_are_kept_as_they_stood(page: Visitor) -> None:
    """Their hash goes with the action: another text, another hash; and each choice is its own."""
    page.send(quote="yes")
    page.send(email="b@mail.example", language="ar", contact_again="yes", words="هذه كلماتي أنا عن أخي الصحفي")
    first, second = page.it.book.kept.values()
    assert first.consent.text_sha256 != second.consent.text_sha256
    assert (first.consent.quote, first.consent.contact_again) == (True, False)
    assert (second.consent.quote, second.consent.contact_again) == (False, True)
    assert FILLED["words"] == first.words
