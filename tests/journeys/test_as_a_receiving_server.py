"""Every kind of mail, sent live, judged as a server judges it that was told to reject whatever is not ours."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from journeys.test_the_way_back import answer, bounce
from servers.certificates import Authority
from servers.mailserver import Kept, MailServer
from servers.nameserver import NameServer
from support.accounts import OURS, PASSWORD, live_public, own
from support.public import Person, lay_out, links, open_to_all, read, served, until
from support.receiver import SELECTOR, Judged, Key, dkim_is_here, judge, new_key, signed
from support.world import World

Outreach = Callable[..., Any]
ADA = Person(name="Ada Canary", email="ada@home.example", targets=("qm-mfa-1", "qo-mfa-1"))
BO = Person(name="Bo Wagtail", email="bo@home.example", targets=("qm-mfa-1",))
PROVIDER = "192.0.2.25"  #: the address from which the provider's server speaks to the world
FORWARDER = "198.51.100.7"
STRICT = "v=DMARC1; p=reject; adkim=s; aspf=s"
RELAXED = "v=DMARC1; p=reject"
#: The subject of each kind, as one of them has it.
KINDS = {
    "letter": "moratorium",
    "copy": "letter from a member",
    "digest": "letters from members",
    "confirmation": "Please confirm",
    "receipt": "Your letter has been sent",
    "answer": "There is an answer",
    "failure": "could not be delivered",
    "data": "What we hold about you",
    "withdrawal": "Your letter is withdrawn",
}


def records(*, dmarc: str = STRICT, key: Key | None = None, spf: str = f"v=spf1 ip4:{PROVIDER} -all") -> dict[str, str]:
    """What the domain publishes: its provider may send for it, and whatever else claims to be it is to be rejected."""
    found = {"_spf.provider.example": spf, OURS: "v=spf1 include:_spf.provider.example -all", f"_dmarc.{OURS}": dmarc}
    return found | ({f"{SELECTOR}._domainkey.{OURS}": key.record} if key else {})


@pytest.fixture
def server(authority: Authority) -> Iterator[MailServer]:
    with MailServer(authority.context(), direct=True, user="campaign@org.example", password=PASSWORD) as server:
        yield server


@pytest.fixture
def live(workspace: Path, outreach: Outreach, server: MailServer, authority: Authority) -> Path:
    """A campaign of an organisation whose name is its own, with its provider in .env."""
    live_public(workspace, outreach, port=server.port, ca=authority.pem)
    return workspace


def sent_in_every_kind(folder: Path, outreach: Outreach, server: MailServer, world: World) -> Mapping[str, Kept]:
    """Two supporters write, one is answered, one letter comes back: one mail of each kind of all that left."""
    open_to_all(outreach, "--live")
    with served(folder, "--live") as page:
        for one in (ADA, BO):
            assert page.write(one).status == 303
        for link in until(lambda: found if len(found := confirmations_at(server)) == 2 else None):
            assert page.follow(link).status == 200
    assert outreach("send", "public", "--live").code == 0
    for name, reply in ((ADA.name, lambda to: answer(to, "We look into licences.")), (BO.name, bounce)):
        (copy,) = [one.raw for one in server.mails if str(read(one.raw)["From"]).startswith(f"{name} via")]
        mail = folder.parent / "came.eml"
        mail.write_bytes(reply(copy))
        assert "1 matched" in outreach("collect", "--live", "--eml", mail).out
    with served(folder, "--live") as page:
        visitor = page.visitor()
        visitor.post("link", {"email": BO.email, "stamp": visitor.get("link").field("stamp")})
        data = until(lambda: by_kind(server.mails).get("data"))
        assert page.follow(links(data.raw, "manage")[0], do="withdraw").status == 200
        until(lambda: len(by_kind(server.mails)) == len(KINDS) - 1 or None)
    world.days(1)  # a digest counts whom its day finds confirmed
    assert outreach("send", "public", "--live").code == 0
    return by_kind(server.mails)


def confirmations_at(server: MailServer) -> list[str]:
    return [link for one in list(server.mails) for link in links(one.raw, "confirm")]


def by_kind(mails: list[Kept]) -> dict[str, Kept]:
    found = {str(read(one.raw)["Subject"]): one for one in list(mails)}
    return {kind: one for kind, word in KINDS.items() for subject, one in found.items() if word in subject}


@pytest.mark.timeout(120)
def test_a_server_that_rejects_forgeries_takes_every_kind_of_mail(
    live: Path, outreach: Outreach, server: MailServer, world: World
) -> None:
    """From, envelope and Message-ID are of one domain: by SPF alone strict alignment holds, and by nothing else."""
    mails = sent_in_every_kind(live, outreach, server, world)
    assert set(mails) == set(KINDS)
    with NameServer(records()) as names:
        for kept in server.mails:
            judged = judge(kept.raw, envelope=kept.sender, ip=PROVIDER, names=names)
            assert judged == Judged(sender=OURS, spf="pass", dkim=frozenset(), policy="reject", passes=True)
            assert str(read(kept.raw)["Message-ID"]).endswith(f"@{OURS}>")
            assert not judge(kept.raw, envelope=kept.sender, ip=FORWARDER, names=names).passes
        assert {f"_dmarc.{OURS}", OURS, "_spf.provider.example"} == set(names.asked)


@pytest.mark.timeout(120)
def test_a_providers_signature_outlives_the_way(
    live: Path, outreach: Outreach, server: MailServer, world: World, tmp_path: Path, needs_server: Any
) -> None:
    """Nothing in our bytes has to be rewritten on the way, so DKIM holds at a forwarder's door, where SPF cannot."""
    needs_server("Mail::DKIM (Perl)", dkim_is_here())
    mails = sent_in_every_kind(live, outreach, server, world)
    assert set(mails) == set(KINDS)
    key = new_key(tmp_path)
    with NameServer(records(key=key)) as names:
        for kept in mails.values():
            whole = signed(kept.raw, key, OURS)
            held = judge(whole, envelope=kept.sender, ip=FORWARDER, names=names)
            assert held == Judged(sender=OURS, spf="fail", dkim=frozenset({OURS}), policy="reject", passes=True)
            changed = whole + b"P.S. Pay.\r\n"
            assert not judge(changed, envelope=kept.sender, ip=FORWARDER, names=names).passes


@pytest.mark.parametrize(
    ("reports", "dmarc", "passes", "warned"),
    [
        (f"b+{{token}}@{OURS}", STRICT, True, False),
        (f"b+{{token}}@bounces.{OURS}", RELAXED, True, False),
        (f"b+{{token}}@bounces.{OURS}", STRICT, False, False),  # only the domain's owner knows that it is strict
        ("b+{token}@reports.provider.org", RELAXED, False, True),
    ],
)
def test_reports_to_another_domain_are_warned_of(
    workspace: Path, outreach: Outreach, reports: str, dmarc: str, passes: bool, warned: bool
) -> None:
    """`check` says what a server would find: SPF then speaks for a domain that From does not show."""
    lay_out(workspace)
    own(workspace, f'bounce_to = "{reports}"\n')
    found = json.loads(outreach("check", "public", "--live", "--format", "json").out)["problems"]
    said = [one for one in found if one["code"] == "unaligned-domains"]
    assert [(one["severity"], one["path"], one["column"]) for one in said] == [
        ("warning", "campaigns/public.toml", "sender.bounce_to")
    ] * warned
    assert outreach("plan", "public").code == 0
    with closing(sqlite3.connect(workspace / ".outreach/rehearsal/rehearsal.db")) as ledger:
        raw, envelope = ledger.execute("SELECT raw, envelope_from FROM letter LIMIT 1").fetchone()
    known = records(dmarc=dmarc)
    known |= {envelope.rpartition("@")[2]: known[OURS]}
    with NameServer(known) as names:
        judged = judge(raw, envelope=envelope, ip=PROVIDER, names=names)
    assert (judged.spf, judged.passes) == ("pass", passes)
