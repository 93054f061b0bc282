"""A campaign in which people of invented states may write, and those who do: they fill in forms and press buttons."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from support.visitors import Got, Visitor

T = TypeVar("T")
COMMAND = Path(sys.executable).with_name("outreach")
HEADER = (
    "id,state,state_name,role,institution,email,email_source,email_source_date,languages,timezone,working_days,tags,"
    "allow_shared\n"
)
#: One that learns names, one whose state is at risk, one that gets a letter a day with names.
SHEET = HEADER + (
    "qm-mfa-1,QM,Examplia,mfa,Ministry of Foreign Affairs,office@mfa.examplia.example,invented,2026-11-02,en,UTC,"
    "Mon-Fri,,\n"
    "qn-mfa-1,QN,Specimenia,mfa,Ministry of Foreign Relations,minister@specimenia.example,invented,2026-11-02,en,UTC,"
    "Sun-Thu,at-risk,\n"
    "qo-mfa-1,QO,Fictivia,mfa,Department of External Affairs,contact@fictivia.example,invented,2026-11-02,en,UTC,"
    "Mon-Fri,,\n"
)
CAMPAIGN = """title = "A moratorium in invented states"
contacts = ["contacts/public.csv"]

[sender]
name = "Ada Example, coordinator"
organisation = "Example Rights Network"
email = "letters@rights-network.example"
reply_to = "letters+{token}@rights-network.example"
postal_address = ["1 Example Street", "10000 Exampletown", "Examplia"]

[[demand]]
slug = "moratorium"
title = "An immediate moratorium on the sale, transfer and use of surveillance technology"
roles = ["mfa", "trade_ministry"]

[languages]
fallback = ["en"]

[supporters]
site = "https://act.rights-network.example"
contact = "privacy@rights-network.example"
proxies = ["127.0.0.0/8"]
%(terms)s

[supporters.text.en]
title = "Ask your ministry where it stands"
why = "Surveillance technology is sold and used without rules that protect people."
suggestion = "I ask you to support a moratorium until such rules are in place, and to tell me your position."

[supporters.text.ar]
title = "اسأل وزارتك عن موقفها"
why = "تُباع تقنيات المراقبة بلا قواعد تحمي الناس."
suggestion = "أطلب منكم دعم وقف مؤقت إلى أن توضع هذه القواعد، وأن تخبروني بموقفكم."

[[supporters.target]]
states = ["Fictivia"]
delivery = "digest"
"""
SITE = "https://act.rights-network.example"
SAID = 30.0  #: seconds within which a page's mail is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who writes."""

    name: str
    email: str
    place: str = "Musterstadt"
    words: str = "Journalists whom I read are watched, and I ask what you do about it."
    targets: tuple[str, ...] = ("qm-mfa-1", "qn-mfa-1", "qo-mfa-1")
    language: str = "en"
    quote: bool = True

    @property
    def form(self) -> Mapping[str, Any]:
        given = {"name": self.name, "email": self.email, "place": self.place, "words": self.words, "agreed": "yes"}
        given |= {"language": self.language, "do": "send"}
        return {**given, "targets": list(self.targets), **({"quote": "yes"} if self.quote else {})}


def lay_out(folder: Path, *, sheet: str = SHEET, terms: str = "") -> Path:
    """Sheet and campaign file in a workspace."""
    (folder / "contacts/public.csv").write_text(sheet)
    (folder / "campaigns/public.toml").write_text(CAMPAIGN % {"terms": terms})
    return folder


def open_to_all(outreach: Callable[..., Any], *flags: str) -> None:
    """The campaign's own letters are sent, and supporters may write."""
    by = ("--yes", "--by", "Ana")
    for words in (("plan",), ("approve", *by), ("send",)):
        said = outreach(words[0], "public", *words[1:], *flags)
        assert said.code == 0, said.all
    said = outreach("supporters", "approve", "public", *by, *flags)
    assert said.code == 0, said.all


def outbox(folder: Path) -> list[bytes]:
    """Every mail at the rehearsal server, as it came."""
    return [one.read_bytes() for one in sorted((folder / ".outreach/rehearsal/outbox/new").iterdir())]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def plain(raw: bytes) -> str:
    """The text of a mail, as its reader sees it."""
    part = read(raw).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def links(raw: bytes, purpose: str) -> list[str]:
    return re.findall(rf"https?://\S+/{purpose}/\S+", plain(raw))


@dataclass
class Page:
    """The page, served by a process of its own, and the doors of strangers to it."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    networks: int = field(default=0)
    live: bool = False

    def visitor(self) -> Visitor:
        return Visitor(self.port, campaign="public", home=SITE if self.live else "")

    def write(self, person: Person) -> Got:
        """Fill in a form from a network of one's own, and send it."""
        self.networks += 1
        whence = {"X-Forwarded-For": f"10.{self.networks // 250}.{self.networks % 250}.1"}
        visitor = self.visitor()
        return visitor.post(fields={**person.form, "stamp": visitor.get().field("stamp")}, **whence)

    def follow(self, link: str, **fields: str) -> Got:
        """Press the button behind a link; without fields it is the one to confirm."""
        return self.visitor().post(urlsplit(link).path, fields)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


@contextlib.contextmanager
def served(folder: Path, *flags: str, port: int = 0, log: Path | None = None) -> Iterator[Page]:
    """`outreach serve` until the block ends, unless somebody has killed it by then."""
    log = log or folder.parent / "serve.log"
    before = log.stat().st_size if log.exists() else 0
    command = [COMMAND, "-w", folder, "serve", "public", "--port", str(port), *flags]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        page = Page(folder, process, _port(process, log, before), log, live="--live" in flags)
        yield page
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


def _port(process: subprocess.Popen[bytes], log: Path, before: int) -> int:
    def said() -> int | None:
        assert process.poll() is None, log.read_text()
        found = re.search(rb"The page is at http://[^:]+:(\d+)", log.read_bytes()[before:])
        return int(found[1]) if found else None

    return until(said)


def until(found: Callable[[], T | None], within: float = SAID) -> T:
    """Ask until there is something; a failure where there is nothing in time."""
    ends = time.monotonic() + within
    while not (one := found()):
        assert time.monotonic() < ends, "nothing came"
        time.sleep(0.05)
    return one


def confirmations(folder: Path) -> list[str]:
    """The links of all mails that ask to confirm."""
    return [link for one in outbox(folder) for link in links(one, "confirm")]
