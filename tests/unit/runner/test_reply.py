"""Positions that a mail proves, and the correspondence with what was heard."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outreach.errors import UsageError
from outreach.ledger import open_ledger
from outreach.model.campaign import Campaign, Demand, Mode, Sender
from outreach.model.document import Document
from outreach.model.dossier import HeardMail
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.matrix import Tally
from outreach.model.position import Position, SourceKind
from outreach.runner.desk import Desk
from outreach.runner.position import position
from outreach.runner.positions import positions
from outreach.runner.show import show
from outreach.runner.sources import Given

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
CAMPAIGN = Campaign(
    slug="spring",
    title="Spring",
    sender=Sender(name="Q. Quill", organisation="Quill", email="quill@org.example"),
    contacts=(),
    demands=(Demand(slug="moratorium", title="A moratorium"),),
    path="campaigns/spring.toml",
)
HEARD = Heard(
    id=7,
    institution="qm-mfa-1",
    state="QM",
    kind=InboundKind.REPLY,
    at=AT,
    subject="Re: Your letter",
    sender="office@mfa.example",
    rehearsal=True,
)
MAIL = HeardMail(heard=HEARD, sha256="a" * 64, text="SIMULATED\n\nExamplia supports\na moratorium.")
GIVEN = Given(
    state="QM",
    demand="moratorium",
    position=Position.SUPPORTS,
    by="Ana",
    quote="Examplia supports a moratorium.",
    reply=7,
)


@dataclass
class Tray:
    """`runner.answer_ports.Answers` with these mails."""

    kept: list[HeardMail]

    def heard(self, campaign):
        return [one.heard for one in self.kept]

    def mail(self, campaign, identifier):
        return next((one for one in self.kept if one.heard.id == identifier), None)

    def mails(self, campaign, state):
        return [one for one in self.kept if one.heard.state == state]

    def hashes(self, campaign):
        return {one.heard.id: frozenset({one.sha256}) for one in self.kept}


@pytest.fixture(params=[Mode.REHEARSAL])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db", mode=request.param, clock=lambda: AT) as ledger:
        yield Desk(
            campaign=CAMPAIGN,
            mode=request.param,
            sheets=None,
            letters=None,
            ledger=ledger,
            secret=b"",
            today=AT.date(),
            answers=Tray([MAIL]),
        )


def test_a_mail_proves_a_position_as_long_as_it_is_in_the_ledger(desk):
    """Its hash, subject and day are the source; gone or exchanged, the cell is unsupported."""
    done = position(desk, GIVEN, None)
    source = done.stated.source
    assert (source.kind, source.inbound, source.sha256, source.name, source.taken_on) == (
        SourceKind.REPLY,
        7,
        "a" * 64,
        "Re: Your letter",
        AT.date(),
    )
    assert done.compared is True
    assert positions(desk).cells[0].tally is Tally.SUPPORTS
    for left in ([], [replace(MAIL, sha256="b" * 64)]):
        assert positions(replace(desk, answers=Tray(left))).cells[0].tally is Tally.UNSUPPORTED


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reply": 8}, "There is no mail 8"),
        ({"state": "QN"}, "from Examplia, not from Specimenia"),
        ({"quote": "Examplia opposes a moratorium."}, "do not stand in mail 7"),
        ({"url": "https://gov.example/"}, "belong to others"),
        ({"kind": SourceKind.PHONE}, "belong to others"),
        ({"reply": None, "kind": SourceKind.REPLY}, "Which mail"),
    ],
)
def test_a_mail_that_does_not_prove_it_is_refused(desk, changed, words):
    """Another number, another state, other words."""
    with pytest.raises(UsageError, match=words) as error:
        position(desk, replace(GIVEN, **changed), None)
    assert error.value.todo
    assert desk.ledger.positions("spring") == []


@pytest.mark.parametrize("desk", [Mode.LIVE], indirect=True)
def test_a_simulated_mail_proves_nothing_live(desk):
    """Whatever state it says it is from; and it is not told as if it had been heard."""
    simulated = replace(MAIL, heard=replace(HEARD, state=""))
    with pytest.raises(UsageError, match="was simulated"):
        position(replace(desk, answers=Tray([simulated])), replace(GIVEN, state="ZZ"), None)
    with pytest.raises(UsageError, match="Nothing is planned in this live ledger yet"):
        show(desk, "QM")


def test_the_correspondence_tells_what_was_heard(desk):
    """Mails, the oldest first, with their words; and the positions with their sentences."""
    second = replace(MAIL, heard=replace(HEARD, id=3, at=AT.replace(hour=8), kind=InboundKind.ACKNOWLEDGEMENT))
    other = replace(MAIL, heard=replace(HEARD, id=9, state="QN"))
    desk = replace(desk, answers=Tray([MAIL, second, other]))
    position(desk, GIVEN, None)
    told = show(desk, "QM")
    assert [one.heard.id for one in told.heard] == [3, 7]
    assert [one.stated.quote for one in told.positions.cells] == [GIVEN.quote]
    assert told.titles == {"moratorium": "A moratorium"}


class Paper:
    """`runner.answer_ports.Papers` with one document."""

    def document(self, path):
        text = "SIMULATED by outreach demo:\n\nWe support a moratorium."
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return Document(name=path.name, content=text.encode(), sha256=sha256, text=text)


@pytest.mark.parametrize(
    ("desk", "state", "refused"), [(Mode.LIVE, "BG", True), (Mode.REHEARSAL, "QM", False)], indirect=["desk"]
)
def test_a_saved_mail_that_was_simulated_proves_nothing_live(desk, state, refused):
    """As a file it is the same mail; a rehearsal may try it."""
    given = Given(
        state=state,
        demand="moratorium",
        position=Position.SUPPORTS,
        by="Ana",
        quote="We support a moratorium.",
        kind=SourceKind.POST,
        file=Path("saved.eml"),
    )
    if refused:
        with pytest.raises(UsageError, match="was simulated by a rehearsal"):
            position(desk, given, Paper())
    else:
        assert position(desk, given, Paper()).compared
    assert len(desk.ledger.positions("spring")) == (not refused)
