"""The mails of unseen, unseen_again and offices (each mails.txt) as the bytes that would arrive."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).parent
#: Opens a mail: its language and what it is.
OPENING = re.compile(r"^##### (\w+) (\w+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """One mail, and what it is."""

    name: str
    language: str
    kind: str
    raw: bytes


def unseen() -> Iterator[Mail]:
    """Six acknowledgements, six auto-replies and eleven answers of people in each language."""
    return _mails("unseen")


def unseen_again() -> Iterator[Mail]:
    """Eight acknowledgements, eight auto-replies and twelve answers of people in each language."""
    return _mails("unseen_again")


def offices() -> Iterator[Mail]:
    """Fourteen auto-replies and fourteen acknowledgements in each language."""
    return _mails("offices")


def _mails(folder: str) -> Iterator[Mail]:
    _, *found = OPENING.split((HERE / folder / "mails.txt").read_text("utf-8"))
    numbers: Counter[tuple[str, str]] = Counter()
    for language, kind, text in zip(found[::3], found[1::3], found[2::3], strict=True):
        numbers[language, kind] += 1
        name = f"{language}-{kind}-{numbers[language, kind]}"
        yield Mail(name, language, {"person": "reply"}.get(kind, kind), written(name, text))


def written(name: str, text: str) -> bytes:
    """The mail's bytes, with what every mail carries alike; it says that it is synthetic."""
    head, _, body = text.partition("\n\n")
    mail = EmailMessage()
    mail["X-Fixture"] = "synthetic"
    for line in head.splitlines():
        field, _, value = line.partition(": ")
        mail[field] = value
    mail["To"] = "Maria Lindqvist <office@campaign.example>"
    mail["Date"] = "Wed, 04 Nov 2026 10:31:00 +0100"
    mail["Message-ID"] = f"<{name}@mail.example>"
    mail["In-Reply-To"] = "<letter@campaign.example>"
    mail.set_content(body.strip() + "\n")
    return mail.as_bytes()
