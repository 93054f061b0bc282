"""A person's answer is never filed as a machine's; machines are known in twelve languages, by head or by words."""

from __future__ import annotations

import importlib.util
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType

import pytest

from outreach.inbox.message import read_message
from outreach.inbox.packs import packs
from outreach.model.inbound import InboundKind, Triage
from outreach.rules.phrasebook import phrasebook
from outreach.rules.triage import triage

BOOK = phrasebook(packs())


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAILS = _beside("mails").MAILS
PEOPLE = _beside("people").PEOPLE


def _judged(subject: str, fields: dict[str, str], text: str) -> Triage:
    mail = EmailMessage()
    mail["From"] = "Office <office@gov.example>"
    mail["To"] = "replies@campaign.example"
    mail["Subject"] = subject
    for name, value in fields.items():
        mail[name] = value
    mail.set_content(text)
    return triage(read_message(mail.as_bytes()), BOOK)


@pytest.mark.parametrize(("language", "subject", "fields", "text"), PEOPLE)
def test_a_persons_answer_is_never_filed_as_a_machines(
    language: str, subject: str, fields: dict[str, str], text: str
) -> None:
    """Ticket systems' heads, words of receipt and of absence beside an answer: it stays an answer."""
    assert _judged(subject, fields, text).kind is InboundKind.REPLY


@pytest.mark.parametrize(("language", "kind", "subject", "auto", "text"), MAILS)
def test_offices_are_understood(language: str, kind: str, subject: str, auto: str, text: str) -> None:
    """With RFC 3834's field or without, in every language of the targets."""
    verdict = _judged(subject, {"Auto-Submitted": auto} if auto else {}, text)
    assert verdict.kind.value == kind, verdict.rule


@pytest.mark.parametrize(("language", "kind", "subject", "auto", "text"), [one for one in MAILS if one[1] != "reply"])
def test_a_persons_sentence_more_makes_it_an_answer(
    language: str, kind: str, subject: str, auto: str, text: str
) -> None:
    """Whatever a machine's mail says: a position beside it is a person's."""
    more = "Our government supports the moratorium, and the minister has decided to vote for it in Geneva.\n\n"
    assert _judged(subject, {"Auto-Submitted": auto} if auto else {}, more + text).kind is InboundKind.REPLY
