"""A supporter's letter from their own mailbox: offered by the page, sent by their program, counted, let go."""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from outreach.office import Office
from servers.certificates import Authority
from servers.dovecot import Dovecot
from support.accounts import imap_settings
from support.public import Page, Person, lay_out, open_to_all, served

Outreach = Callable[..., Any]
ADA = Person(name="Zoë Kanarsdóttir", email="zoe.kanars@home.example", place="Fuglavik", targets=("qm-mfa-1",))
BO = Person(name="Bo Wagtail", email="bo.wagtail@other.example", place="Elsewhere", targets=("qm-mfa-1",))
CANARIES = ("kanars", "Kanarsd", "Fuglavik", Header(ADA.name, "utf-8").encode(), "Zo=C3=AB")
PROVEN = "mx.rights-network.example; dmarc=pass header.from=mfa.examplia.example"


def preview(page: Page, person: Person, do: str = "preview") -> bytes:
    visitor = page.visitor()
    got = visitor.post(fields={**person.form, "stamp": visitor.get().field("stamp"), "do": do})
    assert got.status == 200
    return got.body


def by_link(page: Page, person: Person) -> bytes:
    """As a mail program sends what a `mailto:` link begins (RFC 6068)."""
    (link,) = re.findall(r'href="(mailto:[^"]+)"', preview(page, person).decode())
    parts = urlsplit(unescape(link))
    fields = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{person.name} <{person.email}>"
    mail["To"], mail["Cc"], mail["Subject"] = unquote(parts.path), fields["cc"], fields["subject"]
    mail.set_content(fields["body"].replace("\r\n", "\n"))
    return sent(mail.as_bytes())


def by_file(page: Page, person: Person) -> bytes:
    """As a mail program sends a draft: without the mark that made it one."""
    raw = preview(page, person, f"file:{person.targets[0]}")
    assert raw.startswith(b"X-Unsent: 1\r\n")
    return sent(raw.removeprefix(b"X-Unsent: 1\r\n"))


def sent(raw: bytes, number: int = 1) -> bytes:
    head = "Received: from home.example by mx.rights-network.example; Fri, 01 Jan 2027 10:00:00 +0000\r\n"
    head += f"Date: Fri, 01 Jan 2027 10:00:00 +0000\r\nMessage-ID: <{number}@home.example>\r\n"
    return head.encode() + raw


def header(raw: bytes, name: str) -> str:
    found = re.search(rf"(?im)^{name}: (.*(?:\r?\n[ \t].*)*)".encode(), raw)
    assert found
    return " ".join(found[1].decode().split())


def to_all(letter: bytes, person: Person, **more: str) -> bytes:
    """The ministry's answer to the supporter and to whoever had a copy."""
    head = {
        "Received": "from mx by mx.rights-network.example; Sat, 02 Jan 2027 10:00:00 +0000",
        "From": "Clerk <clerk@mfa.examplia.example>",
        "To": person.email,
        "Cc": header(letter, "Cc"),
        "Subject": "Re: your letter",
        "Message-ID": "<7@mfa.examplia.example>",
        "In-Reply-To": header(letter, "Message-ID"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    body = f"Dear {person.name},\r\n\r\nthe ministry supports the moratorium.\r\n\r\n> {person.email} wrote:\r\n"
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\n" + body).encode()


def maildir(folder: Path, *mails: bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for one in mails:
        (folder / "new" / f"{len(list((folder / 'new').iterdir()))}.here").write_bytes(one)
    return folder


def found_in(folder: Path, *words: str) -> set[str]:
    """Files below the folder that hold one of the words; the database's own files, page by page, too."""
    wanted = [word.encode() for word in words]
    files = [one for one in folder.rglob("*") if one.is_file()]
    return {one.name for one in files if any(word in view for view in views(one.read_bytes()) for word in wanted)}


def views(raw: bytes) -> Iterator[bytes]:
    """The bytes, and what was packed and begins somewhere in them."""
    yield raw
    for found in re.finditer(b"\x78[\x01\x9c]", raw):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(raw[found.start() : found.start() + 10_000])


@pytest.fixture
def own(workspace: Path, outreach: Outreach) -> tuple[Path, bytes, bytes]:
    """A rehearsal in which one has used the link, and one the file; the rehearsal's own mail folder has the copies."""
    lay_out(workspace)
    open_to_all(outreach)
    with served(workspace) as page:
        first, second = by_link(page, ADA), by_file(page, BO)
        assert "mailto:" not in preview(page, Person(name="Cy", email="cy@x.example", targets=("qn-mfa-1",))).decode()
    maildir(workspace / ".outreach/rehearsal/answers", first, second)
    return workspace, first, second


def told(outreach: Outreach, folder: Path) -> dict[str, str]:
    """Everything that organisers read."""
    found = {}
    for words in (
        ("log", "public", "--detail"),
        ("log", "public", "--format", "csv"),
        ("log", "public", "--format", "json"),
        ("show", "public", "QM"),
        ("due", "public", "--all"),
        ("proposals", "public", "--all"),
        ("positions", "public"),
        ("supporters", "status", "public"),
        ("tray",),
        ("collect",),
        ("ledger", "show"),
    ):
        said = outreach(*words)
        assert said.code == 0, said.all
        found[" ".join(words)] = said.all
    report = folder / "report.html"
    assert outreach("report", "public", "--out", report, "--overwrite").code == 0
    return {**found, "report": report.read_text("utf-8")}


def test_both_are_counted_by_themselves_and_named_nowhere(
    own: tuple[Path, bytes, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """One more mail of the same person changes no number; nothing waits for anybody, and nobody has answered."""
    _, first, _ = own
    done = outreach("collect")
    assert "2 read = 0 known + 2 matched + 0 tray + 0 quarantined" in done.out, done.all
    assert "2 letters from supporters' own mailboxes" in done.out
    assert "New by kind" not in done.out
    again = maildir(tmp_path / "again", b"X-Folder: other\r\n" + first)
    assert "1 letter from supporters' own mailboxes" in outreach("collect", "--maildir", again).out

    said = told(outreach, tmp_path)
    assert "Supporters: 2 letters from own mailboxes, to 1 institution." in said["log public --detail"]
    states = {one["state"]: one for one in json.loads(said["log public --format json"])["states"]}
    assert {state: one["own_letters"] for state, one in states.items()} == {"QM": 2, "QN": 0, "QO": 0}
    assert (states["QM"]["answered"], states["QM"]["acknowledged"], states["QM"]["sent"]) == (0, 0, 1)
    assert "2 letters from supporters' own mailboxes" in said["show public QM"]
    assert "0 mails from there" in said["show public QM"]
    assert "Nothing waits for you" in said["tray"]
    assert "Supporters wrote 2 letters from their own mailboxes." in said["report"]
    assert "Beside these, 2 letters from own mailboxes" in said["supporters status public"]
    named = {name for name, text in said.items() if any(word in text for word in (*CANARIES, BO.name, BO.email))}
    assert named == set()


def test_what_the_ministry_answers_to_all_is_its_answer_and_what_the_supporter_adds_is_none(
    own: tuple[Path, bytes, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """With our server's word for its sender it counts at once; a mail under its name without it waits for a person."""
    folder, first, _ = own
    (folder / ".env").write_text((folder / ".env").read_text() + "OUTREACH_AUTHSERV_ID=mx.rights-network.example\n")
    adds = to_all(first, ADA, From=f"Zoe <{ADA.email}>", To="clerk@mfa.examplia.example", Message_ID="<8@x.example>")
    unproven = to_all(first, ADA)
    said = outreach("collect")
    assert said.code == 0, said.all
    assert outreach("collect", "--maildir", maildir(tmp_path / "one", unproven, adds)).code == 0

    def qm() -> Any:
        states = json.loads(outreach("log", "public", "--format", "json").out)["states"]
        return next(one for one in states if one["state"] == "QM")

    assert (qm()["answered"], qm()["next_step"]["kind"], qm()["own_letters"]) == (0, "look_at_answer", 2)
    assert "it is theirs to a supporter who wrote from their own mailbox" in outreach("show", "public", "QM").out
    proof = to_all(first, ADA, Authentication_Results=PROVEN, Message_ID="<9@mfa.examplia.example>")
    assert "1 answer" in outreach("collect", "--maildir", maildir(tmp_path / "two", proof)).out
    assert (qm()["answered"], qm()["own_letters"]) == (1, 2)


def test_the_letter_goes_when_its_time_is_up_or_its_writer_asks(
    own: tuple[Path, bytes, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """`own_mail_days` of the campaign, or `person erase`: not a byte is left in our files, and the number stays."""
    folder, first, _ = own
    outreach("collect")
    outreach("collect", "--maildir", maildir(tmp_path / "box", to_all(first, ADA)))
    export = json.loads(outreach("person", "export", ADA.email.upper()).out)
    assert [(one["institution"], ADA.words in " ".join(one["mail"].split())) for one in export] == [("qm-mfa-1", True)]
    assert "answers" in {one.parent.parent.name for one in folder.rglob("*.here")}
    assert found_in(folder, *CANARIES) >= {"rehearsal.db", "0.here"}
    said = outreach("person", "erase", ADA.email, "--yes")
    assert said.code == 0, said.all
    assert "1 own letters" in said.out
    assert found_in(folder, *CANARIES) == set()
    assert "Nothing is held" in outreach("person", "export", ADA.email).all
    assert '"own_letters": 2' in outreach("log", "public", "--format", "json").out

    assert "from_own_mailbox" in outreach("person", "export", BO.email).out
    file = folder / "campaigns/public.toml"
    file.write_text(file.read_text().replace("[supporters]\n", "[supporters]\nown_mail_days = 0\n"))
    assert "1 letter from supporters' own mailboxes removed" in outreach("collect").out
    assert found_in(folder / ".outreach/rehearsal", BO.email) == {"1.here"}, "what lies in a mail folder is not ours"
    assert '"own_letters": 2' in outreach("log", "public", "--format", "json").out
    again = outreach("collect", "--maildir", maildir(tmp_path / "again", first))
    assert "1 read = 1 known" in again.out or "1 letter from" in again.out
    assert '"own_letters": 2' in outreach("log", "public", "--format", "json").out


def test_live_from_a_real_mailbox(workspace: Path, outreach: Outreach, dovecot: Dovecot, authority: Authority) -> None:
    """The id stands in the campaign's own reply address, keyed by the workspace's secret; the mailbox is left alone."""
    lay_out(workspace)
    file = workspace / "campaigns/public.toml"
    file.write_text(file.read_text().replace("@rights-network.example", "@organisation.org"))  # .example is nobody's
    imap_settings(workspace, port=dovecot.direct, ca=authority.pem, authserv="mx.rights-network.example")
    by = ("--by", "Ana")
    for words in (
        ("contacts", "verify", "--all", "--sheet", "contacts/public.csv", *by),
        ("plan", "public", "--live"),
        ("supporters", "approve", "public", "--live", "--yes", *by),
    ):
        said = outreach(*words)
        assert said.code == 0, said.all
    letter = sent(offered(workspace))
    cc = header(letter, "Cc")
    assert header(letter, "To") == "office@mfa.examplia.example"
    assert re.fullmatch(r"letters\+[a-z0-9]{26}@organisation\.org", cc)
    forged = letter.replace(cc.encode(), b"letters+" + b"a" * 26 + b"@organisation.org").replace(b"<1@", b"<2@")
    answer = to_all(letter, ADA, Authentication_Results=PROVEN)
    for one in (letter, forged, answer):
        dovecot.put(one)
    before = dovecot.state()
    said = outreach("collect", "--live")
    assert "3 read = 0 known + 2 matched + 1 tray + 0 quarantined" in said.out, said.all
    assert "1 letter from supporters' own mailboxes" in said.out
    assert sorted(dovecot.state().values()) == sorted(before.values())
    rows = {
        one["state"]: one for one in json.loads(outreach("log", "public", "--live", "--format", "json").out)["rows"]
    }
    assert rows["QM"]["own_letters"] == 1
    assert rows["QM"]["answered_at"] == "2027-01-02T10:00:00+00:00"
    assert ADA.email in outreach("person", "export", ADA.email, "--live").out


def offered(workspace: Path) -> bytes:
    """The file that the page gives, live: serving it would want a mail server."""
    from outreach.model.campaign import Mode
    from outreach.runner.supporters.act import preview as look
    from outreach.web.own_mailbox import mail_file

    place = Office(root=workspace, environ={}, today=datetime.now(UTC).date())
    given = {**{name: [value] for name, value in ADA.form.items()}, "targets": list(ADA.targets)}
    with place.desk("public", Mode.LIVE) as desk:
        (one,) = look(place.supporters(desk), given).letters
    assert one.own is not None
    return bytes(mail_file(one.own, "x").body).removeprefix(b"X-Unsent: 1\r\n")


@pytest.mark.parametrize(
    ("sender", "terms", "warned"),
    [
        ('reply_to = "letters+{token}@rights-network.example"\n', "", False),
        ('reply_to = "answers@rights-network.example"\n', "", True),
        ("", "", True),
        ("", 'exposure = "counts"', False),  # nobody is offered to write from their own mailbox
        ("", 'exposure = "counts"\n[[supporters.target]]\nstates = ["QM"]\nexposure = "names"', True),
    ],
)
def test_copies_that_could_not_be_told_apart_are_warned_of(
    workspace: Path, outreach: Outreach, sender: str, terms: str, warned: bool
) -> None:
    lay_out(workspace, terms=terms)
    file = workspace / "campaigns/public.toml"
    file.write_text(re.sub(r"reply_to = .*\n", sender, file.read_text("utf-8"), count=1), "utf-8")
    checked = outreach("check", "public", "--format", "json")
    found = [one for one in json.loads(checked.out)["problems"] if one["code"] == "untagged-copies"]
    assert [(one["severity"], one["column"]) for one in found] == [("warning", "sender.reply_to")] * warned
