"""A workspace of templates in a temporary folder, and letters planned for invented institutions."""

from __future__ import annotations

import email
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from outreach.errors import LetterError
from outreach.letters import LetterRoom, SupporterLetterRoom
from outreach.model.campaign import Campaign, Demand, Mode, Sender
from outreach.model.contact import Contact, Institution
from outreach.model.dispatch import Dispatch, Planned
from outreach.model.letter import Letter
from outreach.model.problem import Place, Problem

DAY = date(2026, 11, 23)
FRAME = """{{ salutation }}

{% for demand in demands %}
{{ demand.body }}

{% endfor %}
Yours faithfully
"""


SENDER = Sender(name="Ada Example", organisation="Example Rights", email="letters@campaign.example")


@dataclass
class Workspace:
    """Writes templates, and letters from them."""

    root: Path
    sender: Sender = SENDER
    demands: list[str] = field(default_factory=list)

    def demand(self, body: str, *, slug: str = "ask", language: str = "en", head: str = "", **keys: Any) -> Path:
        """Write a demand's template; `head` replaces the whole head, `keys` single lines of it."""
        known = {
            "subject": '"An ask"',
            "title": '"Ask"',
            "reviewed_by": '"N. N."',
            "sources": '["a page"]',
            "facts_as_of": "2026-11-23",
        }
        if slug not in self.demands:
            self.demands.append(slug)
        return self.write(slug, language, head or _toml({**known, **keys}), body)

    def frame(self, body: str = FRAME, *, language: str = "en", head: str = "", **keys: Any) -> Path:
        """Write a frame."""
        known = {
            "subject": '"Several asks"',
            "reviewed_by": '"N. N."',
            "neutral_salutation": '"Dear all"',
            "salutation_mark": '","',
            "date_format": '"d MMMM y"',
        }
        return self.write("frame", language, head or _toml({**known, **keys}), body)

    def write(self, name: str, language: str, head: str, body: str) -> Path:
        path = self.root / "templates" / "letters" / name / f"{language}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"+++\n{head}+++\n{body}", encoding="utf-8")
        return path

    def campaign(self, **changes: Any) -> Campaign:
        known: dict[str, Any] = {
            "slug": "invented-2026",
            "title": "An invented campaign",
            "sender": self.sender,
            "contacts": ("contacts/some.csv",),
            "demands": tuple(Demand(slug=slug, title=slug) for slug in self.demands),
            "path": "campaigns/invented-2026.toml",
        }
        return Campaign(**{**known, **changes})

    def room(self) -> LetterRoom:
        return LetterRoom(self.root)

    def problems(self) -> list[Problem]:
        return self.room().problems(self.campaign())

    def compose(self, *, campaign: Campaign | None = None, **changes: Any) -> Letter:
        """One letter with every demand that was written."""
        given = planned(**{"demands": tuple(self.demands), **changes})
        return self.room().compose(given, campaign or self.campaign(), mode=Mode.REHEARSAL)

    def text(self, **changes: Any) -> str:
        return self.room().text(self.compose(**changes).raw)

    def html(self, **changes: Any) -> str:
        return self.room().html(self.compose(**changes).raw)

    def outcome(self, **changes: Any) -> Letter | Sequence[Problem]:
        """The letter, or why there is none."""
        try:
            return self.compose(**changes)
        except LetterError as error:
            return error.problems

    def refused(self, **changes: Any) -> Sequence[Problem]:
        """The problems of a letter that must not be written."""
        with pytest.raises(LetterError) as caught:
            self.compose(**changes)
        assert caught.value.problems
        return caught.value.problems


def _toml(keys: Mapping[str, str]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


def planned(
    *,
    state: str = "BG",
    demands: Sequence[str] = ("ask",),
    languages: Sequence[str] = ("en",),
    fields: Mapping[str, str] | None = None,
    recipient: str = "bg-mfa-1@rehearsal.example",
    identifier: str = "abcdefghijklmnopqrstuvwxyz",
    own_languages: Sequence[str] = (),
    **institution: Any,
) -> Planned:
    """A dispatch to an institution that does not exist."""
    known = {"id": "bg-mfa-1", "state": state, "role": "mfa", "name": "Ministry of Examples", "city": "Sofia"}
    it = Institution(**{**known, "languages": tuple(own_languages), **institution})
    dispatch = Dispatch(
        id=identifier,
        campaign="invented-2026",
        step=0,
        sender="campaign",
        institution=it.id,
        institution_name=it.name,
        state=state,
        role=it.role,
        recipient=recipient,
        address_norm=recipient,
        demands=tuple(demands),
        languages=tuple(languages),
        dated=DAY,
    )
    place = Place(path="contacts/some.csv", row=7)
    contact = Contact(institution=it, address="office@ministry.example", fields=fields or {}, place=place)
    return Planned(dispatch=dispatch, contact=contact)


def reread(raw: bytes) -> EmailMessage:
    """The letter as a mail program reads it."""
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with an English frame and no demand."""
    made = Workspace(root=tmp_path)
    made.frame()
    return made


@pytest.fixture(name="planned", scope="session")
def planned_fixture() -> Any:
    return planned


@pytest.fixture(name="reread", scope="session")
def reread_fixture() -> Any:
    return reread


@pytest.fixture(scope="session")
def room() -> SupporterLetterRoom:
    """Supporters' letters and mails, from the shipped templates."""
    return SupporterLetterRoom(Path(__file__).parents[3])
