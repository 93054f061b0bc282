"""The table of rewritings: its patterns, the letter that they answer, and a ledger in which it is one of many."""

from __future__ import annotations

import base64
import quopri
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from outreach.inbox.message import read_message
from outreach.model.campaign import Mode
from outreach.model.collected import Match, Reference, ReferenceKind, Written
from outreach.rules.authentication import authentication
from outreach.rules.clues import bare, squeezed
from outreach.rules.guessing import Book
from outreach.rules.identity import dispatch_id
from outreach.rules.matching import match


def _token(institution: str) -> str:
    return dispatch_id(
        b"a secret of the tests", mode=Mode.LIVE, campaign="moratorium", step=0, institution=institution, sender=""
    )


TABLE = Path(__file__).parent.parent / "mail" / "matching" / "patterns.toml"
PATTERNS = tomllib.loads(TABLE.read_text("utf-8"))["pattern"]
TOKEN = "k4x7q2m5d3wzv6yhbnc2jralto"
BARE = f"o.moratori.{TOKEN}@rights-network.example"
INDEX = bytes(range(22))
SAMPLE = {
    "token": TOKEN,
    "TOKEN": TOKEN.upper(),
    "id": f"<{BARE}>",
    "bare": BARE,
    "ID": f"<{BARE}>".upper(),
    "left": BARE[:20],
    "right": BARE[20:],
    "RIGHT": BARE[20:].upper(),
    "reply_to": f"letters+{TOKEN}@rights-network.example",
    "box": "letters@rights-network.example",
    "bounce_to": f"bounces+{TOKEN}@rights-network.example",
    "subject": "Export licences for surveillance technology",
    "contact": "desk@trade-qm.example",
    "domain": "trade-qm.example",
    "wrong": "a" * 26,
    "wrong_id": f"<o.moratori.{'a' * 26}@rights-network.example>",
    "other": _token("qn-mfa"),
    "another": _token("qo-trade"),
    "reference": "TRO-2026/0048713",
    "their_id": "<earlier.1@trade-qm.example>",
    "index": base64.b64encode(INDEX).decode(),
    "index_child": base64.b64encode(INDEX + bytes(5)).decode(),
}
OURS = "qm-trade"  #: the institution of the letter
OUR_SERVER = "mx.rights-network.example"
_LEFT = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
_LEARNT = {
    "reference": (ReferenceKind.NUMBER, squeezed(SAMPLE["reference"])),
    "thread": (ReferenceKind.THREAD_INDEX, INDEX.hex()),
    "their-id": (ReferenceKind.MESSAGE_ID, bare(SAMPLE["their_id"])),
}


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values where their names stand in braces."""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)


def built(pattern: dict, values: dict[str, str]) -> bytes:
    """The mail of a pattern, for a letter with these values."""
    inner = base64.encodebytes(fill(pattern.get("inner", "").lstrip("\n"), values).encode()).decode().rstrip("\n")
    head, _, body = fill(pattern["mail"].lstrip("\n"), {**values, "inner": inner}).partition("\n\n")
    if encode := pattern.get("encode"):
        head += f"\nMIME-Version: 1.0\nContent-Transfer-Encoding: {encode}"
        body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}[encode](body.encode()).decode()
    return f"X-Fixture: synthetic\n{head}\n\n{body}\n".replace("\n", "\r\n").encode("utf-8")


def book(learnt: dict[str, str]) -> Book:
    """One letter, with one subject, to each of four institutions of fourteen invented states (QM to QZ)."""
    letters = []
    for state in (f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"):
        for role in ("trade", "mfa", "interior", "licensing"):
            institution = f"{state.lower()}-{role}"
            # QZ's institutions share a domain, all others have one each.
            domain = f"{role}.qz.example" if state == "QZ" else f"{role}-{state.lower()}.example"
            letters.append(
                Written(
                    dispatch=TOKEN if institution == OURS else _token(institution),
                    campaign="moratorium",
                    step=0,
                    institution=institution,
                    institution_name=f"{role.title()} authority of {state}",
                    state=state,
                    address=f"desk@{domain}",
                    subject=SAMPLE["subject"],
                    left_at=_LEFT,
                )
            )
    return Book(written={one.dispatch: one for one in letters}, learnt=learnt, own=frozenset({SAMPLE["box"]}))


def matched(pattern: dict) -> Match:
    """Whose mail it is, by the reader and the rules that `collect` uses, after what earlier mails have taught."""
    message = read_message(built(pattern, SAMPLE))
    given = pattern.get("given", ())
    learnt = {
        _LEARNT[one]: [Reference(kind=_LEARNT[one][0], value=_LEARNT[one][1], institution=OURS, dispatch=TOKEN)]
        for one in given
        if one in _LEARNT
    }
    settled = {"secretary@elsewhere.example": OURS} if "address" in given else {}
    checked = authentication(message.headers.get("authentication-results", ()), OUR_SERVER)
    return match(message, book(settled), learnt, authentication=checked)
