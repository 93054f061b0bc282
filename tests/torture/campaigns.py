"""Approved letters in a ledger, and the desk that sends them: nothing is rendered, planned from sheets or paced."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from outreach.ledger import SqlLedger, open_ledger
from outreach.model.campaign import Campaign, Demand, Mode, Sender
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.runner.desk import Desk

CAMPAIGN = "spring"


def opened(url: str, *, lease: float = 900.0, busy_timeout: float = 30.0) -> SqlLedger:
    """The live ledger at this place, by the real clock."""
    return open_ledger(url, mode=Mode.LIVE, lease=timedelta(seconds=lease), busy_timeout=busy_timeout)


def approved(url: str, letters: int, *, campaign: str = CAMPAIGN) -> None:
    """Plan and approve so many letters, each to a box of its own."""
    with opened(url) as ledger:
        made = [_dispatch(campaign, number, ledger) for number in range(letters)]
        with ledger.planning(campaign, 0) as book:
            book.draft((one, _letter(one)) for one in made)
            book.finish()
        approve(ledger, campaign)


def approve(ledger: SqlLedger, campaign: str = CAMPAIGN) -> None:
    """Queue what is a draft."""
    ledger.approve(campaign, 0, digest=ledger.drafts_digest(campaign, 0), by="Ana")


def take_up_again(ledger: SqlLedger, campaign: str, held: Iterable[str]) -> None:
    """A person looked at letters that cost three runners, and lets them go."""
    ledger.return_to_draft(held, why="looked at")
    approve(ledger, campaign)


def desk(ledger: SqlLedger, campaign: str = CAMPAIGN) -> Desk:
    """What `send` is handed; it reads no sheet and renders nothing."""
    return Desk(
        campaign=Campaign(
            slug=campaign,
            title="Spring",
            sender=Sender(name="Ana", organisation="Org", email="ana@org.example"),
            contacts=("contacts/a.csv",),
            demands=(Demand(slug="moratorium", title="A moratorium"),),
        ),
        mode=Mode.LIVE,
        sheets=None,
        letters=None,
        ledger=ledger,
        secret=b"secret",
        today=ledger.now().date(),
    )


def _dispatch(campaign: str, number: int, ledger: SqlLedger) -> Dispatch:
    box = f"office@{campaign}-{number}.example"
    return Dispatch(
        id=hashlib.sha256(box.encode()).hexdigest()[:26],
        campaign=campaign,
        step=0,
        sender="campaign",
        institution=f"qm-mfa-{number}",
        institution_name=f"Ministry {number}",
        state="QM",
        role="mfa",
        recipient=box,
        address_norm=box,
        demands=("moratorium",),
        languages=("en",),
        dated=ledger.now().date(),
    )


def _letter(dispatch: Dispatch) -> Letter:
    text = f"Dear Minister,\r\n\r\n.\r\n..and so on, {dispatch.institution_name}\r\n" + "We ask you. " * (
        len(dispatch.id)
    )
    raw = f"To: {dispatch.recipient}\r\nMessage-ID: <{dispatch.id}@org.example>\r\n\r\n{text}\r\n".encode()
    return Letter(
        dispatch=dispatch.id,
        message_id=f"<{dispatch.id}@org.example>",
        subject="A letter",
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        template_sha="7" * 64,
        envelope_from="bounce@org.example",
    )
