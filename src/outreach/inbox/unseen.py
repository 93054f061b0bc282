"""What a mail carries and its reader does not see at once. Our ids are looked for in it, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterable

from outreach.inbox.charset import decode
from outreach.inbox.html import everything
from outreach.inbox.parts import Part

LONGEST_UNSEEN = 200_000  #: characters, of all parts together
LONGEST_PART = 100_000  #: bytes of one part; of HTML four times as many, most of which are tags

#: Mails in other wrappings. An opaque signature holds one as it is (RFC 8551 3.5.2); Outlook's winmail.dat and .msg
#: (MS-OXTNEF, MS-OXMSG) at least its ids, the latter in UTF-16: without the zero bytes they can be read.
_WRAPPINGS = frozenset(
    (
        *("application/pkcs7-mime", "application/x-pkcs7-mime", "application/ms-tnef", "application/vnd.ms-tnef"),
        *("application/vnd.ms-outlook", "message/rfc822", "message/global"),
    )
)
#: Gateways attach a mail as application/octet-stream, against RFC 2046 5.2.1: then its name tells.
_NAMES = (".eml", ".msg", ".p7m", "winmail.dat")


def unseen(parts: Iterable[Part]) -> str:
    """Targets of links, the HTML beside a plain text, attached texts and attached mails, up to the cap."""
    found: list[str] = []
    room = LONGEST_UNSEEN
    for part in parts:
        if room <= 0:
            break
        if said := _of(part)[:room]:
            found.append(said)
            room -= len(said)
    return "\n".join(found)[:LONGEST_UNSEEN]


def _of(part: Part) -> str:
    if part.kind == "text/html":
        return everything(decode(part.data[: 4 * LONGEST_PART], part.parameters.get("charset", "")))
    if part.kind in _WRAPPINGS or part.name.lower().endswith(_NAMES):
        return part.data[:LONGEST_PART].replace(b"\x00", b"").decode("latin-1")
    if part.kind.startswith("text/") and part.attached:
        return decode(part.data[:LONGEST_PART], part.parameters.get("charset", ""))
    return ""
