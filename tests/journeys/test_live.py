"""Live: real TLS, a real login, and only what a person verified and approved."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from servers.certificates import Authority
from servers.mailserver import MailServer
from servers.scripted import DROP, Script, ScriptedServer
from support.accounts import PASSWORD, smtp_settings
from support.world import World

Outreach = Callable[..., Any]
SHEET = "contacts/example.csv"


@pytest.fixture
def server(authority: Authority) -> Iterator[MailServer]:
    with MailServer(authority.context(), direct=True, user="campaign@org.example", password=PASSWORD) as server:
        yield server


@pytest.fixture
def ready(workspace: Path, server: MailServer, authority: Authority) -> Path:
    """A campaign with its own sender, its server in .env, and no pace that would make a test wait."""
    file = workspace / "campaigns/moratorium.toml"
    text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
    text = text.replace("replace-me.example", "organisation.org")
    text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text)
    text = re.sub(r"(?ms)^\[pace\]\n.*?(?=^\[|\Z)", "[pace]\n", text)
    file.write_text(text, encoding="utf-8")
    smtp_settings(workspace, port=server.port, ca=authority.pem)
    return workspace


class NoWaiting:
    """A run that is never stopped and never waits: pauses of a minute are not slept through in tests."""

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float | None = None) -> bool:
        return False


def addresses(workspace: Path) -> set[str]:
    with (workspace / SHEET).open(encoding="utf-8") as file:
        return {row["email"] for row in csv.DictReader(file) if row["email"]}


def verified_today(outreach: Outreach, workspace: Path) -> None:
    said = outreach("contacts", "verify", "--all", "--sheet", SHEET, "--by", "Ana")
    assert said.code == 0, said.all


def test_the_shipped_example_cannot_be_approved_live(workspace: Path, outreach: Outreach) -> None:
    """While REPLACE ME remains, check --live names each place and approve refuses."""
    said = outreach("check", "moratorium", "--live", "--format", "json")
    assert said.code == 1
    codes = {one["code"] for one in json.loads(said.out)["problems"] if one["severity"] == "fault"}
    assert "placeholder" in codes
    assert outreach("plan", "moratorium", "--live").code == 0
    refused = outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana")
    assert refused.code == 1
    assert "campaigns/moratorium.toml" in refused.err


def test_an_address_that_is_not_ready_is_a_fault_that_says_what_to_do(workspace: Path, outreach: Outreach) -> None:
    """Never verified or too long ago: at its row, with the day and the way out; both are no fault of a rehearsal."""
    for on, says in (("", "not verified"), ("2020-01-31", "verified too long ago (last verified on 2020-01-31)")):
        if on:
            done = outreach("contacts", "verify", "--all", "--sheet", SHEET, "--by", "Ana", "--on", on)
            assert done.code == 0
        told = json.loads(outreach("check", "moratorium", "--live", "--format", "json").out)["problems"]
        found = [one for one in told if one["path"] == SHEET and one["severity"] == "fault"]
        assert len(found) == len(addresses(workspace)) + 1  # two rows share a box
        assert all(says in one["found"] and "outreach contacts verify" in one["todo"] for one in found)
        assert outreach("check", "moratorium").code == 0


def test_the_address_of_an_institution_that_is_left_out_is_no_fault(workspace: Path, outreach: Outreach) -> None:
    """Nobody writes to it: a person need not check its address before the others may have their letters."""
    file = workspace / "campaigns/moratorium.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'{text}\n[[exclude]]\nstate = "QM"\nreason = "Answered."\n', encoding="utf-8")
    told = json.loads(outreach("check", "moratorium", "--live", "--format", "json").out)["problems"]
    found = [one["found"] for one in told if one["path"] == SHEET and one["severity"] == "fault"]
    assert len(found) > 0
    assert not [one for one in found if "examplia.example" in one]


def test_unverified_addresses_are_never_written_to(ready: Path, outreach: Outreach, server: MailServer) -> None:
    """A live plan without verification plans nothing, and says so for every institution."""
    said = outreach("plan", "moratorium", "--live")
    assert "0 letters planned" in said.out
    assert "address not verified" in said.out
    assert outreach("send", "moratorium", "--live").code == 0
    assert server.mails == []


def test_live_letters_reach_the_verified_addresses_once(ready: Path, outreach: Outreach, server: MailServer) -> None:
    """Over TLS, after a login, one copy each; a second run sends nothing; the password is never printed."""
    verified_today(outreach, ready)
    said = [outreach("check", "moratorium", "--live")]
    assert said[0].code == 0, said[0].all
    said.append(outreach("plan", "moratorium", "--live"))
    said.append(outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana"))
    said.append(outreach("send", "moratorium", "--live"))
    said.append(outreach("send", "moratorium", "--live"))
    assert [one.code for one in said] == [0] * 5, [one.all for one in said if one.code]
    recipients = [mail.recipients for mail in server.mails]
    assert sorted(recipients) == sorted((one,) for one in addresses(ready))
    assert len(server.logins) == 1
    assert PASSWORD not in "".join(one.all for one in said)
    log = json.loads(outreach("log", "moratorium", "--live", "--format", "json").out)
    assert sum(one["status"] == "accepted" for one in log["rows"]) == len(recipients)


def test_to_me_sends_the_whole_run_to_the_organisers_box(ready: Path, outreach: Outreach, server: MailServer) -> None:
    """Every envelope is the sender's own; the live letters are untouched and have other Message-IDs."""
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    said = outreach("send", "moratorium", "--to-me")
    assert said.code == 0, said.all
    count = len(addresses(ready))
    assert len(server.mails) == count
    own = {mail.recipients for mail in server.mails}
    assert len(own) == 1
    copies = {message_from_bytes(mail.raw, policy=SMTP)["Message-ID"] for mail in server.mails}
    said = outreach("send", "moratorium", "--to-me")
    assert (said.code, "Nothing new to send there." in said.out) == (0, True)
    assert len(server.mails) == count
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    assert outreach("send", "moratorium", "--live").code == 0
    letters = {message_from_bytes(mail.raw, policy=SMTP)["Message-ID"] for mail in server.mails[count:]}
    assert len(letters) == count
    assert not copies & letters


def test_to_me_sends_what_only_and_limit_choose(ready: Path, outreach: Outreach, server: MailServer) -> None:
    """An institution is named as everywhere else; a name that fits nobody is told where the names stand."""
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    assert outreach("send", "moratorium", "--to-me", "--only", "qn-mfa-1").code == 0
    (mail,) = server.mails
    assert b"Ministry of Foreign Relations" in mail.raw
    assert outreach("send", "moratorium", "--to-me", "--only", "Specimenia", "--limit", "1").code == 0
    assert b"Specimenia" in server.mails[1].raw
    assert len(server.mails) == 2
    said = outreach("send", "moratorium", "--to-me", "--only", "qz-mfa-1")
    assert said.code == 2
    assert "log moratorium --detail --live" in said.err


def test_a_live_ledger_is_never_forgotten(ready: Path, outreach: Outreach) -> None:
    """--fresh beside --live is refused: nobody is left to believe that they began anew."""
    said = outreach("plan", "moratorium", "--live", "--fresh")
    assert (said.code, "--fresh is for rehearsals" in said.err) == (2, True)


def test_a_plan_names_whose_approved_letters_the_sheet_has_overtaken(ready: Path, outreach: Outreach) -> None:
    """The table shows the corrected address; the approved letter goes to the old one, and whoever looks must know."""
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    sheet = ready / "contacts/example.csv"
    lines = [one for one in sheet.read_text().splitlines(keepends=True) if not one.startswith("qn-mfa-1")]
    sheet.write_text("".join(lines).replace("office@mfa.examplia.example", "desk@mfa.examplia.example"))
    verified_today(outreach, ready)
    said = outreach("plan", "moratorium", "--live").out
    assert "1 approved letter would now read differently or go to another address (qm-mfa-1)" in said
    assert "1 approved letter no longer planned (qn-mfa-1)" in said
    log = json.loads(outreach("log", "moratorium", "--live", "--format", "json").out)
    steps = {one["institution"]: one["next_step"]["words"] for one in log["rows"]}
    assert (steps["qm-mfa-1"], steps["qn-mfa-1"]) == ("send", "approve: that cancels it")


def test_reminders_go_live_in_the_thread_of_what_was_sent(
    ready: Path, outreach: Outreach, server: MailServer, world: World
) -> None:
    """First into one's own box; then to the silent, once each; nobody who answered gets either."""
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    assert outreach("send", "moratorium", "--live").code == 0
    first = {mail.recipients: message_from_bytes(mail.raw, policy=SMTP) for mail in server.mails}
    count = len(first)
    world.days(60)
    world.hears("qm-mfa-1")
    assert outreach("chase", "moratorium", "--live").code == 0
    assert outreach("send", "moratorium", "--to-me").code == 0
    copies = [mail.recipients for mail in server.mails[count:]]
    assert (len(copies), len(set(copies))) == (count - 1, 1)
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    for _ in range(2):
        assert outreach("send", "moratorium", "--live").code == 0
    reminders = {mail.recipients: message_from_bytes(mail.raw, policy=SMTP) for mail in server.mails[2 * count - 1 :]}
    assert len(server.mails) == 3 * count - 2
    assert len(first.keys() - reminders.keys()) == 1
    for recipients, mail in reminders.items():
        assert mail["In-Reply-To"] == mail["References"] == first[recipients]["Message-ID"]
        assert mail["Subject"] == f"Re: {first[recipients]['Subject']}"
        assert mail["Message-ID"] != first[recipients]["Message-ID"]
    row = json.loads(outreach("due", "moratorium", "--live", "--format", "json").out)
    assert row["totals"]["answered"] == 1
    assert row["totals"]["very_overdue"] == count - 1


def test_a_wrong_password_stops_the_run_at_once(
    ready: Path, outreach: Outreach, server: MailServer, authority: Authority
) -> None:
    """One try, exit 1, every letter still queued, and the password in no message."""
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    smtp_settings(ready, port=server.port, ca=authority.pem, password="S3CR3T-canary-wrong")
    said = outreach("send", "moratorium", "--live")
    assert said.code == 1
    assert "OUTREACH_SMTP_PASSWORD" in said.err
    assert "S3CR3T" not in said.all
    assert len(server.logins) == 1
    assert server.mails == []
    smtp_settings(ready, port=server.port, ca=authority.pem)
    assert outreach("send", "moratorium", "--live").code == 0
    assert len(server.mails) == len(addresses(ready))


def test_a_connection_cut_before_the_dot_is_tried_again_and_after_it_is_in_doubt(
    ready: Path, outreach: Outreach, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut in the body: the letter goes later, once. Cut after the dot: in doubt, and never sent again by itself."""
    monkeypatch.setattr("outreach.cli.send.stop_on_signal", lambda _: nullcontext(NoWaiting()))
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    with ScriptedServer(Script(dot=DROP, keeps=True), Script()) as scripted:
        smtp_settings(ready, port=scripted.port, ca="", security="plain", password="")
        said = outreach("send", "moratorium", "--live")
        outreach("send", "moratorium", "--live")
        scripted.settle()
        copies = [mail.recipients for mail in scripted.mails]
    assert said.code == 1
    assert "1 in doubt" in said.out
    assert len(copies) == len(set(copies)) == len(addresses(ready))
    log = json.loads(outreach("log", "moratorium", "--live", "--format", "json").out)
    assert sum(one["status"] == "in_doubt" for one in log["rows"]) == 1


def test_a_refused_address_is_said_with_the_servers_words_and_learnt(ready: Path, outreach: Outreach) -> None:
    """550 5.1.1 rejects that letter, the others go on, and no campaign writes there again until it is verified anew."""
    verified_today(outreach, ready)
    assert outreach("plan", "moratorium", "--live").code == 0
    assert outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana").code == 0
    with ScriptedServer(Script(rcpt=["550 5.1.1 No such user here", *["250 2.1.5 OK"] * 50])) as scripted:
        smtp_settings(ready, port=scripted.port, ca="", security="plain", password="")
        said = outreach("send", "moratorium", "--live")
        scripted.settle()
        assert len(scripted.mails) == len(addresses(ready)) - 1
    assert said.code == 1
    log = outreach("log", "moratorium", "--live", "--detail")
    assert "No such user here" in log.out
    assert "address bounced" in outreach("plan", "moratorium", "--live").out
