"""Raw mails of supporters at the server: From is the campaign's own domain, answers go where the campaign says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any

import pytest

from support.public import Person, confirmations, lay_out, links, open_to_all, outbox, read, served, until

Outreach = Callable[..., Any]
ADA = Person(name="Ada Canary", email="ada.canary@home.example", targets=("qm-mfa-1", "qo-mfa-1"))
OURS = "rights-network.example"


@pytest.mark.parametrize("reply_to", ["alias", "supporter"])
@pytest.mark.timeout(120)
def test_every_mail_is_from_the_campaigns_domain_and_hides_what_it_should(
    workspace: Path, outreach: Outreach, reply_to: str
) -> None:
    """From, envelope and Message-ID share one domain, so that DMARC's strict alignment holds (RFC 7489 3.1)."""
    lay_out(workspace, terms=f'reply_to = "{reply_to}"')
    open_to_all(outreach)
    with served(workspace) as page:
        assert page.write(ADA).status == 303
        assert page.follow(until(lambda: confirmations(workspace))[0]).status == 200
    assert outreach("send", "public").code == 0
    with served(workspace):
        until(lambda: [one for one in outbox(workspace) if links(one, "manage")] or None)
    mails = outbox(workspace)
    assert len(mails) == 3 + 4  # the campaign's own; confirmation, copy, digest, receipt
    for raw in mails:
        mail = read(raw)
        assert parseaddr(str(mail["From"]))[1] == f"letters@{OURS}"
        assert str(mail["Message-ID"]).endswith(f"@{OURS}>")
        assert len(mail.get_all("From", [])) == 1
        assert mail["Sender"] is None
        (to,) = getaddresses(mail.get_all("To", []))
        assert to[1].endswith("@rehearsal.example")
        own = reply_to == "supporter" and str(mail["From"]).startswith(ADA.name)
        assert raw.count(ADA.email.encode()) == own
        answers = parseaddr(str(mail["Reply-To"]))[1]
        assert answers == (ADA.email if own else answers)
        assert own or answers.endswith(f"@{OURS}")
    with closing(sqlite3.connect(workspace / ".outreach/rehearsal/rehearsal.db")) as ledger:
        envelopes = [one for (one,) in ledger.execute("SELECT envelope_from FROM letter")]
    assert len(envelopes) == 5
    assert {one.rpartition("@")[2] for one in envelopes} == {OURS}
