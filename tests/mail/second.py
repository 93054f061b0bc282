"""The second set of synthetic mails (second/*.toml) and the answers of people.toml, as the bytes that would arrive."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).parent
#: What a head says of a machine; a ticket system's marks are on what clerks write as well.
HEADS = {
    "": {},
    "replied": {"Auto-Submitted": "auto-replied"},
    "generated": {"Auto-Submitted": "auto-generated"},
    "exchange": {"X-Auto-Response-Suppress": "All"},
    "bulk": {"Precedence": "bulk"},
    "null": {"Return-Path": "<>"},
    "ticket": {"X-Zendesk-From-Account-Id": "1", "Auto-Submitted": "auto-generated"},
}
#: Heads that a person's answer may come with: a ticket system's, a gateway's, a server's that leaves no return path.
ON_ANSWERS = ("", "ticket", "exchange", "bulk", "null", "generated")


@dataclass(frozen=True)
class Mail:
    """One mail, and what it is."""

    name: str
    language: str
    kind: str
    raw: bytes


def second() -> Iterator[Mail]:
    """Eight auto-replies, eight acknowledgements and five answers in each language."""
    for file in sorted((HERE / "second").glob("*.toml")):
        found = tomllib.loads(file.read_text("utf-8"))
        for number, one in enumerate(found["mail"], 1):
            raw = written(one["subject"], one["text"], one["head"])
            yield Mail(f"{found['language']}-{number}", found["language"], one["kind"], raw)


def people(file: Path = HERE / "people.toml") -> Iterator[Mail]:
    """Answers of one or two sentences, with every head that may be on them."""
    for language, texts in tomllib.loads(file.read_text("utf-8")).items():
        for number, text in enumerate(texts, 1):
            for head in ON_ANSWERS:
                raw = written("RE: Open letter", text, head)
                yield Mail(f"{language}-{number}-{head or 'plain'}", language, "reply", raw)


def written(subject: str, text: str, head: str) -> bytes:
    """The mail's bytes; it says that it is synthetic."""
    mail = EmailMessage()
    mail["X-Fixture"] = "synthetic"
    mail["From"] = "Office <office@ministry.example>"
    mail["To"] = "Ada Example <replies@campaign.example>"
    mail["Subject"] = subject
    for name, value in HEADS[head].items():
        mail[name] = value
    mail.set_content(text.strip() + "\n")
    return mail.as_bytes()
