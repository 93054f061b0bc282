"""Forgotten, by a command or by one's own link: no byte of name or address anywhere in the workspace, counts stay."""

from __future__ import annotations

import base64
import quopri
import re
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.header import Header
from pathlib import Path
from typing import Any

import pytest

from outreach.model.campaign import Mode
from outreach.office import Office
from support.public import Person, confirmations, lay_out, links, open_to_all, outbox, read, served, until

Outreach = Callable[..., Any]
WHO = Person(
    name="Zoë Kanarsdóttir", email="zoe.kanars@home.example", place="Fuglavik", targets=("qm-mfa-1", "qo-mfa-1")
)
OTHER = Person(name="Bo Wagtail", email="bo@other.example", place="Elsewhere", targets=("qm-mfa-1", "qo-mfa-1"))


def place(workspace: Path) -> Office:
    return Office(root=workspace, environ={}, today=datetime.now().astimezone().date())


def spellings() -> Iterator[bytes]:
    """Name and address as files may hold them."""
    for text in (WHO.name, WHO.email, "Kanarsdóttir", "zoe.kanars", WHO.place):
        for form in (text, text.upper(), text.lower()):
            for charset in ("utf-8", "latin-1", "utf-16-le"):
                yield form.encode(charset)
            yield quopri.encodestring(form.encode())
            yield urllib.parse.quote(form).encode()
            yield form.encode("ascii", "backslashreplace")
            yield form.encode("ascii", "xmlcharrefreplace")
        yield from (base64.b64encode(f"{before}{text}".encode())[4:-4] for before in ("", "x", "xx"))
    yield Header(WHO.name, "utf-8").encode().encode()


def found_in(folder: Path) -> list[tuple[str, bytes]]:
    """Files below the folder that hold one of the spellings; the database's own files, page by page, too."""
    wanted = [one for one in set(spellings()) if len(one) > 5]
    return [
        (str(path.relative_to(folder)), one)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "list.csv"
        for one in wanted
        if any(one in view for view in _views(path.read_bytes()))
    ]


def _views(raw: bytes) -> Iterator[bytes]:
    """The bytes, without soft line breaks, and whatever zlib stream begins in them."""
    yield raw
    yield re.sub(rb"=\r?\n", b"", raw)
    for found in re.finditer(b"\x78[\x01\x5e\x9c\xda]", raw):
        try:
            yield zlib.decompressobj().decompress(raw[found.start() :])
        except zlib.error:
            continue


def answered(copy: bytes) -> bytes:
    mail = read(copy)
    return (
        "Received: from mx by mx.rights-network.example; Fri, 01 Jan 2027 10:00:00 +0000\r\n"
        "From: Clerk <office@mfa.examplia.example>\r\nMessage-ID: <1@mfa.examplia.example>\r\n"
        f"Subject: {Header(f'Your letter, {WHO.name}', 'utf-8').encode()}\r\nTo: {mail['Reply-To']}\r\n"
        f"In-Reply-To: {mail['Message-ID']}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(f"Dear {WHO.name},\n\nwe support it. Your {WHO.email} is noted.\n".encode()).decode()
    ).encode()


@pytest.fixture
def known(workspace: Path, outreach: Outreach, tmp_path: Path) -> Path:
    """Both have written, everything is sent, a ministry has answered, exports lie in the workspace."""
    lay_out(workspace)
    open_to_all(outreach)
    with served(workspace) as page:
        for one in (WHO, OTHER):
            assert page.write(one).status == 303
        for link in until(lambda: found if len(found := confirmations(workspace)) == 2 else None):
            assert page.follow(link).status == 200
    assert outreach("send", "public").code == 0
    (copy,) = [one for one in outbox(workspace) if str(read(one)["From"]).startswith(f"{WHO.name} via")]
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new/1.here").write_bytes(answered(copy))
    assert "1 matched" in outreach("collect", "--maildir", box).out
    exports = workspace / ".outreach/rehearsal/exports"
    exports.mkdir()
    assert outreach("log", "public", "--detail", "--format", "csv", "--out", exports / "log.csv").code == 0
    (exports / "show.txt").write_text(outreach("show", "public", "QM").out)
    with served(workspace):
        until(lambda: _told(workspace, "There is an answer") or None)
        until(lambda: len(_told(workspace, "has been sent")) == 2 or None)
    assert {name for name, _ in found_in(workspace)} >= {".outreach/rehearsal/rehearsal.db"}
    return workspace


def _told(workspace: Path, subject: str) -> list[bytes]:
    return [one for one in outbox(workspace) if subject in str(read(one)["Subject"])]


def counts(outreach: Outreach) -> list[list[str]]:
    return [
        one.split() for one in outreach("supporters", "status", "public").out.splitlines() if one[:2] in {"QM", "QO"}
    ]


def by_command(workspace: Path, outreach: Outreach) -> None:
    said = outreach("person", "erase", WHO.email.upper(), "--yes")
    assert said.code == 0, said.all
    assert WHO.name not in said.all


def by_link(workspace: Path, outreach: Outreach) -> None:
    (receipt,) = [one for one in _told(workspace, "has been sent") if WHO.words in " ".join(_text(one).split())]
    with served(workspace) as page:
        assert page.follow(links(receipt, "manage")[0], do="erase-for-good").status == 200


def _text(raw: bytes) -> str:
    part = read(raw).get_body(("plain",))
    assert part is not None
    text = str(part.get_content()).replace("> ", "")
    return text if WHO.place in text else ""


@pytest.mark.parametrize("erase", [by_command, by_link], ids=["by command", "by link"])
@pytest.mark.timeout(180)
def test_nothing_of_a_person_is_left_and_they_cannot_write_twice(
    known: Path, outreach: Outreach, tmp_path: Path, erase: Callable[[Path, Outreach], None]
) -> None:
    """In database pages, logs, outbox, answers, exports; the other's mails stay, counts stay, nobody writes twice."""
    before = counts(outreach)
    assert [one[-2] for one in before] == ["2", "2"]
    erase(known, outreach)
    assert found_in(known) == []
    assert found_in(tmp_path / "campaign") == []
    serve_log = (tmp_path / "serve.log").read_bytes()
    assert [one for one in spellings() if len(one) > 5 and one in serve_log] == []
    assert counts(outreach) == before
    assert any(OTHER.name.encode() in one for one in outbox(known))
    refused = outreach("person", "export", WHO.email)
    assert refused.code == 2
    assert "Nothing is held" in refused.all

    copies = len([one for one in outbox(known) if " via " in str(read(one)["From"])])
    links_before = set(confirmations(known))
    with served(known) as page:
        assert page.write(WHO).status == 303
        (link,) = until(lambda: set(confirmations(known)) - links_before)
        assert page.follow(link).status == 200
    assert outreach("send", "public").code == 0
    assert len([one for one in outbox(known) if " via " in str(read(one)["From"])]) == copies
    assert counts(outreach) == before


@pytest.mark.timeout(180)
def test_an_answer_loses_a_name_that_we_have_forgotten_in_time(known: Path, outreach: Outreach) -> None:
    """Their time was up, and an answer still names them: whoever asks says the name, and nothing of it is left."""
    with place(known).desk("public", Mode.REHEARSAL) as desk:
        book = place(known).supporters(desk).book
        later = desk.ledger.now() + timedelta(days=40)
        spans = {"unconfirmed": timedelta(days=7), "overdue": timedelta(days=183), "keep": timedelta(days=28)}
        assert book.expire("public", now=later, **spans) == 2
    assert ".outreach/rehearsal/rehearsal.db" in {name for name, _ in found_in(known)}
    said = outreach("person", "erase", WHO.email, "--name", WHO.name, "--yes")
    assert said.code == 0, said.all
    assert found_in(known) == []
    assert outreach("person", "erase", "nobody@mail.example", "--name", WHO.name, "--yes").code == 2


def test_who_is_called_like_a_word_takes_no_word_out_of_others_letters(
    workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Answers are evidence: a supporter who calls themselves "Moratorium" and leaves takes their own, and no answer."""
    who = Person(name="Moratorium", email="word@mail.example", place="Wordtown", targets=("qm-mfa-1",))
    lay_out(workspace)
    open_to_all(outreach)
    with served(workspace) as page:
        assert page.write(who).status == 303
        assert page.follow(until(lambda: confirmations(workspace))[0]).status == 200
    assert outreach("send", "public").code == 0
    (first,) = [one for one in outbox(workspace) if str(read(one)["To"]).startswith("Department of External Affairs")]
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new/1.here").write_bytes(
        b"From: Clerk <contact@fictivia.example>\r\nMessage-ID: <1@fictivia.example>\r\nSubject: Your letter\r\n"
        b"In-Reply-To: %s\r\nTo: letters@rights-network.example\r\n\r\nWe support the moratorium. Moratorium, Wordtown"
        b" wrote to us.\r\n" % str(read(first)["Message-ID"]).encode()
    )
    assert "1 matched" in outreach("collect", "--maildir", box).out
    said = outreach("person", "erase", who.email, "--yes")
    assert said.code == 0, said.all
    assert '"Moratorium" is a word of your letters' in said.out
    shown = outreach("show", "public", "QO").out
    assert "We support the moratorium. [erased] wrote to us." in shown
    assert any(b"oratorium" in one for one in outbox(workspace))
    assert not any(who.email.encode() in path.read_bytes() for path in workspace.rglob("*") if path.is_file())
